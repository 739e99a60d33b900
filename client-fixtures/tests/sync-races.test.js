import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { ask, aSession, Game, ok, syncServer, unknown } from '../lib/sync.js';
import { assertUnbroken } from '../lib/sync-model.js';
import { askBy, warmAgent } from '../lib/sync-raw.js';
import { Viewer, watch } from '../lib/sync-viewer.js';
import { within } from '../lib/wait.js';

const server = await syncServer();
after(() => server.close());

const open = (fields, ...commands) => Game.open(server.sync, fields, ...commands);
const statuses = (answers) => answers.map(({ status }) => status).sort();
const taken = (answers) => answers.filter(({ status }) => status === 200).length;
const turns = ({ participants }) => participants.reduce((sum, { cycle_count: count }) => sum + count, 0);

/** Every viewer saw each version once, in order, as the only possible consequence of the one before. */
async function assertSeen(viewers, before, after) {
  for (const viewer of viewers) {
    if (after.version > before.version) assert.deepEqual(await viewer.version(after.version), after);
    await viewer.settle();
    const states = viewer.updates();
    assert.deepEqual(states.map(({ version }) => version), numbers(before.version + 1, after.version));
    assertUnbroken([before, ...states]);
    viewer.mark();
  }
}

const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('switches at the same time', { concurrency: 4 }, () => {
  for (let round = 1; round <= 15; round += 1) {
    test(`are each taken once or refused, round ${round}`, async (t) => {
      const game = await open({ times: [60_000, 60_000, 60_000], increment_ms: 50 }, 'start');
      const before = await game.state();
      const viewers = await watch(t, server.sync, game.id, 3);
      const answers = await Promise.all(Array.from({ length: 6 }, () => game.switch()));
      const count = taken(answers);
      assert.ok(count >= 1 && answers.every(({ status }) => status === 200 || status === 409), String(statuses(answers)));
      const state = await game.state();
      assert.deepEqual([state.version, turns(state)], [2 + count, count]);
      await assertSeen(viewers, before, state);
    });
  }

  test('are answered with the turns they took, each of which somebody else ended', async () => {
    const game = await open({ times: [60_000, 60_000, 60_000, 60_000, 60_000] }, 'start');
    const answers = await Promise.all(Array.from({ length: 5 }, () => game.switch()));
    const results = await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => ok(answer)));
    const counts = results.map(turns).sort((a, b) => a - b);
    assert.deepEqual(counts, numbers(1, counts.length));
    const last = results.find((result) => turns(result) === counts.length);
    assert.deepEqual(last.participants, (await game.state()).participants);
  });

  test('succeed at least half of ten times', async () => {
    for (let round = 0; round < 10; round += 1) {
      const game = await open({}, 'start');
      assert.ok(taken(await Promise.all(Array.from({ length: 10 }, () => game.switch()))) >= 5);
    }
  });

  for (const [size, count] of [[100, 40], [1000, 6]]) {
    test(`of ${size} participants, ${count} of them, reach every viewer that reads`, async (t) => {
      const game = await open({ times: Array(size).fill(60_000) }, 'start');
      const before = await game.state();
      const viewers = await watch(t, server.sync, game.id, 3);
      const answers = await Promise.all(Array.from({ length: count }, () => game.switch()));
      const state = await game.state();
      assert.equal(state.version, 2 + taken(answers));
      await assertSeen(viewers, before, state);
    });
  }

  test('to persons of their choice leave one who has the turn', async (t) => {
    const game = await open({ times: [60_000, 60_000, 60_000] }, 'start');
    const viewers = await watch(t, server.sync, game.id, 2);
    const answers = await Promise.all(game.people.flatMap((id) => [game.switch({ next_participant_id: id }), game.switch()]));
    const state = await game.state();
    assert.equal(state.version, 2 + taken(answers));
    for (const viewer of viewers) {
      await viewer.version(state.version);
      assert.deepEqual(viewer.updates().map(({ version }) => version), numbers(3, state.version));
      assert.deepEqual(viewer.updates().at(-1), state);
    }
  });
});

