import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isUuid, match } from '../lib/match.js';
import { MixedMeeting } from '../lib/mixed.js';
import { cast } from '../lib/mixed-shapes.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { storyShape, submitted } from '../lib/shapes.js';
import { countingDown, left, revealed, snapshot, started, voted, votedHere } from '../lib/signal-shapes.js';

const server = await startServer();
after(() => server.close());

/** Alice and Bob have the page, Mira and Jonas a Socket.IO client; the session was made by Alice's page. */
async function madeHere(t) {
  const mixed = await MixedMeeting.fromSignal(server);
  t.after(() => mixed.close());
  return mixed;
}

/** Alice starts a round and these people vote in turn. */
async function playing(mixed, votes = []) {
  await mixed.alice.start('ABC-1');
  for (const [person, vote] of votes) await cast(person, vote);
}

const stories = (mixed) => ok(mixed.rest.get(`${mixed.path}/stories`));

describe('a page starts a round', { concurrency: 4 }, () => {
  test('under a new name: the story is created and activated', async (t) => {
    const mixed = await madeHere(t);
    const story = storyShape({ title: 'ABC-1' });
    await mixed.everyoneHears(
      { poker: [['story:created', { story }], ['story:activated', { story, previousActiveStoryId: absent }]], signal: [started('ABC-1')] },
      () => mixed.bob.start('ABC-1'),
    );
  });

  test('under the name of a story that waits: it is activated', async (t) => {
    const mixed = await madeHere(t);
    await mixed.alice.start('ABC-1');
    await mixed.alice.start('ABC-2');
    const [first, second] = await stories(mixed);
    const activated = { story: storyShape({ id: first.id, title: 'ABC-1' }), previousActiveStoryId: second.id };
    await mixed.everyoneHears({ poker: [['story:activated', activated]], signal: [started('ABC-1')] }, () => mixed.bob.start('ABC-1'));
    assert.equal((await stories(mixed)).length, 2);
  });

  test('under the name of the active story: its voting is reset', async (t) => {
    const mixed = await madeHere(t);
    await playing(mixed, [[mixed.mira, 3]]);
    const [{ id }] = await stories(mixed);
    await mixed.everyoneHears({ poker: [['game:reset', { storyId: id }]], signal: [started('ABC-1')] }, () => mixed.bob.start('ABC-1'));
    match(await ok(mixed.rest.get(`${mixed.path}/votes`)), { votes: [], revealed: false });
  });

  test('under the name of a story that has an estimate: another one is created', async (t) => {
    const mixed = await madeHere(t);
    await playing(mixed, [[mixed.alice, 3]]);
    await mixed.alice.reveal();
    const [{ id, finalEstimate }] = await stories(mixed);
    assert.equal(finalEstimate, '3');
    const story = storyShape({ id: (other) => isUuid(other) && other !== id, title: 'ABC-1' });
    await mixed.everyoneHears(
      { poker: [['story:created', { story }], ['story:activated', { story, previousActiveStoryId: id }]], signal: [started('ABC-1')] },
      () => mixed.bob.start('ABC-1'),
    );
  });

  test('without a name: a story is numbered for the poker room, and has no name here', async (t) => {
    const mixed = await madeHere(t);
    await mixed.alice.start('ABC-1');
    for (const title of ['Vote #2', 'Vote #3']) {
      const story = storyShape({ title });
      await mixed.everyoneHears(
        { poker: [['story:created', { story }], ['story:activated', { story }]], signal: [started()] },
        () => mixed.bob.start(),
      );
    }
    await mixed.bob.vote(3);
    await mixed.everyoneHears(
      {
        poker: [['story:updated', {}], ['cards:revealed', {}]],
        signal: (me) => [...(me === mixed.bob ? [started()] : []), ...revealed(me, {
          votes: [[mixed.bob, 3]], players: mixed.people, average: 3, hasAgreement: true,
        })],
      },
      () => mixed.bob.reveal(),
    );
  });

  test('without a name: the number is the place of the story in the backlog', async (t) => {
    const mixed = await madeHere(t);
    const { alice, mira } = mixed;
    await alice.emit('SETTINGS_UPDATED', { settings: {}, facilitator: alice.idOf(mira) });
    const first = await ok(mira.addStory('Export'), 201);
    await ok(mira.rest.post(`${mixed.path}/reset`, { newStory: { title: 'Import' } }));
    await ok(mira.resetVoting());
    await ok(mira.rest.put(`${mixed.path}/stories/${first.id}/activate`));
    await ok(mira.rest.put(`/stories/${first.id}/complete`, { finalEstimate: '3' }));
    const story = storyShape({ title: 'Vote #3', orderIndex: 3 });
    await mixed.everyoneHears(
      { poker: [['story:created', { story }], ['story:activated', { story }]], signal: [started()] },
      () => alice.start(),
    );
  });

  test('without a name while a story of a poker client is active: a new round on that story', async (t) => {
    const mixed = await MixedMeeting.fromPoker(server);
    t.after(() => mixed.close());
    const story = await ok(mixed.mira.addStory('Export'), 201);
    await ok(mixed.mira.rest.post(`/players/${mixed.alice.playerId}/promote`));
    await mixed.everyoneHears(
      { poker: [['game:reset', { storyId: story.id }]], signal: [started('Export')] },
      () => mixed.alice.start(),
    );
  });
});

