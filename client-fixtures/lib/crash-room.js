import { Deed, lastWrites } from './crash-deeds.js';

/**
 * What one session must be like, from what was asked and what was answered. Names and titles are never used twice,
 * so they identify what was never acknowledged. All checks return sentences about what is wrong.
 */
export class Room {
  people = new Map();
  stories = new Map();
  /** Starts of rounds, which take all cards off the table. */
  #rounds = [];
  #opened = [given(false)];
  #active = [given(undefined)];

  constructor(sessionId, name) {
    this.sessionId = sessionId;
    this.name = name;
  }

  join(name, isSpectator = false) {
    const deed = new Deed();
    const person = { name, isSpectator, deed, votes: [given(undefined)] };
    this.people.set(name, person);
    return person;
  }

  create(title) {
    const deed = this.#startRound();
    const story = { title, deed };
    this.stories.set(title, story);
    this.#active.push({ deed, value: title });
    return story;
  }

  vote(person, value) {
    const deed = new Deed();
    person.votes.push({ deed, value });
    return deed;
  }

  reveal() {
    const deed = new Deed();
    this.#opened.push({ deed, value: true });
    return deed;
  }

  reset() {
    return this.#startRound();
  }

  /** What is wrong with what the server shows while nothing is in flight. */
  problems(truth) {
    return [
      ...listProblems('player', this.people, truth.players, 'name', ['isSpectator']),
      ...listProblems('story', this.stories, truth.stories, 'title', []),
      ...this.#roundProblems(truth),
      ...this.#voteProblems(truth.votes, truth),
      ...agreementProblems(truth),
    ];
  }

