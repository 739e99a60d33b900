import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isString, isTimestamp, isUuid, match } from '../lib/match.js';
import { freePort } from '../lib/port.js';
import { startServer } from '../lib/server.js';
import { createSession, SignalClient } from '../lib/signal.js';
import { Room } from '../lib/signal-room.js';
import { SIGNAL_SETTINGS } from '../lib/signal-shapes.js';
import { until } from '../lib/wait.js';

const TOKEN = 'a-list-token';
const MAX_SESSIONS = 3;

const signalPort = await freePort();
const own = `http://127.0.0.1:${signalPort}`;
const server = await startServer({ flags: ['--listen', `127.0.0.1:${signalPort}=signal`], env: { POKER_DISCONNECT_GRACE_MS: '120000' } });
const open = await startServer({ flags: ['--signal-session-list', 'open'] });
const off = await startServer({ flags: ['--signal-session-list', 'off'] });
const guarded = await startServer({ flags: ['--signal-session-list-token', TOKEN] });
const small = await startServer({ env: { SIGNAL_MAX_SESSIONS: String(MAX_SESSIONS) } });
after(() => Promise.all([server, open, off, guarded, small].map((it) => it.close())));

const BASES = {
  'at the root of a listener of its own': own,
  'under /signal of a listener of its own': `${own}/signal`,
  'under /signal of any other listener': `${server.url}/signal`,
};

const SPRINT = { name: 'Sprint 1', facilitatorId: 'user_1790000000000_x8f2k1q9z', facilitatorName: 'Alice' };

async function ask(base, method, path, { headers = {}, body } = {}) {
  const answer = await fetch(base + path, { method, headers, body });
  const text = await answer.text();
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  if (text !== '') assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  return { status: answer.status, headers: answer.headers, text, body: text === '' ? undefined : JSON.parse(text) };
}

function create(base, session, headers = {}) {
  return ask(base, 'POST', '/sessions', { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(session) });
}

function refused(answer, status, ...texts) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(Object.keys(answer.body), ['error']);
  if (texts.length > 0) assert.ok(texts.includes(answer.body.error), answer.text);
  else assert.ok(isString(answer.body.error));
}

async function listed(base, id, headers) {
  const { status, body } = await ask(base, 'GET', '/sessions', { headers });
  assert.equal(status, 200);
  return body.find((session) => session.id === id);
}

for (const [where, base] of Object.entries(BASES)) {
  describe(where, { concurrency: 4 }, () => {
    test('the health is told', async () => {
      const { status, body } = await ask(base, 'GET', '/health');
      assert.equal(status, 200);
      match(body, { status: 'healthy', timestamp: isTimestamp });
      assert.deepEqual(Object.keys(body).sort(), ['status', 'timestamp']);
    });

    test('a session is made and handed out whole', async () => {
      const { status, body } = await create(base, SPRINT);
      assert.equal(status, 200);
      const { id, createdAt, lastActivity, ...rest } = body;
      assert.ok(isUuid(id) && isTimestamp(createdAt) && isTimestamp(lastActivity));
      assert.deepEqual(rest, {
        name: 'Sprint 1',
        facilitator: SPRINT.facilitatorId,
        votingSystem: 'simple',
        players: [{ id: SPRINT.facilitatorId, name: 'Alice', isOnline: true }],
        settings: SIGNAL_SETTINGS,
        history: [],
      });
      const again = await create(base, SPRINT);
      assert.notEqual(again.body.id, id);
    });

    test('the sessions are listed', async () => {
      const { body: { id } } = await create(base, SPRINT);
      const session = await listed(base, id);
      match(session, { id, name: 'Sprint 1', playerCount: 1, lastActivity: isTimestamp });
      assert.deepEqual(Object.keys(session).sort(), ['id', 'lastActivity', 'name', 'playerCount']);
    });

    test('a preflight is answered for every path, whether there is something or not', async () => {
      for (const path of ['/sessions', '/health', '/nowhere', '/sessions/7']) {
        const { status, headers, text } = await ask(base, 'OPTIONS', path, {
          headers: {
            origin: 'https://elsewhere.example',
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type,x-odd',
          },
        });
        assert.equal(status, 204);
        assert.equal(text, '');
        assert.equal(headers.get('access-control-allow-methods'), 'GET,HEAD,PUT,PATCH,POST,DELETE');
        assert.equal(headers.get('access-control-allow-headers'), 'content-type,x-odd');
        const varying = headers.get('vary').toLowerCase().split(/,\s*/);
        assert.ok(varying.includes('access-control-request-headers'), `${varying}`);
      }
    });

    test('anything else is not found', async () => {
      const { body: { id } } = await create(base, SPRINT);
      const requests = [
        ['GET', '/nowhere'], ['POST', '/nowhere'], ['POST', '/health'],
        ['PUT', '/sessions'], ['PATCH', '/sessions'], ['DELETE', '/sessions'],
        ['GET', `/sessions/${id}`], ['DELETE', `/sessions/${id}`], ['GET', '/sessions/'.padEnd(2000, 'x')], ['GET', '/healthy'],
      ];
      for (const [method, path] of requests) match(await ask(base, method, path), { status: 404, body: (body) => body instanceof Object });
    });

    test('a missing, empty or null field is told', async () => {
      const gaps = Object.keys(SPRINT).flatMap((field) => [undefined, null, ''].map((gap) => ({ ...SPRINT, [field]: gap })));
      for (const body of [{}, ...gaps]) refused(await create(base, body), 400, 'Missing required fields');
    });

    test('a body that is too large is refused', async () => {
      refused(await create(base, { ...SPRINT, name: 'x'.repeat(110 * 1024) }), 413);
    });
  });
}

