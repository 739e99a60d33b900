import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { Cluster } from '../lib/cluster.js';
import { SharedClock, numbers, statuses, taken, turns } from '../lib/cluster-clock.js';
import { aSession, Game, ok, unknown } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { watch } from '../lib/sync-viewer.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
/** What the contract demands of a viewer on another node than the command (4.6). */
const ELSEWHERE_MS = 100;

const cluster = await Cluster.start({ nodes: 3 });
after(() => cluster.close());
const pair = new Cluster(cluster.redis, cluster.nodes.slice(0, 2));

describe('a turn clock', { concurrency: 2 }, () => {
  test('that is commanded on all nodes in turn, over REST and Socket.IO, moves on all viewers of all nodes alike', async (t) => {
    const clock = await SharedClock.open(t, cluster, { times: [60_000, 60_000, 60_000], increment_ms: 50 });
    const steps = ['start', 'switch', 'switch', 'pause', 'resume', 'switch', 'pause', 'resume', 'switch', 'complete'];
    for (const [turn, step] of steps.entries()) {
      if (turn % 2 === 0) await ok(clock.game(turn).command(step));
      else await accepted(`sync:${step}`, clock.hands[turn % 3].command(step));
      const state = await clock.state();
      assert.equal(state.version, 2 + turn);
      await clock.everybodySaw(state);
    }
  });

  test('is on another node as it was left by the answer', async (t) => {
    const clock = await SharedClock.open(t, cluster, {}, 'start');
    for (let turn = 0; turn < 60; turn += 1) {
      await ok(clock.game(turn).switch());
      const { version } = await clock.game(turn + 1).state();
      assert.equal(version, 3 + turn, `the version on the next node right after switch ${turn}`);
    }
  });

  test('reaches a viewer on another node in good time', async (t) => {
    const clock = await SharedClock.open(t, pair, {}, 'start');
    const delays = [];
    for (let turn = 0; turn < 41; turn += 1) {
      const viewer = clock.raw[(turn + 1) % 2];
      const sent = performance.now();
      const [, answer] = await Promise.all([viewer.version(3 + turn), clock.game(turn).switch()]);
      delays.push(performance.now() - sent);
      await ok(answer);
    }
    const median = delays.sort((a, b) => a - b)[20];
    t.diagnostic(`median ${median.toFixed(1)} ms, longest ${delays.at(-1).toFixed(1)} ms`);
    assert.ok(median < ELSEWHERE_MS, `${median} ms`);
  });

  test('that is deleted on one node sends the viewers of all others away', async (t) => {
    for (let turn = 0; turn < 6; turn += 1) {
      const clock = await SharedClock.open(t, cluster, {}, 'start');
      assert.equal((await clock.game(turn).remove()).status, 204);
      for (const viewer of clock.raw) {
        assert.deepEqual(await viewer.farewell(), { code: 1000, reason: 'Session deleted' });
        assert.deepEqual(viewer.heardTypes(), ['SESSION_DELETED']);
      }
      for (const { hand } of clock.hands) await hand.next('sync:deleted', ({ sessionId }) => sessionId === clock.id);
      for (const game of clock.games) await unknown(game.get(), clock.id);
    }
  });

  test('that is waited for on one node is created on another, again and again', async (t) => {
    const session = aSession();
    const games = cluster.nodes.map(({ url }) => new Game(url, session));
    const viewers = await Promise.all(cluster.nodes.map(async ({ url }) => (await watch(t, url, session.session_id))[0]));
    for (let turn = 0; turn < 6; turn += 1) {
      await ok(games[turn % 3].create(), 201);
      await ok(games[(turn + 1) % 3].start());
      for (const viewer of viewers) assert.deepEqual([(await viewer.update()).version, (await viewer.update()).version], [1, 2]);
    }
    for (const viewer of viewers) assert.equal(viewer.updates().length, 12);
  });
});

describe('switches at the same time on two nodes', () => {
  for (let round = 1; round <= 15; round += 1) {
    test(`are each taken once or refused, round ${round}`, async (t) => {
      const clock = await SharedClock.open(t, pair, { times: [60_000, 60_000, 60_000], increment_ms: 50 }, 'start');
      const answers = await Promise.all(numbers(1, 6).map((turn) => clock.game(turn).switch()));
      const count = taken(answers);
      assert.ok(count >= 1 && answers.every(({ status }) => status === 200 || status === 409), String(statuses(answers)));
      const state = await clock.state();
      assert.deepEqual([state.version, turns(state)], [2 + count, count]);
      await clock.everybodySaw(state);
    });
  }

  test('succeed at least half of ten times', async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const clock = await SharedClock.open(t, pair, {}, 'start');
      const answers = await Promise.all(numbers(1, 10).map((turn) => clock.game(turn).switch()));
      assert.ok(taken(answers) >= 5 && answers.every(({ status }) => status === 200 || status === 409), String(statuses(answers)));
      await clock.everybodySaw(await clock.state());
    }
  });
});

describe('two at the same time on two nodes', () => {
  const ONCE = { start: [], pause: ['start'], resume: ['start', 'pause'] };
  for (const [command, way] of Object.entries(ONCE)) {
    test(`of the command ${command} have one winner`, async (t) => {
      for (let round = 0; round < 8; round += 1) {
        const clock = await SharedClock.open(t, pair, {}, ...way);
        const answers = await Promise.all(clock.games.map((game) => game.command(command)));
        assert.deepEqual(statuses(answers), [200, 400]);
        await clock.everybodySaw(await clock.state());
      }
    });
  }

  test('that create the same clock leave one of both', async (t) => {
    for (let round = 0; round < 8; round += 1) {
      const id = randomUUID();
      const games = cluster.nodes.map(({ url }) => new Game(url, aSession({ session_id: id })));
      const viewers = await Promise.all(cluster.nodes.map(async ({ url }) => (await watch(t, url, id))[0]));
      assert.deepEqual(statuses(await Promise.all(games.map((game) => game.create()))), [201, 201, 201]);
      const firsts = await Promise.all(viewers.map(async (viewer) => {
        for (const _ of games) await viewer.update();
        return viewer.updates().map(({ participants }) => participants[0].participant_id);
      }));
      for (const seen of firsts) assert.deepEqual(seen, firsts[0], 'the order in which two nodes saw the creations');
      const last = viewers[0].updates().at(-1);
      for (const game of games) assert.deepEqual(await game.state(), last);
    }
  });
});

test(`a crowd that does everything at once on three nodes moves the clock by one version per success (SEED=${SEED})`, async (t) => {
  const COMMANDS = { switch: 8, pause: 2, resume: 3, start: 1 };
  const clock = await SharedClock.open(t, cluster, { times: [60_000, 60_000, 60_000], increment_ms: 10 }, 'start');
  const crowd = numbers(1, 6).map(async (person) => {
    const chance = new Chance(`${SEED}/${person}`);
    const answers = [];
    for (let turn = 0; turn < 30; turn += 1) answers.push(await clock.game(person).command(chance.weighed(COMMANDS)));
    return answers;
  });
  const answers = (await Promise.all(crowd)).flat();
  assert.ok(answers.every(({ status }) => [200, 400, 409].includes(status)), String(new Set(statuses(answers))));
  const state = await clock.state();
  assert.equal(state.version, 2 + taken(answers));
  await clock.everybodySaw(state);
});
