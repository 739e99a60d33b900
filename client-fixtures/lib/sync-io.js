import assert from 'node:assert/strict';
import { Client } from './clients.js';
import { Game } from './sync.js';
import { accepted, assertEvent } from './sync-io-law.js';
import { within } from './wait.js';

/** Every 2.x client enters the root namespace too, and is told by an error that nobody plays poker there without a session. */
const UNSPOKEN = new Set(['connect', 'ack', 'refused']);
const LIFECYCLE = new Set([...UNSPOKEN, 'disconnect']);

/**
 * An official client in the namespace `/sync`. It remembers every event in order of arrival, and acks among them, and
 * requires of all of them what the law says.
 */
export class Watcher extends Client {
  constructor(base, how = {}) {
    super(base, { namespace: '/sync', ...how });
    // Clients 2.x would make the query a part of the namespace's name; this leaves it to the connection alone.
    if (this.version === '2.5' && !how.isNameQueried) this.socket.query = undefined;
  }

  /** Resolves to the watcher once it is connected to the namespace. */
  static async open(base, how) {
    const watcher = new Watcher(base, how).open();
    await watcher.next('connect');
    return watcher;
  }

  get name() {
    return `a watcher with ${super.name}`;
  }

  /** Emits with an acknowledgement and resolves to it, whatever it says. */
  async ask(event, ...payload) {
    const answered = new Promise((resolve) => {
      this.emit(event, ...payload, (...answer) => {
        this.record({ event: 'ack', args: answer, of: event });
        resolve(answer);
      });
    });
    const answer = await within(answered, `${this.name}: an ack of ${event}`);
    assert.equal(answer.length, 1, `an ack of ${event} has one argument: ${JSON.stringify(answer)}`);
    return answer[0];
  }

  /** Does what must succeed, e.g. `act('start', { sessionId })`; resolves to what the ack has besides `ok`. */
  act(verb, payload) {
    return accepted(`sync:${verb}`, this.ask(`sync:${verb}`, payload));
  }

  /** Resolves to the state in the ack, which may be `null`. */
  async join(sessionId) {
    const { state, sessionId: joined } = await this.act('join', { sessionId });
    assert.equal(joined, sessionId);
    if (state !== null) assert.equal(state.session_id, sessionId);
    return state;
  }

  /** The state of the next `sync:state` of this session after the last event taken. */
  async update(sessionId) {
    return (await this.next('sync:state', (told) => told.sessionId === sessionId)).state;
  }

  /** Waits for the `sync:state` of this version; resolves to its state. */
  async reached(sessionId, version, deadlineMs) {
    const fits = (told) => told.sessionId === sessionId && told.state.version === version;
    return (await this.next('sync:state', fits, deadlineMs)).state;
  }

  /** The events of one socket are treated in their order, so this proves that the server is done with all before. */
  async settle() {
    await this.act('time', {});
  }

  heard() {
    return this.history.slice(this.marked).filter(({ event }) => !UNSPOKEN.has(event));
  }

  /** The states of one session that this watcher was sent unasked since the mark. */
  updates(sessionId) {
    return this.heard().filter(({ event, args }) => event === 'sync:state' && args[0].sessionId === sessionId).map(({ args }) => args[0].state);
  }

  record(entry) {
    if (!LIFECYCLE.has(entry.event)) assertEvent(entry.event, entry.args);
    super.record(entry);
  }
}

/** A watcher who is gone when the test is over; with `join`, of these sessions. */
export async function watcher(t, base, { join = [], ...how } = {}) {
  const opened = await Watcher.open(base, how);
  t.after(() => opened.close());
  for (const id of join) await opened.join(id);
  return opened;
}

/** One session that is commanded over Socket.IO; each command resolves to the whole ack. */
export class IoGame extends Game {
  constructor(base, hand, session) {
    super(base, session);
    this.hand = hand;
  }

  create() {
    return this.hand.ask('sync:create', this.session);
  }

  get() {
    return this.hand.ask('sync:get', { sessionId: this.id });
  }

  remove() {
    return this.hand.ask('sync:delete', { sessionId: this.id });
  }

  command(verb, more = {}) {
    return this.hand.ask(`sync:${verb}`, { sessionId: this.id, ...more });
  }

  /** The stored state as GET tells it. */
  state() {
    return this.overHttp().state();
  }

  /** The same session, commanded over REST. */
  overHttp() {
    return new Game(this.base, this.session);
  }
}

/** A session for this hand that was created and driven over REST, so that nothing else came over the socket. */
export async function dealt(base, hand, fields, ...commands) {
  const { session } = await Game.open(base, fields, ...commands);
  return new IoGame(base, hand, session);
}
