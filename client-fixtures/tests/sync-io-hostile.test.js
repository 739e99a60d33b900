import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { isString, match } from '../lib/match.js';
import { aSession, Game, ok, syncServer } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { watcher } from '../lib/sync-io.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const EVENTS = ['join', 'leave', 'get', 'create', 'start', 'switch', 'pause', 'resume', 'complete', 'delete'].map((verb) => `sync:${verb}`);
/** Just below the message limit of 1,000,000 bytes, so that it reaches the handlers. */
const HUGE = 'x'.repeat(990_000);
const deep = (depth) => (depth === 0 ? {} : { a: deep(depth - 1) });

/** What is sent instead of one object: lists of arguments, none of which has an object first. */
const NO_OBJECTS = {
  nothing: [], null: [null], 'a text': ['text'], 'an empty text': [''], 'a number': [7], 'a truth': [true], 'an empty list': [[]],
  'a list of objects': [[{ sessionId: '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10' }]], 'a huge text': [HUGE],
  'null before an object': [null, { sessionId: '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10' }],
};

/** A running session that must stay as it is, somebody hostile in it, and somebody in it who must hear nothing of that. */
async function scene(t, how) {
  const game = await Game.open(server.sync, {}, 'start');
  const witness = await watcher(t, server.sync, { join: [game.id] });
  const [viewer] = await watch(t, server.sync, game.id);
  const hostile = await watcher(t, server.sync, { ...how, join: [game.id] });
  for (const each of [hostile, witness]) each.mark();
  return { game, witness, viewer, hostile };
}

/** The connection lives on, and nobody has heard of anything but the next switch. */
async function assertUnharmed({ game, witness, viewer, hostile }) {
  assert.equal((await game.state()).version, 2);
  const { version } = await hostile.act('switch', { sessionId: game.id });
  assert.equal(version, 3);
  for (const each of [hostile, witness]) assert.deepEqual(await each.update(game.id), await game.state());
  assert.equal((await viewer.update()).version, 3);
  assert.deepEqual(witness.heard().map(({ event }) => event), ['sync:state']);
  assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  assert.equal(hostile.connected, true);
  assert.equal(hostile.history.some(({ event }) => event === 'disconnect'), false);
}

const errors = (client) => client.heard().filter(({ event }) => event === 'sync:error').map(({ args }) => args[0]);

describe('instead of an object', { concurrency: 4 }, () => {
  for (const [what, args] of Object.entries(NO_OBJECTS)) {
    test(`${what} is refused whatever the event, and the connection lives on`, async (t) => {
      const people = await scene(t);
      const { hostile } = people;
      for (const event of EVENTS) {
        match(await hostile.ask(event, ...args), { ok: false, code: 'VALIDATION_ERROR', error: isString }, event);
        hostile.emit(event, ...args);
      }
      await hostile.settle();
      assert.deepEqual(errors(hostile).map(({ event, code }) => [event, code]), EVENTS.map((event) => [event, 'VALIDATION_ERROR']));
      await assertUnharmed(people);
    });
  }

  for (const version of VERSIONS) {
    test(`nothing of that harms with ${version} over polling`, async (t) => {
      const people = await scene(t, { version, mode: 'polling' });
      const lists = Object.values(NO_OBJECTS).filter((args) => args[0] !== HUGE);
      for (const args of lists) for (const event of EVENTS) people.hostile.emit(event, ...args);
      await people.hostile.settle();
      assert.equal(errors(people.hostile).length, lists.length * EVENTS.length);
      await assertUnharmed(people);
    });
  }

  test('the time is told or an object is asked for', async (t) => {
    const people = await scene(t);
    for (const args of Object.values(NO_OBJECTS)) {
      const answer = await people.hostile.ask('sync:time', ...args);
      if (answer.ok) await accepted('sync:time', answer);
      else match(answer, { ok: false, code: 'VALIDATION_ERROR', error: isString });
    }
    await assertUnharmed(people);
  });
});

