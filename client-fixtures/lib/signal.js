import assert from 'node:assert/strict';
import { after } from 'node:test';
import WebSocket from 'ws';
import { Listener } from './listener.js';
import { within } from './wait.js';

const opened = new Set();

after(() => {
  for (const client of opened) client.close();
});

/** Opens a session the way the browser page does; resolves to the whole answer's session. */
export async function createSession(url, { name = 'Sprint 1', facilitatorId = 'user_alice', facilitatorName = 'Alice', path = '/signal/sessions' } = {}) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, facilitatorId, facilitatorName }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}

/**
 * A raw WebSocket client of the signal dialect that remembers every message in order of arrival, as
 * `{ kind, body }`: `kind` is the message's `type`, or the event's for a `sync_event`; `body` is then its payload.
 */
export class SignalClient extends Listener {
  /** `socket` are options of the underlying WebSocket. */
  constructor(url, { userId, userName, path = '/', name = userName ?? userId ?? 'nobody', socket = {} } = {}) {
    super();
    this.userId = userId;
    this.userName = userName;
    this.name = name;
    this.socket = new WebSocket(url.replace(/^http/, 'ws') + path, socket);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => this.#record(String(data)));
    opened.add(this);
  }

  /** Connects without joining; resolves to the client once it was greeted. */
  static async open(url, how) {
    const client = new SignalClient(url, how);
    await within(client.opened, `${client.name} connects`);
    await client.next('heartbeat_ack');
    return client;
  }

  /** Connects and joins; resolves to the client, whose `session` is the snapshot it was given. */
  static async join(url, sessionId, how) {
    const client = new SignalClient(url, how);
    await within(client.opened, `${client.name} connects`);
    client.session = await client.join(sessionId);
    return client;
  }

  send(message) {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
    return this;
  }

  /** Sends a `sync_event`. */
  emit(type, payload = {}) {
    return this.send({ type: 'sync_event', event: { type, payload }, timestamp: Date.now() });
  }

  /** Sends `join` and resolves to the session of its `joined`. */
  async join(sessionId, { userId = this.userId, userName = this.userName } = {}) {
    this.send({ type: 'join', sessionId, userId, userName, timestamp: Date.now() });
    return (await this.next('joined')).session;
  }

  vote(vote) {
    return this.emit('VOTE_SUBMITTED', { playerId: this.userId, vote });
  }

  /** The body of the next such message after the last one taken, whether it has come already or not. */
  async next(kind, accept, deadlineMs) {
    return (await this.take(kind, accept, deadlineMs)).body;
  }

  kindOf(entry) {
    return entry.kind;
  }

  bodyOf(entry) {
    return entry.body;
  }

  /**
   * The answer to a heartbeat proves that the server is done with everything this client sent before. `unanswered` is
   * how many heartbeats were sent already whose answers are still to come.
   */
  async settle({ unanswered = 0 } = {}) {
    let from = this.history.length;
    this.send({ type: 'heartbeat', timestamp: Date.now() });
    for (let answer = 0; answer <= unanswered; answer += 1) from = 1 + await this.seen('heartbeat_ack', () => true, from);
  }

  /** What the server said since the mark, without heartbeats. */
  heard() {
    return this.history.slice(this.marked).filter((entry) => entry.kind !== 'heartbeat_ack');
  }

  heardKinds() {
    return this.heard().map((entry) => entry.kind);
  }

  /** Loses the connection without a close frame. */
  vanish() {
    this.socket.terminate();
  }

  close(code) {
    this.socket.close(code);
  }

  #record(text) {
    this.frames.push(text);
    const message = JSON.parse(text);
    const isEvent = message.type === 'sync_event';
    const entry = isEvent ? { kind: message.event.type, body: message.event.payload, message } : { kind: message.type, body: message, message };
    this.record(entry);
  }
}