test('a listener of its own takes WebSockets wherever others do', async (t) => {
  const { id } = await createSession(own, { path: '/sessions' });
  for (const path of ['/', '/signal', '/signal/', '/ws/signal']) {
    const client = await SignalClient.join(own, id, { path, userId: `user_at_${path}`, userName: path });
    t.after(() => client.close());
    match(client.session, { id });
  }
  match(await listed(own, id), { playerCount: 5 });
  match(await listed(`${server.url}/signal`, id), { playerCount: 5 });
});

describe('a session', { concurrency: 4 }, () => {
  const base = `${server.url}/signal`;

  test('may be asked for with other fields and any kind of JSON content type', async () => {
    const headers = { 'content-type': 'application/json; charset=UTF-8' };
    const { status, body } = await create(base, { ...SPRINT, votingSystem: 'fibonacci', players: 7 }, headers);
    assert.equal(status, 200);
    match(body, { votingSystem: 'simple', players: [{ name: 'Alice', isCurrentUser: absent }] });
  });

  test('has trimmed names, of fifty characters for people and a hundred for itself at most', async () => {
    const trimmed = await create(base, { ...SPRINT, name: '  Sprint 1\n', facilitatorName: '\tAlice  ' });
    match(trimmed.body, { name: 'Sprint 1', players: [{ name: 'Alice' }] });
    const cut = await create(base, { ...SPRINT, name: 'n'.repeat(99 * 1024), facilitatorName: 'a'.repeat(60) });
    match(cut, { status: 200, body: { name: 'n'.repeat(100), players: [{ name: 'a'.repeat(50) }] } });
    const wide = await create(base, { ...SPRINT, name: '界'.repeat(101), facilitatorName: '界'.repeat(51) });
    match(wide.body, { name: '界'.repeat(100), players: [{ name: '界'.repeat(50) }] });
  });

  test('is not made for blanks', async () => {
    for (const field of ['name', 'facilitatorName']) {
      refused(await create(base, { ...SPRINT, [field]: ' \t\n ' }), 400, 'Missing required fields');
    }
  });

  test('is not made for values of other types', async () => {
    for (const field of Object.keys(SPRINT)) {
      for (const value of [5, 0, true, false, {}, [], ['Alice'], { text: 'Alice' }]) {
        refused(await create(base, { ...SPRINT, [field]: value }), 400, 'Missing required fields', 'Invalid JSON');
      }
    }
  });

  const GARBAGE = [
    undefined, '', ' ', '{', 'null', '[]', '5', 'true', '"text"', '{"name":"Sprint"', 'name=Sprint', '\u0000',
    '['.repeat(50_000), '{"a":'.repeat(10_000),
  ];
  test('is not made for anything but a JSON object', async () => {
    for (const body of GARBAGE) {
      const answer = await ask(base, 'POST', '/sessions', { headers: { 'content-type': 'application/json' }, body });
      refused(answer, 400, 'Missing required fields', 'Invalid JSON');
    }
  });

  test('is not made for JSON that does not say that it is JSON', async () => {
    const bytes = Buffer.from(JSON.stringify(SPRINT));
    for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/x-www-form-urlencoded' }]) {
      refused(await ask(base, 'POST', '/sessions', { headers, body: bytes }), 400, 'Missing required fields', 'Invalid JSON');
    }
  });

  test('is listed with the players that are online and its last activity', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    const { playerCount, lastActivity } = await listed(base, room.sessionId);
    assert.equal(playerCount, 2);
    const tab = await room.tab(bob);
    match(await listed(base, room.sessionId), { playerCount: 2 });
    room.forget(tab).client.close();
    await room.lose(bob);
    match(await listed(base, room.sessionId), { playerCount: 1 });
    await alice.start();
    await until(async () => (await listed(base, room.sessionId)).lastActivity > lastActivity, 'the activity is listed');
    await alice.emit('SETTINGS_UPDATED', { settings: {}, name: 'Renamed' });
    match(await listed(base, room.sessionId), { name: 'Renamed' });
  });

  test('is not made beyond what the server holds', async () => {
    const crowded = `${small.url}/signal`;
    for (let number = 0; number < MAX_SESSIONS; number += 1) match(await create(crowded, SPRINT), { status: 200 });
    for (let number = 0; number < 2; number += 1) refused(await create(crowded, SPRINT), 503);
    match(await ask(crowded, 'GET', '/sessions'), { status: 200, body: { length: MAX_SESSIONS } });
  });
});

