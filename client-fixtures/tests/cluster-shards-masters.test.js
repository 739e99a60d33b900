import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pause } from '../lib/cluster-chaos.js';
import { actAll, allIsWell, beginAnew, failures, gatherOnAll, startShards, tally } from '../lib/cluster-shards.js';
import { ok, Rest } from '../lib/rest.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
/** Less and more than it takes the others to declare that nothing works any more without it. */
const ABSENCES = { 'at once': 0, 'when the others have taken it for dead': 3_500 };

/** What happens between two short whiles of ordinary life. */
function meanwhile(happens) {
  return (async () => {
    await pause(400);
    await happens();
    await pause(600);
  })();
}

describe('a Redis cluster of three masters that write everything down', { concurrency: 2 }, () => {
  for (const [when, absenceMs] of Object.entries(ABSENCES)) {
    test(`loses nothing when one of them is killed and comes back ${when} (SEED=${SEED})`, async (t) => {
      const cluster = await startShards(t, { appendonly: true });
      const { redis } = cluster;
      const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 6 });
      const [, victim] = await redis.masters();
      await actAll(crowds, meanwhile(async () => {
        await victim.kill9();
        await pause(absenceMs);
        await victim.start();
        await redis.isSound();
      }));
      t.diagnostic(tally(crowds));
      await allIsWell(cluster, crowds);
      // And it goes on, without a refusal.
      await beginAnew(crowds);
      await actAll(crowds, pause(500));
      assert.deepEqual(failures(crowds).slice(0, 1), []);
      await allIsWell(cluster, crowds);
    });
  }

  test('is used by a node that starts while one of them, whose address comes first, is away', async (t) => {
    const cluster = await startShards(t, { nodes: 1, appendonly: true });
    const { redis, nodes: [node] } = cluster;
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 2 });
    const [first] = redis.servers;
    await first.kill9();
    const restarting = node.restart();
    restarting.catch(() => {});
    await pause(2_500);
    await first.start();
    await redis.isSound();
    await restarting;
    await node.isReadyAgain();
    for (const { path, host } of crowds) {
      const rest = new Rest(node.url);
      assert.ok((await ok(rest.get(`${path}/players`))).some(({ id }) => id === host.id));
    }
  });
});