describe('a payload', { concurrency: 4 }, () => {
  test('with huge texts is refused, and the connection lives on', async (t) => {
    const people = await scene(t);
    const { hostile, game } = people;
    for (const event of EVENTS) {
      const name = event === 'sync:create' ? 'session_id' : 'sessionId';
      match(await hostile.ask(event, { [name]: HUGE }), { ok: false, code: 'VALIDATION_ERROR' }, event);
    }
    match(await hostile.ask('sync:switch', { sessionId: game.id, nextParticipantId: HUGE }), { ok: false, code: 'VALIDATION_ERROR' });
    match(await hostile.ask('sync:create', aSession({ sync_mode: HUGE })), { ok: false, code: 'VALIDATION_ERROR' });
    await assertUnharmed(people);
  });

  test('with huge fields that nobody knows is taken', async (t) => {
    const { hostile, game } = await scene(t);
    await accepted('sync:switch', hostile.ask('sync:switch', { sessionId: game.id, note: HUGE }));
    await accepted('sync:create', hostile.ask('sync:create', aSession({ metadata: { note: HUGE } })));
  });

  test('that is nested deeply harms nobody', async (t) => {
    const people = await scene(t);
    for (const event of EVENTS) {
      people.hostile.emit(event, deep(100));
      people.hostile.emit(event, { sessionId: deep(100) });
    }
    await people.hostile.settle();
    assert.equal(errors(people.hostile).length, 2 * EVENTS.length);
    await assertUnharmed(people);
  });

  test('with the names of every prototype is refused like any other', async (t) => {
    const people = await scene(t);
    const strange = JSON.parse('{"__proto__":{"sessionId":"x"},"constructor":{},"toString":"x","hasOwnProperty":1}');
    for (const event of EVENTS) match(await people.hostile.ask(event, strange), { ok: false, code: 'VALIDATION_ERROR' }, event);
    await assertUnharmed(people);
  });

  test('is the first argument, and others are no matter', async (t) => {
    const people = await scene(t);
    const { hostile, game } = people;
    for (const more of [[1], [null, 'x', {}], [{ sessionId: randomUUID() }], [[[[]]], HUGE]]) {
      const { state } = await accepted('sync:get', hostile.ask('sync:get', { sessionId: game.id }, ...more));
      assert.equal(state.session_id, game.id);
      hostile.emit('sync:join', { sessionId: game.id }, ...more);
      await hostile.settle();
    }
    assert.deepEqual(errors(hostile), []);
    await assertUnharmed(people);
  });
});

describe('an event', { concurrency: 4 }, () => {
  const UNKNOWN = [
    'sync:fly', 'sync:', 'sync', 'sync:START', 'sync:start ', 'Sync:start', 'sync:joined', 'sync:state', 'sync:deleted', 'sync:message',
    'sync:error', 'rate:limit', 'start', 'heartbeat', 'vote:submit', 'session:join', 'message', 'join', '', '🙏', 'x'.repeat(10_000),
  ];
  for (const version of VERSIONS) {
    test(`that nobody knows changes nothing and reaches nobody with ${version}`, async (t) => {
      const people = await scene(t, { version });
      const { hostile, game } = people;
      for (const event of UNKNOWN) {
        hostile.emit(event, { sessionId: game.id });
        hostile.emit(event);
        match(await hostile.ask(event, { sessionId: game.id, state: {} }), { ok: false, code: isString, error: isString }, event);
      }
      assert.deepEqual(hostile.heard().filter(({ event }) => event !== 'sync:error'), []);
      await assertUnharmed(people);
    });
  }

  test('with bytes in it is refused, and the connection lives on', async (t) => {
    const people = await scene(t);
    for (const event of EVENTS) {
      people.hostile.emit(event, Buffer.from('bytes'));
      people.hostile.emit(event, { sessionId: Buffer.from(people.game.id) });
    }
    await people.hostile.settle();
    assert.deepEqual(new Set(errors(people.hostile).map(({ code }) => code)), new Set(['VALIDATION_ERROR']));
    await assertUnharmed(people);
  });

  test('in a crowd of thousands is treated in its turn', async (t) => {
    const people = await scene(t);
    const { hostile, game } = people;
    const total = 5000;
    for (let turn = 0; turn < total; turn += 1) hostile.emit('sync:start', { sessionId: game.id });
    await hostile.settle();
    assert.equal(errors(hostile).length, total);
    await assertUnharmed(people);
  });
});

test('hostile people slow nobody else', async (t) => {
  const people = await scene(t);
  const crowd = await Promise.all(Array.from({ length: 8 }, () => watcher(t, server.sync)));
  for (const each of crowd) for (let turn = 0; turn < 300; turn += 1) each.emit(EVENTS[turn % EVENTS.length], { sessionId: 'x' });
  const other = await Game.open(server.sync, {}, 'start');
  await people.witness.join(other.id);
  await ok(other.switch());
  await people.witness.update(other.id);
  for (const each of crowd) {
    await each.settle();
    assert.equal(errors(each).length, 300);
  }
  people.witness.mark();
  await assertUnharmed(people);
});
