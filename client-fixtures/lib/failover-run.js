import assert from 'node:assert/strict';
import { Balancer } from './balancer.js';
import { Chance } from './chance.js';
import { PageVoter, SocketVoter } from './failover-voters.js';
import { Meeting } from './meeting.js';
import { ok, Rest } from './rest.js';
import { everybody, rosterBecomes } from './roster.js';
import { SignalBrowser } from './signal-browser.js';
import { newUserId } from './signal-room.js';
import { until, within } from './wait.js';

/** As socket.io-client 4 has them. */
export const DEFAULT_RECONNECTION = { reconnectionDelay: 1_000, reconnectionDelayMax: 5_000, randomizationFactor: 0.5 };

const TABLES = 2;
const SOCKETS = ['websocket', 'polling', 'websocket', 'upgrade', 'polling'];
const PAGES = 2;
/** In every such round a second node dies while the clients of the first are coming back. */
const ROUNDS_PER_DOUBLE = 4;
/** A page comes back after 5 s, or 5 s later; an official client whose node dies at the wrong moment tries again after 20 s. */
const RETURN_DEADLINE_MS = 45_000;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** A cluster behind a balancer, tables of voters, and one node after the other that is killed while they vote. */
export class FailoverRun {
  tables = [];
  /** One entry for each client whose node was killed. */
  returns = [];
  votes = 0;

  /** `signal` is what ends a node. */
  constructor({ cluster, seed, signal = 'SIGKILL' }) {
    Object.assign(this, { cluster, seed, signal });
    this.balancer = new Balancer(cluster.nodes);
  }

  async begin() {
    while (this.tables.length < TABLES) {
      const door = await this.balancer.door();
      this.tables.push(await Table.open(this.balancer, door.url, `${this.seed}/table ${this.tables.length}`));
    }
  }

  async round(number) {
    const chance = new Chance(`${this.seed}/round ${number}`);
    for (const voter of this.voters) {
      voter.forget();
      voter.startRound({ rests: chance.happens(0.5) });
    }
    const load = { over: false, killed: false };
    const stopped = Promise.all(this.voters.map((voter) => voter.play(load)));
    stopped.catch(() => { load.over = true; });
    await until(() => load.over || this.voters.every((voter) => voter.acknowledged > 0), 'everybody has voted');
    await pause(chance.between(0, 400));

    const isDouble = number % ROUNDS_PER_DOUBLE === 0;
    const { affected, victims, killedAt } = await this.#kill(load, chance, isDouble);
    const missing = () => [...affected].filter(([voter, losses]) => !voter.isBackAfter(losses)).map(([voter]) => voter);
    await until(() => load.over || missing().length === 0, 'everybody is back', RETURN_DEADLINE_MS).catch(() => {});
    load.over = true;
    await within(stopped, 'everybody has stopped', RETURN_DEADLINE_MS);
    assert.deepEqual(missing().map(plight), [], 'voters who never came back');
    if (!isDouble) this.#measure(affected.keys(), killedAt);
    noticedNothing(this.voters.filter((voter) => !affected.has(voter)));
    keptTheirSeats(affected.keys(), victims.length);
    await this.#count(this.cluster.nodes.filter((node) => !victims.includes(node)), number);
    await Promise.all(victims.map((victim) => victim.start()));
    await Promise.all(this.tables.map((table) => table.isComplete(victims)));
  }

  /**
   * Ends a node, and if asked a second one while the clients of the first are on their way. Resolves to who was connected
   * to one of them, each with the loss of the line after which only an answer of another node is one.
   */
  async #kill(load, chance, isDouble) {
    const affected = new Map();
    const killedAt = performance.now();
    const victims = [];
    while (victims.length < (isDouble ? 2 : 1)) {
      if (victims.length > 0) await pause(chance.between(300, 2_000));
      const inUse = this.cluster.nodes.filter((node) => !victims.includes(node) && this.voters.some(({ door }) => door.node === node));
      const victim = chance.pick(inUse);
      for (const voter of this.voters.filter(({ door }) => door.node === victim)) affected.set(voter, voter.losses + (voter.isIn ? 1 : 0));
      victims.push(victim);
      load.killed = true;
      await victim.stop(this.signal);
    }
    return { affected, victims, killedAt };
  }

  get voters() {
    return this.tables.flatMap((table) => table.voters);
  }

  /** What official clients were told of anybody's coming and going, one entry for each time that each was told. */
  get absences() {
    return this.voters.flatMap(({ log }) => log?.entries ?? []);
  }

  close() {
    for (const voter of this.voters) voter.close();
    this.balancer.close();
  }

  #measure(affected, killedAt) {
    for (const voter of affected) {
      const isPage = voter instanceof PageVoter;
      // Where a connection made for something else was free, it is used again, and nothing arrives.
      const { at } = voter.door.arrivalAfter(voter.attemptAt) ?? { at: voter.attemptAt };
      // A page waits 100 ms by itself before it asks to be let in.
      const own = isPage ? voter.page.askedAt - voter.page.openedAt : 0;
      this.returns.push({ isPage, resumeMs: voter.answeredAt - killedAt, serverMs: voter.joinedAt - at - own });
    }
  }

  /** The host opens the cards, all of them are the right ones for everybody, and a new round begins. */
  async #count(living, number) {
    await Promise.all(this.tables.map(async (table, index) => {
      await table.isComplete(living);
      this.votes += table.voters.reduce((sum, voter) => sum + voter.acknowledged, 0);
      await table.count(living[(number + index) % living.length]);
    }));
  }
}

