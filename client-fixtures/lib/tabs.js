import assert from 'node:assert/strict';
import { enter, gather, restAt } from './gathering.js';
import { ok } from './rest.js';
import { rosterAt } from './roster.js';
import { SignalClient } from './signal.js';
import { newUserId } from './signal-room.js';
import { until } from './wait.js';

/** What happens in which of the two tabs, and what the others must be told of it; `votes` only if the vote is kept. */
const SCRIPT = [
  ['connects the second tab', 'connect', 1, []],
  ['votes in the first', 'vote', 0, ['vote 1/2']],
  ['loses the first', 'lose', 0, []],
  ['votes in the second', 'vote', 1, ['vote 1/2']],
  ['reconnects the first', 'connect', 0, []],
  ['loses the second', 'lose', 1, []],
  ['loses the first, too', 'lose', 0, ['offline']],
  ['reconnects the second', 'connect', 1, ['online']],
  ['reconnects the first', 'connect', 0, []],
  ['leaves in the first', 'leave', 0, []],
  ['leaves in the second, too', 'leave', 1, ['player:left']],
  ['comes back in the first', 'connect', 0, ['player:joined', 'his vote']],
  ['comes back in the second', 'connect', 1, []],
  ['says goodbye in the second', 'sayGoodbye', 1, []],
  ['votes in the first', 'vote', 0, ['vote 1/2']],
  ['loses the first', 'lose', 0, ['offline']],
];

/** What Mira is told in every scene; a vote comes back with a player of the poker dialect only. */
export function expected({ keepsVote }) {
  return SCRIPT.map(([sentence, , , words]) => {
    const told = words.map((word) => (word === 'his vote' ? keepsVote && 'vote 1/2' : word)).filter(Boolean);
    return `${sentence}: ${told.join(', ') || 'nothing'}`;
  });
}

/** Plays the script in tabs at these two nodes; Mira is connected to `witness`. */
export async function play(t, Tabs, { nodes, witness }) {
  const { meeting, mira } = await gather(t, witness, { Mira: { node: witness } });
  await ok(restAt(witness, mira).post(`${meeting.path}/stories`, { title: 'Now' }), 201);
  const tabs = new Tabs(t, meeting, nodes);
  await tabs.arrive();
  const stage = new Stage({ meeting, mira, witness });
  await stage.begin();
  for (const [sentence, act, tab, words] of SCRIPT) {
    await tabs[act](tab);
    if (words.length > 0) await stage.isTold(tabs.playerId, words[0]);
    await stage.close(sentence, tabs.playerId, nodes);
  }
  return stage;
}

class Stage {
  /** What was told in every scene. */
  lines = [];
  /** How the player stands on the roster after it, at every node that tells anything else than the others. */
  standings = [];
  #from = 0;
  #turn = 0;

  constructor({ meeting, mira, witness }) {
    Object.assign(this, { meeting, mira, witness });
  }

  async begin() {
    this.#from = await this.#fence();
  }

  /** Waits for the news that a scene is about; whether they are the right ones is seen in its line. */
  isTold(playerId, word) {
    return until(() => this.#told(playerId).includes(word), 'the news').catch(() => {});
  }

  async close(sentence, playerId, nodes) {
    const to = await this.#fence();
    this.lines.push(`${sentence}: ${this.#told(playerId, to).join(', ') || 'nothing'}`);
    const rosters = await Promise.all(nodes.map((node) => rosterAt(node, this.meeting.sessionId)));
    this.standings.push([...new Set(rosters.map(({ Jonas = 'not there' }) => Jonas))].join(' or '));
    this.#from = to;
  }

  #told(playerId, to = this.mira.client.history.length) {
    return this.mira.client.history.slice(this.#from + 1, to).map((entry) => inWords(entry, playerId)).filter(Boolean);
  }

  /** The position of a change behind everything that has happened so far. */
  async #fence() {
    const name = `Mira ${++this.#turn}`;
    await ok(restAt(this.witness, this.mira).put(`/players/${this.mira.playerId}`, { name }));
    return this.mira.client.seen('player:updated', ({ player }) => player.name === name, this.#from);
  }
}

/** Tabs of an official client. */
export class SocketTabs {
  static keepsVote = true;
  clients = [];
  #cards = 0;

  constructor(t, meeting, nodes) {
    Object.assign(this, { meeting, nodes });
  }

  async arrive() {
    this.jonas = await this.meeting.join('Jonas', { attach: false });
    this.playerId = this.jonas.playerId;
    await this.connect(0);
  }

  async connect(tab) {
    this.clients[tab] = await enter(this.jonas, { node: this.nodes[tab] });
  }

  async vote(tab) {
    const answer = await this.clients[tab].call('vote:submit', { value: String(++this.#cards) });
    assert.equal(answer.ok, true, JSON.stringify(answer));
  }

  lose(tab) {
    return seatIsGivenUp(this.nodes[tab], () => this.clients[tab].vanish());
  }

  leave(tab) {
    return seatIsGivenUp(this.nodes[tab], () => this.clients[tab].socket.disconnect());
  }

  sayGoodbye(tab) {
    return seatIsGivenUp(this.nodes[tab], () => this.clients[tab].emit('session:leave', {}));
  }
}

/** Tabs with a page of the signal dialect. */
export class PageTabs {
  static keepsVote = false;
  clients = [];
  #cards = 0;

  constructor(t, meeting, nodes) {
    Object.assign(this, { meeting, nodes, userId: newUserId('Jonas') });
    t.after(() => this.clients.forEach((client) => client.vanish()));
  }

  async arrive() {
    await this.connect(0);
    const players = await ok(restAt(this.nodes[0], {}).get(`${this.meeting.path}/players`));
    this.playerId = players.find(({ name }) => name === 'Jonas').id;
  }

  async connect(tab) {
    this.clients[tab]?.vanish();
    this.clients[tab] = await SignalClient.join(this.nodes[tab].url, this.meeting.sessionId, { userId: this.userId, userName: 'Jonas' });
  }

  async vote(tab) {
    const vote = 1 + (++this.#cards % 5);
    this.clients[tab].vote(vote);
    await this.clients[tab].next('VOTE_SUBMITTED', (told) => told.vote === vote);
  }

  lose(tab) {
    return seatIsGivenUp(this.nodes[tab], () => this.clients[tab].vanish());
  }

  leave(tab) {
    return seatIsGivenUp(this.nodes[tab], () => {
      this.clients[tab].emit('PLAYER_LEFT', { playerId: this.userId }).send({ type: 'leave' }).close(1000);
    });
  }

  sayGoodbye(tab) {
    return seatIsGivenUp(this.nodes[tab], () => this.clients[tab].send({ type: 'leave' }));
  }
}

/** A line that ends is noticed when it is noticed, and nobody else is told of it; but the node counts its seats. */
async function seatIsGivenUp(node, action) {
  const before = await seatsAt(node);
  await action();
  await until(async () => await seatsAt(node) === before - 1, `one of ${before} seats is given up`);
}

async function seatsAt(node) {
  const metrics = await (await fetch(`${node.ops}/metrics`)).text();
  return Number(/^roundtable_seats (\d+)$/m.exec(metrics)[1]);
}

function inWords({ event, args: [payload] }, playerId) {
  if (event === 'vote:submitted') return `vote ${payload.voteCount}/${payload.totalPlayers}`;
  if ((payload?.playerId ?? payload?.player?.id) !== playerId) return undefined;
  if (event === 'player:status_changed') return payload.isOnline ? 'online' : 'offline';
  return event;
}
