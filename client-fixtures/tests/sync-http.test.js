import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { isString, match } from '../lib/match.js';
import { ask, aSession, Game, invalid, ok, refused, syncServer } from '../lib/sync.js';

const server = await syncServer();
const strict = await syncServer({ flags: ['--sync-cors-origin', 'https://clock.example'] });
after(() => Promise.all([server.close(), strict.close()]));

const MEBIBYTE = 1_048_576;
const ID = '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10';
const JSON_TYPE = { 'content-type': 'application/json' };
const MISSING = [
  ['session_id', 'Invalid input: expected string, received undefined', 'invalid_type'],
  ['sync_mode', 'Invalid sync mode. Must be one of: per_participant, per_cycle, per_group, global, count_up', 'invalid_value'],
  ['participants', 'Invalid input: expected array, received undefined', 'invalid_type'],
  ['total_time_ms', 'Invalid input: expected number, received undefined', 'invalid_type'],
];

const post = (path, body, headers = JSON_TYPE) => ask(server.sync, 'POST', path, { body, headers });
/** Without a content type of its own, which fetch would add to a text. */
const bytes = (text) => Buffer.from(text);

/** A creation, padded with blanks to exactly this many bytes. */
const padded = (session, length) => JSON.stringify(session).padEnd(length, ' ');

describe('a body', { concurrency: 4 }, () => {
  const broken = ['{', '}', '{"a":1', '{"a":1,}', "{'a':1}", 'hello', '[1', '{"a":NaN}', '{}{}', '{} x', '\u0000', '{"a":"\n"}'];
  const scalars = ['5', '-0.5', '"text"', 'true', 'false', 'null', ' null '];
  for (const text of [...broken, ...scalars]) {
    test(`of ${JSON.stringify(text)} is malformed, wherever it is sent`, async () => {
      const game = await Game.open(server.sync, {}, 'start');
      const paths = ['/v1/sessions', ...['start', 'switch', 'pause', 'resume', 'complete'].map((it) => game.path(`/${it}`))];
      for (const path of paths) await refused(post(path, text), 400, 'VALIDATION_ERROR', 'Malformed JSON body');
      await refused(post('/v1/sessions/x/switch', text), 400, 'VALIDATION_ERROR', 'Malformed JSON body');
      assert.equal((await game.state()).version, 2);
    });
  }

  test('that is nested too deeply to be read is refused, and the server lives', async () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(100_000), `{"metadata":${'['.repeat(9000)}${']'.repeat(9000)}}`]) {
      assert.equal((await post('/v1/sessions', text)).status, 400);
    }
    await ok(new Game(server.sync).create(), 201);
  });

  test('that is no UTF-8 is malformed', async () => {
    const body = Buffer.from('{"\xff":1}', 'latin1');
    await refused(post('/v1/sessions', body), 400, 'VALIDATION_ERROR', 'Malformed JSON body');
  });

  for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON; a=b']) {
    test(`of the type "${type}" is read`, async () => {
      await ok(post('/v1/sessions', JSON.stringify(aSession()), { 'content-type': type }), 201);
    });
  }

  const others = [
    'text/plain', 'text/json', 'application/vnd.api+json', 'application/x-www-form-urlencoded', 'application/jsonx', undefined,
  ];
  for (const type of others) {
    test(`of the type "${type}" counts as an empty object`, async () => {
      const headers = type === undefined ? {} : { 'content-type': type };
      await invalid(post('/v1/sessions', bytes(JSON.stringify(aSession())), headers), ...MISSING);
      const game = await Game.open(server.sync, {}, 'start');
      match(await ok(post(game.path('/switch'), bytes('{"next_participant_id":"x'), headers)), { active_participant_id: game.people[1] });
    });
  }

  test('that is empty counts as an empty object', async () => {
    await invalid(post('/v1/sessions', ''), ...MISSING);
    const game = await Game.open(server.sync, {}, 'start');
    await ok(post(game.path('/switch'), ''));
  });

  test('is ignored by the commands that need none', async () => {
    const game = await Game.open(server.sync);
    for (const command of ['start', 'pause', 'resume', 'complete']) {
      await ok(game.command(command, { version: 99, next_participant_id: 'x', session_id: 5 }));
    }
    assert.equal((await game.state()).version, 5);
    assert.equal((await ask(server.sync, 'DELETE', game.path(), { body: { reason: 'over' } })).status, 204);
  });

  test('of a switch may have unknown fields', async () => {
    const game = await Game.open(server.sync, { times: [5000, 5000, 5000] }, 'start');
    const body = { next_participant_id: game.people[2], current_participant_id: 'x', expected_version: 99 };
    match(await ok(game.switch(body)), { active_participant_id: game.people[2] });
  });

  for (const charset of ['iso-8859-1', 'windows-1252', 'nonsense']) {
    test(`in the charset ${charset} is refused with 415`, async () => {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      const { status, body } = await post('/v1/sessions', JSON.stringify(aSession()), headers);
      match({ status, body }, { status: 415, body: { error: { code: 'UNSUPPORTED_MEDIA_TYPE', message: isString } } });
    });
  }

  test('of exactly one mebibyte is read', async () => {
    await ok(post('/v1/sessions', padded(aSession(), MEBIBYTE)), 201);
  });

  test('of one byte more is refused with 413, and nothing is created', async () => {
    for (const body of [padded(aSession(), MEBIBYTE + 1), '['.padEnd(MEBIBYTE + 1)]) {
      await refused(post('/v1/sessions', body), 413, 'PAYLOAD_TOO_LARGE', 'Request body too large');
    }
    const session = aSession();
    await post('/v1/sessions', padded(session, MEBIBYTE + 1));
    assert.equal((await new Game(server.sync, session).get()).status, 404);
  });

  test('that grows too large without saying so in advance is refused with 413', async () => {
    const chunks = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent <= MEBIBYTE; sent += 65_536) controller.enqueue(Buffer.alloc(65_536, ' '));
        controller.close();
      },
    });
    const answer = await fetch(`${server.sync}/v1/sessions`, { method: 'POST', headers: JSON_TYPE, body: chunks, duplex: 'half' });
    assert.equal(answer.status, 413);
    match(await answer.json(), { error: { code: 'PAYLOAD_TOO_LARGE', message: 'Request body too large' } });
  });
});

