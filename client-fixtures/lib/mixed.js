import assert from 'node:assert/strict';
import { heardExactly, Meeting } from './meeting.js';
import { ok } from './rest.js';
import { createSession } from './signal.js';
import { SignalPerson } from './signal-person.js';
import { until } from './wait.js';

let credentials = 0;

/** Credentials that are found in any text they leak into. */
export function newCredential(name) {
  credentials += 1;
  return `${name.toLowerCase()}-credential-${process.pid}-${credentials}`;
}

/**
 * One session with people of both dialects. By default Alice and Bob have the page of the signal dialect, Mira and
 * Jonas a Socket.IO client each; who is the host depends on where the session was made.
 */
export class MixedMeeting {
  signals = [];
  people = [];
  #turn = 0;

  constructor(server, { how } = {}) {
    this.server = server;
    this.poker = new Meeting(server, how);
    this.rest = this.poker.rest;
  }

  /** Alice makes the session with her page, and is its facilitator. */
  static async fromSignal(server, { how, others = true } = {}) {
    const mixed = new MixedMeeting(server, { how });
    const alice = new SignalPerson(mixed, { name: 'Alice', userId: newCredential('Alice') });
    mixed.created = await createSession(server.url, { facilitatorId: alice.userId, facilitatorName: alice.name });
    mixed.sessionId = mixed.created.id;
    mixed.alice = mixed.host = await mixed.enter(alice);
    if (!others) return mixed;
    mixed.bob = await mixed.join('Bob');
    mixed.mira = await mixed.joinPoker('Mira');
    mixed.jonas = await mixed.joinPoker('Jonas');
    mixed.keepFences(mixed.jonas);
    return mixed;
  }

  /** Mira makes the session over REST, and is its host. */
  static async fromPoker(server, { how, body, others = true } = {}) {
    const mixed = new MixedMeeting(server, { how });
    mixed.poker = await Meeting.open(server, { how, body });
    mixed.rest = mixed.poker.rest;
    mixed.mira = mixed.host = mixed.poker.host;
    mixed.#welcome(mixed.mira);
    mixed.keepFences(mixed.mira);
    if (!others) return mixed;
    mixed.jonas = await mixed.joinPoker('Jonas');
    mixed.keepFences(mixed.jonas);
    mixed.alice = await mixed.join('Alice');
    mixed.bob = await mixed.join('Bob');
    return mixed;
  }

  get sessionId() {
    return this.poker.sessionId;
  }

  set sessionId(id) {
    this.poker.sessionId = id;
  }

  get path() {
    return this.poker.path;
  }

  /** Somebody with a page of the signal dialect joins. */
  join(name, { userId = newCredential(name) } = {}) {
    return this.enter(new SignalPerson(this, { name, userId }));
  }

  /** Joins, and learns how the poker side calls the newcomer. */
  async enter(person) {
    await person.attach();
    this.signals.push(person);
    this.#welcome(person);
    const known = new Set(this.people.map(({ playerId }) => playerId));
    const isNew = ({ id, name }) => name === person.name && !known.has(id);
    // Where REST is served by another node than the page, that one may know a moment later.
    const seen = await until(async () => (await ok(this.rest.get(`${this.path}/players`))).find(isNew), `REST knows ${person.name}`);
    person.playerId = seen.id;
    return person;
  }

  async joinPoker(name, how) {
    return this.#welcome(await this.poker.join(name, how));
  }

  async appear(name, how) {
    const person = this.#welcome(await this.poker.appear(name, how));
    // No REST call has proven who he is, so another socket has to.
    person.proof = { auth: { token: person.token } };
    return person;
  }

  /** Leaves on purpose, as the clients of either dialect do. */
  async leave(person) {
    this.forget(person);
    if (person.userId !== undefined) return person.leave();
    const gone = this.#everybodyHears('player:left', 'PLAYER_LEFT', person);
    person.client.socket.disconnect();
    return gone;
  }

  /** The line breaks without a goodbye; resolves when everybody else has heard of it. */
  lose(person) {
    this.forget(person);
    const lost = this.#everybodyHears('player:status_changed', 'PLAYER_DISCONNECTED', person);
    person.client.vanish();
    return lost;
  }

  /** Somebody who was in the session before opens a new connection. */
  async comeBack(person, how) {
    await person.attach(how ?? (person.userId === undefined ? { ...this.poker.how, ...person.proof } : undefined));
    if (person.userId !== undefined) this.signals.push(person);
    return person;
  }

