/** What is so at this moment. */
import { number } from '../text/format.ts';
import type { Stats } from './numbers.ts';
import { w } from './words.ts';
import { span } from './span.ts';

const MEGABYTE = 1_048_576;

export function Tiles({ stats }: { stats: Stats }) {
  const { store, memory, draining } = stats;
  const state = draining ? 'draining' : store.isUp ? 'ready' : 'storeDown';
  return (
    <dl class="tiles">
      <div class={`tile ${state}`}>
        <dt>{w('node')}</dt>
        <dd>
          {w(state)}
          <small title={stats.node}>{w('nodeIs', { id: stats.node.slice(0, 8), version: stats.version })}</small>
        </dd>
      </div>
      <div class={`tile ${store.isUp ? 'ready' : 'storeDown'}`}>
        <dt>{w('store')}</dt>
        <dd>
          {store.isUp ? w('storeUp', { kind: store.kind }) : w('storeIsDown', { kind: store.kind, reason: store.error ?? '?' })}
        </dd>
      </div>
      <div class="tile">
        <dt>{w('uptime')}</dt>
        <dd>{span(stats.uptimeSeconds)}</dd>
      </div>
      <div class="tile">
        <dt>{w('memory')}</dt>
        <dd>{memory.residentBytes === null ? '–' : `${number(memory.residentBytes / MEGABYTE)} MB`}</dd>
      </div>
      <div class="tile">
        <dt>{w('seats')}</dt>
        <dd>{number(stats.seats)}</dd>
      </div>
      <div class="tile">
        <dt>{w('cut')}</dt>
        <dd>{number(stats.cut)}</dd>
      </div>
    </dl>
  );
}
