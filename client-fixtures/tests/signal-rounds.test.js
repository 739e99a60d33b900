import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isString, isTimestamp, match } from '../lib/match.js';
import { startServer } from '../lib/server.js';
import { exactly } from '../lib/signal-person.js';
import { play, Room } from '../lib/signal-room.js';
import {
  disconnected, entryOf, joined, left, openRound, revealed, roundGone, settingsChanged, started, voted, votedHere,
} from '../lib/signal-shapes.js';

const patient = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '120000' } });
const hasty = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '400' } });
after(() => Promise.all([patient.close(), hasty.close()]));

const DECKS = { simple: [1, 2, 3, 4, 5], extended: [0, 1, 2, 3, 4, 5, 6] };
const IN_NO_SIMPLE_DECK = [0, 6, -1, 2.5, 1e21, '', '?', '☕', 'three', null, true, [3], { value: 3 }, undefined];
const NOT_A_TITLE = [5, 0, true, {}, [], ['Title']];

const configure = (person, settings) => person.emit('SETTINGS_UPDATED', { settings });
const votedBy = (voter, vote) => (me) => [me === voter ? votedHere(me, voter, vote) : voted(me, voter)];

/** Whoever pressed the button has revealed his own page already, so he is led out of it first. */
const revealedBy = (person, result) => (me) => [...(me === person ? [started(result.title)] : []), ...revealed(me, result)];

/** Alice has 2 and Bob 4 on the table. */
async function twoHaveVoted(t, names = ['Alice', 'Bob']) {
  const cast = await Room.open(t, patient, names);
  const { room, alice, bob } = cast;
  await play(alice, 'ABC-1', [[alice, 2], [bob, 4]]);
  const result = { title: 'ABC-1', votes: [[alice, 2], [bob, 4]], players: [...room.people], average: 3, hasAgreement: false };
  return { ...cast, result };
}

describe('a vote', { concurrency: 4 }, () => {
  test('tells its value to the connection that cast it and to no other, not even to another tab of the voter', async (t) => {
    const { room, alice } = await Room.open(t, patient);
    const tab = await room.tab(alice);
    await alice.start('Secret');
    const closed = (me) => [['VOTE_SUBMITTED', exactly({ playerId: me.idOf(alice) })]];
    const open = (vote) => [['VOTE_SUBMITTED', exactly({ playerId: alice.userId, vote })]];
    await room.everyoneHears((me) => (me === alice ? open(3) : closed(me)), () => alice.vote(3));
    await room.everyoneHears((me) => (me === tab ? open(5) : closed(me)), () => tab.vote(5));
    const { currentVote, players } = await room.snapshotFor(alice);
    match(currentVote, { votes: exactly({}) });
    match(players, [{ hasVoted: true, vote: absent }, { vote: absent }]);
  });

  for (const [deck, cards] of Object.entries(DECKS)) {
    test(`may be any card of the ${deck} deck, be changed to any other, and be repeated`, async (t) => {
      const { room, alice, bob } = await Room.open(t, patient);
      await alice.emit('SETTINGS_UPDATED', { settings: {}, votingSystem: deck });
      await alice.start();
      for (const card of [...cards, ...cards.toReversed()]) await room.everyoneHears(votedBy(bob, card), () => bob.vote(card));
      const result = { votes: [[bob, cards[0]]], players: [alice, bob], average: cards[0], hasAgreement: true };
      await room.everyoneHears(revealedBy(alice, result), () => alice.reveal());
    });
  }

  test('for a card that is not in the deck changes nothing and is answered with the session to its sender alone', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    const unchanged = openRound(bob, { title: 'ABC-1', voters: [alice, bob], players: [alice, bob] });
    await room.aloneHears(bob, IN_NO_SIMPLE_DECK.map(() => unchanged), async () => {
      for (const card of IN_NO_SIMPLE_DECK) await bob.vote(card);
    });
    await room.everyoneHears(revealedBy(bob, result), () => bob.reveal());
  });

  test('for anybody else, or for nobody, changes nothing and is answered with the session to its sender alone', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    const strangers = [bob.idOf(alice), alice.userId, 'nobody', '', null, 7, [bob.userId], undefined];
    const unchanged = openRound(bob, { title: 'ABC-1', voters: [alice, bob], players: [alice, bob] });
    await room.aloneHears(bob, strangers.map(() => unchanged), async () => {
      for (const playerId of strangers) await bob.emit('VOTE_SUBMITTED', { playerId, vote: 5 });
    });
    await room.everyoneHears(revealedBy(alice, result), () => alice.reveal());
  });

  test('without a round is nothing to anybody', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    await room.nobodyHears(async () => {
      for (const card of [3, ...IN_NO_SIMPLE_DECK]) await bob.vote(card);
      await bob.emit('VOTE_SUBMITTED', { playerId: 'nobody', vote: 3 });
    });
    await bob.start();
    match(await room.snapshotFor(bob), { players: [{}, { hasVoted: (has) => !has }] });
  });

  test('after the reveal changes nothing and is answered with the open cards', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await alice.reveal();
    const [, , unchanged] = revealed(bob, result);
    await room.aloneHears(bob, [unchanged, unchanged], async () => {
      await bob.vote(4);
      await bob.vote(5);
    });
  });
});

