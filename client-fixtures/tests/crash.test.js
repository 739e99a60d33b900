import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Chance } from '../lib/chance.js';
import { MODES, VERSIONS } from '../lib/clients.js';
import { Load } from '../lib/crash-load.js';
import { Room } from '../lib/crash-room.js';
import { readTruth, screenOf, screenOn } from '../lib/crash-screen.js';
import { integrityOf } from '../lib/crash-store.js';
import { Meeting } from '../lib/meeting.js';
import { ok, Rest } from '../lib/rest.js';
import { Server } from '../lib/server.js';
import { until, within } from '../lib/wait.js';

const SEED = process.env.CRASH_SEED ?? String(randomInt(1_000_000));
const KILLS = Number(process.env.CRASH_KILLS ?? 100);

const TABLES = 3;
const SEATS = VERSIONS.length;
/** Sessions get company after so many kills, so that lists stay short and old sessions are looked at again. */
const KILLS_PER_SITTING = 25;
const KILLS_PER_INTEGRITY_CHECK = 10;
const KILL_WHILE_STARTING = 0.15;
const LOOK_AT_CARDS = 0.4;

/**
 * An official client whose server dies in the middle of its upgrade may be left with a paused polling transport, and
 * then only the missing ping tells it to reconnect.
 */
const FLAGS = ['--rate-limits', 'off', '--ping-interval-ms', '1000', '--ping-timeout-ms', '2000'];
const ENVIRONMENT = {
  LOG_LEVEL: 'warn',
  POKER_DISCONNECT_GRACE_MS: '3600000',
  POKER_JOIN_GRACE_MS: '3600000',
  POKER_HOST_HANDOVER_MS: '0',
};
/**
 * An official client whose server dies between the WebSocket handshake and the first packet notices nothing but that
 * its connection attempt takes too long; by default 20 s.
 */
const CLIENT_OPTIONS = { timeout: 2500 };

test(`${KILLS} times killed in the middle of everything, the server loses and doubles nothing (CRASH_SEED=${SEED})`, async (t) => {
  const run = new Run(serverOnAShelf());
  t.after(() => run.close());
  try {
    await run.play();
  } catch (error) {
    error.message = `CRASH_SEED=${SEED}, kill ${run.kills}: ${error.message}`;
    throw error;
  } finally {
    for (const line of run.summary()) t.diagnostic(line);
  }
});

class Run {
  kills = 0;
  killsWhileStarting = 0;
  #tables = [];
  #formerTables = [];
  #tally = { votes: 0, founded: [], outcomes: {} };
  #startedAt = Date.now();

  constructor({ server, storeFile }) {
    this.server = server;
    this.storeFile = storeFile;
  }

  async play() {
    await this.server.start();
    while (this.kills < KILLS) {
      if (this.kills % KILLS_PER_SITTING === 0) await this.#newSitting();
      this.kills += 1;
      await this.#killInTheMiddle();
      await this.#comeBack();
    }
    await this.#lookBack();
    this.#checkTheTally();
  }

  async #killInTheMiddle() {
    const load = new Load({ server: this.server, tables: this.#tables, seed: SEED, round: this.kills, tally: this.#tally });
    await within(load.run(), 'the server is dead and everybody has noticed');
    await this.#everybodyIsOut();
  }

  async #comeBack() {
    const chance = new Chance(`${SEED}/return ${this.kills}`);
    const integrity = this.kills % KILLS_PER_INTEGRITY_CHECK === 0 || this.kills === KILLS
      ? integrityOf(this.storeFile) : Promise.resolve('ok');
    while (chance.happens(KILL_WHILE_STARTING)) await this.#killWhileStarting(chance.between(0, 150));
    for (const client of this.#clients()) startOver(client);
    await this.server.start();
    assert.equal(await integrity, 'ok', 'PRAGMA integrity_check');
    await Promise.all(this.#tables.map((table, index) => this.#checkTable(table, new Chance(`${SEED}/look ${this.kills}/${index}`))));
    const latest = this.#tally.founded.at(-1);
    if (latest) await this.#checkFounded(latest);
  }

  async #killWhileStarting(afterMs) {
    this.killsWhileStarting += 1;
    const starting = this.server.start().catch(() => {});
    await new Promise((resolve) => { setTimeout(resolve, afterMs); });
    await this.server.stop('SIGKILL');
    await starting;
    await this.#everybodyIsOut();
  }

  async #everybodyIsOut() {
    await until(() => this.#clients().every((client) => !client.connected), 'all clients notice that the server is gone');
  }

  async #checkTable(table, chance) {
    const truth = await this.#checkRoom(table.room);
    await Promise.all(table.seats.map(({ client }) => sees(client, screenOf(truth))));
    const hidden = truth.votes.votes.length > 0 && !truth.votes.revealed;
    if (hidden && chance.happens(LOOK_AT_CARDS)) await this.#lookAtCards(table);
  }

