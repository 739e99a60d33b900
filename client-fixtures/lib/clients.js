import { createRequire } from 'node:module';
import { after } from 'node:test';
import { Listener } from './listener.js';
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
export class Client extends Listener {
  #library;

  constructor(url, { version = '4.8', mode = 'websocket', auth = {}, options = {}, namespace = '' } = {}) {
    super();
    this.version = version;
    this.mode = mode;
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
  async next(event, accept, deadlineMs) {
    return (await this.take(event, accept, deadlineMs)).args[0];
  }

  kindOf(entry) {
    return entry.event;
  }

  bodyOf(entry) {
    return entry.args[0];
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
    this.record({ event, args });
  }
}

function withoutUndefined(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
