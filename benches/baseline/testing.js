// A server to test, and what talks to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { io } from 'socket.io-client';

let server;
export let url;
const sockets = [];

before(async () => {
  const path = new URL('server.js', import.meta.url).pathname;
  server = spawn(process.execPath, [path, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(server.stdout), 'line');
  url = line.match(/http:\S+/)[0];
});

after(() => {
  for (const { socket } of sockets) socket.close();
  server.kill();
});

export async function post(path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { ...(await answer.json()), status: answer.status };
}

/** A connected client that remembers what it was told. */
class Client {
  heard = [];

  constructor(auth, transports) {
    sockets.push(this);
    this.socket = io(url, { auth, transports, forceNew: true, reconnection: false });
    this.socket.onAny((event, payload) => this.heard.push([event, payload]));
    this.connected = new Promise((resolve) => {
      this.socket.once('session:joined', resolve).once('connect_error', resolve).once('session:error', resolve);
    });
  }

  emit(...args) {
    return this.socket.timeout(5_000).emitWithAck(...args);
  }

  /** What was heard of since the last time; the answer to the heartbeat is behind everything else. */
  async news() {
    assert.deepEqual(await this.emit('heartbeat', {}), { ok: true });
    return this.heard.splice(0).filter(([event]) => event !== 'heartbeat:response');
  }

  async events() {
    return (await this.news()).map(([event]) => event);
  }
}

export async function connect(auth, transports = ['websocket']) {
  const client = new Client(auth, transports);
  client.state = await client.connected;
  return client;
}

/** Mira, the host, and Jonas, with a story to vote on and nothing left unread. */
export async function aTable({ transports, config } = {}) {
  const { data: { session, hostToken } } = await post('/sessions', { name: 'Sprint 41', hostName: 'Mira', config });
  const { data: guest } = await post(`/sessions/${session.id}/join`, { playerName: 'Jonas' });
  const { data: story } = await post(`/sessions/${session.id}/stories`, { title: 'Export as CSV' }, hostToken);
  const mira = await connect({ sessionId: session.id, playerId: session.hostId, token: hostToken }, transports);
  const jonas = await connect({ sessionId: session.id, playerId: guest.playerId, token: guest.token }, transports);
  const first = [await mira.events(), await jonas.events()];
  return { session, hostToken, guest, story, mira, jonas, first, ids: [session.hostId, guest.playerId] };
}

/** The event of a counted vote. */
export function progress(playerId, voteCount, totalPlayers) {
  return ['vote:submitted', { playerId, hasVoted: true, voteCount, totalPlayers }];
}
