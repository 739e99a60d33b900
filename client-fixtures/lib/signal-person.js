import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { match } from './match.js';
import { Page } from './page.js';
import { SignalClient } from './signal.js';
import { within } from './wait.js';

/** A user of the signal dialect: a credential, a connection, and the page that he has in front of him. */
export class SignalPerson {
  isSpectator = false;
  avatar = '👤';
  playerId = undefined;
  /** How far the page has read what the connection heard. */
  read = 0;
  #faces = new Map();

  constructor(mixed, { name, userId }) {
    this.mixed = mixed;
    this.name = name;
    this.userId = userId;
    this.page = new Page();
  }

  /** Opens a connection and joins; a page that only lost its line keeps what it shows. */
  async attach({ page = new Page(), userName = this.name } = {}) {
    const { url } = this.mixed.server;
    this.client = await SignalClient.join(url, this.mixed.sessionId, { userId: this.userId, userName, name: this.name });
    this.page = page;
    this.read = 0;
    return this;
  }

  /** The same person in a second tab. */
  async tab() {
    const tab = new SignalPerson(this.mixed, this);
    tab.playerId = this.playerId;
    await tab.attach();
    tab.client.name = `the second tab of ${this.name}`;
    return tab;
  }

  /** A new page on a new connection, there before the old one is gone, so that nobody misses this person. */
  async reload() {
    const old = this.client;
    await this.attach();
    old.send({ type: 'leave' });
    await old.settle();
    old.close(1001);
    return this;
  }

  emit(type, payload) {
    this.client.emit(type, payload);
    return this.client.settle();
  }

  vote(vote) {
    return this.emit('VOTE_SUBMITTED', { playerId: this.userId, vote });
  }

  start(issueName) {
    return this.emit('VOTING_STARTED', issueName === undefined ? {} : { issueName });
  }

  reveal() {
    return this.emit('VOTES_REVEALED', {});
  }

  /** Says goodbye as the page does and closes. */
  async leave() {
    this.client.emit('PLAYER_LEFT', { playerId: this.userId }).send({ type: 'leave' });
    await this.client.settle();
    this.client.close(1000);
    await within(this.client.closed, `the connection of ${this.name} closes`);
  }

  /** How this person's page calls another: his own credential for himself, something opaque for everybody else. */
  idOf(other) {
    if (other.userId !== undefined && other.userId === this.userId) return this.userId;
    if (!this.#faces.has(other)) this.#learn(other);
    return this.#faces.get(other) ?? `nobody that ${this.name} knows as ${other}`;
  }

  /** Whom this page means by an id, among these people. */
  personOf(id, people) {
    return people.find((person) => this.idOf(person) === id);
  }

  knows(other) {
    return other === this || this.#faces.has(other);
  }

  /** The page catches up with everything the connection heard before `end`. */
  look(end = this.client.history.length) {
    while (this.read < end) this.page.take(this.client.history[this.read++]);
    return this.page;
  }

  /** What this connection heard since the mark, without fences. */
  heard() {
    return this.client.heard().filter((entry) => !entry.fence);
  }

  /** It heard exactly these messages, in this order. */
  heardExactly(expected) {
    const heard = this.heard();
    const kinds = expected.map(([kind]) => kind);
    const words = JSON.stringify(heard.map(({ message }) => message));
    assert.deepEqual(heard.map(({ kind }) => kind), kinds, `${this.client.name} heard ${words}`);
    expected.forEach(([kind, body], index) => match(heard[index].body, body, `${kind} at ${this.client.name}`));
  }

  toString() {
    return this.name;
  }

  /** Names are unique among the people of a test, so the first sight of a name tells the id behind it. */
  #learn(other) {
    for (const { body } of this.client.history) {
      const seen = (body?.session?.players ?? [body?.player]).find((player) => player && isCalled(other, player.name));
      if (!seen) continue;
      assert.notEqual(seen.id, other.userId, `the credential of ${other.name} is not shown to ${this.name}`);
      this.#faces.set(other, seen.id);
      return;
    }
  }
}

/** Somebody asks for admission; resolves to the answers, kind and message of each. */
export async function knock({ server, sessionId }, how) {
  const client = new SignalClient(server.url, how);
  await within(client.opened, 'a stranger connects');
  // Otherwise the greeting could be taken for the answer to a heartbeat.
  await client.next('heartbeat_ack');
  client.send({ type: 'join', sessionId, ...how, timestamp: Date.now() });
  await client.settle();
  client.close();
  return client.heard().map(({ kind, body }) => [kind, body.message]);
}

/** Whether this is a name that somebody has or had. */
export function isCalled(person, name) {
  const names = [person.name, ...(person.formerNames ?? [])];
  return names.some((known) => (typeof known === 'function' ? known(name) : known === name));
}

/** For objects whose keys are ids: no more and no less than these. */
export function exactly(expected) {
  const same = (actual) => isDeepStrictEqual(actual, expected);
  Object.defineProperty(same, 'name', { value: `exactly ${JSON.stringify(expected)}` });
  return same;
}

/** For lists whose order means nothing. */
export function inAnyOrder(expected) {
  const same = (actual) => Array.isArray(actual) && isDeepStrictEqual([...actual].sort(), [...expected].sort());
  Object.defineProperty(same, 'name', { value: `${JSON.stringify(expected)} in any order` });
  return same;
}
