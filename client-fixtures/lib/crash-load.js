import { Chance } from './chance.js';
import { Client, MODES, VERSIONS } from './clients.js';
import { confidenceOf } from './crash-room.js';
import { Rest } from './rest.js';

/** Longest wait for the chosen moment to come by itself. */
const SEIZE_ANY_AFTER_MS = 120;
const JOINS_PER_ROOM = 2;
const STORIES_PER_ROOM = 2;

/** What a player who cannot know what the others do at this moment may be told. */
const LOST_RACES = new Set([
  'Voting closed - cards already revealed', 'No votes to reveal', 'Host authorization required',
  'ALREADY_REVEALED', 'NO_VOTES', 'FORBIDDEN',
]);
/** A socket that was limited to listening is no lost race. */
const NO_RACE = 'Authentication required';

/** Everybody acts at once until the server is killed, at a moment that the seed and the traffic choose. */
export class Load {
  over = false;
  #actors = [];
  #serial = 0;

  constructor({ server, tables, seed, round, tally }) {
    this.server = server;
    this.tables = tables;
    this.seed = `${seed}/${round}`;
    this.round = round;
    this.tally = tally;
    this.moment = momentOf(new Chance(`${this.seed}/moment`));
    this.ended = new Promise((resolve) => { this.end = resolve; });
  }

  /** Resolves when the server is dead and every question has its answer, or will never get one. */
  async run() {
    this.started = performance.now();
    setTimeout(() => this.#kill(), this.moment.afterMs + SEIZE_ANY_AFTER_MS);
    for (const [index, table] of this.tables.entries()) this.#populate(table, `table ${index}`);
    this.#act('founder', (chance) => this.#found(chance));
    await this.ended;
    await this.killed;
    await Promise.all(this.#actors);
  }

  #populate(table, place) {
    for (const [index, seat] of table.seats.entries()) {
      this.#act(`${place} seat ${index}`, (chance) => this.#play(table, seat, chance));
    }
    this.#act(`${place} host`, (chance) => this.#conduct(table, chance));
    for (let turn = 0; turn < JOINS_PER_ROOM; turn += 1) {
      this.#act(`${place} newcomer ${turn}`, (chance) => this.#arrive(table, chance));
    }
  }

  #act(name, actor) {
    const done = actor(new Chance(`${this.seed}/${name}`)).catch((error) => {
      error.message = `${name}: ${error.message}`;
      this.#kill();
      throw error;
    });
    // Whoever fails first must not be an unhandled rejection while the others are waited for.
    done.catch(() => {});
    this.#actors.push(done);
  }

