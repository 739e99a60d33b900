import assert from 'node:assert/strict';
import { Board } from './board.js';
import { Chance } from './chance.js';
import { Meeting } from './meeting.js';
import { ok, Rest } from './rest.js';
import { assertOneSequence, piecesOf } from './sequence.js';
import { until, within } from './wait.js';

/** Whoever has no answer then is left in silence; how soon it has to come is the business of cluster-refusals.test.js. */
export const ANSWER_MS = 20_000;
/** What a node says that could not reach Redis. */
const FAILURES = new Set(['INTERNAL', 'BUSY']);
/** What who cannot know what the others do at this moment may be told. */
const LOST_RACES = new Set(['ALREADY_REVEALED', 'NO_VOTES', 'FORBIDDEN']);
const LOST_RACE_TEXTS = new Set(['Voting closed - cards already revealed', 'No votes to reveal', 'Host authorization required']);

const DEEDS = { rename: 4, vote: 8, story: 1, reveal: 1, reset: 1 };

/**
 * One session of planning poker on all nodes of a cluster: writers who do everything at once, each on one node, and on
 * every node somebody who only listens.
 */
export class Crowd {
  /** Everything that was asked: `{ writer, kind, text, outcome, ms, because }`. */
  deeds = [];
  from = new Map();
  #isOver = false;
  #serial = 0;

  static async gather(t, cluster, { writers = 20, seed }) {
    const crowd = new Crowd();
    Object.assign(crowd, { cluster, seed, meeting: await Meeting.open(cluster.nodes[0], { attach: false }) });
    t.after(() => crowd.meeting.close());
    crowd.writers = await Promise.all(Array.from({ length: writers }, (_, index) => crowd.#seat(index)));
    await ok(crowd.host.rest.post(`${crowd.path}/stories`, { title: 'The first story' }), 201);
    crowd.observers = await Promise.all(cluster.nodes.map((node, index) => crowd.#observe(node, index)));
    await crowd.begin();
    return crowd;
  }

  get path() {
    return this.meeting.path;
  }

  get host() {
    return this.writers[0];
  }

  get clients() {
    return [...this.observers, ...this.writers].map(({ client }) => client);
  }

  /** Everybody acts until `until` is over; resolves to what came of it. */
  async act(until) {
    this.#isOver = false;
    const acting = this.writers.map((writer) => this.#play(writer, new Chance(`${this.seed}/${writer.name}`)));
    for (const each of acting) each.catch(() => {});
    await Promise.race([until, Promise.all(acting)]);
    this.#isOver = true;
    await Promise.all(acting);
  }

  /** A new name that every client has heard of: all that was before has been heard as well. */
  async fence() {
    const name = `Fence ${++this.#serial}`;
    const from = this.clients.map(({ history }) => history.length);
    await until(async () => (await this.host.rest.put(`/players/${this.host.id}`, { name })).status === 200, 'the fence is taken');
    // Where everything was shown anew the fence may be a part of that.
    const isFence = ({ args: [body] }) => [body?.player, ...(body?.players ?? [])].some((it) => it?.name === name);
    await Promise.all(this.clients.map((client, index) => (
      until(() => client.history.slice(from[index]).some(isFence), `${client.told} hears of ${name}; he heard ${heardLast(client)}`)
    )));
  }

  /** Behind a fence: from now on counts what everybody hears. */
  async begin() {
    await this.fence();
    for (const client of this.clients) this.from.set(client, client.history.length);
  }

  /** Resolves to what everybody has heard since all were there, which must be one sequence. */
  sequence() {
    return assertOneSequence(this.clients.map((client) => ({ name: client.told, pieces: piecesOf(client, this.from.get(client)) })));
  }

  /** All screens and the REST of all nodes show the same, and everybody as there. Returns that. */
  async agreement() {
    const [first, ...others] = await Promise.all(this.cluster.nodes.map((node) => truthOf(new Rest(node.url), this.path)));
    for (const other of others) assert.deepEqual(other, first, 'two nodes say different things over REST');
    for (const client of this.clients) assert.deepEqual(screenOf(client), first, `the screen of ${client.told}`);
    const away = first.players.filter(({ id, isOnline }) => !isOnline && this.writers.some((writer) => writer.id === id));
    assert.deepEqual(away, [], 'writers who are connected and shown as offline');
    return first;
  }

  /** What was answered with success has happened once, what was refused has not, and nothing has happened twice. */
  async account(sequence, { stories }) {
    const counts = (texts) => texts.reduce((all, text) => all.set(text, (all.get(text) ?? 0) + 1), new Map());
    const names = counts(sequence.filter(([event]) => event === 'player:updated').map(([, { player }]) => player.name));
    const titles = counts(stories.map(({ title }) => title));
    for (const { kind, text, outcome, because } of this.deeds) {
      const seen = { rename: names, story: titles }[kind]?.get(text) ?? 0;
      if (kind !== 'rename' && kind !== 'story') continue;
      const possible = { done: [1], refused: [0], failed: [0, 1] }[outcome];
      assert.ok(possible.includes(seen), `the ${kind} "${text}" was ${outcome} (${because}) and happened ${seen} times`);
    }
    this.#accountForVotes(sequence);
    this.#accountForOrder(sequence);
  }

  /** Every vote has a value of its own, so every one that was taken is told. */
  #accountForVotes(sequence) {
    const told = sequence.filter(([event]) => event === 'vote:submitted').map(([, { playerId }]) => playerId);
    for (const { id, name } of this.writers) {
      const votes = this.deeds.filter(({ kind, writer }) => kind === 'vote' && writer === name);
      const count = (outcome) => votes.filter((vote) => vote.outcome === outcome).length;
      const seen = told.filter((playerId) => playerId === id).length;
      const [least, most] = [count('done'), count('done') + count('failed')];
      assert.ok(least <= seen && seen <= most, `${name} voted ${least} times, perhaps ${most}, and it was told ${seen} times`);
    }
  }

  /** Who waits for every answer has his deeds in his own order. */
  #accountForOrder(sequence) {
    for (const { id, name } of this.writers) {
      const told = sequence.filter(([event, body]) => event === 'player:updated' && body.player.id === id).map(([, { player }]) => player.name);
      const done = this.deeds.filter(({ kind, writer, outcome }) => kind === 'rename' && writer === name && outcome === 'done').map(({ text }) => text);
      assert.deepEqual(told.filter((text) => done.includes(text)), done, `the names of ${name} in the order of his answers`);
    }
  }

  async #seat(index) {
    const node = this.cluster.nodeOf(index);
    const name = `Writer ${index}`;
    const person = index === 0 ? this.meeting.host : await this.meeting.join(name, { attach: false });
    const { playerId: id, token } = person;
    await person.attach({ url: node.url, auth: { token } });
    person.client.told = `${name} on node ${this.cluster.nodes.indexOf(node)}`;
    return { name, id, client: person.client, rest: new Rest(node.url, { token }) };
  }

  async #observe(node, index) {
    const client = this.meeting.connect({ sessionId: this.meeting.sessionId }, {}, node.url);
    client.told = `the observer on node ${index}`;
    await client.next('session:joined');
    return { client };
  }

  async #play(writer, chance) {
    while (!this.#isOver) {
      await new Promise((resolve) => { setTimeout(resolve, chance.between(10, 160)); });
      const { reveal, reset, story, ...common } = DEEDS;
      const kind = chance.weighed(writer === this.host ? DEEDS : { ...common, reveal: 0.2, reset: 0.2 });
      await this.do(writer, kind, chance.pick(['socket', 'REST']));
    }
  }