/** One session; its host is one of the voters. */
class Table {
  constructor(meeting, voters) {
    Object.assign(this, { meeting, voters });
  }

  static async open(balancer, url, seed) {
    const meeting = await Meeting.open({ url }, { attach: false });
    const host = meeting.host;
    const people = [host];
    while (people.length < SOCKETS.length) people.push(await meeting.join(`Seat ${people.length}`, { attach: false }));
    await ok(host.rest.post(`${meeting.path}/stories`, { title: 'Now' }), 201);
    const sockets = await Promise.all(people.map(async (person, seat) => {
      const door = await balancer.door();
      // Every second one proves who it is by a token; the others by their address, as the browser client does.
      const auth = seat % 2 === 0 ? { token: person.token } : {};
      await person.attach({ url: door.url, mode: SOCKETS[seat], auth, options: DEFAULT_RECONNECTION });
      return new SocketVoter(person, { door, chance: new Chance(`${seed}/${seat}`) });
    }));
    const pages = await Promise.all(Array.from({ length: PAGES }, async (_, seat) => {
      const door = await balancer.door();
      const how = { userId: newUserId('page'), userName: `Page ${seat}` };
      return seatPage(meeting, await SignalBrowser.open(door.url, meeting.sessionId, how), { door, chance: new Chance(`${seed}/page ${seat}`) });
    }));
    return new Table(meeting, [...sockets, ...pages]);
  }

  /** Everybody is there once and online, wherever one asks. */
  isComplete(nodes) {
    const names = this.voters.map((voter) => ({ name: voter.person?.name ?? voter.page.userName }));
    return rosterBecomes(nodes, this.meeting.sessionId, everybody(names));
  }

  async count(node) {
    const { path, host } = this.meeting;
    const rest = new Rest(node.url, { token: host.token });
    const { votes } = await ok(rest.post(`${path}/reveal`));
    assert.equal(new Set(votes.map(({ playerId }) => playerId)).size, votes.length, `somebody has two votes: ${JSON.stringify(votes)}`);
    for (const voter of this.voters) {
      const card = votes.find(({ playerId }) => playerId === voter.playerId)?.value;
      assert.ok(voter.possible.includes(card), `the card of ${voter.name} is ${card}, it should be ${voter.possible.join(' or ')}`);
    }
    await Promise.all(this.voters.map((voter) => voter.sees(votes)));
    await ok(rest.post(`${path}/reset-voting`));
    await Promise.all(this.voters.map((voter) => voter.seesNewRound()));
  }
}

async function seatPage(meeting, page, how) {
  const players = await ok(meeting.rest.get(`${meeting.path}/players`));
  return new PageVoter(page, { ...how, playerId: players.find(({ name }) => name === page.userName).id });
}

function noticedNothing(bystanders) {
  for (const voter of bystanders) assert.equal(voter.losses, 0, `${voter.name} is connected to a living node and lost its line`);
}

function keptTheirSeats(affected, most) {
  for (const voter of affected) {
    assert.ok(voter.losses >= 1 && voter.losses <= most, `${voter.name} lost its line ${voter.losses} times`);
    assert.deepEqual(voter.shownAtReturn, { id: voter.ownId, hasVoted: true }, `what ${voter.name} was shown of itself`);
  }
}

export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted.length === 0 ? NaN : Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]);
}

function plight({ name, door, losses, joinedAt, page, client }) {
  const line = (page ?? client).connected ? 'has a line' : 'has no line';
  return `${name}, which lost its line ${losses} times, ${line} by way of ${door.url} and was ${joinedAt ? '' : 'not '}let in`;
}