describe('a path', { concurrency: 4 }, () => {
  test('may be written in any case and end in one slash', async () => {
    const game = new Game(server.sync);
    await ok(ask(server.sync, 'POST', '/V1/Sessions/', { body: game.session }), 201);
    await ok(ask(server.sync, 'GET', `/v1/SESSIONS/${game.id}/`));
    for (const command of ['START', 'Switch/', 'pause/', 'RESUME/', 'complete']) {
      await ok(ask(server.sync, 'POST', `/V1/sessions/${game.id}/${command}`));
    }
    assert.equal((await game.state()).version, 6);
    for (const path of ['/V1/TIME', '/v1/time/', '/HEALTH', '/health/', '/Ready', '/ready/', '/SYNC/Health', '/Sync/V1/Time/']) {
      assert.equal((await ask(server.sync, 'GET', path)).status, 200, path);
    }
    assert.equal((await ask(server.sync, 'DELETE', `/v1/Sessions/${game.id}/`)).status, 204);
  });

  test('may have a query, which is ignored', async () => {
    const game = await Game.open(server.sync);
    await ok(ask(server.sync, 'POST', game.path(`/start?sessionId=${ID}&x`)));
    await ok(ask(server.sync, 'GET', game.path('?%zz')));
    assert.equal((await ask(server.sync, 'GET', '/v1/time?x=1')).status, 200);
  });

  const UNKNOWN = [
    ['GET', '/'], ['GET', '/v1'], ['GET', '/v1/'], ['GET', '/v2/time'], ['GET', '/v1/sessions'], ['HEAD', '/v1/sessions'],
    ['PUT', '/v1/sessions'], ['PATCH', '/v1/sessions'], ['DELETE', '/v1/sessions'], ['POST', `/v1/sessions/${ID}`],
    ['PUT', `/v1/sessions/${ID}`], ['PATCH', `/v1/sessions/${ID}`], ['GET', `/v1/sessions/${ID}/start`],
    ['DELETE', `/v1/sessions/${ID}/start`], ['POST', `/v1/sessions/${ID}/cancel`], ['POST', '/v1/sessions/x/cancel'],
    ['POST', `/v1/sessions/${ID}/start/x`], ['GET', `/v1/sessions/${ID}//`], ['GET', '/v1//time'], ['POST', '/v1/time'],
    ['DELETE', '/v1/time'], ['POST', '/health'], ['POST', '/ready'], ['GET', '/healthz'], ['GET', '/ws'],
    ['GET', `/ws?sessionId=${ID}`], ['POST', '/ws'], ['GET', '/ws/sync'], ['GET', '/sync'], ['GET', '/sync/v1/sessions'],
    ['GET', '/%20'], ['GET', `/${'x'.repeat(2000)}`],
  ];
  for (const [method, path] of UNKNOWN) {
    test(`is unknown: ${method} ${path.slice(0, 80)}`, async () => {
      const answer = await ask(server.sync, method, path);
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      if (method !== 'HEAD') match(answer.body, { error: { code: 'NOT_FOUND', message: isString } });
    });
  }

  test('of this dialect is unknown in the same words at any other listener', async () => {
    for (const [method, path] of [['GET', '/v1/sessions'], ['PUT', `/v1/sessions/${ID}`], ['GET', '/sync/v1/x'], ['POST', '/v1/time']]) {
      match(await ask(server.url, method, path), { status: 404, body: { error: { code: 'NOT_FOUND', message: isString } } });
    }
  });

  test('that can be got is answered to HEAD in the same way without a body', async () => {
    const game = await Game.open(server.sync);
    const paths = [game.path(), `/v1/sessions/${randomUUID()}`, '/v1/sessions/x', '/v1/time', '/health', '/ready'];
    for (const path of paths) {
      const [head, get] = [await ask(server.sync, 'HEAD', path), await ask(server.sync, 'GET', path)];
      const traits = ({ status, headers }) => [status, headers.get('content-type'), headers.get('content-length')];
      assert.deepEqual([...traits(head), head.text], [...traits(get), ''], path);
    }
  });
});

