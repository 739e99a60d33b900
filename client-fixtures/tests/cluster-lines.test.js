import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { SharedClock } from '../lib/cluster-clock.js';
import { Company } from '../lib/cluster-outage.js';
import { ok } from '../lib/sync.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
const DELAY_MS = 50;
/** Longer than the lease of a node, so that the others must take it for dead. */
const STALL_MS = 13_000;

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function timed(call) {
  const asked = performance.now();
  await call();
  return performance.now() - asked;
}

describe('the line of one node to Redis', { concurrency: 2 }, () => {
  test('that is slow makes this node slow and no other', async (t) => {
    const cluster = await startCluster(t, { proxied: [1] });
    const clock = await SharedClock.open(t, cluster, { times: [60_000, 60_000, 60_000] }, 'start');
    cluster.nodes[1].proxy.delay({ up: DELAY_MS, down: DELAY_MS });
    const [fast, slow] = [[], []];
    for (let turn = 0; turn < 15; turn += 1) {
      const next = clock.raw[0].seen('STATE_UPDATE', ({ state }) => state.version === 3 + turn, clock.raw[0].marked);
      fast.push(await timed(async () => {
        await ok(clock.games[0].switch());
        await next;
      }));
    }
    for (let turn = 0; turn < 9; turn += 1) slow.push(await timed(() => ok(clock.games[1].switch())));
    t.diagnostic(`${median(fast).toFixed(1)} ms on the fast node, ${median(slow).toFixed(1)} ms on the slow one`);
    assert.ok(median(slow) >= 2 * DELAY_MS, 'the slow line is slow');
    assert.ok(median(fast) < 1.5 * DELAY_MS, `${median(fast)} ms on the other node`);
    await clock.everybodySaw(await clock.state());
  });

  test(`that carries nothing, and does not say so, stops this node and no other, and is replaced (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t, { proxied: [1] });
    const company = await Company.gather(t, cluster, SEED);
    const { crowd, clock } = company;
    const [healthy, stalled] = cluster.nodes;
    await company.lives(300);
    stalled.proxy.stall();
    const end = pause(STALL_MS);
    const refused = Promise.all([company.isRefused([stalled]), company.isKnown([stalled])]);
    const here = crowd.writers.filter((_, turn) => cluster.nodeOf(turn) === healthy);
    const slowest = await goOn(crowd, here, end);
    await refused;
    const failed = crowd.deeds.find(({ outcome, writer }) => outcome === 'failed' && here.some(({ name }) => name === writer));
    assert.equal(failed, undefined, JSON.stringify(failed));
    assert.ok(slowest < 1500, `an answer on the other node took ${slowest} ms`);
    assert.equal(await healthy.probe('/readyz'), 200);
    await stalled.proxy.heal();
    await company.isWell();
    t.diagnostic(`slowest answer on the other node ${slowest.toFixed(0)} ms; the clock is at version ${clock.known.version}`);
  });
});

/** These go on as if nothing had happened until it is over; resolves to the longest that one of them has waited. */
async function goOn(crowd, writers, over) {
  let isOver = false;
  over.then(() => { isOver = true; });
  let slowest = 0;
  await Promise.all(writers.map(async (writer, index) => {
    for (let turn = index; !isOver; turn += 1) {
      const { ms } = await crowd.do(writer, ['rename', 'vote'][turn % 2], ['socket', 'REST'][(turn >> 1) % 2]);
      slowest = Math.max(slowest, ms);
      await pause(100);
    }
  }));
  return slowest;
}