  /** Compares a session with its model; afterwards the model is what the server shows. */
  async #checkRoom(room) {
    const truth = await readTruth(new Rest(this.server.url), room.sessionId);
    noProblems(room, room.problems(truth), truth);
    room.adopt(truth);
    return truth;
  }

  /** Closed cards may be the wrong ones; so the host turns them over while nobody changes them. */
  async #lookAtCards({ room, path: sessionPath, seats: [host] }) {
    const deed = room.reveal();
    const { votes } = await ok(host.rest.post(`${sessionPath}/reveal`));
    deed.acknowledge();
    noProblems(room, room.cardProblems(votes), votes);
    const truth = await this.#checkRoom(room);
    assert.equal(truth.votes.votes.length, votes.length, 'as many votes as were revealed');
  }

  async #checkFounded({ id, name }) {
    const session = await ok(new Rest(this.server.url).get(`/sessions/${id}`));
    assert.equal(session.name, name);
    assert.deepEqual(session.players.map((player) => player.name), ['Mira']);
  }

  /** Everything that was ever acknowledged is there at the end, too, and old tokens are still good. */
  async #lookBack() {
    for (const founded of this.#tally.founded) await this.#checkFounded(founded);
    for (const { room, seats: [host] } of [...this.#formerTables, ...this.#tables]) {
      await this.#checkRoom(room);
      await ok(host.rest.put(`/players/${host.person.id}/activity`));
    }
  }

  #checkTheTally() {
    if (KILLS < 50) return;
    for (const kind of ['join', 'story', 'vote', 'reveal', 'reset']) {
      const rows = ['REST', 'socket'].map((channel) => [`${kind} over ${channel}`, this.#tally.outcomes[`${kind} over ${channel}`]]);
      for (const [row, counts] of rows) assert.ok(counts?.acknowledged >= 5, `hardly any ${row} was acknowledged`);
      assert.ok(rows.some(([, counts]) => counts.unanswered > 0), `no ${kind} was in flight at any kill`);
    }
  }

  async #newSitting() {
    for (const client of this.#clients()) client.vanish();
    this.#formerTables.push(...this.#tables);
    const sitting = this.kills / KILLS_PER_SITTING;
    this.#tables = await Promise.all(Array.from({ length: TABLES }, (_, index) => this.#newTable(sitting, index)));
  }

  async #newTable(sitting, index) {
    const name = `Table ${sitting}.${index}`;
    const meeting = await Meeting.open(this.server, { body: { name, hostName: `Host of ${name}` }, attach: false });
    const room = new Room(meeting.sessionId, name);
    const people = [meeting.host];
    while (people.length < SEATS) people.push(await meeting.join(`Seat ${people.length} of ${name}`, { attach: false }));
    const seats = await Promise.all(people.map((person, seat) => takeSeat(room, person, sitting + index * SEATS + seat)));
    const { path: sessionPath, rest } = meeting;
    const story = room.create(`First story of ${name}`);
    story.id = (await ok(seats[0].rest.post(`${sessionPath}/stories`, { title: story.title }), 201)).id;
    story.deed.acknowledge();
    return { room, seats, rest: new Rest(rest.url), path: sessionPath };
  }

  #clients() {
    return this.#tables.flatMap((table) => table.seats.map((seat) => seat.client));
  }

  summary() {
    const took = `${this.kills} kills under load and ${this.killsWhileStarting} while starting in ${Date.now() - this.#startedAt} ms`;
    const rows = Object.entries(this.#tally.outcomes).map(([row, counts]) => `${row}: ${JSON.stringify(counts)}`);
    return [took, ...rows.sort()];
  }

  async close() {
    for (const client of this.#clients()) client.close();
    await this.server.close();
  }
}

/** Every second one has a token on the socket; the browser client has none. */
async function takeSeat(room, person, turn) {
  const auth = (turn + Math.floor(turn / SEATS)) % 2 === 0 ? { token: person.token } : {};
  await person.attach({ version: VERSIONS[turn % VERSIONS.length], mode: Object.keys(MODES)[turn % 3], auth, options: CLIENT_OPTIONS });
  const member = room.join(person.name);
  member.id = person.playerId;
  member.deed.acknowledge();
  return { person: member, client: person.client, rest: person.rest };
}

/** Forgets what it heard, which must not include that it is not welcome: then it would not come back by itself. */
function startOver(client) {
  const isSentAway = ({ event, args }) => event === 'refused' || (event === 'disconnect' && args[0] === 'io server disconnect');
  const from = client.history.findIndex(isSentAway);
  assert.ok(from < 0, `${client.name} was sent away: ${JSON.stringify(client.history.slice(Math.max(0, from - 5), from + 1))}`);
  client.history.length = client.frames.length = 0;
}

/** The client has come back by itself and sees what everybody sees. */
async function sees(client, expected) {
  const right = () => client.connected && isDeepStrictEqual(screenOn(client), expected);
  await until(right, 'the screen').catch(() => {});
  const heard = client.history.map((entry) => entry.event).join(', ');
  assert.ok(client.connected, `${client.name} has not come back; ${engineOf(client)}; it heard ${heard || 'nothing'}`);
  assert.deepEqual(screenOn(client), expected, `the screen of ${client.name} after the restart; it heard ${heard || 'nothing'}`);
}

function engineOf({ socket: { io: { engine } } }) {
  return `its engine is ${engine?.readyState}, its ${engine?.transport?.name} transport ${engine?.transport?.readyState}`;
}

function noProblems(room, problems, shown) {
  assert.equal(problems.length, 0, `${room.name}:\n- ${problems.join('\n- ')}\nthe server shows ${JSON.stringify(shown)}`);
}

/** The harness names no store file, so its temporary directory is made where there is nothing else. */
function serverOnAShelf() {
  const shelf = fs.mkdtempSync(path.join(os.tmpdir(), 'roundtable-crash-'));
  const { TMPDIR } = process.env;
  process.env.TMPDIR = shelf;
  const server = new Server({ flags: FLAGS, env: ENVIRONMENT });
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  process.on('exit', () => fs.rmSync(shelf, { recursive: true, force: true }));
  return { server, storeFile: path.join(shelf, fs.readdirSync(shelf)[0], 'roundtable.db') };
}