  /** Votes, and now and then what every client does: reveals and starts a new round. */
  async #play(table, seat, chance) {
    while (!this.over) {
      await this.#pause(chance.between(0, 12));
      const act = chance.weighed({ vote: 16, reveal: 1, reset: 1 });
      if (act === 'vote') await this.#vote(table, seat, chance);
      else await this.#turn(act, table, seat, chance);
    }
  }

  /** The host leads from round to round. */
  async #conduct(table, chance) {
    const [host] = table.seats;
    let stories = 0;
    while (!this.over) {
      await this.#pause(chance.between(1, 25));
      const act = chance.weighed({ reveal: 4, reset: 4, story: stories < STORIES_PER_ROOM ? 2 : 0 });
      if (act !== 'story') {
        await this.#turn(act, table, host, chance);
        continue;
      }
      stories += 1;
      const story = table.room.create(`Story ${this.round}.${this.#next()}`);
      const over = chance.pick([host.client, undefined]);
      await this.#ask('story', story.deed, over, ['story:create', { title: story.title }],
        () => host.rest.post(`${table.path}/stories`, { title: story.title }), ({ id }) => { story.id = id; });
    }
  }

  async #arrive(table, chance) {
    await this.#pause(chance.between(0, this.moment.afterMs + 40));
    if (this.over) return;
    const name = `Player ${this.round}.${this.#next()}`;
    const bySocket = chance.happens(0.5);
    const isSpectator = chance.happens(0.2);
    const person = table.room.join(name, isSpectator);
    const seat = bySocket
      ? await this.#joinBySocket(table, person, { version: chance.pick(VERSIONS), mode: chance.pick(Object.keys(MODES)) })
      : await this.#joinByRest(table, person);
    if (seat && !isSpectator) await this.#play(table, seat, chance);
  }

  async #joinByRest(table, person) {
    const body = { playerName: person.name, asSpectator: person.isSpectator };
    let seat;
    await this.#ask('join', person.deed, undefined, undefined, () => table.rest.post(`${table.path}/join`, body), (joined) => {
      person.id = joined.playerId;
      seat = { person, rest: table.rest.withToken(joined.token) };
    });
    return seat;
  }

  /** By name, as clients without REST do; session:joined is the acknowledgement. Such a client must not come back by name. */
  async #joinBySocket(table, person, how) {
    const { name, isSpectator } = person;
    const auth = { sessionId: table.room.sessionId, playerName: name, ...(isSpectator && { isSpectator }) };
    const client = new Client(this.server.url, { ...how, auth, options: { reconnection: false } });
    const joined = new Promise((resolve) => { client.socket.once('session:joined', resolve); });
    client.open();
    this.#notice('sent', 'join');
    const answer = await Promise.race([joined, this.ended]);
    if (!answer) return this.#count('join', 'socket', 'unanswered');
    person.id = answer.player.id;
    person.deed.acknowledge();
    this.#count('join', 'socket', 'acknowledged');
    this.#notice('answered', 'join');
    return { person, client, rest: table.rest.withToken(answer.token) };
  }

  async #found(chance) {
    await this.#pause(chance.between(0, this.moment.afterMs + 40));
    if (this.over) return;
    const name = `Session ${this.round}`;
    const rest = new Rest(this.server.url);
    const answer = await this.#answerOf(() => rest.post('/sessions', { name, hostName: 'Mira' }), 'session');
    this.#count('session', 'REST', answer ? 'acknowledged' : 'unanswered');
    if (answer) this.tally.founded.push({ id: answer.data.session.id, name });
  }

  async #vote(table, seat, chance) {
    const value = String(++this.tally.votes);
    const payload = { value, confidence: confidenceOf(value) };
    const event = chance.weighed({ 'vote:submit': 2, 'vote:change': 1 });
    const over = chance.pick([seat.client, undefined]);
    await this.#ask('vote', table.room.vote(seat.person, value), over, [event, payload],
      () => seat.rest.post(`${table.path}/vote`, { ...payload, playerId: seat.person.id }));
  }

  async #turn(act, table, seat, chance) {
    const [event, path] = { reveal: ['cards:reveal', 'reveal'], reset: ['game:reset', 'reset-voting'] }[act];
    const over = chance.pick([seat.client, undefined]);
    await this.#ask(act, table.room[act](), over, [event, {}], () => seat.rest.post(`${table.path}/${path}`));
  }

  /** Asks over this client's socket, or over REST without one, and keeps the books. */
  async #ask(kind, deed, client, frame, call, landed = () => {}) {
    const channel = client ? 'socket' : 'REST';
    const answer = client ? await this.#ackOf(client, frame, kind) : await this.#answerOf(call, kind);
    if (!answer) return this.#count(kind, channel, 'unanswered');
    if (answer.ok) {
      landed(answer.data ?? {});
      deed.acknowledge();
      this.#count(kind, channel, 'acknowledged');
    } else {
      if (!answer.lostRace || kind === 'join' || kind === 'story') {
        throw new Error(`${kind} over ${channel} was refused: ${answer.text}`);
      }
      deed.refuse();
      this.#count(kind, channel, 'refused');
    }
    this.#notice('answered', kind);
  }

  async #answerOf(call, kind) {
    const asked = call();
    this.#notice('sent', kind);
    const answer = await asked.catch((error) => {
      if (!this.over) throw error;
    });
    if (!answer) return undefined;
    return {
      ok: answer.status >= 200 && answer.status < 300 && answer.body?.success === true,
      data: answer.body?.data,
      lostRace: LOST_RACES.has(answer.body?.error),
      text: `${answer.status} ${answer.text}`,
    };
  }

  /** An acknowledgement that was on its way when the server died still counts, but none comes after the disconnect. */
  async #ackOf({ socket, connected, name }, [event, payload], kind) {
    if (!connected) {
      if (!this.over) throw new Error(`${name} has lost its connection to a living server`);
      return undefined;
    }
    const answer = await new Promise((resolve) => {
      const lost = () => resolve(undefined);
      socket.once('disconnect', lost);
      socket.emit(event, payload, (ack) => {
        socket.off('disconnect', lost);
        resolve(ack);
      });
      this.#notice('sent', kind);
    });
    if (!answer && !this.over) throw new Error(`${name} has lost its connection to a living server`);
    return answer && {
      ok: answer.ok === true,
      lostRace: LOST_RACES.has(answer.code) && answer.error !== NO_RACE,
      text: JSON.stringify(answer),
    };
  }

  #notice(phase, kind) {
    const { afterMs, lateMs } = this.moment;
    if (this.over || performance.now() - this.started < afterMs) return;
    if (this.moment.phase !== phase || this.moment.kind !== kind) return;
    if (lateMs === 0) this.#kill();
    else setTimeout(() => this.#kill(), lateMs);
  }

  #kill() {
    if (this.over) return;
    this.over = true;
    this.killed = this.server.stop('SIGKILL');
    this.end();
  }

  async #pause(ms) {
    await Promise.race([this.ended, new Promise((resolve) => { setTimeout(resolve, ms); })]);
  }

  #count(kind, channel, outcome) {
    const row = `${kind} over ${channel}`;
    this.tally.outcomes[row] ??= { acknowledged: 0, refused: 0, unanswered: 0 };
    this.tally.outcomes[row][outcome] += 1;
  }

  #next() {
    return ++this.#serial;
  }
}

/** The first time after `afterMs` that something of this kind is sent or answered, and a little later. */
function momentOf(chance) {
  return {
    afterMs: chance.between(5, 150),
    kind: chance.weighed({ vote: 3, reveal: 2, reset: 2, story: 2, join: 2, session: 1 }),
    phase: chance.pick(['sent', 'answered']),
    lateMs: chance.pick([0, 0, 1, 2, 3, 5]),
  };
}
