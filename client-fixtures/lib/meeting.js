import assert from 'node:assert/strict';
import { Client } from './clients.js';
import { match } from './match.js';
import { ok, Rest } from './rest.js';

export const AVATARS = ['👩‍💻', '🧙‍♂️', '🦊', '🚀', '🥷', '🎮', '☕', '🐧', '🔮', '🎯', '🤖', '🦄'];

/** Somebody in a session: an identity, REST calls in that identity, and the sockets opened under it. */
export class Person {
  isSpectator = false;
  avatar = '👤';
  keepsFences = false;

  constructor(meeting, fields) {
    this.meeting = meeting;
    Object.assign(this, fields);
    this.rest = meeting.rest.withToken(this.token);
  }

  /** Connects as the browser client does, by `playerId` and without a token. */
  async attach({ auth = {}, url, ...how } = {}) {
    const identity = {
      sessionId: this.meeting.sessionId,
      playerId: this.playerId,
      playerName: 'Anonymous',
      avatar: '👤',
      ...auth,
    };
    this.client = this.meeting.connect(identity, how, url);
    this.joined = await this.client.next('session:joined');
    return this;
  }

  vote(value, more = {}) {
    return this.rest.post(`/sessions/${this.meeting.sessionId}/vote`, { playerId: this.playerId, value, ...more });
  }

  reveal() {
    return this.rest.post(`/sessions/${this.meeting.sessionId}/reveal`);
  }

  resetVoting() {
    return this.rest.post(`/sessions/${this.meeting.sessionId}/reset-voting`);
  }

  addStory(title, more = {}) {
    return this.rest.post(`/sessions/${this.meeting.sessionId}/stories`, { title, ...more });
  }
}

/** One session and everybody in it. */
export class Meeting {
  #avatarTurn = 0;
  clients = [];
  people = [];
  answers = [];

  constructor(server, how) {
    this.server = server;
    this.how = how;
    this.rest = new Rest(server.url, { transcript: this.answers });
  }

