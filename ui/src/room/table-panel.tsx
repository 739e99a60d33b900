/** The table: everybody's card, how many are down, and the way to turn them. */
import { attempt } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { Avatar } from '../parts/avatar.tsx';
import { outliers } from '../session/count.ts';
import { activeStory, everyoneVoted, mayReset, mayReveal, self, spectators, voters } from '../session/room.ts';
import { t } from '../text/text.ts';
import { useTable } from './at-table.ts';
import { Reactions } from './reactions.tsx';
import { SeatCard } from './seat-card.tsx';

export function TablePanel() {
  const { room, shown } = useTable();
  const votes = new Map((shown ? (room.revealed?.votes ?? []) : []).map((vote) => [vote.playerId, vote]));
  const far = room.revealed ? outliers(room.revealed.votes, room.config.cardValues) : { low: [], high: [] };
  return (
    <section class="panel table" aria-labelledby="table-title">
      <h2 id="table-title" class="unseen">
        {t('table')}
      </h2>
      <ul class="seats">
        {voters(room).map((player) => (
          <SeatCard
            key={player.id}
            player={player}
            vote={votes.get(player.id)}
            far={far.low.includes(player.id) ? 'low' : far.high.includes(player.id) ? 'high' : undefined}
          />
        ))}
      </ul>
      <Watching />
      <Progress />
    </section>
  );
}

function Watching() {
  const { room, host, show } = useTable();
  const watching = spectators(room);
  if (watching.length === 0) return null;
  return (
    <div class="watching">
      <h3>
        <Icon name="eye" />
        {t('spectators')}
      </h3>
      <ul>
        {watching.map((player) => {
          const face = (
            <>
              <Avatar avatar={player.avatar} name={player.name} />
              <span>{player.name}</span>
            </>
          );
          const mine = player.id === room.me;
          const open = () => show(mine ? { kind: 'profile' } : { kind: 'player', playerId: player.id });
          return (
            <li key={player.id} class={player.isOnline === false ? 'away' : undefined}>
              {host || mine ? (
                <button type="button" onClick={open}>
                  {face}
                </button>
              ) : (
                <span>{face}</span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The foot of the table. */
function Progress() {
  const { room, actions } = useTable();
  if (!activeStory(room)) return <Gathering />;
  const all = everyoneVoted(room) && !room.votesRevealed;
  const words = all ? t('everyoneVoted') : t('progress', { n: room.voteCount, total: room.totalPlayers });
  return (
    <>
      <div class="table-foot">
        <Reactions />
        <p id="progress-words">{words}</p>
        {mayReset(room) && (
          <button type="button" class="button" onClick={() => void attempt(actions.reset())}>
            <Icon name="again" />
            {room.votesRevealed ? t('voteAgain') : t('clearVotes')}
          </button>
        )}
        <RevealButton />
      </div>
      <progress aria-labelledby="progress-words" max={Math.max(room.totalPlayers, 1)} value={room.voteCount} />
    </>
  );
}

/** Before the first story. */
function Gathering() {
  const { room, show } = useTable();
  const alone = room.players.length === 1;
  return (
    <div class="table-foot">
      <Reactions />
      <p>{alone ? t('alone') : t('atTable', { n: room.players.length })}</p>
      {alone && (
        <button type="button" class="button" onClick={() => show({ kind: 'share' })}>
          <Icon name="share" />
          {t('shareTitle')}
        </button>
      )}
    </div>
  );
}

function RevealButton() {
  const { room, actions, host } = useTable();
  if (room.votesRevealed || !(host || (mayReveal(room) && self(room)))) return null;
  return (
    <button
      type="button"
      class="button primary"
      disabled={!mayReveal(room)}
      onClick={() => void attempt(actions.reveal())}
    >
      <Icon name="eye" />
      {t('reveal')}
    </button>
  );
}
