import assert from 'node:assert/strict';
import { after } from 'node:test';
import WebSocket from 'ws';
import { Listener } from './listener.js';
import { assertFrame } from './sync-law.js';
import { within } from './wait.js';

const opened = new Set();

after(() => {
  for (const viewer of opened) viewer.socket.terminate();
});

/** A raw WebSocket that listens to a session and remembers every frame in order of arrival. */
export class Viewer extends Listener {
  /** `socket` are options of the underlying WebSocket. */
  constructor(base, sessionId, { path = `/ws?sessionId=${sessionId}`, protocols = [], socket = {} } = {}) {
    super();
    this.name = `a viewer of ${sessionId}`;
    this.sessionId = sessionId;
    this.socket = new WebSocket(base.replace(/^http/, 'ws') + path, protocols, socket);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason), at: Date.now() }));
    });
    this.socket.on('error', () => {});
    this.socket.once('upgrade', ({ socket: tcp }) => { this.tcp = tcp; });
    this.socket.on('message', (data, isBinary) => this.#record(data, isBinary));
    opened.add(this);
  }

  /** Resolves to the viewer once it was greeted. */
  static async open(base, sessionId, how) {
    const viewer = new Viewer(base, sessionId, how);
    await within(viewer.opened, `${viewer.name} connects`);
    await viewer.next('CONNECTED');
    return viewer;
  }

  send(message) {
    const isPlain = typeof message === 'string' || Buffer.isBuffer(message);
    this.socket.send(isPlain ? message : JSON.stringify(message));
    return this;
  }

  /** The next such frame after the last one taken, whether it has come already or not. */
  next(type, accept, deadlineMs) {
    return this.take(type, accept, deadlineMs);
  }

  /** The state of the next `STATE_UPDATE` after the last one taken. */
  async update() {
    return (await this.next('STATE_UPDATE')).state;
  }

  /** Waits for the `STATE_UPDATE` of this version; resolves to its state. */
  async version(version) {
    return (await this.next('STATE_UPDATE', ({ state }) => state.version === version)).state;
  }

  async reconnect() {
    this.send({ type: 'RECONNECT' });
    return (await this.next('STATE_SYNC')).state;
  }

  kindOf(message) {
    return message.type;
  }

  bodyOf(message) {
    return message;
  }

  /** The answer to a `PING` proves that the server is done with everything this socket sent before. */
  async settle() {
    const from = this.history.length;
    this.send({ type: 'PING' });
    await this.seen('PONG', undefined, from);
  }

  /** What was sent since the mark, without the answers to `PING`. */
  heard() {
    return this.history.slice(this.marked).filter(({ type }) => type !== 'PONG');
  }

  heardTypes() {
    return this.heard().map(({ type }) => type);
  }

  /** The states of all updates since the mark. */
  updates() {
    return this.heard().filter(({ type }) => type === 'STATE_UPDATE').map(({ state }) => state);
  }

  /** The close code and reason. */
  async farewell(deadlineMs) {
    const { code, reason } = await within(this.closed, `the connection of ${this.name} closes`, deadlineMs);
    return { code, reason };
  }

  /** Resolves once the other end knows. */
  close() {
    this.socket.close(1000);
    return within(this.closed, `the connection of ${this.name} closes`);
  }

  #record(data, isBinary) {
    assert.equal(isBinary, false, 'a binary frame');
    const message = JSON.parse(String(data));
    assertFrame(message, this);
    this.record(message);
  }
}

/** Viewers who are closed when the test is over. */
export async function watch(t, base, sessionId, count = 1, how = {}) {
  const viewers = await Promise.all(Array.from({ length: count }, () => Viewer.open(base, sessionId, how)));
  t.after(() => viewers.forEach(({ socket }) => socket.terminate()));
  return viewers;
}
