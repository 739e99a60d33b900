import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, test } from 'node:test';
import { KINDS } from '../lib/plan-choices.js';
import { makePlan, playPlan } from '../lib/plans.js';
import { startServer } from '../lib/server.js';

/** `SEED` repeats one plan; `PLANS_SEED` repeats a whole run, whose plans have seeds of their own. */
const RUN = process.env.PLANS_SEED ?? String(randomInt(1_000_000));
const COUNT = Number(process.env.PLANS ?? 200);
const SEEDS = process.env.SEED ? [process.env.SEED] : Array.from({ length: COUNT }, (_, index) => `${RUN}-${index + 1}`);
const AT_ONCE = 6;

/** Nobody is lost by waiting: who goes and who takes over is part of the plan. */
const server = await startServer({
  env: { LOG_LEVEL: 'warn', POKER_DISCONNECT_GRACE_MS: '3600000', POKER_JOIN_GRACE_MS: '3600000', POKER_HOST_HANDOVER_MS: '0' },
});
after(() => server.close());

const REPLAY = process.env.SEED ? `SEED=${process.env.SEED}` : `PLANS_SEED=${RUN}`;
test(`in ${SEEDS.length} random plans all clients of both dialects agree after every step (${REPLAY})`, async (t) => {
  const plans = SEEDS.map(makePlan);
  const waiting = [...plans];
  const failures = [];
  const worker = async () => {
    for (let plan = waiting.shift(); plan && failures.length === 0; plan = waiting.shift()) {
      await playPlan(server, plan).catch((error) => failures.push(error));
    }
  };
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
  const steps = plans.flatMap((plan) => plan.steps);
  t.diagnostic(`${plans.length} plans with ${steps.length} steps in ${Date.now() - startedAt} ms`);
  if (plans.length < 100) return;
  for (const kind of Object.keys(KINDS)) assert.ok(steps.some((step) => step.kind === kind), `no plan has a step ${kind}`);
});
