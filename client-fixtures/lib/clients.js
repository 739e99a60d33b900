import { createRequire } from 'node:module';
import { after } from 'node:test';
import { PATIENCE_MS } from './wait.js';

const require = createRequire(import.meta.url);

const LIBRARIES = {
  '2.5': require('sio-2'),
  '3.1': require('sio-3'),
  '4.0': require('sio-4-0'),
  '4.8': require('sio-4'),
};

export const VERSIONS = Object.keys(LIBRARIES);
export const MODES = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

const LIFECYCLE = new Set(['connect', 'disconnect', 'refused']);
const UNSPOKEN = new Set([...LIFECYCLE, 'heartbeat:response']);
const opened = new Set();
let stamps = 1_000_000;

/** A client that goes on reconnecting to a server that is gone would keep the test process alive. */
after(() => {
  for (const client of opened) client.close();
});

/** An official client that remembers every event in order of arrival, and every frame it came in. */
export class Client {
  #library;
  #waiting = new Set();

  constructor(url, { version = '4.8', mode = 'websocket', auth = {}, options = {}, namespace = '' } = {}) {
    this.version = version;
    this.mode = mode;
    this.history = [];
    this.frames = [];
    this.cursor = 0;
    this.marked = 0;
    this.#library = LIBRARIES[version];
    this.socket = this.#library(url + namespace, this.#options(auth, options));
    this.#listen();
    opened.add(this);
  }

  get name() {
    return `socket.io-client ${this.version} (${this.mode})`;
  }

  get connected() {
    return this.socket.connected;
  }

  open() {
    this.socket.connect();
    return this;
  }

  emit(event, ...args) {
    this.socket.emit(event, ...args);
    return this;
  }

  /** Emits with an acknowledgement and resolves to it. */
  call(event, ...args) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name}: no ack of ${event}`)), PATIENCE_MS);
      this.socket.emit(event, ...args, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
  }

  /** The payload of the next such event after the last one taken, whether it has come already or not. */
  async next(event, accept = () => true, deadlineMs = PATIENCE_MS) {
    const index = await this.seen(event, accept, this.cursor, deadlineMs);
    this.cursor = Math.max(this.cursor, index + 1);
    return this.history[index].args[0];
  }

  /** The position of the first such event at or after `from`; takes nothing. */
  seen(event, accept = () => true, from = this.cursor, deadlineMs = PATIENCE_MS) {
    const fits = (entry) => entry.event === event && accept(entry.args[0]);
    const index = this.history.findIndex((entry, at) => at >= from && fits(entry));
    if (index >= 0) return Promise.resolve(index);
    return new Promise((resolve, reject) => {
      const waiter = { fits, resolve: (at) => { clearTimeout(timer); resolve(at); } };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        const since = this.history.slice(from).map((entry) => entry.event).slice(-40).join(', ');
        reject(new Error(`${this.name}: no ${event} within ${deadlineMs} ms; came: ${since || 'nothing'}`));
      }, deadlineMs);
      this.#waiting.add(waiter);
    });
  }

  /**
   * The server treats the events of one socket in order, so the answer to a heartbeat proves that it is done
   * with everything this client sent before.
   */
  async settle() {
    const stamp = ++stamps;
    const from = this.history.length;
    this.emit('heartbeat', { timestamp: stamp });
    await this.seen('heartbeat:response', (answer) => answer.timestamp === stamp, from);
  }

  /** From here on counts what `heard` tells. */
  mark() {
    this.marked = this.history.length;
    this.cursor = this.history.length;
  }

  /** What the server said since the mark as `{ event, args }`, without heartbeats and fences. */
  heard() {
    return this.history.slice(this.marked).filter((entry) => !entry.fence && !UNSPOKEN.has(entry.event));
  }

  heardNames() {
    return this.heard().map((entry) => entry.event);
  }

  /** Loses the connection like a dying network: no goodbye, and the client comes back by itself. */
  drop() {
    this.socket.io.engine.close();
  }

  /** Loses the connection for good, like a page that is closed: no goodbye, no return. */
  vanish() {
    this.socket.io.reconnection(false);
    this.drop();
  }

  close() {
    this.socket.io.reconnection(false);
    this.socket.disconnect();
    this.socket.io.engine?.close();
  }

  #options(auth, options) {
    const identity = this.version === '2.5' ? { query: withoutUndefined(auth) } : { auth };
    return {
      transports: MODES[this.mode],
      forceNew: true,
      autoConnect: false,
      reconnectionDelay: 40,
      reconnectionDelayMax: 160,
      randomizationFactor: 0,
      ...identity,
      ...options,
    };
  }

  #listen() {
    const { socket } = this;
    const { onevent } = socket;
    // The wildcard listeners of 3.x and 4.x are missing in 2.x; all versions call this for every event packet.
    socket.onevent = (packet) => {
      this.#record(packet.data[0], packet.data.slice(1));
      onevent.call(socket, packet);
    };
    const { ondata } = socket.io;
    socket.io.ondata = (data) => {
      this.frames.push(data);
      ondata.call(socket.io, data);
    };
    socket.on('connect', () => this.#record('connect', []));
    socket.on('disconnect', (reason) => this.#record('disconnect', [reason]));
    // 2.x reports a refused namespace as "error" with the bare text, later versions as "connect_error".
    socket.on(this.version === '2.5' ? 'error' : 'connect_error', (error) => this.#refusal(error));
  }

  #refusal(error) {
    if (error?.type === 'TransportError' || error?.message === 'timeout') return;
    this.#record('refused', [typeof error === 'string' ? error : error.message]);
  }

  #record(event, args) {
    const index = this.history.push({ event, args }) - 1;
    for (const waiter of this.#waiting) {
      if (!waiter.fits(this.history[index])) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(index);
    }
  }
}

function withoutUndefined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
