import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { startServer } from '../lib/server.js';
import { play, Room } from '../lib/signal-room.js';

const server = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '120000', POKER_HOST_HANDOVER_MS: '120000' } });
after(() => server.close());

const STEPS = 150;
const STEPS_BETWEEN_LOOKS = 10;
const SEEDS = [1, 2, 3, 4];
const NAMES = ['Alice', 'Bob', 'Carol', 'Dan'];
const TOGGLES = ['autoReveal', 'showAverage', 'showCountdown', 'enableFunFeatures'];

/** What anybody may do at any time, and how often compared with the rest; all of it makes sense only now and then. */
const DEEDS = {
  vote: [12, ({ chance }, person) => person.vote(chance.between(0, 6))],
  start: [4, ({ chance }, person) => person.start(chance.pick([undefined, 'ABC-1', 'ABC-2']))],
  reveal: [3, (_, person) => person.reveal()],
  countDown: [2, countDown],
  toggle: [3, ({ chance }, person) => configure(person, { [chance.pick(TOGGLES)]: chance.happens(0.5) })],
  permit: [1, ({ chance }, person) => configure(person, { whoCanReveal: chance.pick(['everyone', 'facilitator']) })],
  deck: [1, ({ chance }, person) => configure(person, {}, { votingSystem: chance.pick(['simple', 'extended']) })],
  handOver: [1, ({ chance, room }, person) => configure(person, {}, { facilitator: person.idOf(chance.pick(room.people)) })],
  throwEmoji: [2, ({ chance, room }, person) => person.emit('EMOJI_SENT', {
    fromPlayerId: person.userId, toPlayerId: person.idOf(chance.pick(room.people)), emoji: '🙏',
  })],
  leave: [2, async ({ room }, person) => {
    await room.forget(person).leave();
    await room.enter(person);
  }],
  reload: [2, async ({ room }, person) => {
    await room.lose(person);
    await room.enter(person);
  }],
};
const WEIGHTS = Object.fromEntries(Object.entries(DEEDS).map(([deed, [weight]]) => [deed, weight]));

function configure(person, settings, more = {}) {
  return person.emit('SETTINGS_UPDATED', { settings, ...more });
}

/** The pages count down, show the result by themselves and report; without countdowns the button reveals at once. */
async function countDown({ room }, person) {
  await room.fence();
  if (!person.page.session.settings.showCountdown) return person.reveal();
  await person.emit('COUNTDOWN_STARTED', {});
  await room.fence();
  const counting = room.people.filter(({ page }) => page.overlay);
  for (const { page } of counting) page.endCountdown();
  await Promise.all(counting.map((each) => each.reveal()));
}

/** What is on the screen, in words that compare. */
function essence({ players, currentVote, settings, facilitator, votingSystem, history }) {
  const listed = players.map(({ id }) => id);
  const votes = Object.entries(currentVote?.votes ?? {}).filter(([id]) => listed.includes(id)).sort();
  return {
    settings, facilitator, votingSystem,
    players: players.map(({ id, name }) => `${name} ${id}`).sort(),
    rounds: history.map(({ issueName, average }) => `${issueName} ${average}`),
    round: currentVote && { issueName: currentVote.issueName, isRevealed: currentVote.isRevealed },
    cards: currentVote?.isRevealed ? votes : players.filter(({ hasVoted }) => hasVoted).map(({ id }) => id).sort(),
  };
}

/** Every page shows what a fresh snapshot says. */
async function assertPagesAreRight(room, done) {
  await room.fence();
  const shown = room.people.map(({ page }) => ({ mode: page.mode, ...essence(page.session) }));
  for (const [index, person] of room.people.entries()) {
    const { currentVote, ...truth } = await room.snapshotFor(person);
    const expected = { mode: currentVote.isRevealed ? 'Results' : 'Voting', ...essence({ ...truth, currentVote }) };
    // A page takes the open card of whoever goes off the table, and does not get it back with him.
    const wanderers = truth.players.filter(({ name }) => done.wanderers.has(name)).map(({ id }) => id);
    if (currentVote.isRevealed) {
      for (const each of [shown[index], expected]) each.cards = each.cards.filter(([id]) => !wanderers.includes(id));
    }
    assert.deepEqual(shown[index], expected, `the page of ${person.name} after ${done.deeds.join(', ')}`);
  }
}

describe('a meeting in which everybody does what he likes', { concurrency: 4 }, () => {
  for (const seed of SEEDS) {
    test(`leaves every page right and every card closed until it is opened (seed ${seed})`, async (t) => {
      const chance = new Chance(seed);
      const { room, alice } = await Room.open(t, server, NAMES);
      await play(alice, 'ABC-1', []);
      const done = { deeds: [], wanderers: new Set() };
      for (let step = 1; step <= STEPS; step += 1) {
        const person = chance.pick(room.people);
        const deed = chance.weighed(WEIGHTS);
        done.deeds.push(`${person.name} ${deed}`);
        if (['leave', 'reload'].includes(deed)) done.wanderers.add(person.name);
        if (deed === 'start') done.wanderers.clear();
        await DEEDS[deed][1]({ chance, room }, person);
        if (step % STEPS_BETWEEN_LOOKS === 0) await assertPagesAreRight(room, done);
      }
      room.assertUserIdsSecret();
    });
  }
});
