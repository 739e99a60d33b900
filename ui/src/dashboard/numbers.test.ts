import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bucket, History, lines, percentile, type Point, type Stats } from './numbers.ts';

const START = Date.parse('2026-11-20T12:00:00.000Z');

function stats(seconds: number, told: Partial<{ events: number; node: string; appends: Bucket[]; limited: number }> = {}): Stats {
  return {
    node: told.node ?? 'a',
    version: '1.0.0',
    timestamp: new Date(START + seconds * 1000).toISOString(),
    uptimeSeconds: seconds,
    draining: false,
    memory: { residentBytes: 1 },
    store: { kind: 'memory', isUp: true, error: null },
    connections: [{ transport: 'polling', dialect: 'poker', count: 2 }, { transport: 'websocket', dialect: 'poker', count: 3 }],
    sessions: { poker: 4, sync: 1 },
    seats: 5,
    eventsIn: { total: told.events ?? 0, byEvent: {} },
    broadcasts: { total: 0, byEvent: {} },
    append: { count: 0, buckets: told.appends ?? [] },
    resynchronised: 0,
    cut: 0,
    rateLimited: { total: told.limited ?? 0, byEvent: {} },
  };
}

test('rates are differences over the server\'s own time', () => {
  const history = new History();
  history.add(stats(10, { events: 100 }));
  history.add(stats(14, { events: 120, limited: 7 }));
  const [first, second] = history.points;
  assert.equal(first?.events, null, 'one number is no rate');
  assert.deepEqual([second?.events, second?.connections, second?.sessions, second?.limited], [5, 5, 5, 7]);
});

test('a server that began anew is not compared with the old one', () => {
  const history = new History();
  history.add(stats(10, { events: 100 }));
  history.add(stats(12, { events: 3, node: 'b' }));
  history.add(stats(14, { events: 5, node: 'b' }));
  assert.deepEqual(history.points.map(({ events }) => events), [null, null, 1]);
});

test('five minutes are remembered', () => {
  const history = new History();
  for (let second = 0; second <= 600; second += 2) history.add(stats(second));
  assert.equal(history.points.length, 151);
});

test('percentiles lie between the bounds of their bucket', () => {
  const buckets = [{ le: '0.001', count: 50 }, { le: '0.002', count: 90 }, { le: '0.004', count: 90 }, { le: '+Inf', count: 100 }];
  assert.equal(percentile(buckets, 0.5), 0.001);
  assert.equal(percentile(buckets, 0.7), 0.0015);
  assert.equal(percentile(buckets, 0.99), 0.004, 'above all bounds only that is known');
  assert.equal(percentile([{ le: '+Inf', count: 0 }], 0.5), null);
});

test('latencies are of the last half minute', () => {
  const history = new History();
  history.add(stats(0, { appends: [{ le: '0.001', count: 1000 }, { le: '0.1', count: 1000 }, { le: '+Inf', count: 1000 }] }));
  history.add(stats(40, { appends: [{ le: '0.001', count: 1000 }, { le: '0.1', count: 1000 }, { le: '+Inf', count: 1000 }] }));
  history.add(stats(42, { appends: [{ le: '0.001', count: 1000 }, { le: '0.1', count: 1010 }, { le: '+Inf', count: 1010 }] }));
  assert.ok(history.points.at(-1)!.p50! > 1);
  assert.equal(history.points[1]!.p50, null);
});

test('a line is broken where nothing was heard', () => {
  const point = (at: number, events: number | null) => ({ at, events }) as Point;
  const points = [point(0, 1), point(2_000, 2), point(4_000, null), point(6_000, 1), point(60_000, 2), point(62_000, 0)];
  const drawn = lines(points, 'events', 300_000, 2, 300, 60);
  assert.deepEqual(drawn, ['0.0,30.0 2.0,0.0', '6.0,30.0', '60.0,0.0 62.0,60.0']);
});