  /** Whatever he is called later, the people of a test know him under this name. */
  #welcome(person) {
    person.key = person.name;
    this.people.push(person);
    return person;
  }

  /** Spectators do not exist for the signal dialect. */
  #everybodyHears(pokerEvent, signalEvent, person) {
    const isHe = ({ playerId }) => playerId === person.playerId;
    const sockets = this.poker.clients.map((client) => client.seen(pokerEvent, isHe, client.history.length));
    const listening = person.isSpectator ? [] : this.signals;
    const pages = listening.map((me) => {
      const isHeHere = ({ playerId }) => playerId === me.idOf(person);
      return me.client.seen(signalEvent, isHeHere, me.client.history.length);
    });
    return Promise.all([...sockets, ...pages]);
  }

  /** From now on nobody cares what this person's connection hears. */
  forget(person) {
    this.signals = this.signals.filter((other) => other !== person);
    if (person.client) this.poker.forget(person.client);
    return person;
  }

  /**
   * Fences are new names of this person: the only change that both dialects tell and that can be recognised in both.
   * Shapes take whatever number the name has at the moment.
   */
  keepFences(person) {
    if (this.keeper) this.keeper.name = this.keeper.plainName;
    this.keeper = person;
    person.plainName = person.name;
    const pattern = new RegExp(`^${person.name}( \\d+)?$`);
    person.name = (name) => pattern.test(name);
    Object.defineProperty(person.name, 'name', { value: `${person.plainName} and a number` });
  }

  /** A visible, harmless change behind everything that happened so far, which everybody in the session hears of. */
  async fence() {
    const { keeper } = this;
    const name = `${keeper.plainName} ${++this.#turn}`;
    const clients = [...this.poker.clients, ...this.signals.map(({ client }) => client)];
    const from = clients.map((client) => client.history.length);
    await ok(keeper.rest.put(`/players/${keeper.playerId}`, { name }));
    const isFence = (body) => body.player?.name === name || body.session?.players.some((player) => player.name === name);
    await Promise.all(clients.map(async (client, index) => {
      const kind = this.poker.clients.includes(client) ? 'player:updated' : 'SESSION_UPDATED';
      const at = await client.seen(kind, isFence, from[index]);
      client.history[at].fence = true;
    }));
  }

  /**
   * Does something and requires that every poker socket and every signal connection that was there before and still is
   * hears exactly this, in this order. `poker` may be a function of what `action` resolves to, `signal` a function of
   * the person who hears and of that. Resolves to what `action` resolves to.
   */
  async everyoneHears({ poker = [], signal = [] }, action, { except = [] } = {}) {
    await this.fence();
    const sockets = this.poker.clients.filter((client) => !except.includes(client));
    const persons = this.signals.filter((person) => !except.includes(person));
    for (const client of this.poker.clients) client.mark();
    for (const { client } of this.signals) client.mark();
    const result = await action();
    await this.fence();
    const events = typeof poker === 'function' ? poker(result) : poker;
    for (const client of sockets.filter((it) => this.poker.clients.includes(it))) heardExactly(client, events);
    for (const person of persons.filter((it) => this.signals.includes(it))) {
      person.heardExactly(typeof signal === 'function' ? signal(person, result) : signal);
    }
    return result;
  }

  nobodyHears(action, options) {
    return this.everyoneHears({}, action, options);
  }

  /** Every text that anybody in this meeting was ever sent. */
  everythingTold() {
    const frames = this.people.flatMap(({ client }) => client?.frames ?? []);
    return [...frames.filter((frame) => typeof frame === 'string'), ...this.poker.answers];
  }

  /** Closed cards with these texts are in no frame and in no answer. */
  assertSecret(...values) {
    for (const text of this.everythingTold()) {
      for (const value of values) assert.ok(!text.includes(value), `the closed card ${value} leaked in ${text}`);
    }
  }

  /** Who knows a `userId` is that person, so nobody else may ever read it. */
  assertCredentialsSecret() {
    for (const { userId } of this.signals) {
      const others = this.people.filter((person) => person.userId !== userId);
      const told = [...others.flatMap(({ client }) => client?.frames ?? []), ...this.poker.answers];
      for (const text of told) assert.ok(!String(text).includes(userId), `the credential ${userId} leaked in ${text}`);
    }
  }

  close() {
    this.poker.close();
    for (const { client } of this.people) client?.close();
  }
}
