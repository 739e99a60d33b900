import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pause } from '../lib/cluster-chaos.js';
import { actAll, allIsWell, beginAnew, failures, gatherOnAll, startShards, tally } from '../lib/cluster-shards.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);

describe('a Redis cluster of three masters with a replica each', { concurrency: 2 }, () => {
  test(`loses nothing and refuses nothing while each replica takes over from its master, and back (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t, { isReplicated: true });
    const { redis } = cluster;
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 6 });
    const turns = (async () => {
      await pause(300);
      for (const _ of ['there', 'back']) {
        for (const master of await redis.masters()) {
          await redis.failOver(master);
          await pause(200);
        }
      }
    })();
    await actAll(crowds, turns);
    t.diagnostic(tally(crowds));
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    await allIsWell(cluster, crowds);
  });

  test(`goes on when a master dies for good: everybody sees the same again, and nothing is refused any more (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t, { isReplicated: true });
    const { redis } = cluster;
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 6 });
    const [, victim] = await redis.masters();
    const heir = await redis.replicaOf(victim);
    // What was acknowledged may be gone with the master if its replica had not heard of it; here nobody asks at that moment.
    await actAll(crowds, pause(400));
    await Promise.all(crowds.map((crowd) => crowd.fence()));
    await victim.cli('WAIT', 1, 2_000);
    await victim.kill9();
    const died = performance.now();
    await actAll(crowds, (async () => {
      await redis.isMaster(heir);
      t.diagnostic(`the replica took over after ${(performance.now() - died).toFixed(0)} ms`);
      await redis.isSound();
      await pause(2_000);
    })());
    t.diagnostic(tally(crowds));
    await allIsWell(cluster, crowds);
    await beginAnew(crowds);
    await actAll(crowds, pause(500));
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    await allIsWell(cluster, crowds);
  });
});