  /** What is wrong with a list of open cards, from wherever it comes. */
  cardProblems(votes) {
    const byName = new Map([...this.people.values()].map((person) => [person.id, person]));
    const doubled = repeated(votes.map((vote) => vote.playerId)).map((id) => `${id} has two votes`);
    return [...doubled, ...votes.flatMap((vote) => this.#cardProblem(byName.get(vote.playerId), vote))];
  }

  /** From here on it is as the server shows it: what was not acknowledged has happened by now or never will. */
  adopt(truth) {
    const start = Deed.given();
    adoptList(this.people, truth.players, 'name');
    adoptList(this.stories, truth.stories, 'title');
    this.#opened = [{ deed: start, value: truth.votes.revealed }];
    this.#active = [{ deed: start, value: truth.stories.find((story) => story.isActive)?.title }];
    for (const person of this.people.values()) {
      const card = truth.votes.votes.find((vote) => vote.playerId === person.id);
      const values = card ? this.#cardsOf(person).filter((value) => value !== undefined) : [undefined];
      person.votes = (card && truth.votes.revealed ? [card.value] : values).map((value) => ({ deed: start, value }));
    }
    this.#rounds = [];
  }

  #startRound() {
    const deed = new Deed();
    this.#rounds.push({ deed, value: undefined });
    this.#opened.push({ deed, value: false });
    return deed;
  }

  /** The cards that somebody may have on the table; `undefined` is none. */
  #cardsOf(person) {
    return [...new Set(valuesOf([...person.votes, ...this.#rounds]))];
  }

  #roundProblems({ stories, votes }) {
    const active = stories.filter((story) => story.isActive).map((story) => story.title);
    const problems = active.length > 1 ? [`${active.length} stories are active: ${active.join(', ')}`] : [];
    return [
      ...problems,
      ...unexpected('the active story', active[0], valuesOf(this.#active)),
      ...unexpected('revealed', votes.revealed, valuesOf(this.#opened)),
    ];
  }

  #voteProblems({ votes, revealed }, { players }) {
    const strangers = votes.filter((vote) => !players.some((player) => player.id === vote.playerId && !player.isSpectator));
    const problems = strangers.map((vote) => `a vote of ${vote.playerName}, who is no voter of the roster`);
    for (const person of this.people.values()) {
      const has = votes.some((vote) => vote.playerId === person.id);
      const possible = this.#cardsOf(person);
      if (!possible.some((value) => (value !== undefined) === has)) {
        problems.push(`${person.name} has ${has ? 'a' : 'no'} vote, expected ${expectation(possible)}`);
      }
    }
    if (revealed) return [...problems, ...this.cardProblems(votes)];
    const leaked = votes.filter((vote) => vote.value !== null || vote.confidence !== null);
    const doubled = repeated(votes.map((vote) => vote.playerName)).map((name) => `${name} has two votes`);
    return [...problems, ...doubled, ...leaked.map((vote) => `the closed card of ${vote.playerName} is shown`)];
  }

  #cardProblem(person, { playerName, value, confidence }) {
    if (!person) return [`a vote ${value} of ${playerName}, whom nobody knows`];
    const possible = this.#cardsOf(person);
    if (!possible.includes(value)) return [`${playerName} voted ${value}, expected ${expectation(possible)}`];
    return unexpected(`the confidence of ${playerName}'s ${value}`, confidence, [confidenceOf(value)]);
  }
}

/** Every value has its own confidence, so that a mixture of two votes is noticed. */
export function confidenceOf(value) {
  return 1 + (Number(value) % 5);
}

function given(value) {
  return { deed: Deed.given(), value };
}

function valuesOf(writes) {
  return lastWrites(writes).map(({ value }) => value);
}

function listProblems(kind, known, shown, key, fields) {
  const problems = repeated(shown.map((item) => item.id)).map((id) => `two of ${kind} id ${id}`);
  problems.push(...repeated(shown.map((item) => item[key])).map((name) => `${kind} ${name} is there twice`));
  for (const [name, expected] of known) {
    const item = shown.find((candidate) => candidate[key] === name);
    if (!item) {
      if (expected.deed.happened) problems.push(`${kind} ${name} (${expected.id}) was acknowledged and is gone`);
    } else if (expected.deed.happened === false) {
      problems.push(`${kind} ${name} was refused and is there`);
    } else {
      if (expected.id !== undefined) problems.push(...unexpected(`the id of ${kind} ${name}`, item.id, [expected.id]));
      for (const field of fields) problems.push(...unexpected(`${field} of ${kind} ${name}`, item[field], [expected[field]]));
      // Before the registers are read: what has happened overwrites what was answered before it was asked.
      expected.deed.discover();
      expected.id ??= item.id;
    }
  }
  const unknown = shown.filter((item) => !known.has(item[key]));
  return [...problems, ...unknown.map((item) => `${kind} ${item[key]}, which nobody has asked for`)];
}

/** The server's answers among themselves. */
function agreementProblems({ session, players, stories, votes: { votes, revealed, consensus } }) {
  const voters = new Set(votes.map((vote) => vote.playerId));
  const problems = [
    ...unexpected('cardsRevealed of the session', session.cardsRevealed, [revealed]),
    ...unexpected('the players of the session', namesOf(session.players), [namesOf(players)]),
    ...players.flatMap((player) => unexpected(`hasVoted of ${player.name}`, player.hasVoted, [voters.has(player.id)])),
  ];
  if (!revealed) return [...problems, ...unexpected('the consensus on closed cards', consensus, [null])];
  problems.push(...unexpected('totalVotes', consensus?.totalVotes ?? 0, [votes.length]));
  if (consensus?.hasConsensus) {
    const estimate = stories.find((story) => story.isActive)?.finalEstimate;
    problems.push(...unexpected('the final estimate after a consensus', estimate, [consensus.value]));
  }
  return problems;
}

function adoptList(known, shown, key) {
  for (const name of known.keys()) {
    if (!shown.some((item) => item[key] === name)) known.delete(name);
  }
}

function namesOf(players) {
  return players.map((player) => player.name).join(', ');
}

function repeated(list) {
  return [...new Set(list.filter((item, index) => list.indexOf(item) !== index))];
}

function unexpected(what, actual, possible) {
  return possible.includes(actual) ? [] : [`${what} is ${actual}, expected ${expectation(possible)}`];
}

function expectation(possible) {
  return [...new Set(possible)].map((value) => value ?? 'none').join(' or ');
}