  /** Does one thing and notes what came of it. */
  async do(writer, kind, way) {
    const text = { rename: 'Name', vote: 'v', story: 'Story', reveal: '', reset: '' }[kind] + (++this.#serial);
    const [[event, payload], call] = {
      rename: [['player:update', { name: text }], () => writer.rest.put(`/players/${writer.id}`, { name: text })],
      vote: [['vote:submit', { value: text }], () => writer.rest.post(`${this.path}/vote`, { value: text })],
      story: [['story:create', { title: text }], () => writer.rest.post(`${this.path}/stories`, { title: text })],
      reveal: [['cards:reveal', {}], () => writer.rest.post(`${this.path}/reveal`)],
      reset: [['game:reset', {}], () => writer.rest.post(`${this.path}/reset-voting`)],
    }[kind];
    const asked = performance.now();
    const answer = way === 'socket' ? acked(writer.client, event, payload) : called(call);
    const outcome = await within(answer, `an answer to ${kind} over ${way} of ${writer.name}`, ANSWER_MS);
    const deed = { writer: writer.name, kind, way, text, ...outcome, ms: performance.now() - asked };
    this.deeds.push(deed);
    return deed;
  }

  count(outcome) {
    return this.deeds.filter((deed) => deed.outcome === outcome).length;
  }
}

async function acked({ socket }, event, payload) {
  const answer = await new Promise((resolve) => { socket.emit(event, payload, resolve); });
  const because = JSON.stringify(answer);
  if (answer.ok) return { outcome: 'done', because };
  if (FAILURES.has(answer.code)) return { outcome: 'failed', because };
  assert.ok(LOST_RACES.has(answer.code), `${event} was answered ${because}`);
  return { outcome: 'refused', because };
}

async function called(call) {
  const { status, text, body } = await call();
  const because = `${status} ${text}`;
  if (status === 200 || status === 201) return { outcome: 'done', because };
  if (status === 500 || status === 503) return { outcome: 'failed', because };
  assert.ok(LOST_RACE_TEXTS.has(body?.error), `a call was answered ${because}`);
  return { outcome: 'refused', because };
}

function heardLast({ history }) {
  return history.slice(-5).map((entry) => JSON.stringify(entry)).join(', ').slice(0, 1000);
}

const byId = (list) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
const player = ({ id, name, isHost, isOnline, isSpectator }) => ({ id, name, isHost, isOnline, isSpectator });
const story = ({ id, title, isActive, finalEstimate }) => ({ id, title, isActive, finalEstimate });

/** What everybody should have in front of him, as one node tells it over REST. */
async function truthOf(rest, path) {
  const [players, stories, { votes, revealed }] = await Promise.all(['players', 'stories', 'votes'].map((what) => ok(rest.get(`${path}/${what}`))));
  return {
    players: byId(players).map(player),
    stories: byId(stories).map(story),
    revealed,
    cards: byId(votes.map(({ playerId, value }) => ({ id: playerId, card: revealed ? value : 'closed' }))),
  };
}

/** What a client has in front of him after all that he was told. */
function screenOf(client) {
  const board = new Board();
  for (const entry of client.history) board.take(entry);
  return {
    players: byId(board.players.values()).map(player),
    stories: byId([...board.stories.values()].map((it) => story({ ...it, isActive: it.id === board.active }))),
    revealed: board.revealed,
    cards: byId([...board.cards].map(([id, card]) => ({ id, card }))),
  };
}
