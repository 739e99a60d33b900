/** The rounds so far, and the files to take away. */
import { useEffect, useState } from 'preact/hooks';
import { face } from '../decks.ts';
import { attempt, wordsFor } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import type { Round } from '../session/protocol.ts';
import { clock, number, percent, t } from '../text/text.ts';
import { useTable } from './at-table.ts';
import { save } from './save.ts';

export function History() {
  const { room } = useTable();
  const { rounds, problem } = useRounds();
  return (
    <div class="history">
      <header class="side-head">
        <h2>{t('historyTitle')}</h2>
        <Exports />
      </header>
      {problem && <p class="callout">{problem}</p>}
      {rounds?.length === 0 && <p class="note">{t('noRounds')}</p>}
      <ol class="rounds">
        {rounds
          ?.slice()
          .reverse()
          .map((round) => <Entry key={`${round.number}`} round={round} me={room.me} />)}
      </ol>
    </div>
  );
}

/** Asked for again whenever cards were turned. */
function useRounds(): { rounds?: Round[]; problem?: string } {
  const { actions, room } = useTable();
  const [rounds, setRounds] = useState<Round[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    actions.rounds().then(
      (list) => current && setRounds(list),
      (error) => current && setProblem(wordsFor(error)),
    );
    return () => {
      current = false;
    };
  }, [room.round, room.votesRevealed]);
  return { rounds, problem };
}

function Entry({ round, me }: { round: Round; me: string }) {
  const { consensus } = round;
  return (
    <li>
      <p class="round-head">
        <strong>{round.title ?? t('noStoryTitle')}</strong>
        <time dateTime={round.revealedAt}>{clock(round.revealedAt)}</time>
      </p>
      <ul class="round-votes">
        {round.votes.map((vote) => (
          <li key={vote.playerId} class={vote.playerId === me ? 'mine' : undefined}>
            <span>{vote.playerName}</span>
            <b>{face(vote.value)}</b>
          </li>
        ))}
      </ul>
      <p class="note">
        {t('roundNumber', { n: round.number })} · {t('agreement')} {percent(consensus.agreement ?? 0)}
        {consensus.average !== undefined && ` · ${t('average')} ${number(consensus.average)}`}
      </p>
    </li>
  );
}

export function Exports() {
  const { actions, live } = useTable();
  const take = (format: 'csv' | 'json') => async () => {
    const name = `${live.info.value?.name ?? 'roundtable'}.${format}`;
    await attempt(actions.exported(format).then((file) => save(file, name)));
  };
  return (
    <div class="exports">
      <button type="button" class="button small" onClick={take('csv')}>
        <Icon name="download" />
        <span class="unseen">{t('export')} </span>CSV
      </button>
      <button type="button" class="button small" onClick={take('json')}>
        <Icon name="download" />
        <span class="unseen">{t('export')} </span>JSON
      </button>
    </div>
  );
}
