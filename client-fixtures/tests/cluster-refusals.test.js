import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { Company } from '../lib/cluster-outage.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
/** A node waits for Redis for 5 s and has to say so then, however many are waiting. */
const REFUSAL_MS = 6_500;
/** Who comes in by socket is looked up before he is seated: that may take as long as a read, and does not shorten the 5 s. */
const WELCOME_MS = REFUSAL_MS + 1_800;
/** What is in memory is told as soon as it is clear that Redis does not answer, which takes 1.8 s. */
const READ_MS = 2_500;

const OUTAGES = {
  'is dead': ({ redis }) => redis.kill9(),
  'stands still': ({ redis }) => redis.pause(),
  'is behind lines that carry nothing': ({ nodes }) => nodes.forEach(({ proxy }) => proxy.stall()),
};

describe('while Redis', { concurrency: true }, () => {
  for (const [how, begin] of Object.entries(OUTAGES)) {
    test(`${how}, nobody waits for his refusal behind others, and no reader behind them (SEED=${SEED})`, async (t) => {
      const cluster = await startCluster(t, { proxied: true });
      const company = await Company.gather(t, cluster, SEED);
      await company.lives(300);
      await begin(cluster);
      const [refusals, welcomes, reads] = await Promise.all([company.isRefused(), company.isClosed(), company.isKnown()]);
      const late = (all, limit) => all.filter(([, ms]) => ms > limit).map(([what, ms]) => `${what} took ${ms.toFixed(0)} ms`);
      assert.deepEqual([...late(refusals, REFUSAL_MS), ...late(welcomes, WELCOME_MS), ...late(reads, READ_MS)], []);
    });
  }
});
