/** How the votes are spread, as columns. */
import { face } from '../decks.ts';
import { bars, isEstimate, type Bar } from '../session/count.ts';
import type { Vote } from '../session/protocol.ts';
import { t } from '../text/text.ts';

const STEP = 48;
const COLUMN = 32;
const HEIGHT = 96;
const TOP = 18;
const FOOT = 24;

interface Props {
  votes: Vote[];
  deck: string[];
  agreed?: string;
}

export function Chart({ votes, deck, agreed }: Props) {
  const columns = bars(votes, deck);
  const most = Math.max(1, ...columns.map(({ count }) => count));
  const width = Math.max(columns.length, 3) * STEP;
  const inset = (width - columns.length * STEP) / 2;
  const words = columns.filter(({ count }) => count > 0).map(({ value, count }) => t('chartBar', { card: face(value), n: count }));
  return (
    <svg
      class="chart"
      role="img"
      aria-label={`${t('distribution')}: ${words.join(', ')}`}
      viewBox={`0 0 ${width} ${TOP + HEIGHT + FOOT}`}
    >
      <line class="chart-base" x1="0" x2={width} y1={TOP + HEIGHT + 0.5} y2={TOP + HEIGHT + 0.5} />
      {columns.map((column, index) => (
        <Column key={column.value} column={column} most={most} x={inset + index * STEP} agreed={column.value === agreed} />
      ))}
    </svg>
  );
}

function Column({ column, most, x, agreed }: { column: Bar; most: number; x: number; agreed: boolean }) {
  const height = (column.count / most) * HEIGHT;
  const kind = !isEstimate(column.value) ? 'abstained' : agreed ? 'agreed' : 'other';
  const middle = x + STEP / 2;
  return (
    <g class={`column ${kind}`}>
      {column.count > 0 && (
        <>
          <rect x={x + (STEP - COLUMN) / 2} y={TOP + HEIGHT - height} width={COLUMN} height={height} rx="5" />
          <text class="column-count" x={middle} y={TOP + HEIGHT - height - 6} text-anchor="middle">
            {column.count}
          </text>
        </>
      )}
      <text class="column-card" x={middle} y={TOP + HEIGHT + 18} text-anchor="middle">
        {face(column.value)}
      </text>
    </g>
  );
}