describe('two at the same time', { concurrency: 2 }, () => {
  const ONCE = { start: [], pause: ['start'], resume: ['start', 'pause'] };
  for (const [command, way] of Object.entries(ONCE)) {
    test(`of the command ${command} have one winner`, async (t) => {
      for (let round = 0; round < 20; round += 1) {
        const game = await open({}, ...way);
        const before = await game.state();
        const viewers = await watch(t, server.sync, game.id);
        const answers = await Promise.all([game.command(command), game.command(command)]);
        assert.deepEqual(statuses(answers), [200, 400]);
        await assertSeen(viewers, before, await game.state());
      }
    });
  }

  test('of the command complete are both taken', async (t) => {
    const game = await open({}, 'start');
    const before = await game.state();
    const viewers = await watch(t, server.sync, game.id);
    assert.deepEqual(statuses(await Promise.all([game.complete(), game.complete()])), [200, 200]);
    const state = await game.state();
    assert.equal(state.version, 4);
    await assertSeen(viewers, before, state);
  });

  test('that switch and pause in this order are both taken or told of the conflict', async (t) => {
    const agent = await warmAgent(server.sync, 2);
    t.after(() => agent.destroy());
    for (let round = 0; round < 60; round += 1) {
      const game = await open({}, 'start');
      const before = await game.state();
      const viewers = await watch(t, server.sync, game.id);
      const post = (command) => askBy({ agent }, server.sync, 'POST', game.path(command));
      const answers = await Promise.all([post('/switch'), post('/pause')]);
      assert.ok(answers.every(({ status }) => status === 200 || status === 409), `round ${round}: ${answers.map(({ text }) => text)}`);
      const state = await game.state();
      assert.equal(state.version, 2 + taken(answers));
      await assertSeen(viewers, before, state);
    }
  });

  test('of which the switch has begun to arrive when the clock is paused are told of the conflict', async (t) => {
    const game = await open({}, 'start');
    const before = await game.state();
    const viewers = await watch(t, server.sync, game.id);
    const headers = { 'content-type': 'application/json', 'content-length': 2, expect: '100-continue' };
    const request = http.request(`${server.sync}${game.path('/switch')}`, { method: 'POST', headers });
    t.after(() => request.destroy());
    const answered = once(request, 'response');
    request.flushHeaders();
    await within(once(request, 'continue'), 'the server waits for the body');
    await ok(game.pause());
    request.end('{}');
    const [answer] = await within(answered, 'the switch is answered');
    assert.equal(answer.statusCode, 409);
    assert.equal(JSON.parse(await text(answer)).error.code, 'CONFLICT');
    await assertSeen(viewers, before, await game.state());
  });

  test('that create the same session leave one of both, and viewers see both', async (t) => {
    for (let round = 0; round < 10; round += 1) {
      const id = randomUUID();
      const games = [1, 2, 3].map(() => new Game(server.sync, aSession({ session_id: id })));
      const [viewer] = await watch(t, server.sync, id);
      const answers = await Promise.all(games.map((game) => game.create()));
      assert.deepEqual(statuses(answers), [201, 201, 201]);
      for (const _ of games) await viewer.version(1);
      await viewer.settle();
      const first = (state) => state.participants[0].participant_id;
      assert.deepEqual(viewer.updates().map(first).sort(), games.map(({ people }) => people[0]).sort());
      assert.deepEqual(viewer.updates().at(-1), await games[0].state());
    }
  });

  test('that delete and switch leave nothing behind', async (t) => {
    for (let round = 0; round < 20; round += 1) {
      const game = await open({}, 'start');
      const [viewer] = await watch(t, server.sync, game.id);
      const [switched, deleted, again] = await Promise.all([game.switch(), game.remove(), game.switch()]);
      assert.equal(deleted.status, 204);
      for (const { status } of [switched, again]) assert.ok(status === 200 || status === 404, String(status));
      await unknown(game.get(), game.id);
      assert.equal((await viewer.farewell()).code, 1000);
      const updates = Array(taken([switched, again])).fill('STATE_UPDATE');
      assert.deepEqual(viewer.heardTypes(), ['CONNECTED', ...updates, 'SESSION_DELETED']);
    }
  });
});

