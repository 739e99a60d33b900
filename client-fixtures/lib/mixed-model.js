import { resultOf } from './page.js';
import { DECKS, SIGNAL_SETTINGS } from './signal-shapes.js';

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
/** Cards that never become an estimate. */
const NO_ESTIMATES = ['?', '☕', 'coffee'];

export const POKER_DECK = ['1', '2', '3', '5', '8', '13', '?'];

/** How a card of the domain, which is a text, looks on a page. */
export function onPage(card) {
  return NUMBER.test(card) ? Number(card) : card;
}

/**
 * What a session must be like that people of both dialects share. Its verbs do what the contracts say; whether somebody
 * may do it is a question of its own. People are known by their first names, stories by their place in the list.
 */
export class Model {
  people = new Map();
  stories = [];
  round = undefined;
  history = [];
  host = undefined;

  constructor(made) {
    this.made = made;
    this.name = made === 'signal' ? 'Sprint 1' : 'Planning Poker Session';
    this.deck = made === 'signal' ? DECKS.simple : POKER_DECK;
    this.settings = { ...SIGNAL_SETTINGS, whoCanReveal: made === 'signal' ? 'everyone' : 'facilitator' };
  }

  /** Two people of each dialect, those of the one that made the session first. */
  static opening(made) {
    const model = new Model(made);
    const people = { signal: ['Alice', 'Bob'], poker: ['Mira', 'Jonas'] };
    const dialects = made === 'signal' ? ['signal', 'poker'] : ['poker', 'signal'];
    for (const dialect of dialects) for (const name of people[dialect]) model.join(name, { dialect });
    return model;
  }

  // People ----------------------------------------------------------------------------------------------------------

  join(name, { dialect, spectator = false }) {
    this.people.set(name, { name, dialect, spectator, standing: 'present', online: true });
    this.host ??= name;
  }

  /** A page takes its card along, unless the cards are open; a poker player's stays, and counts again when he returns. */
  leave(name) {
    const person = this.people.get(name);
    if (person.dialect === 'signal' && this.isOpen) this.round.votes.delete(name);
    this.#go(person, 'left');
    if (this.host === name) this.host = this.voters.find((other) => other.online).name;
    this.#revealIfComplete();
  }

  lose(name) {
    this.people.get(name).online = false;
  }

  comeBack(name) {
    const person = this.people.get(name);
    if (person.standing === 'left') this.#disturb(name);
    Object.assign(person, { standing: 'present', online: true });
  }

  remove(name) {
    this.round?.votes.delete(name);
    this.#go(this.people.get(name), 'removed');
    this.#revealIfComplete();
  }

  spectate(name, spectator) {
    this.people.get(name).spectator = spectator;
    this.#disturb(name);
    this.#revealIfComplete();
  }

  // Rounds ----------------------------------------------------------------------------------------------------------

  /** A start from a page: `start`, `reset` of the active story instead, or `refused`. */
  startRight(name) {
    if (this.made === 'signal' || this.host === name) return 'start';
    return this.isRevealed ? 'reset' : 'refused';
  }

  start(name, title) {
    const right = this.startRight(name);
    if (right === 'start') this.#startOn(title ? this.#waiting(title) ?? this.#newStory(title) : this.#unnamed());
    if (right === 'reset') this.#startOn(this.active);
    return right;
  }

  vote(name, card) {
    this.round.votes.set(name, card);
    this.#revealIfComplete();
  }

  mayReveal(name) {
    const { whoCanReveal } = this.settings;
    const named = whoCanReveal === 'everyone' || (Array.isArray(whoCanReveal) && whoCanReveal.includes(name));
    return this.counted.length > 0 && (named || this.host === name || this.isComplete);
  }

  reveal() {
    const cards = new Map(this.counted);
    const result = resultOf(Object.fromEntries([...cards].map(([name, card]) => [name, onPage(card)])));
    Object.assign(this.round, { cards, result, moved: new Set() });
    this.history.push({ issueName: this.issueName, cards, ...result });
    const estimate = agreedOn([...cards.values()]);
    if (estimate) this.active.estimate = estimate;
  }

  mayReset(name) {
    return this.host === name || this.isRevealed;
  }

  reset() {
    this.#startOn(this.active);
  }

  // Stories ---------------------------------------------------------------------------------------------------------

  mayManage(name) {
    return this.host === name || this.settings.whoCanManageIssues === 'everyone';
  }

  create(title) {
    this.#startOn(this.#newStory(title, { fromPoker: true }));
  }

  activate(index) {
    this.#startOn(this.stories[index]);
  }