const ANSWERS = [
  ['GET', '/health'], ['GET', '/ready'], ['GET', '/v1/time'], ['GET', '/nowhere'], ['GET', `/v1/sessions/${ID}`], ['GET', '/v1/sessions/x'],
  ['DELETE', `/v1/sessions/${ID}`], ['POST', '/v1/sessions', { body: '{', headers: JSON_TYPE }], ['POST', '/v1/sessions', { body: {} }],
  ['POST', '/v1/sessions', { body: ' '.repeat(MEBIBYTE + 1), headers: JSON_TYPE }], ['POST', `/v1/sessions/${ID}/switch`],
  ['POST', '/v1/sessions', { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } }],
  ['OPTIONS', '/v1/sessions'], ['OPTIONS', '/nowhere'], ['OPTIONS', '/health'], ['HEAD', '/v1/time'],
];

describe('a browser', { concurrency: 4 }, () => {
  test('of any origin may read every answer', async () => {
    for (const [method, path, more] of ANSWERS) {
      const { headers } = await ask(server.sync, method, path, more);
      const grants = ['origin', 'credentials'].map((it) => headers.get(`access-control-allow-${it}`));
      assert.deepEqual(grants, ['*', 'true'], `${method} ${path}`);
    }
  });

  test('of one origin alone may read every answer if the server says so', async () => {
    for (const [method, path, more] of ANSWERS) {
      const { headers } = await ask(strict.sync, method, path, more);
      const grants = ['origin', 'credentials'].map((it) => headers.get(`access-control-allow-${it}`));
      assert.deepEqual(grants, ['https://clock.example', 'true'], `${method} ${path}`);
      assert.match(headers.get('vary') ?? '', /\bOrigin\b/i, `${method} ${path}`);
    }
  });

  test('that says who it is does no harm', async () => {
    const game = await Game.open(server.sync);
    const headers = { authorization: 'Bearer nonsense', cookie: 'session=x', origin: 'null' };
    await ok(ask(server.sync, 'POST', game.path('/start'), { headers }));
    match(await ok(ask(server.sync, 'GET', game.path(), { headers })), { status: 'running', version: 2 });
  });

  test('may ask beforehand about any path', async () => {
    const asked = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'Authorization' };
    const headers = { origin: 'https://x.example', ...asked };
    for (const path of ['/', '/v1/sessions', '/v1/sessions/x', '/v1/time', '/health', '/nowhere', '/ws', '/sync/ready']) {
      const answer = await ask(server.sync, 'OPTIONS', path, { headers });
      assert.deepEqual({ status: answer.status, text: answer.text }, { status: 204, text: '' }, path);
      assert.equal(answer.headers.get('access-control-allow-methods'), 'GET,HEAD,PUT,PATCH,POST,DELETE', path);
      assert.equal(answer.headers.get('access-control-allow-headers'), 'Authorization', path);
    }
  });
});
