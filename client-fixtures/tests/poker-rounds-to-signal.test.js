import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { MixedMeeting } from '../lib/mixed.js';
import { bothWays, cast } from '../lib/mixed-shapes.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { submitted } from '../lib/shapes.js';
import { exactly } from '../lib/signal-person.js';
import { DECKS, openRound, revealed, roundGone, sessionNotFound, settingsChanged, started, voted } from '../lib/signal-shapes.js';

const server = await startServer();
after(() => server.close());

/** Mira made the session over REST, Jonas is there with a Socket.IO client, Alice and Bob with the page. */
async function madeThere(t, { title, votes = () => [] } = {}) {
  const mixed = await MixedMeeting.fromPoker(server);
  t.after(() => mixed.close());
  const story = title && await ok(mixed.mira.addStory(title), 201);
  for (const [person, value] of votes(mixed)) await cast(person, value);
  return { mixed, story, ...mixed };
}

/** What the pages hear, if the poker room hears events with these names. */
async function pagesHear(mixed, names, signal, action) {
  return mixed.everyoneHears({ poker: names.map((name) => [name, {}]), signal }, action);
}

describe('a round of the poker room on the pages', { concurrency: 4 }, () => {
  const votes = (person, value) => ok(person.vote(value));
  for (const [way, vote] of bothWays(votes, 'vote:submit', (value) => ({ value }))) {
    test(`a vote and a changed vote ${way} are marks without a value`, async (t) => {
      const { mixed, mira } = await madeThere(t, { title: 'Export' });
      for (const value of ['q17x', 'q18x']) {
        await mixed.everyoneHears({ poker: [submitted(mira, 1, 4)], signal: (me) => [voted(me, mira)] }, () => vote(mira, value));
      }
      mixed.assertSecret('q17x', 'q18x');
    });
  }

  test('vote:change is one mark, although the poker room hears two events', async (t) => {
    const { mixed, mira } = await madeThere(t, { title: 'Export', votes: ({ mira }) => [[mira, '3']] });
    await pagesHear(mixed, ['vote:submitted', 'vote:changed'], (me) => [voted(me, mira)], () =>
      mira.client.call('vote:change', { value: '5' }));
  });

  for (const [way, reveal] of bothWays((person) => ok(person.reveal()), 'cards:reveal')) {
    test(`a reveal ${way} shows every page the same cards and the same average as the poker room`, async (t) => {
      const { mixed, mira, jonas, alice, bob, people } = await madeThere(t, {
        title: 'Export', votes: ({ mira, jonas, alice }) => [[mira, '8'], [alice, 3], [jonas, '?']],
      });
      assert.equal(people.length, 4);
      const result = { title: 'Export', players: people, average: 5.5, hasAgreement: false, votes: [[mira, 8], [alice, 3], [jonas, '?']] };
      await mixed.everyoneHears(
        { poker: [['cards:revealed', { consensus: { averageValue: 5.5 } }]], signal: (me) => revealed(me, result) },
        () => reveal(mira),
      );
      await mixed.nobodyHears(() => reveal(mira));
      assert.deepEqual([alice, bob].map((person) => person.look().result), Array(2).fill({ average: 5.5, hasAgreement: false }));
    });
  }

  test('a reveal without any number has no average and no agreement', async (t) => {
    const { mixed, mira, jonas, people } = await madeThere(t, {
      title: 'Export', votes: (cast) => [[cast.mira, '☕'], [cast.jonas, '½']],
    });
    const result = { title: 'Export', votes: [[mira, '☕'], [jonas, '½']], players: people };
    await pagesHear(mixed, ['cards:revealed'], (me) => revealed(me, result), () => ok(mira.reveal()));
  });

  for (const [way, reset] of bothWays((person) => ok(person.resetVoting()), 'game:reset')) {
    for (const state of ['open', 'revealed']) {
      test(`a reset ${way} of a round that is ${state} starts one with the title of the story`, async (t) => {
        const { mixed, mira } = await madeThere(t, { title: 'Export', votes: ({ bob }) => [[bob, 3]] });
        if (state === 'revealed') await ok(mira.reveal());
        await pagesHear(mixed, ['game:reset'], [started('Export')], () => reset(mira));
      });
    }
  }
});