describe('a page votes and reveals', { concurrency: 4 }, () => {
  test('a vote is counted in front of everybody and shown to its own connection alone', async (t) => {
    const mixed = await madeHere(t);
    const { bob } = mixed;
    await playing(mixed);
    const tab = await bob.tab();
    mixed.signals.push(tab);
    for (const vote of [3, 5]) {
      await mixed.everyoneHears(
        { poker: [submitted(bob, 1, 4)], signal: (me) => [me === bob ? votedHere(me, bob, vote) : voted(me, bob)] },
        () => bob.vote(vote),
      );
    }
    const { votes } = await ok(mixed.rest.get(`${mixed.path}/votes`));
    assert.deepEqual(votes.map(({ playerId, hasVoted, value }) => [playerId, hasVoted, value]), [[bob.playerId, true, null]]);
  });

  /** Cards that differ leave no estimate; equal ones are told as an estimate before they are shown. */
  const RESULTS = [
    { cards: [3, 4], average: 3.5, hasAgreement: false, hasConsensus: false },
    { cards: [4, 4], average: 4, hasAgreement: true, hasConsensus: true, estimate: '4' },
    { cards: [3, '8'], average: 5.5, hasAgreement: false, hasConsensus: false },
    { cards: [3, '?'], average: 3, hasAgreement: true, hasConsensus: false },
    { cards: [3, 'q17x'], average: 3, hasAgreement: true, hasConsensus: false },
    { cards: [1, '0.5'], average: 0.75, hasAgreement: false, hasConsensus: false },
    { cards: [1, ' 2e0'], average: 1.5, hasAgreement: false, hasConsensus: false },
    { cards: [2, '2.0'], average: 2, hasAgreement: true, hasConsensus: false },
  ];
  for (const row of RESULTS) {
    test(`${row.cards.join(' and ')} are revealed at once in both dialects`, async (t) => {
      const { mixed, poker, result } = await aboutToReveal(t, row);
      await mixed.everyoneHears(
        { poker, signal: (me) => [...(me === mixed.bob ? [started('ABC-1')] : []), ...revealed(me, result)] },
        () => mixed.bob.reveal(),
      );
    });

    test(`${row.cards.join(' and ')} are revealed to the poker room when a countdown starts`, async (t) => {
      const { mixed, poker, result } = await aboutToReveal(t, row);
      await mixed.everyoneHears({ poker, signal: (me) => countingDown(me, result) }, () => mixed.bob.emit('COUNTDOWN_STARTED', {}));
      const withRound = snapshot({ history: { length: 1 } });
      for (const person of mixed.signals) {
        await mixed.everyoneHears({ signal: (me) => (me === person ? [withRound] : []) }, () => person.reveal());
      }
    });
  }

  async function aboutToReveal(t, { cards, average, hasAgreement, hasConsensus, estimate }) {
    const mixed = await madeHere(t);
    const { bob, mira } = mixed;
    await playing(mixed, [[bob, cards[0]], [mira, cards[1]]]);
    const [{ id }] = await stories(mixed);
    const shown = [bob, mira].map((person, index) => ({ playerId: person.playerId, playerName: person.name, value: String(cards[index]) }));
    const updated = ['story:updated', { story: storyShape({ id, finalEstimate: estimate ?? absent }) }];
    const opened = ['cards:revealed', { storyId: id, votes: shown, consensus: { hasConsensus, averageValue: average } }];
    const poker = estimate ? [updated, opened] : [opened];
    const towards = (card) => (Number.isNaN(Number(card)) ? card : Number(card));
    const votes = [[bob, cards[0]], [mira, towards(cards[1])]];
    return { mixed, poker, result: { title: 'ABC-1', votes, players: mixed.people, average, hasAgreement } };
  }

  test('with autoReveal the last vote reveals, wherever it comes from', async (t) => {
    const mixed = await madeHere(t);
    const { alice, bob, mira, jonas } = mixed;
    await alice.emit('SETTINGS_UPDATED', { settings: { autoReveal: true } });
    await playing(mixed, [[alice, 1], [mira, 2], [jonas, 4]]);
    const [{ id }] = await stories(mixed);
    const votes = [[alice, 1], [mira, 2], [jonas, 4], [bob, 5]];
    const shown = votes.map(([person, vote]) => ({ playerId: person.playerId, value: String(vote) }));
    await mixed.everyoneHears(
      {
        poker: [submitted(bob, 4, 4), ['cards:revealed', { storyId: id, votes: shown, consensus: { averageValue: 3 } }]],
        signal: (me) => [
          me === bob ? votedHere(me, bob, 5) : voted(me, bob),
          ...revealed(me, { title: 'ABC-1', votes, players: mixed.people, average: 3, hasAgreement: false }),
        ],
      },
      () => bob.vote(5),
    );
  });

  const DEPARTURES = {
    'leaves with her page': 'alice',
    'leaves with her socket': 'mira',
  };
  for (const [how, name] of Object.entries(DEPARTURES)) {
    test(`with autoReveal the round is revealed when the last one missing ${how}`, async (t) => {
      const mixed = await madeHere(t);
      const { bob, jonas, people } = mixed;
      await bob.emit('SETTINGS_UPDATED', { settings: { autoReveal: true } });
      await mixed.alice.emit('SETTINGS_UPDATED', { settings: {}, facilitator: mixed.alice.idOf(bob) });
      const missing = mixed[name];
      const voters = people.filter((person) => person !== missing);
      const votes = voters.map((person, index) => [person, index + 1]);
      await playing(mixed, votes);
      await mixed.fence();
      for (const client of [bob.client, jonas.client]) client.mark();
      await mixed.leave(missing);
      await jonas.client.next('cards:revealed', ({ consensus }) => consensus.averageValue === 2);
      await mixed.fence();
      bob.heardExactly([left(bob, missing), ...revealed(bob, { title: 'ABC-1', votes, players: voters, average: 2, hasAgreement: false })]);
    });
  }
});
