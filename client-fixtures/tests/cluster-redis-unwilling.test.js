import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { Company } from '../lib/cluster-outage.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);

/** What it takes to make Redis answer every write with an error, and to make it willing again. */
const REASONS = {
  'is full': [['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  'has become a replica of another': [['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
};

describe('a Redis', { concurrency: true }, () => {
  for (const [how, [begin, end]] of Object.entries(REASONS)) {
    test(`that ${how} and writes nothing leaves everybody with clear words, and goes on when it can (SEED=${SEED})`, async (t) => {
      const cluster = await startCluster(t);
      const company = await Company.gather(t, cluster, SEED);
      await company.lives(300);
      await cluster.redis.cli(...begin);
      await company.outlasts(3_000, () => Promise.all([company.isRefused(), company.isKnown()]));
      await cluster.redis.cli(...end);
      await company.isWell();
      await company.lives(300);
      await company.isWell();
    });
  }

  test(`that pauses its clients now and then makes them wait, and loses and doubles nothing (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t);
    const company = await Company.gather(t, cluster, SEED);
    const pauses = (async () => {
      for (let turn = 0; turn < 6; turn += 1) {
        await cluster.redis.cli('CLIENT', 'PAUSE', '300', turn % 2 === 0 ? 'WRITE' : 'ALL');
        await pause(500);
      }
    })();
    await company.crowd.act(pauses);
    await company.isWell();
  });
});