describe('a story of the poker room on the pages', { concurrency: 4 }, () => {
  for (const [way, create] of bothWays((person, title) => ok(person.addStory(title), 201), 'story:create', (title) => ({ title }))) {
    test(`a story that is created ${way} starts a round`, async (t) => {
      const { mixed, mira } = await madeThere(t);
      for (const title of ['Export', 'Import']) {
        await pagesHear(mixed, ['story:created', 'story:activated'], [started(title)], () => create(mira, title));
      }
    });
  }

  const activates = (person, { id }) => ok(person.rest.put(`/sessions/${person.meeting.sessionId}/stories/${id}/activate`));
  for (const [way, activate] of bothWays(activates, 'story:activate', ({ id }) => ({ storyId: id }))) {
    test(`a story that is activated ${way} starts a round, and activated again none`, async (t) => {
      const { mixed, mira, story } = await madeThere(t, { title: 'Export' });
      await ok(mira.addStory('Import'), 201);
      await pagesHear(mixed, ['story:activated'], [started('Export')], () => activate(mira, story));
      await mixed.nobodyHears(() => activate(mira, story));
    });
  }

  test('a reset with a new story starts exactly one round', async (t) => {
    const { mixed, mira } = await madeThere(t, { title: 'Export', votes: ({ bob }) => [[bob, 3]] });
    const names = ['story:updated', 'story:created', 'story:activated', 'game:reset'];
    await pagesHear(mixed, names, [started('Import')], () => ok(mira.rest.post(`${mixed.path}/reset`, { newStory: { title: 'Import' } })));
  });

  test('a reset without a new story leads the pages out of the round, and no round is added to the history', async (t) => {
    const { mixed, mira } = await madeThere(t, { title: 'Export', votes: ({ bob }) => [[bob, 3]] });
    await pagesHear(mixed, ['story:updated', 'game:reset'], roundGone(), () => ok(mira.rest.post(`${mixed.path}/reset`, {})));
  });

  const renames = (person, { id, title }) => ok(person.rest.put(`/stories/${id}`, { title }));
  for (const [way, rename] of bothWays(renames, 'story:update', ({ id, title }) => ({ storyId: id, title }))) {
    test(`a new title ${way} of the active story is a snapshot, of another one nothing`, async (t) => {
      const { mixed, mira, story, people } = await madeThere(t, { title: 'Export', votes: ({ bob }) => [[bob, 3]] });
      const voters = people.filter(({ name }) => name === 'Bob');
      await pagesHear(mixed, ['story:updated'], (me) => [openRound(me, { title: 'Export all', voters, players: people })], () =>
        rename(mira, { id: story.id, title: 'Export all' }));
      await ok(mira.addStory('Import'), 201);
      await pagesHear(mixed, ['story:updated'], [], () => rename(mira, { id: story.id, title: 'Export nothing' }));
    });
  }

  const deletes = (person, { id }) => ok(person.rest.delete(`/stories/${id}`));
  for (const [way, remove] of bothWays(deletes, 'story:delete', ({ id }) => ({ storyId: id }))) {
    test(`the active story deleted ${way}: the next one starts a round, and behind the last one there is none`, async (t) => {
      const { mixed, mira, story: first } = await madeThere(t, { title: 'Export' });
      const second = await ok(mira.addStory('Import'), 201);
      await pagesHear(mixed, ['story:deleted', 'story:activated'], [started('Export')], () => remove(mira, second));
      await pagesHear(mixed, ['story:deleted'], roundGone(), () => remove(mira, first));
    });

    test(`a story that waits is deleted ${way} unnoticed`, async (t) => {
      const { mixed, mira, story } = await madeThere(t, { title: 'Export' });
      await ok(mira.addStory('Import'), 201);
      await pagesHear(mixed, ['story:deleted'], [], () => remove(mira, story));
    });
  }

  test('the active story completed while its round is open: the pages are led out, and no round is added', async (t) => {
    const { mixed, mira, story } = await madeThere(t, { title: 'Export', votes: ({ bob }) => [[bob, 3]] });
    await pagesHear(mixed, ['story:updated'], roundGone(), () => complete(mira, story));
  });

  test('a page that was away while its round was completed is led out of it when it comes back', async (t) => {
    const { mixed, mira, bob, story } = await madeThere(t, { title: 'Export' });
    await mixed.lose(bob);
    await complete(mira, story);
    await mixed.comeBack(bob);
    await bob.client.settle();
    bob.heardExactly([['joined', {}], ...roundGone()]);
  });

  test('the active story completed after its reveal is no news', async (t) => {
    const { mixed, mira, story } = await madeThere(t, { title: 'Export', votes: ({ bob }) => [[bob, 3]] });
    await ok(mira.reveal());
    await pagesHear(mixed, ['story:updated'], [], () => complete(mira, story));
  });

  test('other stories, estimates and the timer are no news', async (t) => {
    const { mixed, mira, story } = await madeThere(t, { title: 'Export' });
    await ok(mira.addStory('Import'), 201);
    await pagesHear(mixed, ['story:updated'], [], () => ok(mira.rest.put(`/stories/${story.id}`, { description: 'all of it' })));
    await pagesHear(mixed, ['story:updated'], [], () => complete(mira, story));
    await pagesHear(mixed, ['timer:updated'], [], () => mira.client.call('timer:start', { duration: 60 }));
    await pagesHear(mixed, ['timer:updated'], [], () => mira.client.call('timer:stop', {}));
  });

  function complete(host, { id }) {
    return ok(host.rest.put(`/stories/${id}/complete`, { finalEstimate: '5' }));
  }
});

