import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ok, Rest } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { until } from '../lib/wait.js';

/** One request on a connection that is closed behind it. */
function poll(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent: false }, async (answer) => {
      answer.setEncoding('utf8');
      let text = '';
      for await (const part of answer) text += part;
      resolve(text);
    }).on('error', reject);
  });
}

test('a session that was upgraded before its CONNECT is welcome, although the stream of its handshake is gone', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const { session, hostToken } = await ok(new Rest(server.url).post('/sessions', { name: 'Upgrade', hostName: 'Mira' }), 201);
  const address = `${server.url}/socket.io/?EIO=4&transport=`;
  const { sid } = JSON.parse((await poll(`${address}polling`)).slice(1));

  const ws = new WebSocket(`${address.replace('http', 'ws')}websocket&sid=${sid}`);
  t.after(() => ws.terminate());
  const frames = [];
  ws.on('message', (data) => frames.push(String(data)));
  await once(ws, 'open');
  ws.send('2probe');
  await until(() => frames.includes('3probe'), 'the probe is answered');
  ws.send('5');
  ws.send(`40${JSON.stringify({ sessionId: session.id, playerId: session.hostId, token: hostToken })}`);
  ws.send('427["heartbeat",{"timestamp":4711}]');

  await until(() => frames.some((text) => text.startsWith('437')), 'the heartbeat is acknowledged');
  assert.ok(frames.some((text) => text.startsWith('42["session:joined"')), `the frames: ${frames}`);
  assert.ok(!frames.some((text) => text.startsWith('41')), `the frames: ${frames}`);
});
