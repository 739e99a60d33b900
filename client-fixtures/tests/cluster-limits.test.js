import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Cluster, startCluster } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { aSession, Game, ok } from '../lib/sync.js';
import { watcher } from '../lib/sync-io.js';
import { askBy } from '../lib/sync-raw.js';
import { until } from '../lib/wait.js';

const GENERAL = 100;
const SWITCHES = 10;
/** A little longer than the window of switches. */
const WINDOW_MS = 1_100;

const cluster = await Cluster.start({ limited: true });
const roomy = await Cluster.start({ limited: true, env: { RATE_LIMIT_GENERAL: '1000000' } });
after(() => Promise.all([cluster.close(), roomy.close()]));

let hosts = 1;

/** Somebody with an address of his own; asks this node of these for the time. */
function newcomer(nodes) {
  hosts += 1;
  const localAddress = `127.0.78.${hosts}`;
  return (node) => askBy({ localAddress }, nodes[node].url, 'GET', '/v1/time');
}

const remaining = ({ headers }) => Number(headers.get('ratelimit-remaining'));
const count = (answers, status) => answers.filter((answer) => answer.status === status).length;

/** One clock, commanded over the REST of both nodes. */
async function open(nodes) {
  const session = aSession();
  const games = nodes.map(({ url }) => new Game(url, session));
  await ok(games[0].create(), 201);
  await ok(games[0].start());
  return games;
}

describe('on two nodes', { concurrency: 3 }, () => {
  test('an address has one budget of a hundred requests', async () => {
    const ask = newcomer(cluster.nodes);
    for (let turn = 1; turn <= GENERAL; turn += 1) {
      const answer = await ask(turn % 2);
      assert.deepEqual([answer.status, remaining(answer)], [200, GENERAL - turn]);
    }
    for (const node of [0, 1, 0]) assert.equal((await ask(node)).status, 429);
    const other = newcomer(cluster.nodes);
    assert.equal(remaining(await other(0)), GENERAL - 1);
  });

  test('an address has exactly a hundred of many requests at once', async () => {
    const ask = newcomer(cluster.nodes);
    const answers = await Promise.all(Array.from({ length: GENERAL + 20 }, (_, turn) => ask(turn % 2)));
    assert.deepEqual([count(answers, 200), count(answers, 429)], [GENERAL, 20]);
    const left = answers.filter(({ status }) => status === 200).map(remaining).sort((a, b) => a - b);
    assert.deepEqual(left, Array.from({ length: GENERAL }, (_, index) => index));
  });

  test('a clock takes ten of thirteen switches at once, and all again a second later', async () => {
    const games = await open(roomy.nodes);
    const answers = await Promise.all(Array.from({ length: 13 }, (_, turn) => games[turn % 2].switch()));
    assert.equal(count(answers, 429), 3);
    await pause(WINDOW_MS);
    for (let turn = 1; turn <= SWITCHES; turn += 1) assert.equal(remaining(await games[turn % 2].switch()), SWITCHES - turn);
  });

  test('a clock has one budget for switches over REST and Socket.IO', async (t) => {
    const games = await open(roomy.nodes);
    const hand = await watcher(t, roomy.nodes[1].url);
    const commands = Array.from({ length: 13 }, (_, turn) => (turn % 2 === 0
      ? games[0].switch().then(({ status }) => status)
      : hand.ask('sync:switch', { sessionId: games[0].id }).then(({ ok: taken, code }) => (taken || code === 'CONFLICT' ? 200 : code))));
    const refusals = (await Promise.all(commands)).filter((answer) => answer === 429 || answer === 'RATE_LIMIT_EXCEEDED');
    assert.equal(refusals.length, 3);
  });
});

test('without Redis every node counts for itself, and with it they count together again', async (t) => {
  const lonely = await startCluster(t, { limited: true });
  const ask = newcomer(lonely.nodes);
  for (let turn = 1; turn <= 4; turn += 1) assert.equal(remaining(await ask(turn % 2)), GENERAL - turn);
  await lonely.redis.kill9();
  const before = performance.now();
  const [here, there] = await Promise.all([0, 1].map((node) => Promise.all(Array.from({ length: GENERAL + 5 }, () => ask(node)))));
  const ms = performance.now() - before;
  for (const answers of [here, there]) {
    const taken = count(answers, 200);
    // Whether a node remembers what was counted together before is its own affair.
    assert.ok(GENERAL - 4 <= taken && taken <= GENERAL, `${taken} requests were taken`);
    assert.equal(count(answers, 429), answers.length - taken);
  }
  assert.ok(ms < 3_000, `two hundred requests took ${ms.toFixed(0)} ms`);
  await lonely.redis.start();
  await until(async () => {
    const once = newcomer(lonely.nodes);
    return remaining(await once(0)) === GENERAL - 1 && remaining(await once(1)) === GENERAL - 2;
  }, 'the nodes count together again');
});

test('switches are limited without Redis too, although none is taken', async (t) => {
  const lonely = await startCluster(t, { limited: true });
  const games = await open(lonely.nodes);
  await lonely.redis.kill9();
  const answers = await Promise.all(Array.from({ length: 13 }, () => games[1].switch()));
  assert.deepEqual([count(answers, 429), count(answers, 500)], [3, 10]);
});
