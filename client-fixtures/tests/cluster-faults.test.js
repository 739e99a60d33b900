import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { startCluster } from '../lib/cluster.js';
import { breakLines, pause } from '../lib/cluster-chaos.js';
import { SharedClock, taken } from '../lib/cluster-clock.js';
import { Crowd } from '../lib/cluster-crowd.js';
import { until } from '../lib/wait.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
const DURATION_MS = 4000;

describe('while every connection to Redis is ended again and again', { concurrency: 2 }, () => {
  for (const count of [2, 3]) {
    test(`twenty writers on ${count} nodes lose and double nothing, and all hear the same (SEED=${SEED})`, async (t) => {
      const cluster = await startCluster(t, { nodes: count, proxied: true });
      const crowd = await Crowd.gather(t, cluster, { writers: 20, seed: SEED });
      const chaos = breakLines(cluster, new Chance(`${SEED}/chaos`), DURATION_MS);
      await crowd.act(chaos);
      for (const node of cluster.nodes) await node.isReadyAgain();
      await crowd.fence();
      const sequence = crowd.sequence();
      await crowd.account(sequence, await crowd.agreement());
      const slowest = Math.max(...crowd.deeds.map(({ ms }) => ms));
      const counts = ['done', 'refused', 'failed'].map((outcome) => `${crowd.count(outcome)} ${outcome}`);
      t.diagnostic(`${await chaos} connections killed; deeds: ${counts.join(', ')}; slowest answer ${slowest.toFixed(0)} ms`);
      assert.ok(await chaos > 10, 'hardly any connection was killed');
      assert.ok(crowd.count('done') > 50, 'hardly anything was done');
    });
  }

  test(`a turn clock on two nodes goes on by one version per success (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t, { nodes: 2, proxied: true });
    const clock = await SharedClock.open(t, cluster, { times: [60_000, 60_000, 60_000] }, 'start');
    let isOver = false;
    const hands = [0, 1, 2, 3].map(async (hand) => {
      const answers = [];
      for (; !isOver; await pause(30)) answers.push(await clock.game(hand).switch());
      return answers;
    });
    const killed = await breakLines(cluster, new Chance(`${SEED}/chaos of the clock`), DURATION_MS);
    isOver = true;
    const answers = (await Promise.all(hands)).flat();
    for (const node of cluster.nodes) await node.isReadyAgain();
    const odd = answers.find(({ status, body }) => ![200, 409].includes(status) && body?.error?.code !== 'INTERNAL_ERROR');
    assert.equal(odd, undefined, odd?.text);
    const failed = answers.filter(({ status }) => status === 500).length;
    await until(async () => (await clock.games[0].switch()).status === 200, 'the clock is switched again');
    const state = await clock.state();
    const [least, most] = [3 + taken(answers), 3 + taken(answers) + failed];
    assert.ok(least <= state.version && state.version <= most, `version ${state.version}, expected ${least} to ${most}`);
    await clock.everybodySaw(state);
    t.diagnostic(`${killed} connections killed; ${taken(answers)} switches taken, ${failed} failed`);
    assert.ok(killed > 10 && taken(answers) > 50, 'hardly anything happened');
  });
});
