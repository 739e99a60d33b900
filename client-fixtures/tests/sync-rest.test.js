import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { between, isTimestamp, match } from '../lib/match.js';
import { ask, aSession, Game, invalid, ok, refused, syncServer, unknown } from '../lib/sync.js';
import { assertState } from '../lib/sync-law.js';

const server = await syncServer();
after(() => server.close());

const BASES = {
  'the root of a listener of its own': server.sync,
  'the prefix /sync of a listener of its own': `${server.sync}/sync`,
  'the root of any other listener': server.url,
  'the prefix /sync of any other listener': `${server.url}/sync`,
};
const HEALTH = [server.sync, `${server.sync}/sync`, `${server.url}/sync`];
const COMMANDS = ['start', 'switch', 'pause', 'resume', 'complete'];

for (const [where, base] of Object.entries(BASES)) {
  describe(`at ${where}`, { concurrency: 4 }, () => {
    test('every command is answered with the state that GET answers afterwards', async () => {
      const game = new Game(base);
      assert.deepEqual(await ok(game.create(), 201), await game.state());
      for (const command of ['start', 'pause', 'resume', 'complete', 'complete']) {
        assert.deepEqual(await ok(game[command]()), await game.state());
      }
      assert.equal((await game.state()).version, 6);
    });

    test('a switch is answered with exactly its result', async () => {
      const game = await Game.open(base, {}, 'start');
      const result = await ok(game.switch());
      const { session_id, active_participant_id, cycle_started_at, participants, status } = await game.state();
      assert.deepEqual(result, { session_id, active_participant_id, cycle_started_at, participants, status });
      assert.equal(active_participant_id, game.people[1]);
    });

    test('a deletion is answered with nothing, and once more', async () => {
      const game = await Game.open(base, {}, 'start');
      for (let turn = 0; turn < 2; turn += 1) {
        const { status, text } = await game.remove();
        assert.deepEqual({ status, text }, { status: 204, text: '' });
        await unknown(game.get(), game.id);
      }
    });

    test('the time is the wall clock', async () => {
      const sent = Date.now();
      const { status, body } = await ask(base, 'GET', '/v1/time');
      const answered = Date.now();
      assert.deepEqual({ status, body }, {
        status: 200, body: { timestamp_ms: body.timestamp_ms, server_version: '2.0.0', drift_tolerance_ms: 50 },
      });
      match(body.timestamp_ms, between(sent, answered));
    });

    test('a session that is unknown is not found, whatever is wrong besides', async () => {
      const game = new Game(base);
      await unknown(game.get(), game.id);
      for (const command of COMMANDS) await unknown(game.command(command), game.id);
      await unknown(game.switch({ next_participant_id: randomUUID() }), game.id);
    });

    test('the preflight of a browser is granted', async () => {
      const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-more' };
      const headers = { origin: 'https://elsewhere.example', ...asked };
      const answer = await ask(base, 'OPTIONS', '/v1/sessions', { headers });
      assert.deepEqual({ status: answer.status, text: answer.text }, { status: 204, text: '' });
      assertOpen(answer);
      assert.equal(answer.headers.get('access-control-allow-methods'), 'GET,HEAD,PUT,PATCH,POST,DELETE');
      assert.equal(answer.headers.get('access-control-allow-headers'), 'content-type,x-more');
      assert.match(answer.headers.get('vary'), /\bAccess-Control-Request-Headers\b/i);
    });
  });
}

function assertOpen({ headers }) {
  assert.equal(headers.get('access-control-allow-origin'), '*');
  assert.equal(headers.get('access-control-allow-credentials'), 'true');
}

for (const base of HEALTH) {
  test(`health and readiness are told under ${new URL(base).pathname}`, async () => {
    for (const [path, status] of [['/health', 'ok'], ['/ready', 'ready']]) {
      const answer = await ask(base, 'GET', path);
      assert.deepEqual({ status: answer.status, body: answer.body }, { status: 200, body: { status } });
      assertOpen(answer);
    }
  });
}

