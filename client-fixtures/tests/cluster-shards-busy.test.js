import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { pause } from '../lib/cluster-chaos.js';
import { actAll, allIsWell, gatherOnAll, startShards, tally } from '../lib/cluster-shards.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
const SESSIONS = 12;
/** Less than any command may take. */
const BUSY_MS = 400;

/** What anybody was told of people of another session. */
function strangers(crowds) {
  const homes = new Map(crowds.flatMap((crowd) => crowd.writers.map(({ id }) => [id, crowd])));
  const told = (crowd, client) => client.history.filter(({ event, args: [body] }) => {
    const id = body?.playerId ?? body?.player?.id;
    return (homes.get(id) ?? crowd) !== crowd || (event === 'player:updated' && body.player === null);
  });
  return crowds.flatMap((crowd) => crowd.clients.flatMap((client) => told(crowd, client).map((entry) => `${client.told}: ${JSON.stringify(entry)}`)));
}

test(`whoever asks a busy Redis while it gives slots away gets his own answer and nobody else's (SEED=${SEED})`, async (t) => {
  const cluster = await startShards(t);
  const { redis } = cluster;
  const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 4, least: SESSIONS });
  const chance = new Chance(`${SEED}/moves`);
  const moves = (async () => {
    for (const { slot } of crowds) {
      const from = await redis.masterOf(slot);
      const to = chance.pick((await redis.masters()).filter((master) => master !== from));
      await pause(100);
      await redis.move(slot, to, { busyMs: BUSY_MS });
    }
  })();
  await actAll(crowds, moves);
  t.diagnostic(tally(crowds));
  assert.deepEqual(strangers(crowds).slice(0, 3), [], 'somebody was told of the people of another session');
  await allIsWell(cluster, crowds);
  for (const { log } of cluster.nodes) assert.ok(!log.includes('the answer to something else'), 'answers were mixed up');
});
