/** The sessions in memory: no names, no votes. */
import { useCell } from '../cell.ts';
import { number } from '../text/format.ts';
import type { Listed } from './numbers.ts';
import { sessions, type Wish } from './server.ts';
import { span } from './span.ts';
import { w } from './words.ts';

export function SessionList({ onWish }: { onWish: (wish: Wish) => void }) {
  const listed = useCell(sessions);
  if (!listed) return null;
  const { sessions: rows, inMemory } = listed;
  return (
    <section class="rooms panel">
      <h2 id="rooms">{w('sessionsInMemory')}</h2>
      {rows.length === 0 && <p class="note">{w('noSessions')}</p>}
      {rows.length > 0 && (
        // It scrolls where the screen is small, so keys must reach it.
        <div class="rooms-scroll" tabIndex={0} role="region" aria-labelledby="rooms">
          <table>
            <thead>
              <tr>
                <th scope="col">{w('sessionId')}</th>
                <th scope="col">{w('kind')}</th>
                <th scope="col">{w('age')}</th>
                <th scope="col">{w('players')}</th>
                <th scope="col">{w('stories')}</th>
                <th scope="col">{w('actions')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => <Row key={row.id} row={row} onWish={onWish} />)}
            </tbody>
          </table>
        </div>
      )}
      {rows.length < inMemory && <p class="note">{w('moreSessions', { shown: rows.length, n: inMemory })}</p>}
    </section>
  );
}

function Row({ row, onWish }: { row: Listed; onWish: (wish: Wish) => void }) {
  return (
    <tr>
      <th scope="row"><code>{row.id}</code></th>
      <td>{row.dialect}</td>
      <td>{span(row.ageSeconds)}</td>
      <td>{people(row)}</td>
      <td>{row.stories === undefined ? '–' : number(row.stories)}</td>
      <td>{row.dialect === 'sync' ? '–' : <Actions id={row.id} onWish={onWish} />}</td>
    </tr>
  );
}

function Actions({ id, onWish }: { id: string; onWish: (wish: Wish) => void }) {
  return (
    <span class="rooms-actions">
      <button
        type="button"
        class="button small"
        aria-label={w('kickOne', { id })}
        onClick={() => onWish({ kind: 'kick', session: id, player: '' })}
      >
        {w('kick')}
      </button>
      <button
        type="button"
        class="button small danger"
        aria-label={w('closeOne', { id })}
        onClick={() => onWish({ kind: 'close', session: id })}
      >
        {w('close')}
      </button>
    </span>
  );
}

function people({ players, playersOnline, participants }: Listed): string {
  if (players === undefined) return number(participants ?? 0);
  return w('playersOnline', { online: playersOnline ?? 0, n: players });
}
