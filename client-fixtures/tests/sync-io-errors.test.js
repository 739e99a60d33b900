import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { ask, aSession, Game, syncServer } from '../lib/sync.js';
import { declined } from '../lib/sync-io-law.js';
import { dealt, watcher } from '../lib/sync-io.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const BY_ID = ['join', 'leave', 'get', 'start', 'switch', 'pause', 'resume', 'complete', 'delete'];
const OF_EXISTING = ['get', 'start', 'switch', 'pause', 'resume', 'complete'];
const ID = '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10';
const KINDS = [[null, 'null'], [5, 'number'], [true, 'boolean'], [[ID], 'array'], [{ id: ID }, 'object']];

/**
 * With an acknowledgement the refusal is the ack and nothing else, without one it is one `sync:error`. Both have the code,
 * the message and the details that REST has.
 */
async function refuses(hand, event, payload, { code, error, details }) {
  const more = details === undefined ? {} : { details };
  hand.mark();
  await declined(hand.ask(event, payload), code, error, more);
  hand.emit(event, payload);
  assert.deepEqual(await hand.next('sync:error'), { event, error, code, ...more });
  await hand.settle();
  assert.deepEqual(hand.heard().map((entry) => entry.event), ['sync:error']);
}

const invalid = (...problems) => ({
  code: 'VALIDATION_ERROR', error: 'Request validation failed',
  details: problems.map(([field, message, code]) => ({ field, message, code })),
});
const unknown = (id) => ({ code: 'SESSION_NOT_FOUND', error: `Session ${id} not found` });

/** What each status refuses, and in which words. */
const TRANSITIONS = {
  pending: { switch: 'not running', pause: 'cannot be paused', resume: 'cannot be resumed' },
  running: { start: 'cannot be started', resume: 'cannot be resumed' },
  paused: { start: 'cannot be started', switch: 'not running', pause: 'cannot be paused' },
  completed: { start: 'cannot be started', switch: 'not running', pause: 'cannot be paused', resume: 'cannot be resumed' },
};
const WAYS = { pending: [], running: ['start'], paused: ['start', 'pause'], completed: ['start', 'complete'] };

for (const [status, row] of Object.entries(TRANSITIONS)) {
  test(`a session that is ${status} refuses ${Object.keys(row).join(', ')}, stores and shows nothing`, async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {}, ...WAYS[status]);
    const before = await game.state();
    const [viewer] = await watch(t, server.sync, game.id);
    const witness = await watcher(t, server.sync, { join: [game.id] });
    for (const [verb, words] of Object.entries(row)) {
      const error = `Session ${game.id} ${words} (current status: ${status})`;
      await refuses(game.hand, `sync:${verb}`, { sessionId: game.id }, { code: 'INVALID_STATE_TRANSITION', error });
    }
    assert.deepEqual(await game.state(), before);
    await game.complete();
    assert.equal((await viewer.update()).version, before.version + 1);
    assert.equal((await witness.update(game.id)).version, before.version + 1);
    assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  });
}

describe('a session that is unknown', { concurrency: 4 }, () => {
  for (const verb of OF_EXISTING) {
    test(`is not found by sync:${verb}`, async (t) => {
      const hand = await watcher(t, server.sync);
      const deleted = await Game.open(server.sync, {}, 'start');
      await deleted.remove();
      for (const id of [randomUUID(), ID.toUpperCase(), deleted.id]) await refuses(hand, `sync:${verb}`, { sessionId: id }, unknown(id));
    });
  }

  test('is not found before anybody asks who is next and which version', async (t) => {
    const id = randomUUID();
    const payload = { sessionId: id, nextParticipantId: randomUUID(), expectedVersion: 7 };
    await refuses(await watcher(t, server.sync), 'sync:switch', payload, unknown(id));
  });
});

describe('a session id', { concurrency: 4 }, () => {
  const MALFORMED = [
    '', ' ', 'x', 'test-session-1', 'null', `${ID} `, `${ID}0`, ID.slice(1), `{${ID}}`, ID.replaceAll('-', ''), ID.replace('7', 'g'),
    `urn:uuid:${ID}`, `${ID}\n`, '🙏', '\u0000', 'x'.repeat(4000),
  ];
  for (const verb of BY_ID) {
    test(`of sync:${verb} must have the shape of a UUID`, async (t) => {
      const hand = await watcher(t, server.sync);
      const refusal = invalid(['sessionId', 'Session ID must be a valid UUID', 'invalid_format']);
      for (const sessionId of MALFORMED) await refuses(hand, `sync:${verb}`, { sessionId }, refusal);
    });

    test(`of sync:${verb} must be there and a text`, async (t) => {
      const hand = await watcher(t, server.sync);
      const wrong = (kind) => invalid(['sessionId', `Invalid input: expected string, received ${kind}`, 'invalid_type']);
      for (const payload of [{}, { session_id: ID }, { id: ID }, { SessionId: ID }]) await refuses(hand, `sync:${verb}`, payload, wrong('undefined'));
      for (const [sessionId, kind] of KINDS) await refuses(hand, `sync:${verb}`, { sessionId }, wrong(kind));
    });
  }
});

