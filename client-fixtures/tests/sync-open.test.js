import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { Game, syncServer } from '../lib/sync.js';
import { Peer } from '../lib/sync-raw.js';
import { Viewer, watch } from '../lib/sync-viewer.js';
import { within } from '../lib/wait.js';

const server = await syncServer();
after(() => server.close());

const MISSING = { code: 1008, reason: 'Missing sessionId parameter' };
const MALFORMED = { code: 1008, reason: 'Invalid sessionId format' };
const BROKEN = { code: 1011, reason: 'Internal server error' };
const ID = '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10';

/** The handshake succeeds, and then the connection is closed without a frame. */
async function closesWith(base, path, farewell, how = {}) {
  const viewer = new Viewer(base, undefined, { path, ...how });
  await within(viewer.opened, `${path} is upgraded`);
  assert.deepEqual(await viewer.farewell(), farewell, path);
  assert.deepEqual(viewer.history, [], path);
}

const PATHS = {
  'the root of a listener of its own': [server.sync, '/ws'],
  'the alias of a listener of its own': [server.sync, '/ws/sync'],
  'the root of any other listener': [server.url, '/ws'],
  'the alias of any other listener': [server.url, '/ws/sync'],
};

for (const [where, [base, path]] of Object.entries(PATHS)) {
  describe(`an upgrade at ${where}`, { concurrency: 4 }, () => {
    test('is greeted with CONNECTED alone, whether the session exists or not', async (t) => {
      const running = await Game.open(server.sync, {}, 'start', 'switch');
      for (const id of [randomUUID(), running.id]) {
        const [viewer] = await watch(t, base, id, 1, { path: `${path}?sessionId=${id}` });
        await viewer.settle();
        assert.deepEqual(viewer.heardTypes(), ['CONNECTED']);
      }
    });

    test('leads to the session', async (t) => {
      const game = await Game.open(server.sync, {}, 'start');
      const [viewer] = await watch(t, base, game.id, 1, { path: `${path}?sessionId=${game.id}` });
      assert.deepEqual(await viewer.reconnect(), await game.state());
      await game.switch();
      assert.deepEqual(await viewer.update(), await game.state());
    });

    test('with an empty sessionId is closed with 1008 after the handshake', async () => {
      await closesWith(base, `${path}?sessionId=`, MISSING);
      await closesWith(base, `${path}?sessionId`, MISSING);
      await closesWith(base, `${path}?token=abc&sessionId=`, MISSING);
    });

    test('with a sessionId that is malformed is closed with 1008 after the handshake', async () => {
      for (const id of ['x', 'test-session-1', `${ID}0`, ID.slice(1)]) await closesWith(base, `${path}?sessionId=${id}`, MALFORMED);
    });
  });
}

describe('the sessionId of an upgrade', { concurrency: 4 }, () => {
  const absences = [
    '', '?', '?session_id=', `?session_id=${ID}`, `?sessionid=${ID}`, `?SessionId=${ID}`, `?SESSIONID=${ID}`, `?id=${ID}`, `?${ID}`,
    `?sessionId%20=${ID}`, `?sessionId[]=${ID}`, `?sessionId=&sessionId=${ID}`,
  ];
  for (const query of absences) {
    test(`is missing in "/ws${query}"`, () => closesWith(server.sync, `/ws${query}`, MISSING));
  }

  const malformed = [
    'x', 'test-session-1', 'null', 'undefined', '%00', '-', '----', `${ID}0`, ID.slice(1), ID.slice(0, -1), ID.replaceAll('-', ''),
    ID.replaceAll('-', '_'), `{${ID}}`, `urn:uuid:${ID}`, `%20${ID}`, `${ID}%20`, `${ID}%0A`, `%0A${ID}`, `${ID}%00`, `${ID}/`,
    ID.replace('7', 'g'), ID.replace('7', '%EF%BC%97'), ID.replace('7', '%EF%BF%BD'), `${ID},${ID}`, '0'.repeat(32), 'x'.repeat(4_000),
    '7b1c9a5-23f0e-4a77-9d55-0c6a8e2f4b10', '7b1c9a52-3f0e-4a77-9d550-c6a8e2f4b10', `bad&sessionId=${ID}`,
  ];
  for (const id of malformed) {
    test(`is malformed in "/ws?sessionId=${id.slice(0, 80)}"`, () => closesWith(server.sync, `/ws?sessionId=${id}`, MALFORMED));
  }

  const loose = [
    '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '7b1c9a52-3f0e-0a77-0d55-0c6a8e2f4b10', '7b1c9a52-3f0e-fa77-fd55-0c6a8e2f4b10', ID, ID.toUpperCase(),
    '7B1c9A52-3f0E-4a77-9d55-0C6a8e2f4B10',
  ];
  for (const id of loose) {
    test(`may be ${id} and is kept as it was given`, async (t) => {
      const [viewer] = await watch(t, server.sync, id);
      assert.equal(viewer.history[0].sessionId, id);
      viewer.send({ type: 'RECONNECT' });
      const { code, message } = await viewer.next('ERROR');
      assert.deepEqual({ code, message }, { code: 'SESSION_NOT_FOUND', message: `Session ${id} not found` });
    });
  }

  test('is the first of several', async (t) => {
    const id = randomUUID();
    await watch(t, server.sync, id, 1, { path: `/ws?sessionId=${id}&sessionId=bad` });
    await watch(t, server.sync, id, 1, { path: `/ws?sessionId=${id}&sessionId=` });
    await watch(t, server.sync, id, 1, { path: `/ws?sessionId=${id}&sessionId=${randomUUID()}` });
  });

  test('may be percent-encoded and stand among other parameters', async (t) => {
    const id = randomUUID();
    await watch(t, server.sync, id, 1, { path: `/ws?token=abc&session_id=bad&sessionId=${id}&sessionid=x&y` });
    await watch(t, server.sync, id, 1, { path: `/ws?sessionId=${id.replaceAll('-', '%2D')}` });
  });

  test('is compared byte by byte', async (t) => {
    const game = await Game.open(server.sync);
    const [lower] = await watch(t, server.sync, game.id);
    const [upper] = await watch(t, server.sync, game.id.toUpperCase());
    await game.start();
    await lower.version(2);
    upper.send({ type: 'RECONNECT' });
    await upper.next('ERROR');
    assert.deepEqual(upper.heardTypes(), ['CONNECTED', 'ERROR']);
  });
});

