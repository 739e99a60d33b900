import assert from 'node:assert/strict';
import { Deed, lastWrites } from './crash-deeds.js';
import { PresenceLog } from './roster.js';
import { within } from './wait.js';

/** An official client may take 20 s to notice that its attempt to connect is in vain. */
const PATIENCE_MS = 60_000;
const CARDS = [1, 2, 3, 4, 5];

/** Somebody who votes without a pause to speak of, whatever happens to his line, and keeps the books on it. */
class Voter {
  writes = [];
  /** Moments of the loss of the line, of being let in again, and of the first answer to a vote after that. */
  lostAt = undefined;
  joinedAt = undefined;
  answeredAt = undefined;
  losses = 0;

  constructor({ name, playerId, door, chance }) {
    Object.assign(this, { name, playerId, door, chance });
  }

  /** Forgets the votes of the round before. Who rests casts no vote any more once a node is dead. */
  startRound({ rests }) {
    const given = Deed.given();
    this.rests = rests;
    this.writes = [{ deed: given, value: undefined }];
    this.losses = 0;
    this.lostAt = this.joinedAt = this.answeredAt = undefined;
  }

  async play(load) {
    while (!load.over) {
      if (load.killed && this.rests) await this.#ask();
      else await this.#vote();
      await new Promise((resolve) => { setTimeout(resolve, this.chance.between(20, 100)); });
    }
  }

  /** Whether this voter has had an answer since so many losses of the line. */
  isBackAfter(losses) {
    return this.losses >= losses && this.lostAt !== undefined && this.answeredAt !== undefined;
  }

  get acknowledged() {
    return this.writes.filter(({ deed }) => deed.answered < Infinity && deed.happened).length - 1;
  }

  /** What may lie on the table as this voter's card. */
  get possible() {
    return [...new Set(lastWrites(this.writes).map(({ value }) => value))];
  }

  async #vote() {
    const value = this.nextValue();
    const deed = new Deed();
    this.writes.push({ deed, value });
    const losses = this.losses;
    const isOn = await within(this.cast(value), `${this.name}: an answer to a vote, or the loss of the line`, PATIENCE_MS);
    if (!isOn) return;
    deed.acknowledge();
    this.#answered(losses);
  }

  /** Anything that is answered, if there is something to find out. */
  async #ask() {
    if (this.lostAt === undefined || this.answeredAt !== undefined) return;
    const losses = this.losses;
    if (await within(this.ask(), `${this.name}: an answer, or the loss of the line`, PATIENCE_MS)) this.#answered(losses);
  }

  #answered(losses) {
    if (this.lostAt !== undefined && losses === this.losses) this.answeredAt ??= performance.now();
  }

  lost() {
    this.losses += 1;
    this.lostAt ??= performance.now();
    this.joinedAt = this.answeredAt = undefined;
  }

  /** Let in; `shown` is the own player in the snapshot. */
  letIn(shown) {
    if (this.lostAt === undefined || this.joinedAt !== undefined) return;
    this.joinedAt = performance.now();
    this.shownAtReturn = shown;
  }
}

/** With an official client. A vote that is cast without a line waits in the client and is sent at its return. */
export class SocketVoter extends Voter {
  #serial = 0;

  constructor(person, how) {
    super({ ...how, name: `${person.name} (${person.client.mode})`, playerId: person.playerId });
    this.person = person;
    this.client = person.client;
    this.log = new PresenceLog(this.client);
    this.client.socket.on('disconnect', () => this.lost());
    this.client.socket.io.on('reconnect_attempt', () => { this.attemptAt = performance.now(); });
    this.client.socket.on('session:joined', ({ player }) => this.letIn({ id: player.id, hasVoted: player.votedInCurrentRound }));
  }

  get isIn() {
    return this.client.connected;
  }

  get ownId() {
    return this.playerId;
  }

