/** Open cards: the picture, the numbers, and what follows from them. */
import { outliers, middle } from '../session/count.ts';
import { face } from '../decks.ts';
import type { Revealed, Room } from '../session/room.ts';
import { list, number, percent, t } from '../text/text.ts';
import { useTable } from './at-table.ts';
import { Chart } from './chart.tsx';
import { Decision } from './decision.tsx';

export function Results() {
  const { room } = useTable();
  const { revealed } = room;
  if (!revealed) return null;
  return (
    <section class="panel results" aria-labelledby="results-title">
      <h2 id="results-title">{revealed.consensus.hasConsensus ? t('consensus') : t('noConsensus')}</h2>
      <div class="results-body">
        <Chart votes={revealed.votes} deck={room.config.cardValues} agreed={revealed.consensus.suggestedValue} />
        <div class="stack">
          <Numbers revealed={revealed} deck={room.config.cardValues} />
          <Talk revealed={revealed} room={room} />
        </div>
      </div>
      <Decision revealed={revealed} />
    </section>
  );
}

function Numbers({ revealed, deck }: { revealed: Revealed; deck: string[] }) {
  const { consensus, statistics, votes } = revealed;
  const median = statistics ? number(statistics.median) : middle(votes, deck);
  const sure = statistics?.confidenceAverage || mean(votes.flatMap(({ confidence }) => confidence ?? []));
  return (
    <dl class="numbers">
      {consensus.average !== undefined && <Fact name={t('average')} value={number(consensus.average)} />}
      {median !== undefined && <Fact name={t('median')} value={face(median)} />}
      <Fact name={t('agreement')} value={percent(consensus.agreement ?? 0)} />
      {sure > 0 && <Fact name={t('confidence')} value={t('outOfFive', { n: sure })} />}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Names those who see something the others do not. */
function Talk({ revealed, room }: { revealed: Revealed; room: Room }) {
  const { low, high } = outliers(revealed.votes, room.config.cardValues);
  if (low.length + high.length === 0) return null;
  const names = (ids: string[]) => list(revealed.votes.filter((vote) => ids.includes(vote.playerId)).map(named));
  return (
    <p class="callout talk">
      {low.length > 0 && <span>{t('talkLow', { names: names(low) })}</span>}{' '}
      {high.length > 0 && <span>{t('talkHigh', { names: names(high) })}</span>}
    </p>
  );
}

function named({ playerName, value }: { playerName: string; value: string }): string {
  return `${playerName} (${face(value)})`;
}

function mean(values: number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