describe('a crowd', { concurrency: 2 }, () => {
  const COMMANDS = { switch: 8, pause: 2, resume: 3, start: 1 };

  for (const seed of [1, 2, 3, 4]) {
    test(`that does everything at once moves the clock by one version per success, seed ${seed}`, async (t) => {
      const chance = new Chance(seed);
      const game = await open({ times: [60_000, 60_000, 60_000], increment_ms: 10 }, 'start');
      const before = await game.state();
      const viewers = await watch(t, server.sync, game.id, 3);
      const crowd = Array.from({ length: 6 }, async () => {
        const answers = [];
        for (let turn = 0; turn < 30; turn += 1) answers.push(await game.command(chance.weighed(COMMANDS)));
        return answers;
      });
      const answers = (await Promise.all(crowd)).flat();
      assert.ok(answers.every(({ status }) => [200, 400, 409].includes(status)), String(new Set(statuses(answers))));
      const state = await game.state();
      assert.equal(state.version, before.version + taken(answers));
      await assertSeen(viewers, before, state);
    });
  }
});

describe('somebody who joins', { concurrency: 2 }, () => {
  /** Asks for the state the moment the connection is open. */
  function join(t, base, id) {
    const viewer = new Viewer(base, id);
    t.after(() => viewer.socket.terminate());
    viewer.socket.once('open', () => viewer.send({ type: 'RECONNECT' }));
    return viewer;
  }

  test('right after a change is told its state first, and nothing that was before', async (t) => {
    const game = await open({}, 'start');
    for (let version = 3; version <= 60; version += 1) {
      await ok(game.switch());
      const viewer = join(t, server.sync, game.id);
      assert.equal((await viewer.next('STATE_SYNC')).state.version, version);
      assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_SYNC']);
      await viewer.close();
    }
  });

  test('right after a creation or a deletion is told so', async (t) => {
    for (let round = 0; round < 20; round += 1) {
      const game = await open();
      const early = join(t, server.sync, game.id);
      assert.equal((await early.next('STATE_SYNC')).state.version, 1);
      await game.remove();
      const late = join(t, server.sync, game.id);
      await late.next('ERROR');
      await early.farewell();
      await late.settle();
      assert.deepEqual([early.heardTypes(), late.heardTypes()], [['CONNECTED', 'STATE_SYNC', 'SESSION_DELETED'], ['CONNECTED', 'ERROR']]);
    }
  });

  test('in the midst of changes sees no state twice, none out of order and none that is outdated', async (t) => {
    const game = await open({}, 'complete');
    let known = 2;
    let isOver = false;
    /** A completion may be repeated and is answered with the version. */
    const actors = Array.from({ length: 3 }, async () => {
      while (!isOver) known = Math.max(known, (await ok(game.complete())).version);
    });
    const joined = [];
    for (let turn = 0; turn < 40; turn += 1) {
      const least = known;
      const viewer = join(t, server.sync, game.id);
      await viewer.next('STATE_SYNC');
      joined.push([viewer, least]);
    }
    isOver = true;
    await Promise.all(actors);
    const { version: last } = await game.state();
    for (const [viewer, least] of joined) {
      if (viewer.history.at(-1).state?.version !== last) await viewer.next('STATE_UPDATE', ({ state }) => state.version === last);
      assertCaughtUp(viewer, least, last);
    }
  });

  function assertCaughtUp(viewer, least, last) {
    const versions = viewer.history.filter(({ state }) => state).map(({ type, state }) => ({ type, version: state.version }));
    const updates = versions.filter(({ type }) => type === 'STATE_UPDATE').map(({ version }) => version);
    assert.ok(versions[0].version >= least, `${JSON.stringify(versions[0])} is older than ${least}`);
    assert.ok(versions.every(({ version }, index) => index === 0 || version >= versions[index - 1].version), JSON.stringify(versions));
    assert.deepEqual(updates, numbers(last - updates.length + 1, last));
  }
});

test('nobody hears of races in another session', async (t) => {
  const [game, other] = [await open({}, 'start'), await open({}, 'start')];
  const [viewer] = await watch(t, server.sync, other.id);
  await Promise.all(Array.from({ length: 10 }, () => game.switch()));
  await ask(server.sync, 'DELETE', game.path());
  await ok(other.switch());
  await viewer.version(3);
  assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
});
