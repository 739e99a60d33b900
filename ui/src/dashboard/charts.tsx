/** The last five minutes as lines. */
import { useCell } from '../cell.ts';
import { number } from '../text/format.ts';
import { type Line, lines } from './numbers.ts';
import { history, stats } from './server.ts';
import { type Word, w } from './words.ts';

const WIDTH = 300;
const HEIGHT = 64;

export function Charts() {
  const numbers = useCell(stats);
  return (
    <section class="charts">
      <Chart title="connections" of={['connections']} />
      <Chart title="sessions" of={['sessions']} />
      <Chart title="eventsPerSecond" of={['events']} />
      <Chart title="broadcastsPerSecond" of={['broadcasts']} />
      <Chart title="appendLatency" of={['p50', 'p99']} hint={w('appendHint')} />
      <Chart
        title="lagging"
        of={['lagging']}
        hint={`${w('laggingHint')}; ${w('sinceStart', { n: numbers?.resynchronised ?? 0 })}`}
      />
      <Chart
        title="rateLimited"
        of={['limited']}
        hint={`${w('rateLimitedHint')}; ${w('sinceStart', { n: numbers?.rateLimited.total ?? 0 })}`}
      />
    </section>
  );
}

function Chart({ title, of, hint }: { title: Word; of: Line[]; hint?: string }) {
  const { points } = history;
  const values = points.flatMap((point) => of.map((line) => point[line] ?? 0));
  const most = Math.max(0, ...values);
  // A line that is nothing but zeros lies on the ground.
  const scale = most > 0 ? most : 1;
  const now = points.at(-1)?.at ?? 0;
  const current = of.map((line) => written(line, points.at(-1)?.[line] ?? null, of.length > 1)).join(' · ');
  return (
    <figure class="plot panel">
      <figcaption>
        <h2>{w(title)}</h2>
        <strong>{current}</strong>
        <small>{[w('mostIs', { most: number(most, 2) }), hint].filter(Boolean).join(', ')}</small>
      </figcaption>
      <svg
        viewBox={`0 -3 ${WIDTH} ${HEIGHT + 6}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={w('chartIs', { name: w(title), now: current, most: number(most, 2) })}
      >
        <line class="plot-ground" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {of.map((line) => lines(points, line, now, scale, WIDTH, HEIGHT).map((path, index) => (
          <polyline key={`${line}${index}`} class={`plot-line ${line}`} points={path} />
        )))}
      </svg>
    </figure>
  );
}

function written(line: Line, value: number | null, named: boolean): string {
  const text = value === null ? '–' : number(value, 2);
  return named ? `${line} ${text}` : text;
}