describe('a handshake', { concurrency: 4 }, () => {
  const path = `/ws?sessionId=${ID}`;

  test('with a Host from which no URL can be built is closed with 1011 after it', async () => {
    for (const host of ['[', 'a b', ':80:80']) await closesWith(server.sync, path, BROKEN, { socket: { headers: { host } } });
  });

  test('needs no authentication and no origin, and reads no cookie', async (t) => {
    const id = randomUUID();
    const headers = { authorization: 'Bearer nonsense', cookie: 'sessionId=bad', origin: 'https://elsewhere.example' };
    const [viewer] = await watch(t, server.sync, id, 1, { socket: { headers } });
    await viewer.settle();
  });

  test('echoes the first subprotocol that is offered and accepts no compression', async (t) => {
    const id = randomUUID();
    const [viewer] = await watch(t, server.sync, id, 1, { protocols: ['first', 'second'], socket: { perMessageDeflate: true } });
    assert.deepEqual([viewer.socket.protocol, viewer.socket.extensions], ['first', '']);
    const [plain] = await watch(t, server.sync, id);
    assert.equal(plain.socket.protocol, '');
  });

  test('of the older version 8 is accepted', async (t) => {
    const [viewer] = await watch(t, server.sync, randomUUID(), 1, { socket: { protocolVersion: 8 } });
    await viewer.settle();
  });

  const elsewhere = ['/ws/', '/WS', '/wss', '/ws/x', '/ws/sync/', '/v1/sessions', `/v1/sessions/${ID}`, '/v1/time', '/health'];
  for (const other of elsewhere) {
    test(`at ${other} is refused with 400 Bad Request and the end of the connection`, async () => {
      const { status, rest } = await new Peer(server.sync, `${other}?sessionId=${ID}`).refusal();
      assert.deepEqual({ status, body: String(rest) }, { status: 400, body: 'Bad Request' });
    });
  }

  for (const method of ['POST', 'PUT', 'DELETE']) {
    test(`by ${method} is refused with 405`, async () => {
      const headers = method === 'DELETE' ? {} : { 'Content-Length': '0' };
      const { status } = await new Peer(server.sync, path, { method, headers }).head();
      assert.equal(status, 405);
    });
  }

  for (const version of ['7', '12', '14', '99', 'x', undefined]) {
    test(`of version ${version} is refused with 400 and the versions that are spoken`, async () => {
      const { status, headers } = await new Peer(server.sync, path, { headers: { 'Sec-WebSocket-Version': version } }).head();
      assert.deepEqual({ status, versions: headers['sec-websocket-version'] }, { status: 400, versions: '13, 8' });
    });
  }

  for (const key of [undefined, 'x', 'dGhlIHNhbXBsZQ==', 'dGhlIHNhbXBsZSBub25jZSBsb25n']) {
    test(`with the key ${key} is refused with 400`, async () => {
      const { status } = await new Peer(server.sync, path, { headers: { 'Sec-WebSocket-Key': key } }).head();
      assert.equal(status, 400);
    });
  }
});