describe('a session of the poker room on the pages', { concurrency: 4 }, () => {
  const change = ({ mixed, mira }, body) => ok(mira.rest.put(mixed.path, body));

  test('a new name is told alone', async (t) => {
    const there = await madeThere(t);
    await there.mixed.everyoneHears({ signal: [settingsChanged({ name: 'Sprint 42' })] }, () => change(there, { name: 'Sprint 42' }));
  });

  test('autoRevealCards is told as autoReveal', async (t) => {
    const there = await madeThere(t);
    for (const autoReveal of [true, false]) {
      await there.mixed.everyoneHears({ signal: [['SETTINGS_UPDATED', exactly({ settings: { autoReveal } })]] }, () =>
        change(there, { config: { autoRevealCards: autoReveal } }));
    }
  });

  test('a deck is told only when the pages show another one because of it', async (t) => {
    const there = await madeThere(t);
    const decks = [
      [['1', '2', '3', '5', '8'], []],
      [['0', '½', '1', '2'], [settingsChanged({ votingSystem: 'extended' })]],
      [['4', '5', '6'], []],
      [['XS', 'S', 'M'], [settingsChanged({ votingSystem: 'simple' })]],
      [DECKS.extended, [settingsChanged({ votingSystem: 'extended' })]],
      [DECKS.simple, [settingsChanged({ votingSystem: 'simple' })]],
    ];
    for (const [cardValues, signal] of decks) await hearOnPages(there.mixed, signal, () => change(there, { config: { cardValues } }));
  });

  test('options that only the poker room has are no news', async (t) => {
    const there = await madeThere(t);
    await there.mixed.nobodyHears(() => change(there, { config: { timerSeconds: 90, allowSpectators: false } }));
  });

  test('a deleted session is not found any more', async (t) => {
    const { mixed, mira, alice, bob } = await madeThere(t);
    await mixed.fence();
    for (const { client } of [alice, bob]) client.mark();
    await ok(mira.rest.delete(mixed.path));
    for (const person of [alice, bob]) {
      match(await person.client.next('session_not_found'), { message: 'Session not found' });
      await person.client.settle();
      person.heardExactly([sessionNotFound]);
    }
    alice.client.mark();
    alice.client.send({ type: 'join', sessionId: mixed.sessionId, userId: alice.userId, userName: 'Alice' });
    await alice.client.settle();
    alice.heardExactly([sessionNotFound]);
  });

  /** What sockets are told of a new deck is the poker dialect's own business. */
  async function hearOnPages(mixed, signal, action) {
    await mixed.fence();
    for (const { client } of mixed.signals) client.mark();
    await action();
    await mixed.fence();
    for (const person of mixed.signals) person.heardExactly(signal);
  }
});