  nextValue() {
    this.#serial += 1;
    return String(this.#serial);
  }

  /** True if the vote was acknowledged, false if its fate is unknown. */
  cast(value) {
    const { socket } = this.client;
    return new Promise((resolve, reject) => {
      const lost = () => resolve(false);
      socket.once('disconnect', lost);
      socket.emit('vote:submit', { value }, (answer) => {
        socket.off('disconnect', lost);
        if (answer.ok) resolve(true);
        else reject(new Error(`${this.name}: the vote ${value} was refused: ${JSON.stringify(answer)}`));
      });
    });
  }

  ask() {
    const { socket } = this.client;
    return new Promise((resolve) => {
      const settle = (isAnswered) => {
        socket.off('disconnect', lost).off('heartbeat:response', answered);
        resolve(isAnswered);
      };
      const [lost, answered] = [() => settle(false), () => settle(true)];
      socket.on('disconnect', lost).on('heartbeat:response', answered).emit('heartbeat', { timestamp: Date.now() });
    });
  }

  /** Is told the cards, and told them once. */
  async sees(votes) {
    const shown = await this.client.next('cards:revealed');
    assert.deepEqual(shown.votes.map(cardOf), votes.map(cardOf), `the cards that ${this.name} is shown`);
  }

  async seesNewRound() {
    await this.client.next('game:reset');
    const reveals = this.client.history.filter(({ event }) => event === 'cards:revealed').length;
    assert.equal(reveals, 1, `how often ${this.name} was told the cards`);
  }

  forget() {
    this.client.history.length = this.client.frames.length = this.client.cursor = 0;
  }

  close() {
    this.client.close();
  }
}

/** With a page of the signal dialect, whose vote is acknowledged by its echo. Without a line it does not vote. */
export class PageVoter extends Voter {
  #serial = 0;

  constructor(page, how) {
    super({ ...how, name: page.name });
    this.page = page;
    this.isIn = true;
    const { record } = page;
    page.record = (entry) => {
      record.call(page, entry);
      this.#notice(entry);
    };
  }

  /** Towards itself a page is called as it calls itself. */
  get ownId() {
    return this.page.userId;
  }

  get attemptAt() {
    return this.page.attemptAt;
  }

  /** Never the card on the table, which would be no news and not be echoed. */
  nextValue() {
    this.#serial += 1;
    return String(CARDS[this.#serial % CARDS.length]);
  }

  async cast(value) {
    if (!this.isIn) return this.#castNothing();
    this.page.emit('VOTE_SUBMITTED', { playerId: this.page.userId, vote: Number(value) });
    return new Promise((resolve) => { this.answer = resolve; this.asked = Number(value); });
  }

  /** The values come before the reveal; ids are this page's own, so the cards are compared by what is on them. */
  async sees(votes) {
    await this.page.take('VOTES_REVEALED');
    const shown = this.page.history.slice(0, this.page.cursor).findLast(({ kind }) => kind === 'SESSION_UPDATED').body.session.currentVote.votes;
    assert.equal(String(shown[this.page.userId]), votes.find(({ playerId }) => playerId === this.playerId).value, `the own card that ${this.name} is shown`);
    assert.deepEqual(Object.values(shown).map(String).sort(), votes.map(({ value }) => value).sort(), `the cards that ${this.name} is shown`);
  }

  async seesNewRound() {
    await this.page.take('VOTING_STARTED');
    const reveals = this.page.history.filter(({ kind }) => kind === 'VOTES_REVEALED').length;
    assert.equal(reveals, 1, `how often ${this.name} was told to show the cards`);
  }

  forget() {
    this.page.history.length = this.page.cursor = 0;
  }

  close() {
    this.page.close();
  }

  async ask() {
    if (!this.isIn) return this.#return();
    this.page.line.send({ type: 'heartbeat', timestamp: Date.now() });
    return new Promise((resolve) => { this.answer = resolve; this.asked = 'heartbeat_ack'; });
  }

  /** What was cast without a line has not happened. */
  #castNothing() {
    this.writes.pop();
    this.#serial -= 1;
    return this.#return();
  }

  async #return() {
    await new Promise((resolve) => { this.returned = resolve; });
    return false;
  }

  #notice({ kind, body }) {
    if (kind === 'close') {
      if (this.isIn) this.lost();
      this.isIn = false;
      this.answer?.(false);
    } else if (kind === 'joined') {
      this.isIn = true;
      const own = body.session.players.find(({ isCurrentUser }) => isCurrentUser);
      this.letIn({ id: own.id, hasVoted: own.hasVoted });
      this.returned?.();
    } else if (kind === 'VOTE_SUBMITTED' && body.playerId === this.page.userId && body.vote === this.asked) {
      this.answer?.(true);
    } else if (kind === this.asked) {
      this.answer?.(true);
    }
  }
}

const cardOf = ({ playerId, value }) => `${playerId} ${value}`;