  rename(index, title) {
    this.stories[index].title = title;
  }

  complete(index, estimate) {
    const story = this.stories[index];
    Object.assign(story, { completed: true, estimate });
    if (story === this.active) this.#endRound();
  }

  /** What is active is completed without an estimate, and what comes next is played. */
  next(title) {
    if (this.active) this.active.completed = true;
    this.#endRound();
    if (title) this.create(title);
  }

  mayDelete(index) {
    const story = this.stories[index];
    return !story.hasOldVotes && !(story === this.active && this.round.votes.size > 0);
  }

  delete(index) {
    const story = this.stories[index];
    const wasActive = story === this.active;
    this.stories = this.stories.filter((other) => other !== story);
    if (!wasActive) return;
    this.#endRound();
    const heir = this.stories.find((other) => !other.completed);
    if (heir) this.#startOn(heir);
  }

  // Settings --------------------------------------------------------------------------------------------------------

  set(change) {
    Object.assign(this.settings, change);
  }

  /** The pages show their choice of a deck even where it is not the session's. */
  choose(votingSystem) {
    const isOurs = Object.values(DECKS).some((deck) => String(deck) === String(this.deck));
    if (isOurs) this.deck = DECKS[votingSystem];
    else this.override = votingSystem;
  }

  // What there is to see --------------------------------------------------------------------------------------------

  get present() {
    return [...this.people.values()].filter(({ standing }) => standing === 'present');
  }

  get voters() {
    return this.present.filter(({ spectator }) => !spectator);
  }

  /** Whom a snapshot for this person lists: who is there, himself, and whoever is away but has a card that counts. */
  listedFor(name) {
    const cards = this.round?.cards ?? this.round?.votes;
    const has = (voter) => cards?.has(voter.name);
    return this.voters.filter((voter) => voter.online || has(voter) || voter.name === name).map((voter) => voter.name);
  }

  get active() {
    return this.round?.story;
  }

  get isOpen() {
    return this.round !== undefined && this.round.cards === undefined;
  }

  get isRevealed() {
    return this.round?.cards !== undefined;
  }

  /** Name and card of everybody whose vote counts, in the order of voting. */
  get counted() {
    const names = this.voters.map(({ name }) => name);
    return [...(this.round?.votes ?? [])].filter(([name]) => names.includes(name));
  }

  get isComplete() {
    return this.isOpen && this.voters.length > 0 && this.counted.length === this.voters.length;
  }

  /** The name of the round on the pages. */
  get issueName() {
    return this.active?.unnamed ? undefined : this.active?.title;
  }

  get votingSystem() {
    return this.override ?? (this.deck.some((card) => card === '0' || card === '6') ? 'extended' : 'simple');
  }

  // ------------------------------------------------------------------------------------------------------------------

  #startOn(story) {
    if (story !== this.active) this.#endRound();
    story.completed = false;
    this.round = { story, votes: new Map() };
  }

  /** Votes of a round that is only reset are deleted; all others stay with their story. */
  #endRound() {
    if (this.round?.votes.size > 0) this.active.hasOldVotes = true;
    this.round = undefined;
  }

  #newStory(title, { fromPoker = false, unnamed = false } = {}) {
    const story = { title, fromPoker, unnamed, order: this.#nextOrder(), completed: false, estimate: undefined, hasOldVotes: false };
    this.stories.push(story);
    return story;
  }

  #nextOrder() {
    return Math.max(0, ...this.stories.map(({ order }) => order)) + 1;
  }

  /** A start under the name of a story without an estimate means that story. */
  #waiting(title) {
    return this.stories.find((story) => story.title === title && story.estimate === undefined);
  }

  #unnamed() {
    if (this.active?.fromPoker) return this.active;
    return this.#newStory(`Vote #${this.#nextOrder()}`, { unnamed: true });
  }

  #go(person, standing) {
    Object.assign(person, { standing, online: false });
    this.#disturb(person.name);
  }

  /** Whether the open cards of somebody who has come or gone since the reveal are shown, nobody says. */
  #disturb(name) {
    if (this.isRevealed) this.round.moved.add(name);
  }

  #revealIfComplete() {
    if (this.settings.autoReveal && this.isComplete) this.reveal();
  }
}

/** The estimate that the cards leave on the story, if four of five are the same. */
function agreedOn(cards) {
  const counts = new Map();
  for (const card of cards) counts.set(card, (counts.get(card) ?? 0) + 1);
  const [card] = [...counts].find(([, count]) => count / cards.length >= 0.8) ?? [];
  return NO_ESTIMATES.includes(card) ? undefined : card;
}