const WRONG_TOKENS = [undefined, 'Bearer wrong', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, 'Bearer ', TOKEN, `Basic ${TOKEN}`];
const FORWARDED = [
  { 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }, { 'x-real-ip': '127.0.0.1' }, { via: '1.1 proxy' },
];

describe('the list of sessions', { concurrency: 4 }, () => {
  test('is for the machine itself, and for nobody who comes through a proxy', async () => {
    match(await ask(server.url, 'GET', '/signal/sessions'), { status: 200 });
    for (const headers of FORWARDED) refused(await ask(server.url, 'GET', '/signal/sessions', { headers }), 403);
    refused(await ask(own, 'GET', '/sessions', { headers: FORWARDED[0] }), 403);
  });

  test('is for everybody if it is open', async () => {
    const { id } = await createSession(open.url);
    for (const headers of [{}, ...FORWARDED]) match(await listed(`${open.url}/signal`, id, headers), { playerCount: 1 });
  });

  test('is not there if it is off, while sessions can still be made', async () => {
    const { id } = await createSession(off.url);
    assert.ok(isUuid(id));
    for (const headers of [{}, ...FORWARDED]) refused(await ask(off.url, 'GET', '/signal/sessions', { headers }), 404);
  });

  test('with a token is for whoever has it, from anywhere', async () => {
    const { id } = await createSession(guarded.url);
    for (const headers of [{}, ...FORWARDED]) {
      const base = `${guarded.url}/signal`;
      match(await listed(base, id, { ...headers, authorization: `Bearer ${TOKEN}` }), { playerCount: 1 });
      for (const authorization of WRONG_TOKENS) {
        const rest = authorization === undefined ? headers : { ...headers, authorization };
        refused(await ask(base, 'GET', '/sessions', { headers: rest }), 401);
      }
    }
    refused(await ask(guarded.url, 'GET', `/signal/sessions?token=${TOKEN}`), 401);
  });

  test('tells no ids and names of people', async () => {
    await create(`${server.url}/signal`, { ...SPRINT, facilitatorId: 'user_unlisted', facilitatorName: 'Unlisted' });
    const { text } = await ask(server.url, 'GET', '/signal/sessions');
    assert.doesNotMatch(text, /unlisted/i);
  });
});