describe('a start', { concurrency: 4 }, () => {
  test('by anybody is told to everybody, him included', async (t) => {
    const { room } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    for (const person of room.people) {
      await room.everyoneHears([['VOTING_STARTED', exactly({ issueName: 'ABC-1' })]], () => person.start('ABC-1'));
      await room.everyoneHears([['VOTING_STARTED', exactly({})]], () => person.start());
    }
  });

  test('without a name leaves the name out', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    await room.everyoneHears([['VOTING_STARTED', exactly({})]], () => bob.start(''));
    match(await room.snapshotFor(bob), { currentVote: { issueName: absent, id: isString, startTime: isTimestamp, isRevealed: false } });
  });

  test('with a long name keeps its first 255 characters', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    await room.everyoneHears([started('x'.repeat(255))], () => bob.start('x'.repeat(255)));
    await room.everyoneHears([started('y'.repeat(255))], () => bob.start('y'.repeat(300)));
  });

  test('throws an open round away without history', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    await room.everyoneHears([started('ABC-2')], () => bob.start('ABC-2'));
    match([['SESSION_UPDATED', { session: await room.snapshotFor(alice) }]], [openRound(alice, { title: 'ABC-2', players: [alice, bob] })]);
    match(await room.snapshotFor(alice), { history: [] });
    await bob.vote(5);
    const result = { title: 'ABC-2', votes: [[bob, 5]], players: [alice, bob], average: 5, hasAgreement: true };
    await room.everyoneHears(revealedBy(bob, result), () => bob.reveal());
  });

  test('with anything but a text as its name is refused, and its page led back to where the session is', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    const refused = (sequence) => room.aloneHears(bob, NOT_A_TITLE.flatMap(() => sequence), async () => {
      for (const issueName of NOT_A_TITLE) await bob.emit('VOTING_STARTED', { issueName });
    });
    await refused(roundGone());
    await play(alice, 'ABC-1', [[bob, 4]]);
    await refused([started('ABC-1'), openRound(bob, { title: 'ABC-1', voters: [bob], players: [alice, bob] })]);
    await alice.reveal();
    const result = { title: 'ABC-1', votes: [[bob, 4]], players: [alice, bob], average: 4, hasAgreement: true };
    await refused([started('ABC-1'), ...revealed(bob, result)]);
  });
});

