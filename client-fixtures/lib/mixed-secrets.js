import assert from 'node:assert/strict';

/** Watches every text that anybody in a mixed meeting is sent, for cards that are closed and for credentials of others. */
export class Secrets {
  /** Free cards that were never open. A card that was replaced or thrown away stays a secret. */
  #closed = new Set();
  #connections = new Map();
  #checked = new Map();
  #answers = 0;

  constructor(mixed) {
    this.mixed = mixed;
  }

  /** What is cast now must be in no frame, not even in one that is on its way already. Numbers cannot be searched for. */
  closed(...cards) {
    for (const card of cards) if (Number.isNaN(Number(card)) && card.length > 2) this.#closed.add(card);
  }

  opened(model) {
    for (const { cards } of model.history) for (const card of cards.values()) this.#closed.delete(card);
    // Whoever comes back to open cards may find his own among them.
    if (model.round?.moved?.size > 0) for (const card of model.round.votes.values()) this.#closed.delete(card);
  }

  /** Some of the cards are open now, and nobody knows which. */
  forgetCards() {
    this.#closed.clear();
  }

  /** Looks at what came since the last time, on connections that are gone as well. */
  check(model) {
    for (const person of this.mixed.people) if (person.client) this.#connections.set(person.client, person);
    for (const [client, person] of this.#connections) this.#checkConnection(client, person, model);
    for (const text of this.mixed.poker.answers.slice(this.#answers)) this.#checkText(text, { key: 'REST' });
    this.#answers = this.mixed.poker.answers.length;
  }

  #checkConnection(client, person, model) {
    const { frames, entries } = this.#checked.get(client) ?? { frames: 0, entries: 0 };
    for (const frame of client.frames.slice(frames)) if (typeof frame === 'string') this.#checkText(frame, person);
    if (person.userId !== undefined) client.history.slice(entries).forEach((entry) => masked(entry, person, model));
    this.#checked.set(client, { frames: client.frames.length, entries: client.history.length });
  }

  #checkText(text, { key, userId }) {
    for (const card of this.#closed) assert.ok(!text.includes(card), `the closed card ${card} leaked to ${key} in ${text}`);
    for (const other of this.mixed.people) {
      if (other.userId === undefined || other.userId === userId) continue;
      assert.ok(!text.includes(other.userId), `the credential of ${other.key} leaked to ${key} in ${text}`);
    }
  }
}

/** Numbers cannot be searched for, so before the reveal nothing may have the shape of a vote. */
function masked({ kind, body }, { key, userId }, { isRevealed }) {
  const where = `at ${key} before the reveal`;
  if (kind === 'VOTE_SUBMITTED') assert.ok(body.vote === undefined || body.playerId === userId, `a vote of another ${where}`);
  if (kind === 'PLAYER_JOINED' && !isRevealed) assert.equal(body.player.vote, undefined, `a vote of a newcomer ${where}`);
  const round = body?.session?.currentVote;
  if (!body?.session || round?.isRevealed) return;
  assert.deepEqual(round?.votes ?? {}, {}, `votes in a snapshot ${where}`);
  for (const player of body.session.players) assert.ok(!('vote' in player), `a vote of a player in a snapshot ${where}`);
}