describe('a session that is created', { concurrency: 4 }, () => {
  test('has every field of a fresh one and none besides', async () => {
    const session = aSession({ times: [180_000, 120_000], increment_ms: 2000 });
    const sent = new Date().toISOString();
    const state = await ok(new Game(server.sync, session).create(), 201);
    assert.ok(isTimestamp(state.created_at) && sent <= state.created_at && state.created_at <= new Date().toISOString());
    assert.deepEqual(state, {
      session_id: session.session_id, sync_mode: 'per_participant', status: 'pending', version: 1,
      participants: session.participants.map(({ participant_id, participant_index, total_time_ms }) => ({
        participant_id, participant_index, total_time_ms, time_used_ms: 0, time_remaining_ms: total_time_ms, cycle_count: 0,
        is_active: false, has_expired: false,
      })),
      active_participant_id: null, total_time_ms: 360_000, time_per_cycle_ms: null, cycle_started_at: null, session_started_at: null,
      session_completed_at: null, increment_ms: 2000, created_at: state.created_at, updated_at: state.created_at,
    });
  });

  test('keeps the optional fields that were given, also while it is played', async () => {
    const session = aSession({ time_per_cycle_ms: 30_000, max_time_ms: 400_000 });
    session.participants[1].group_id = randomUUID();
    const game = new Game(server.sync, session);
    await ok(game.create(), 201);
    for (const command of COMMANDS) {
      const state = await game.state();
      match(state, { time_per_cycle_ms: 30_000, max_time_ms: 400_000, increment_ms: 0 });
      assert.deepEqual(state.participants.map(({ group_id: id }) => id), [undefined, session.participants[1].group_id]);
      await ok(game.command(command));
    }
  });

  test('has neither the metadata nor unknown fields', async () => {
    const session = aSession({
      metadata: { colour: 'red' }, auto_advance: true, action_on_timeout: 'skip', version: 7, status: 'running', groups: [],
      active_participant_id: randomUUID(), created_at: '2020-01-01T00:00:00.000Z',
    });
    Object.assign(session.participants[0], { name: 'Ann', time_used_ms: 500, is_active: true, cycle_count: 3, has_expired: true });
    const state = await ok(new Game(server.sync, session).create(), 201);
    assertState(state);
    match(state, { version: 1, status: 'pending', active_participant_id: null, participants: [{ time_used_ms: 0, cycle_count: 0 }, {}] });
    assert.notEqual(state.created_at, session.created_at);
  });
});

/** What each status makes of each command: `true` or the words of the refusal. */
const TRANSITIONS = {
  pending: { start: true, switch: 'not running', pause: 'cannot be paused', resume: 'cannot be resumed', complete: true },
  running: { start: 'cannot be started', switch: true, pause: true, resume: 'cannot be resumed', complete: true },
  paused: { start: 'cannot be started', switch: 'not running', pause: 'cannot be paused', resume: true, complete: true },
  completed: {
    start: 'cannot be started', switch: 'not running', pause: 'cannot be paused', resume: 'cannot be resumed', complete: true,
  },
};
const WAYS = { pending: [], running: ['start'], paused: ['start', 'pause'], completed: ['start', 'complete'] };
const LEADS_TO = { start: 'running', switch: 'running', pause: 'paused', resume: 'running', complete: 'completed' };

for (const [status, row] of Object.entries(TRANSITIONS)) {
  describe(`a session that is ${status}`, { concurrency: 4 }, () => {
    for (const [command, outcome] of Object.entries(row)) {
      test(`${outcome === true ? 'takes' : 'refuses'} the command ${command}`, async () => {
        const game = await Game.open(server.sync, {}, ...WAYS[status]);
        const before = await game.state();
        if (outcome === true) {
          await ok(game.command(command));
          match(await game.state(), { status: LEADS_TO[command], version: before.version + 1 });
          return;
        }
        const message = `Session ${game.id} ${outcome} (current status: ${status})`;
        await refused(game.command(command), 400, 'INVALID_STATE_TRANSITION', message);
        assert.deepEqual(await game.state(), before);
      });
    }

    test('can be deleted and created anew', async () => {
      const game = await Game.open(server.sync, {}, ...WAYS[status]);
      match(await ok(game.create(), 201), { status: 'pending', version: 1 });
      await game.remove();
      await unknown(game.get(), game.id);
      match(await ok(game.create(), 201), { status: 'pending', version: 1 });
    });
  });
}

