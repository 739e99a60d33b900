import { randomInt } from 'node:crypto';
import { after, test } from 'node:test';
import { Cluster } from '../lib/cluster.js';
import { makePlan, playPlan } from '../lib/plans.js';

/** `SEED` repeats one plan; `PLANS_SEED` repeats a whole run, whose plans have seeds of their own. */
const RUN = process.env.PLANS_SEED ?? String(randomInt(1_000_000));
const COUNT = Number(process.env.PLANS ?? 24);
const SEEDS = process.env.SEED ? [process.env.SEED] : Array.from({ length: COUNT }, (_, index) => `${RUN}-${index + 1}`);
const REPLAY = process.env.SEED ? `SEED=${process.env.SEED}` : `PLANS_SEED=${RUN}`;
const AT_ONCE = 4;

const cluster = await Cluster.start({ nodes: 3 });
after(() => cluster.close());

test(`in ${SEEDS.length} random plans clients of both dialects who connect to three nodes in turn agree after every step (${REPLAY})`, async (t) => {
  const waiting = SEEDS.map(makePlan);
  const failures = [];
  const worker = async () => {
    for (let plan = waiting.shift(); plan && failures.length === 0; plan = waiting.shift()) {
      await playPlan(cluster.anywhere, plan).catch((error) => failures.push(error));
    }
  };
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
  t.diagnostic(`${SEEDS.length} plans in ${Date.now() - startedAt} ms`);
});
