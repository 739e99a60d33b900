import { Listener } from './listener.js';
import { SignalClient } from './signal.js';

/** Before each attempt, counted from the loss or from the failure of the attempt before; then the page gives up. */
const WAITS_MS = [5_000, 5_000, 8_000, 16_000, 30_000];
/** After a close with 1000 the page comes back at once. */
const WAIT_AFTER_1000_MS = 10;
const JOIN_AFTER_OPEN_MS = 100;
const HEARTBEAT_MS = 25_000;

/**
 * The connections of one page of the signal dialect, made and remade by the rules of the reference client. It remembers
 * every message of all of them, and besides `{ kind: 'open' }` and `{ kind: 'close', body: { code } }`.
 */
export class SignalBrowser extends Listener {
  failures = 0;
  closed = false;

  constructor(url, sessionId, { userId, userName }) {
    super();
    Object.assign(this, { url, sessionId, userId, userName, name: userName });
    this.heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#connect();
  }

  /** Resolves to the page once it was let in. */
  static async open(url, sessionId, how) {
    const page = new SignalBrowser(url, sessionId, how);
    page.session = (await page.take('joined')).body.session;
    return page;
  }

  get connected() {
    return this.line?.socket.readyState === this.line?.socket.OPEN;
  }

  /** Sends a `sync_event` if there is a line; what is said without one is never sent. */
  emit(type, payload = {}) {
    if (this.connected) this.line.emit(type, payload);
  }

  close() {
    this.closed = true;
    clearInterval(this.heartbeat);
    clearTimeout(this.next);
    this.line.vanish();
  }

  kindOf(entry) {
    return entry.kind;
  }

  bodyOf(entry) {
    return entry.body;
  }

  #connect() {
    this.attemptAt = performance.now();
    const line = new Line(this);
    this.line = line;
    line.opened.then(() => this.#opened(line), () => {});
    line.closed.then(({ code }) => this.#lost(code));
  }

  #opened(line) {
    this.failures = 0;
    this.openedAt = performance.now();
    this.record({ kind: 'open' });
    const { sessionId, userId, userName } = this;
    this.next = setTimeout(() => {
      if (!this.connected || this.line !== line) return;
      this.askedAt = performance.now();
      line.send({ type: 'join', sessionId, userId, userName, timestamp: Date.now() });
    }, JOIN_AFTER_OPEN_MS);
  }

  #lost(code) {
    clearTimeout(this.next);
    this.record({ kind: 'close', body: { code } });
    if (this.closed || this.failures >= WAITS_MS.length) return;
    const wait = code === 1000 ? WAIT_AFTER_1000_MS : WAITS_MS[this.failures++];
    this.next = setTimeout(() => this.#connect(), wait);
  }

  #beat() {
    if (this.connected) this.line.send({ type: 'heartbeat', timestamp: Date.now() });
  }
}

/** One connection, which tells its page everything it hears. */
class Line extends SignalClient {
  constructor(browser) {
    super(browser.url, { userId: browser.userId, userName: browser.userName });
    this.browser = browser;
  }

  record(entry) {
    super.record(entry);
    this.browser.record(entry);
  }
}
