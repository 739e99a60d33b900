import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { gather, restAt } from '../lib/gathering.js';
import { ok } from '../lib/rest.js';

/** A log is folded into a snapshot every 1024 events, by the node that appends. */
const CHANGES = 4 * 1024 + 100;
/** So many are on their way at a time, so that the other node is always a little behind. */
const AT_A_TIME = 5;
const DEADLINE_MS = 30_000;

async function severalAtATime(action) {
  for (let turn = 0; turn < CHANGES; turn += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, index) => action(turn + index)));
  }
}

test('a log that one node folds brings no snapshot to those who listen at another, and takes no event from them', async (t) => {
  const { nodes: [a, b] } = await startCluster(t);
  const { meeting, mira, jonas, ada } = await gather(t, a, { Mira: { node: a }, Jonas: { node: a }, Ada: { node: b } });
  await ok(restAt(a, mira).post(`${meeting.path}/stories`, { title: 'Now' }), 201);
  for (const { client } of [jonas, ada]) {
    await client.next('story:activated');
    client.mark();
  }
  await severalAtATime(async (turn) => {
    assert.equal((await mira.client.call('vote:submit', { value: String(turn) })).ok, true);
  });
  assert.equal((await mira.client.call('player:update', { name: 'Fence' })).ok, true);
  for (const { client, name } of [jonas, ada]) {
    await client.next('player:updated', ({ player }) => player.name === 'Fence', DEADLINE_MS);
    const counts = {};
    for (const event of client.heardNames()) counts[event] = (counts[event] ?? 0) + 1;
    assert.deepEqual(counts, { 'vote:submitted': Math.ceil(CHANGES / AT_A_TIME) * AT_A_TIME, 'player:updated': 1 }, `what ${name} was told`);
  }
});
