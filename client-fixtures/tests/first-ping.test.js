import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawPolling, RawSocket } from '../lib/raw.js';
import { ok, Rest } from '../lib/rest.js';
import { startServer } from '../lib/server.js';

const PING_INTERVAL_MS = 400;

async function host(server) {
  const { session, hostToken } = await ok(new Rest(server.url).post('/sessions', { name: 'Quiet', hostName: 'Mira' }), 201);
  return { sessionId: session.id, playerId: session.hostId, token: hostToken };
}

test('a session over WebSocket is not pinged before the interval has passed, and then lives on', async (t) => {
  const server = await startServer({ flags: ['--ping-interval-ms', `${PING_INTERVAL_MS}`] });
  t.after(() => server.close());
  const auth = await host(server);
  const began = performance.now();
  const raw = await RawSocket.open(server);
  t.after(() => raw.close());
  await raw.join(auth);
  await raw.frame((text) => text === '2', 'a ping');
  assert.ok(performance.now() - began >= PING_INTERVAL_MS, `the frames: ${raw.frames}`);
  raw.frames.length = 0;
  await raw.frame((text) => text === '2', 'the next ping');
});

test('the first poll of a session brings what the client asked for and no ping', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const auth = await host(server);
  const polling = await RawPolling.open(server);
  await polling.post(`40${JSON.stringify(auth)}`);
  let text = '';
  while (!text.includes('session:joined')) text += `${(await polling.poll()).text}\x1e`;
  assert.match(text, /^40\{"sid":/);
  assert.ok(!text.split('\x1e').includes('2'), text);
});

test('a session that polls is pinged every interval', async (t) => {
  const server = await startServer({ flags: ['--ping-interval-ms', `${PING_INTERVAL_MS}`] });
  t.after(() => server.close());
  const began = performance.now();
  const polling = await RawPolling.open(server);
  for (let pings = 1; pings <= 2; pings += 1) {
    assert.equal((await polling.poll()).text, '2');
    assert.ok(performance.now() - began >= pings * PING_INTERVAL_MS, `ping ${pings} came early`);
    await polling.post('3');
  }
});
