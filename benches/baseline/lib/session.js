import { randomUUID } from 'node:crypto';

const LIFE_MS = 48 * 3_600_000;

/** One session and its rules. The totals are kept up to date, so that a vote counts nobody anew. */
export class Session {
  id = randomUUID();
  room = `session:${this.id}`;
  createdAt = Date.now();
  expiresAt = this.createdAt + LIFE_MS;
  hostId = null;
  /** In the order of joining, with those who left. */
  players = new Map();
  stories = [];
  /** The active story, if there is one. */
  story = null;
  /** This round's votes by player, in the order of each player's first one. */
  votes = new Map();
  /** What the reveal of this round showed; null while the cards are closed. */
  result = null;
  lastVoterId = null;
  playerCount = 0;
  totalPlayers = 0;
  voteCount = 0;

  constructor(name, config) {
    this.name = name;
    this.config = config;
    this.deck = new Set(config.cardValues);
  }

  get expired() {
    return Date.now() >= this.expiresAt;
  }

  add(name, avatar, isSpectator) {
    const now = Date.now();
    const player = {
      id: randomUUID(), name, avatar, isSpectator, joinedAt: now, lastSeenAt: now, sockets: 0, isOnline: true, onRoster: true,
    };
    this.players.set(player.id, player);
    this.hostId ??= player.id;
    this.#count(player, 1);
    return player;
  }

  leave(player) {
    player.onRoster = false;
    player.isOnline = false;
    this.#count(player, -1);
  }

  comeBack(player) {
    player.onRoster = true;
    player.isOnline = true;
    this.#count(player, 1);
  }

  #count(player, change) {
    this.playerCount += change;
    if (player.isSpectator) return;
    this.totalPlayers += change;
    if (this.votes.has(player.id)) this.voteCount += change;
  }

  roster() {
    return [...this.players.values()].filter(({ onRoster }) => onRoster);
  }

  isHost(player) {
    return player.id === this.hostId;
  }

  /** Whether an optional story id means the active story. */
  isActive(storyId) {
    return storyId === undefined || storyId === null || storyId === '' || storyId === this.id || storyId === this.story?.id;
  }

  /** Adds a story and begins a round with it; returns it and the one that was active. */
  addStory(title, description) {
    const previous = this.story;
    if (previous) previous.isActive = false;
    const orderIndex = this.stories.length + 1;
    const createdAt = new Date().toISOString();
    this.story = { id: randomUUID(), title, description, finalEstimate: undefined, orderIndex, isActive: true, createdAt };
    this.stories.push(this.story);
    this.resetVoting();
    return { story: this.story, previous };
  }

  /** Whether that changed anything. */
  vote(player, value, confidence) {
    const vote = this.votes.get(player.id);
    if (vote === undefined) {
      this.votes.set(player.id, { value, confidence });
      this.voteCount += 1;
    } else {
      if (vote.value === value && vote.confidence === confidence) return false;
      vote.value = value;
      vote.confidence = confidence;
    }
    this.lastVoterId = player.id;
    return true;
  }

  /** The votes of those who are on the roster, as they are shown after the reveal. */
  countedVotes() {
    const votes = [];
    for (const [playerId, { value, confidence }] of this.votes) {
      const player = this.players.get(playerId);
      if (player.onRoster) votes.push({ playerId, playerName: player.name, value, confidence });
    }
    return votes;
  }

  get allHaveVoted() {
    return this.voteCount >= this.totalPlayers;
  }

  resetVoting() {
    this.votes.clear();
    this.voteCount = 0;
    this.result = null;
    this.lastVoterId = null;
  }
}
