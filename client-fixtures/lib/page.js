import assert from 'node:assert/strict';
import { isTimestamp } from './match.js';

export const READY = 'Ready';
export const VOTING = 'Voting';
export const RESULTS = 'Results';

/** What each message does to the screen; everything else is ignored. */
const EFFECTS = {
  joined: (page, { session }) => page.show(session),
  SESSION_UPDATED: (page, { session }) => page.show(session),
  VOTING_STARTED: (page, { issueName }) => page.startRound(issueName),
  VOTES_REVEALED: (page) => page.reveal(),
  COUNTDOWN_STARTED: (page) => page.countDown(),
  VOTE_SUBMITTED: (page, { playerId, vote }) => page.putCard(playerId, vote),
  PLAYER_JOINED: (page, { player }) => page.seat(player),
  PLAYER_LEFT: (page, { playerId }) => page.unseat(playerId),
  PLAYER_DISCONNECTED: (page, { playerId }) => page.unseat(playerId),
  SETTINGS_UPDATED: (page, change) => page.configure(change),
  session_not_found: (page) => page.throwOut(),
  error: (page) => page.break(),
};

/**
 * The browser page of the signal dialect as far as it can be seen: what it makes of each message, and what it does to
 * its own screen before it tells the server. A message that would crash the real page throws here.
 */
export class Page {
  mode = READY;
  session = undefined;
  overlay = false;
  /** It never sends anything again. */
  broken = false;
  /** What the result screen shows. */
  result = undefined;
  /** Decided once, when the mode becomes Results. */
  fireworks = false;
  #previous;

  take({ kind, body }) {
    EFFECTS[kind]?.(this, body);
    if (kind !== 'heartbeat_ack') this.#previous = kind;
  }

  /** Mode, countdown, result and fireworks stay as they are. */
  show(session) {
    drawable(session);
    if (this.#previous === 'VOTES_REVEALED') this.#historyAgrees(session);
    this.session = structuredClone(session);
  }

  startRound(issueName) {
    if (!this.session) return;
    this.session.currentVote = { issueName, votes: {}, startTime: new Date().toISOString(), isRevealed: false };
    for (const player of this.session.players) {
      player.hasVoted = false;
      delete player.vote;
    }
    this.result = undefined;
    this.fireworks = false;
    this.mode = VOTING;
  }

  reveal() {
    const round = this.session?.currentVote;
    if (!round) return;
    round.isRevealed = true;
    this.result = resultOf(round.votes);
    this.session.history.push({ ...structuredClone(round), ...this.result });
    if (this.mode !== RESULTS) this.fireworks = this.result.hasAgreement === true;
    this.mode = RESULTS;
  }

  countDown() {
    if (this.session?.settings.showCountdown) this.overlay = true;
  }

  /** The overlay has run down: the page reveals by itself and wants to tell the server. */
  endCountdown() {
    assert.ok(this.overlay, 'a countdown is running');
    this.overlay = false;
    this.reveal();
  }

  putCard(playerId, vote) {
    const player = this.#player(playerId);
    if (!player) return;
    player.hasVoted = true;
    if (vote === undefined) return;
    player.vote = vote;
    if (this.session.currentVote) this.session.currentVote.votes[playerId] = vote;
  }

  seat(player) {
    assert.equal(typeof player.name, 'string', 'a player needs a name');
    if (this.session && !this.#player(player.id)) this.session.players.push({ ...player });
  }

  unseat(playerId) {
    if (!this.session) return;
    this.session.players = this.session.players.filter((player) => player.id !== playerId);
    delete this.session.currentVote?.votes[playerId];
  }

  configure({ settings, facilitator, name, votingSystem }) {
    if (!this.session) return;
    Object.assign(this.session.settings, settings);
    if (facilitator) this.session.facilitator = facilitator;
    if (name) this.session.name = name;
    if (votingSystem) this.session.votingSystem = votingSystem;
    drawable(this.session);
  }

  throwOut() {
    this.session = undefined;
    this.mode = READY;
  }

  break() {
    this.broken = true;
  }

  #player(id) {
    return this.session?.players.find((player) => player.id === id);
  }

  /** The page has just appended the round by itself, so the true history must have it once and end with it. */
  #historyAgrees({ players, history }) {
    const own = this.session.history;
    // A result screen without votes only leads out of a round that is gone, and is no round.
    if (Object.keys(own.at(-1).votes).length === 0) return;
    // Who has left since the reveal may be missing on the table, but not in the history.
    const listed = new Set(players.map(({ id }) => id));
    const votesOf = (round) => Object.fromEntries(Object.entries(round.votes).filter(([id]) => listed.has(id)));
    const essence = (round) => ({ issueName: round.issueName, votes: votesOf(round) });
    assert.equal(own.length, history.length, 'rounds in the history that the page has built');
    assert.deepEqual(essence(own.at(-1)), essence(history.at(-1)), 'the last round in the history that the page has built');
  }
}

/** The page computes these by itself, from the numbers among the votes. */
export function resultOf(votes) {
  const numbers = Object.values(votes).filter((vote) => typeof vote === 'number');
  if (numbers.length === 0) return { average: undefined, hasAgreement: undefined };
  const average = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  return { average, hasAgreement: numbers.every((number) => number === numbers[0]) };
}

/** Whatever else a session says, with less than this the page crashes for good. */
function drawable({ votingSystem, players, settings, history, currentVote }) {
  assert.ok(['simple', 'extended'].includes(votingSystem), `votingSystem is ${votingSystem}`);
  assert.ok(settings !== null && typeof settings === 'object', 'a session has settings');
  for (const player of players) {
    assert.equal(typeof player.id, 'string', 'a player has an id');
    assert.equal(typeof player.name, 'string', 'a player has a name');
    drawableVote(player.vote);
  }
  assert.equal(new Set(players.map(({ id }) => id)).size, players.length, 'nobody is listed twice');
  if (currentVote) Object.values(currentVote.votes).forEach(drawableVote);
  for (const round of history) {
    assert.ok(isTimestamp(round.startTime), 'a round in the history has a startTime');
    assert.ok(['number', 'undefined'].includes(typeof (round.average ?? undefined)), `an average is ${round.average}`);
    Object.values(round.votes).forEach(drawableVote);
  }
}

function drawableVote(vote) {
  assert.ok(['number', 'string', 'undefined'].includes(typeof vote), `a vote is ${JSON.stringify(vote)}`);
}