  /** The host Mira creates a session over REST; her socket is opened unless `attach: false`. */
  static async open(server, { body = {}, how = {}, attach = true } = {}) {
    const meeting = new Meeting(server, how);
    const name = body.hostName ?? 'Mira';
    const created = await ok(meeting.rest.post('/sessions', { name: 'Planning Poker Session', hostName: name, ...body }), 201);
    meeting.created = created;
    meeting.sessionId = created.session.id;
    meeting.host = meeting.#enter({
      name, avatar: body.hostAvatar ?? '👤', playerId: created.session.hostId, token: created.hostToken,
    });
    meeting.keepFences(meeting.host);
    if (attach) await meeting.host.attach(how);
    return meeting;
  }

  get path() {
    return `/sessions/${this.sessionId}`;
  }

  /** Joins over REST as the browser client does, and opens a socket unless `attach: false`. */
  async join(playerName, { attach = true, how = this.how, ...body } = {}) {
    const data = await ok(this.rest.post(`${this.path}/join`, { playerName, ...body }));
    const person = this.#enter({
      name: playerName, avatar: body.avatar ?? '👤', isSpectator: body.asSpectator ?? false,
      playerId: data.playerId, token: data.token,
    });
    if (attach) await person.attach(how);
    return person;
  }

  /** Joins by name over the socket alone; the identity comes from `session:joined`. */
  async appear(playerName, { how = this.how, ...auth } = {}) {
    const client = this.connect({ sessionId: this.sessionId, playerName, ...auth }, how);
    const joined = await client.next('session:joined');
    const { id: playerId, avatar } = joined.player;
    return Object.assign(this.#enter({ name: playerName, avatar, playerId, token: joined.token }), { client, joined });
  }

  /** Listens without being anybody. */
  async watch(how = this.how) {
    const client = this.connect({ sessionId: this.sessionId }, how);
    await client.next('session:joined');
    return client;
  }

  /** Opens a socket that counts as present; refusals are the caller's business. */
  connect(auth, how = this.how, url = this.server.url) {
    const client = new Client(url, { ...how, auth }).open();
    this.clients.push(client);
    return client;
  }

  /** From now on this socket is nobody's business any more. */
  forget(client) {
    this.clients = this.clients.filter((other) => other !== client);
    return client;
  }

  /** Fences are avatars of this person, who must stay in the session; shapes do not look at his avatar. */
  keepFences(person) {
    this.keeper = person;
    person.keepsFences = true;
  }

  /**
   * A visible, harmless change behind everything that happened so far. All changes of a session are told in
   * one order, so whoever has heard of it has heard of everything before it.
   */
  async fence() {
    const keeper = this.keeper;
    this.#avatarTurn = (this.#avatarTurn + 1) % AVATARS.length;
    if (AVATARS[this.#avatarTurn] === keeper.avatar) this.#avatarTurn = (this.#avatarTurn + 1) % AVATARS.length;
    const avatar = AVATARS[this.#avatarTurn];
    const from = this.clients.map((client) => client.history.length);
    await ok(keeper.rest.put(`/players/${keeper.playerId}`, { avatar }));
    keeper.avatar = avatar;
    const isFence = ({ player }) => player.id === keeper.playerId && player.avatar === avatar;
    await Promise.all(this.clients.map(async (client, index) => {
      const at = await client.seen('player:updated', isFence, from[index]);
      client.history[at].fence = true;
    }));
  }

  /**
   * Does something and requires that every socket that was there before hears exactly these events, in this
   * order and equal to the last field. `expected` may be a function of what `action` resolves to, which is also
   * what this resolves to. The fence before keeps late news of earlier steps out.
   */
  async everyoneHears(expected, action, { except } = {}) {
    await this.fence();
    const listeners = this.clients.filter((client) => client !== except);
    for (const client of this.clients) client.mark();
    const result = await action();
    await this.fence();
    const still = listeners.filter((client) => this.clients.includes(client));
    const events = typeof expected === 'function' ? expected(result) : expected;
    for (const client of still) heardExactly(client, events);
    for (const client of still) assert.deepEqual(client.heard(), still[0].heard(), `${client.name} heard what ${still[0].name} heard`);
    return result;
  }

  /** Does something that must reach nobody, or nobody but `except`. */
  nobodyHears(action, { except } = {}) {
    return this.everyoneHears([], action, { except });
  }

  /** Every text this meeting's clients ever received, from the socket or from REST. */
  everythingTold() {
    const frames = this.clients.flatMap((client) => client.frames.filter((frame) => typeof frame === 'string'));
    return [...frames, ...this.answers];
  }

  /** No value leaves before the reveal, on any channel, to anybody. */
  assertSecret(...values) {
    for (const text of this.everythingTold()) {
      for (const value of values) assert.ok(!text.includes(value), `the closed card ${value} leaked in ${text}`);
    }
  }

  close() {
    for (const client of this.clients) client.close();
  }

  #enter(fields) {
    const person = new Person(this, fields);
    this.people.push(person);
    return person;
  }
}

export function heardExactly(client, expected) {
  const heard = client.heard();
  const names = expected.map(([event]) => event);
  assert.deepEqual(heard.map((entry) => entry.event), names, `${client.name} heard ${JSON.stringify(heard)}`);
  expected.forEach(([event, payload], index) => {
    assert.equal(heard[index].args.length, 1, `${event} has one argument`);
    match(heard[index].args[0], payload, `${event} at ${client.name}`);
  });
}

/** Runs one sentence after the other as subtests and stops at the first that does not hold. */
export async function scenario(t, steps) {
  for (const [sentence, step] of steps) {
    let broken;
    await t.test(sentence, async () => {
      try {
        await step();
      } catch (error) {
        broken = error;
        throw error;
      }
    });
    if (broken) return;
  }
}