describe('a switch', { concurrency: 4 }, () => {
  test('to somebody who is not there is refused and stores nothing', async () => {
    const game = await Game.open(server.sync, {}, 'start');
    const before = await game.state();
    const stranger = randomUUID();
    const answer = game.switch({ next_participant_id: stranger });
    await refused(answer, 400, 'VALIDATION_ERROR', `Participant ${stranger} not found in session`);
    assert.deepEqual(await game.state(), before);
  });

  test('compares participants with their case', async () => {
    const lower = 'c4d0a6de-9a1b-4f4e-8c55-5b0e2f0d7a01';
    const session = aSession();
    session.participants[0].participant_id = lower;
    const game = new Game(server.sync, session);
    await ok(game.create(), 201);
    await ok(game.start());
    const upper = lower.toUpperCase();
    await refused(game.switch({ next_participant_id: upper }), 400, 'VALIDATION_ERROR', `Participant ${upper} not found in session`);
    match(await ok(game.switch({ next_participant_id: lower })), { active_participant_id: lower });
  });

  test('of a session that does not run is refused for that, whoever is to be next', async () => {
    const game = await Game.open(server.sync, {}, 'start', 'pause');
    const message = `Session ${game.id} not running (current status: paused)`;
    await refused(game.switch({ next_participant_id: randomUUID() }), 400, 'INVALID_STATE_TRANSITION', message);
  });

  test('with a malformed participant is refused before anything else is looked at', async () => {
    const problem = ['next_participant_id', 'Next participant ID must be a valid UUID', 'invalid_format'];
    await invalid(new Game(server.sync).switch({ next_participant_id: 'x' }), problem);
    await invalid((await Game.open(server.sync)).switch({ next_participant_id: 'x' }), problem);
  });
});

describe('the id in a path', { concurrency: 4 }, () => {
  const MALFORMED = [
    'x', 'test-session-1', 'null', '7b1c9a52-3f0e-0a77-9d55-0c6a8e2f4b10', '7b1c9a52-3f0e-9a77-9d55-0c6a8e2f4b10',
    '7b1c9a52-3f0e-4a77-7d55-0c6a8e2f4b10', '7b1c9a52-3f0e-4a77-cd55-0c6a8e2f4b10', '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b1',
    '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b100', '7b1c9a523f0e4a779d550c6a8e2f4b10', 'g%20b', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '%F0%9F%99%8F', '%00', 'x'.repeat(4000),
  ];
  for (const id of MALFORMED) {
    test(`may not be "${id.slice(0, 60)}"`, async () => {
      const requests = [['GET', ''], ['DELETE', ''], ...COMMANDS.map((command) => ['POST', `/${command}`])];
      for (const [method, rest] of requests) {
        const { status, body } = await ask(server.sync, method, `/v1/sessions/${id}${rest}`);
        match({ status, ...body.error }, { status: 400, code: 'VALIDATION_ERROR', message: 'Request validation failed' });
        match(body.error.details, [{ field: 'id', code: 'invalid_format', message: (it) => typeof it === 'string' && it !== '' }]);
      }
    });
  }

  const WELL_FORMED = [
    '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '7B1C9A52-3F0E-4A77-BD55-0C6A8E2F4B10',
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((digit) => `7b1c9a52-3f0e-${digit}a77-9d55-0c6a8e2f4b10`),
    ...['8', 'a', 'b', 'A', 'B'].map((digit) => `7b1c9a52-3f0e-4a77-${digit}d55-0c6a8e2f4b10`),
  ];
  for (const id of WELL_FORMED) {
    test(`may be ${id}, also in a body`, async () => {
      await unknown(ask(server.sync, 'GET', `/v1/sessions/${id}`), id);
      const game = new Game(server.sync, aSession({ session_id: id }));
      game.session.participants[0] = { participant_id: id, participant_index: 0, total_time_ms: 1000, group_id: id };
      match(await ok(game.create(), 201), { session_id: id, participants: [{ participant_id: id, group_id: id }, {}] });
      await ok(game.start());
      match(await ok(game.switch({ next_participant_id: id })), { active_participant_id: id });
      await game.remove();
    });
  }

  test('is compared with its case', async () => {
    const game = await Game.open(server.sync);
    await unknown(ask(server.sync, 'GET', `/v1/sessions/${game.id.toUpperCase()}`), game.id.toUpperCase());
  });

  test('may be percent-encoded, but not badly', async () => {
    const game = await Game.open(server.sync);
    const encoded = game.id.replaceAll('-', '%2d');
    assert.equal((await ok(ask(server.sync, 'GET', `/v1/sessions/${encoded}`))).session_id, game.id);
    for (const bad of ['%', '%zz', '%f', '%ff', '%c3%28', `${game.id}%`]) {
      const { status, headers, body } = await ask(server.sync, 'GET', `/v1/sessions/${bad}`);
      assert.deepEqual({ status, type: headers.get('content-type') }, { status: 400, type: 'application/json; charset=utf-8' });
      match(body, { error: { code: (it) => typeof it === 'string', message: (it) => typeof it === 'string' } });
    }
  });
});
