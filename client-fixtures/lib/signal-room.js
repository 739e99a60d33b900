import assert from 'node:assert/strict';
import { createSession } from './signal.js';
import { assertLawful } from './signal-law.js';
import { SignalPerson } from './signal-person.js';

let users = 0;

/** Unique, and found in any text it leaks into. */
export function newUserId(name) {
  users += 1;
  return `${name.toLowerCase()}-secret-${process.pid}-${users}`;
}

/** One session and everybody who is connected to it in the signal dialect. */
export class Room {
  people = [];
  /** Every connection there ever was. */
  clients = [];
  #turn = 0;

  constructor(server, session) {
    this.server = server;
    this.created = session;
    this.sessionId = session.id;
  }

  /** The first of these makes the session; resolves to the room and to everybody under his name in lower case. */
  static async open(t, server, names = ['Alice', 'Bob']) {
    const [creator] = names;
    const userId = newUserId(creator);
    const room = new Room(server, await createSession(server.url, { facilitatorId: userId, facilitatorName: creator }));
    t.after(() => room.close());
    const cast = { room };
    for (const name of names) cast[name.toLowerCase()] = await room.join(name, name === creator ? { userId } : {});
    await room.fence();
    return cast;
  }

  async join(name, { userId = newUserId(name) } = {}) {
    return this.enter(new SignalPerson(this, { name, userId }));
  }

  /** Connects and joins, for the first time or again. */
  async enter(person) {
    await person.attach();
    this.clients.push(person.client);
    this.people.push(person);
    return person;
  }

  /** A second connection of the same person. */
  async tab(person) {
    const tab = await person.tab();
    this.clients.push(tab.client);
    this.people.push(tab);
    return tab;
  }

  /** From now on nobody cares what this connection hears. */
  forget(person) {
    this.people = this.people.filter((other) => other !== person);
    return person;
  }

  /** Cuts the line, or ends it as `end` does; resolves once all others were told of it. */
  async lose(person, end = (client) => client.vanish()) {
    await this.fence();
    this.forget(person);
    const from = this.people.map(({ client }) => client.history.length);
    end(person.client);
    const isGone = (me) => ({ playerId }) => playerId === me.idOf(person);
    await Promise.all(this.people.map((me, index) => me.client.seen('PLAYER_DISCONNECTED', isGone(me), from[index])));
  }

  /** A new name of the session behind everything that happened so far, which every connection hears of. */
  async fence() {
    const clients = this.people.map(({ client }) => client);
    await Promise.all(clients.map((client) => client.settle()));
    if (clients.length === 0) return;
    const name = `Sprint ${++this.#turn}`;
    const from = clients.map((client) => client.history.length);
    clients[0].emit('SETTINGS_UPDATED', { settings: {}, name });
    await Promise.all(clients.map(async (client, index) => {
      const at = await client.seen('SETTINGS_UPDATED', (change) => change.name === name, from[index]);
      client.history[at].fence = true;
    }));
    this.#inspect();
  }

  /**
   * Does something and requires that every connection that was there before and still is hears exactly this, in this
   * order. `expected` may be a function of the person who hears and of what `action` resolves to. Resolves to the latter.
   */
  async everyoneHears(expected, action, { except = [] } = {}) {
    await this.fence();
    const listeners = this.people.filter((person) => !except.includes(person)).map((person) => [person, person.client]);
    for (const { client } of this.people) client.mark();
    const result = await action();
    await this.fence();
    for (const [person] of listeners.filter(([it, client]) => this.people.includes(it) && it.client === client)) {
      person.heardExactly(typeof expected === 'function' ? expected(person, result) : expected);
    }
    return result;
  }

  nobodyHears(action, options) {
    return this.everyoneHears([], action, options);
  }

  /** Only `person` hears anything. */
  aloneHears(person, expected, action) {
    return this.everyoneHears((me) => (me === person ? expected : []), action);
  }

  /** What this person's connection is shown while a round exists: a card that no deck has changes nothing and is answered with it. */
  async snapshotFor(person) {
    await this.fence();
    person.client.mark();
    await person.vote(-1);
    assert.deepEqual(person.client.heardKinds(), ['SESSION_UPDATED']);
    return person.client.heard()[0].body.session;
  }

  /** Who knows a `userId` is that person, so nobody else ever reads it. */
  assertUserIdsSecret() {
    const userIds = new Set(this.clients.map(({ userId }) => userId));
    for (const { name, userId: own, frames } of this.clients) {
      const foreign = [...userIds].filter((userId) => userId !== own);
      for (const frame of frames) {
        for (const userId of foreign) assert.ok(!frame.includes(userId), `${userId} was told to ${name}: ${frame}`);
      }
    }
  }

  close() {
    for (const client of this.clients) client.close();
  }

  /** Whatever a test is about, every message is lawful and no page crashes. */
  #inspect() {
    for (const person of this.people) {
      assertLawful(person.client);
      person.look();
    }
  }
}

/** Makes a round with these votes, all cards closed. */
export async function play(starter, title, votes) {
  await starter.start(title);
  for (const [person, vote] of votes) await person.vote(vote);
}

/** What a whole list of people is called by one of them. */
export const idsOf = (me, people) => people.map((person) => me.idOf(person));