describe('a reveal', { concurrency: 4 }, () => {
  test('brings everybody the values, then the result, then the history, and its sender out of his own result first', async (t) => {
    const { room, alice, bob, carol, result } = await twoHaveVoted(t, ['Alice', 'Bob', 'Carol']);
    const tab = await room.tab(bob);
    const people = [alice, bob, carol];
    await room.everyoneHears(revealedBy(bob, { ...result, players: people }), () => bob.reveal());
    for (const me of [...people, tab]) {
      const [first, last] = me.heard().filter(({ kind }) => kind === 'SESSION_UPDATED').map(({ body }) => body.session);
      const votes = exactly({ [me.idOf(alice)]: 2, [me.idOf(bob)]: 4 });
      match(first.currentVote, { id: isString, votes, average: 3, hasAgreement: false });
      match(first.players, [
        entryOf(me, alice, { hasVoted: true, vote: 2 }),
        entryOf(me, bob, { hasVoted: true, vote: 4 }),
        entryOf(me, carol, { vote: absent }),
      ]);
      assert.deepEqual(first.history, []);
      assert.deepEqual(last, { ...first, history: [first.currentVote] });
      assert.ok(Date.parse(first.currentVote.endTime) >= Date.parse(first.currentVote.startTime));
      match(first, { id: room.sessionId, facilitator: me.idOf(alice), votingSystem: 'simple' });
      match(first, { createdAt: isTimestamp, lastActivity: isTimestamp });
    }
  });

  const RESULTS = [
    { cards: [1, 2, 2], average: 5 / 3, hasAgreement: false },
    { cards: [3, 3, 3], average: 3, hasAgreement: true },
    { cards: [4], average: 4, hasAgreement: true },
    { cards: [0, 0], average: 0, hasAgreement: true },
    { cards: [0, 6, 1], average: 7 / 3, hasAgreement: false },
  ];
  for (const { cards, average, hasAgreement } of RESULTS) {
    test(`of ${cards.join(', ')} averages ${average} and ${hasAgreement ? 'is' : 'is no'} agreement`, async (t) => {
      const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
      await alice.emit('SETTINGS_UPDATED', { settings: {}, votingSystem: 'extended' });
      const votes = cards.map((card, index) => [[alice, bob, carol][index], card]);
      await play(alice, 'Sum', votes);
      const result = { title: 'Sum', votes, players: [alice, bob, carol], average, hasAgreement };
      await room.everyoneHears(revealedBy(carol, result), () => carol.reveal());
    });
  }

  test('of a round that is revealed already is answered with the session to its sender alone', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await room.everyoneHears(revealedBy(alice, result), () => alice.reveal());
    for (const person of [bob, alice, bob]) await room.aloneHears(person, [revealed(person, result)[2]], () => person.reveal());
  });

  test('without a round is nothing to anybody', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    await room.nobodyHears(async () => {
      await bob.reveal();
      await bob.emit('COUNTDOWN_STARTED', {});
    });
  });

  test('without votes is refused, and its page led back to the open round', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await alice.start('Empty');
    await room.aloneHears(bob, [started('Empty'), openRound(bob, { title: 'Empty', players: [alice, bob] })], () => bob.reveal());
  });

  test('by somebody who may not is refused, and his page led back to the open round', async (t) => {
    const { room, alice, bob, carol, result } = await twoHaveVoted(t, ['Alice', 'Bob', 'Carol']);
    await configure(alice, { whoCanReveal: 'facilitator' });
    const open = openRound(bob, { title: 'ABC-1', voters: [alice, bob], players: [alice, bob, carol] });
    await room.aloneHears(bob, [started('ABC-1'), open], () => bob.reveal());
    await room.everyoneHears(revealedBy(alice, result), () => alice.reveal());
    await room.aloneHears(bob, [revealed(bob, result)[2]], () => bob.reveal());
  });

  test('stays in the history as it was when voters leave, come back and play on', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    await alice.reveal();
    const { history } = await room.snapshotFor(alice);
    match(history, [{ issueName: 'ABC-1', votes: exactly({ [alice.userId]: 2, [alice.idOf(bob)]: 4 }), average: 3 }]);
    await room.forget(bob).leave();
    assert.deepEqual((await room.snapshotFor(alice)).history, history);
    await alice.start('ABC-2');
    await room.enter(bob);
    await bob.vote(5);
    assert.deepEqual((await room.snapshotFor(alice)).history, history);
    await bob.reveal();
    const grown = (await room.snapshotFor(alice)).history;
    assert.deepEqual(grown[0], history[0]);
    match(grown, [{}, { issueName: 'ABC-2', votes: exactly({ [alice.idOf(bob)]: 5 }) }]);
    assert.notEqual(grown[0].id, grown[1].id);
  });
});

