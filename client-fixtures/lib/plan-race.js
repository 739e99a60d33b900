import assert from 'node:assert/strict';
import { KINDS } from './plan-choices.js';

/** What may happen at the same moment; nobody can know in which order the server takes it. */
const WEIGHTS = { vote: 6, reveal: 4, start: 2, reset: 2, create: 1, name: 1, leave: 1 };
const TRIES = 20;

/** One action for everybody who finds one, as if none of the others happened. */
export function makeRace(model, chance) {
  // Where people have come and gone since the reveal, even screens of one dialect may differ.
  if (model.round?.moved?.size > 0) return [];
  const actions = [];
  for (let tries = 0; tries < TRIES; tries++) {
    const kind = chance.weighed(WEIGHTS);
    const choice = KINDS[kind].choose(model, chance, 100 + tries);
    // Two who leave would wait for each other to hear of it.
    const isTaken = (action) => action.who === choice.who || (kind === 'leave' && action.kind === 'leave');
    if (choice && !actions.some(isTaken)) actions.push({ kind, ...choice });
  }
  return actions;
}

const RUNS = {
  vote: (person, { card }) => (isPage(person) ? person.vote(Number(card)) : person.vote(card)),
  reveal: (person) => person.reveal(),
  start: (person, { title }) => person.start(title),
  reset: (person) => person.resetVoting(),
  create: (person, { title }) => person.addStory(title),
  name: (person, { name }, { path }) => (isPage(person)
    ? person.emit('SETTINGS_UPDATED', { settings: {}, name })
    : person.rest.put(path, { name })),
  leave: (person, _, mixed) => mixed.leave(person),
};

/** Everything at once. Whatever is refused is refused politely. */
export async function runRace(mixed, actions) {
  const people = new Map(mixed.people.map((person) => [person.key, person]));
  for (const { kind, who } of actions) {
    const person = people.get(who);
    if (kind === 'reveal' && isPage(person) && person.client.hasRevealed) await person.reload();
  }
  const answers = await Promise.all(actions.map((action) => RUNS[action.kind](people.get(action.who), action, mixed)));
  for (const { status, text } of answers.filter((answer) => answer?.status)) assert.ok(status < 500, `${status} ${text}`);
}

function isPage(person) {
  return person.userId !== undefined;
}
