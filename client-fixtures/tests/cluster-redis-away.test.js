import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { Crowd } from '../lib/cluster-crowd.js';
import { Company } from '../lib/cluster-outage.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
/** Longer than the lease of a node, which it cannot renew meanwhile. */
const LONG_MS = 12_500;
const SHORT_MS = 6_000;

describe('a Redis', { concurrency: true }, () => {
  test(`that stands still for longer than nodes are taken for alive leaves everybody with clear words, and then with everything (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t);
    const company = await Company.gather(t, cluster, SEED);
    await company.lives(300);
    cluster.redis.pause();
    await company.outlasts(LONG_MS, () => Promise.all([company.isRefused(), company.isKnown()]));
    cluster.redis.resume();
    await company.isWell();
  });

  test(`that is killed and comes back with its file leaves everybody with clear words, and then with everything (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t, { redis: { appendonly: true } });
    const company = await Company.gather(t, cluster, SEED);
    await company.lives(300);
    await cluster.redis.kill9();
    await company.outlasts(SHORT_MS, () => Promise.all([company.isRefused(), company.isKnown()]));
    await cluster.redis.start();
    await company.isWell();
    await company.lives(300);
    await company.isWell();
  });

  for (const [how, outage] of [
    ['stands still', async (redis) => { redis.pause(); await pause(1200); redis.resume(); }],
    ['is killed and restarted', (redis) => redis.restart('SIGKILL')],
  ]) {
    test(`that ${how} for about a second costs nobody more than that second (SEED=${SEED})`, async (t) => {
      const cluster = await startCluster(t, { redis: { appendonly: true } });
      const crowd = await Crowd.gather(t, cluster, { writers: 8, seed: SEED });
      const over = (async () => {
        await pause(400);
        await outage(cluster.redis);
        await pause(400);
      })();
      await crowd.act(over);
      const failed = crowd.deeds.find(({ outcome }) => outcome === 'failed');
      assert.equal(failed, undefined, JSON.stringify(failed));
      await crowd.fence();
      await crowd.account(crowd.sequence(), await crowd.agreement());
      t.diagnostic(`${crowd.count('done')} deeds; slowest answer ${Math.max(...crowd.deeds.map(({ ms }) => ms)).toFixed(0)} ms`);
    });
  }
});