describe('with autoReveal the server reveals', { concurrency: 4 }, () => {
  async function almostAll(t, server, names) {
    const cast = await Room.open(t, server, names);
    await configure(cast.alice, { autoReveal: true });
    await play(cast.alice, 'Auto', [[cast.alice, 3]]);
    return cast;
  }
  const lonely = (alice) => ({ title: 'Auto', votes: [[alice, 3]], players: [alice], average: 3, hasAgreement: true });

  test('right after the vote that was missing, and the page that wants to do so too is shown the session', async (t) => {
    const { room, alice, bob } = await almostAll(t, patient);
    const result = { title: 'Auto', votes: [[alice, 3], [bob, 3]], players: [alice, bob], average: 3, hasAgreement: true };
    await room.everyoneHears((me) => [...votedBy(bob, 3)(me), ...revealed(me, result)], () => bob.vote(3));
    await room.aloneHears(bob, [revealed(bob, result)[2]], () => bob.reveal());
  });

  test('when the last one missing has left', async (t) => {
    const { room, alice, bob } = await almostAll(t, patient);
    await room.everyoneHears((me) => [left(me, bob), ...revealed(me, lonely(alice))], () => room.forget(bob).leave());
  });

  test('when the last one missing has not come back in time', async (t) => {
    const { room, alice, bob } = await almostAll(t, hasty);
    await room.everyoneHears((me) => [disconnected(me, bob), left(me, bob), ...revealed(me, lonely(alice))], async () => {
      await room.lose(bob);
      await alice.client.next('VOTES_REVEALED');
    });
  });

  test('never because somebody reloads his page', async (t) => {
    const { room, alice, bob } = await almostAll(t, patient);
    await room.everyoneHears((me) => [disconnected(me, bob), joined(me, bob)], async () => {
      await room.lose(bob);
      await room.enter(bob);
    });
    const result = { title: 'Auto', votes: [[alice, 3], [bob, 1]], players: [alice, bob], average: 2, hasAgreement: false };
    await room.everyoneHears((me) => [...votedBy(bob, 1)(me), ...revealed(me, result)], () => bob.vote(1));
  });

  test('once every player has voted, however many tabs he has', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    const tab = await room.tab(alice);
    await room.everyoneHears([settingsChanged({ settings: { autoReveal: true } })], () => configure(bob, { autoReveal: true }));
    await bob.start();
    await room.everyoneHears(votedBy(tab, 2), () => tab.vote(2));
    await room.everyoneHears(votedBy(alice, 3), () => alice.vote(3));
    const result = { votes: [[alice, 3], [bob, 3]], players: [alice, bob], average: 3, hasAgreement: true };
    await room.everyoneHears((me) => [...votedBy(bob, 3)(me), ...revealed(me, result)], () => bob.vote(3));
  });
});

describe('whoever joins', { concurrency: 4 }, () => {
  /** Everything this connection has ever heard. */
  async function hasHeard(room, person, expected) {
    await room.fence();
    person.heardExactly([['joined', { session: { id: room.sessionId } }], ...expected]);
  }

  test('before the first round is told of none', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    await hasHeard(room, bob, []);
  });

  test('an open round is brought into it, with all cards closed', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    const carol = await room.join('Carol');
    const open = openRound(carol, { title: 'ABC-1', voters: [alice, bob], players: [alice, bob, carol] });
    await hasHeard(room, carol, [started('ABC-1'), open]);
    await room.everyoneHears(votedBy(carol, 5), () => carol.vote(5));
  });

  test('an open round again is not shown his own card either', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    const open = (me) => [started('ABC-1'), openRound(me, { title: 'ABC-1', voters: [alice, bob], players: [alice, bob] })];
    const tab = await room.tab(bob);
    await hasHeard(room, tab, open(tab));
    room.forget(tab).client.close();
    await room.lose(bob);
    await room.enter(bob);
    await hasHeard(room, bob, open(bob));
  });

  test('a revealed round is brought to its result', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await alice.reveal();
    const carol = await room.join('Carol');
    await hasHeard(room, carol, [started('ABC-1'), ...revealed(carol, { ...result, players: [alice, bob, carol] })]);
    match(carol.client.session, { currentVote: { isRevealed: true, average: 3 }, history: [{ issueName: 'ABC-1' }] });
  });

  test('a round without a name is told of no name', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await alice.start();
    const carol = await room.join('Carol');
    await hasHeard(room, carol, [['VOTING_STARTED', exactly({})], openRound(carol, { players: [alice, bob, carol] })]);
  });
});

test('the history keeps the last hundred rounds', async (t) => {
  const { room, alice } = await Room.open(t, patient, ['Alice']);
  await configure(alice, { autoReveal: true });
  for (let number = 1; number <= 102; number += 1) {
    alice.client.emit('VOTING_STARTED', { issueName: `Round ${number}` });
    await alice.vote(3);
  }
  const { history } = await room.snapshotFor(alice);
  assert.deepEqual(history.map(({ issueName }) => issueName), Array.from({ length: 100 }, (_, index) => `Round ${index + 3}`));
  for (const round of history) match(round, { votes: exactly({ [alice.userId]: 3 }), startTime: isTimestamp, average: 3 });
});