describe('a switch', { concurrency: 4 }, () => {
  const open = async (t) => dealt(server.sync, await watcher(t, server.sync), {}, 'start');

  async function refusesAll(t, field, values, refusal) {
    const game = await open(t);
    const before = await game.state();
    for (const [value, ...rest] of values) {
      await refuses(game.hand, 'sync:switch', { sessionId: game.id, [field]: value }, refusal(...rest));
    }
    assert.deepEqual(await game.state(), before);
  }

  test('to a participant without the shape of a UUID is refused', (t) => {
    const refusal = () => invalid(['nextParticipantId', 'Next participant ID must be a valid UUID', 'invalid_format']);
    return refusesAll(t, 'nextParticipantId', [[''], ['x'], [`${ID}0`], ['x'.repeat(4000)]], refusal);
  });

  test('to a participant that is no text is refused', (t) => {
    const refusal = (kind) => invalid(['nextParticipantId', `Invalid input: expected string, received ${kind}`, 'invalid_type']);
    return refusesAll(t, 'nextParticipantId', KINDS, refusal);
  });

  test('to a participant who is not in the session is refused', async (t) => {
    const game = await open(t);
    const error = `Participant ${ID} not found in session`;
    await refuses(game.hand, 'sync:switch', { sessionId: game.id, nextParticipantId: ID }, { code: 'VALIDATION_ERROR', error });
    assert.equal((await game.state()).version, 2);
  });

  test('with a version that is no number is refused', (t) => {
    const kinds = [[null, 'null'], ['2', 'string'], [true, 'boolean'], [[2], 'array'], [{}, 'object']];
    const refusal = (kind) => invalid(['expectedVersion', `Invalid input: expected number, received ${kind}`, 'invalid_type']);
    return refusesAll(t, 'expectedVersion', kinds, refusal);
  });

  test('with a version that is no integer is refused', async (t) => {
    const game = await open(t);
    const answers = [2.5, 1e-7, 1e300].map((expectedVersion) => game.switch({ expectedVersion }));
    for (const { ok, code, details } of await Promise.all(answers)) {
      assert.deepEqual({ ok, code, field: details[0].field }, { ok: false, code: 'VALIDATION_ERROR', field: 'expectedVersion' });
    }
    assert.equal((await game.state()).version, 2);
  });

  test('with another version than the stored one is refused with both', async (t) => {
    const game = await open(t);
    const refusal = {
      code: 'CONFLICT', error: 'Concurrent modification detected, please retry', details: { expected_version: 7, actual_version: 2 },
    };
    await refuses(game.hand, 'sync:switch', { sessionId: game.id, expectedVersion: 7 }, refusal);
  });
});

describe('a creation', { concurrency: 4 }, () => {
  const { participants, ...rest } = aSession();
  const [first, second] = participants;
  const REFUSED = {
    'with nothing': {},
    'without participants': { ...rest, participants: [] },
    'with too many participants': aSession({ times: Array(1001).fill(1000) }),
    'with one participant twice': { ...rest, participants: [first, second, first] },
    'with participants that are none': { ...rest, participants: [null, 5, 'x', [], first] },
    'with a participant who is wrong in everything': {
      ...rest, participants: [{ participant_id: 'x', participant_index: -1, total_time_ms: 999, group_id: 5 }, {}],
    },
    'with a malformed id': aSession({ session_id: 'x' }),
    'with an unknown mode': aSession({ sync_mode: 'blitz' }),
    'with too little time': aSession({ total_time_ms: 999 }),
    'with too much time': aSession({ total_time_ms: 86_400_001, increment_ms: 60_001, max_time_ms: 86_400_001 }),
    'with fractions': aSession({ total_time_ms: 1000.5, time_per_cycle_ms: 1000.5, increment_ms: 0.5 }),
    'with nulls': aSession({ time_per_cycle_ms: null, increment_ms: null, max_time_ms: null, metadata: null }),
    'with texts for numbers': aSession({ total_time_ms: '360000', increment_ms: '5' }),
    'with a list of metadata': aSession({ metadata: [] }),
    'with the names of Socket.IO': { sessionId: ID, syncMode: 'global', totalTimeMs: 5000, participants },
  };
  for (const [how, session] of Object.entries(REFUSED)) {
    test(`${how} is refused as REST refuses it`, async (t) => {
      const { status, body } = await ask(server.sync, 'POST', '/v1/sessions', { body: session });
      assert.equal(status, 400);
      const { code, message: error, details } = body.error;
      await refuses(await watcher(t, server.sync), 'sync:create', session, { code, error, details });
      assert.notEqual((await ask(server.sync, 'GET', `/v1/sessions/${session.session_id}`)).status, 200);
    });
  }

  test('that is refused leaves the session that exists as it is', async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
    const before = await game.state();
    const error = `Duplicate participant_id: ${first.participant_id}`;
    await refuses(game.hand, 'sync:create', { ...game.session, participants: [first, first] }, { code: 'VALIDATION_ERROR', error });
    assert.deepEqual(await game.state(), before);
  });
});
