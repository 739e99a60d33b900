import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, match } from '../lib/match.js';
import { startServer } from '../lib/server.js';
import { createSession } from '../lib/signal.js';
import { exactly } from '../lib/signal-person.js';
import { newUserId, play, Room } from '../lib/signal-room.js';
import {
  disconnected, entryOf, facilitatorChanged, joined, left, openRound, revealed, started, voted, votedHere,
} from '../lib/signal-shapes.js';
import { within } from '../lib/wait.js';

const PATIENT = { POKER_DISCONNECT_GRACE_MS: '120000', POKER_HOST_HANDOVER_MS: '120000' };
const HASTY = { POKER_DISCONNECT_GRACE_MS: '400', POKER_JOIN_GRACE_MS: '2000', POKER_HOST_HANDOVER_MS: '120000' };
const HANDING_OVER = { POKER_DISCONNECT_GRACE_MS: '400', POKER_HOST_HANDOVER_MS: '1200' };

const patient = await startServer({ env: PATIENT });
const hasty = await startServer({ env: HASTY });
const handingOver = await startServer({ env: HANDING_OVER });
after(() => Promise.all([patient, hasty, handingOver].map((server) => server.close())));

const notVoted = (has) => has === undefined || has === false;
const votedBy = (voter, vote) => (me) => [me === voter ? votedHere(me, voter, vote) : voted(me, voter)];
const revealedBy = (person, result) => (me) => [...(me === person ? [started(result.title)] : []), ...revealed(me, result)];

/** Cuts the line and lets the grace pass. */
async function vanishForGood(room, person) {
  await room.lose(person);
  const [witness] = room.people;
  await witness.client.next('PLAYER_LEFT', ({ playerId }) => playerId === witness.idOf(person));
}

const WAYS_TO_GO = {
  'is cut': (client) => client.vanish(),
  'is closed with 1001, as by a reload,': (client) => client.close(1001),
  'is closed with 1000': (client) => client.close(1000),
  'is closed without a code': (client) => client.close(),
  'is closed with 4000': (client) => client.close(4000),
};

describe('a player whose connection', { concurrency: 4 }, () => {
  for (const [how, end] of Object.entries(WAYS_TO_GO)) {
    test(`${how} is disconnected for the others at once and joins again when he is back`, async (t) => {
      const { room, bob } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
      await room.everyoneHears((me) => [disconnected(me, bob)], () => room.lose(bob, end));
      await room.everyoneHears((me) => [joined(me, bob, { hasVoted: notVoted })], () => room.enter(bob));
    });
  }

  test('is lost keeps his vote, which counts while he is away', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await play(alice, 'Away', [[alice, 2], [bob, 4]]);
    await room.lose(bob);
    await room.lose(carol);
    match(await room.snapshotFor(alice), {
      players: [entryOf(alice, alice, { hasVoted: true }), entryOf(alice, bob, { isOnline: false, hasVoted: true, vote: absent })],
    });
    await alice.reveal();
    match(await room.snapshotFor(alice), {
      currentVote: { votes: exactly({ [alice.userId]: 2, [alice.idOf(bob)]: 4 }), average: 3 },
      players: [entryOf(alice, alice, { vote: 2 }), entryOf(alice, bob, { isOnline: false, vote: 4 })],
    });
  });

  test('is lost has voted already when he comes back to the same round', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await play(alice, 'Away', [[bob, 4]]);
    await room.lose(bob);
    await room.everyoneHears((me) => [joined(me, bob, { hasVoted: true })], () => room.enter(bob));
    await room.everyoneHears(votedBy(bob, 5), () => bob.vote(5));
    const result = { title: 'Away', votes: [[bob, 5]], players: [alice, bob], average: 5, hasAgreement: true };
    await room.everyoneHears(revealedBy(bob, result), () => bob.reveal());
  });

  test('is lost for longer than the grace has left', async (t) => {
    const { room, alice, bob } = await Room.open(t, hasty);
    await alice.start();
    await room.everyoneHears((me) => [disconnected(me, bob), left(me, bob)], () => vanishForGood(room, bob));
    match(await room.snapshotFor(alice), { players: [entryOf(alice, alice)] });
  });

  test('is lost for longer than the grace has no vote that counts', async (t) => {
    const { room, alice, bob } = await Room.open(t, hasty);
    await play(alice, 'Short', [[alice, 2], [bob, 4]]);
    await vanishForGood(room, bob);
    const result = { title: 'Short', votes: [[alice, 2]], players: [alice], average: 2, hasAgreement: true };
    await room.everyoneHears(revealedBy(alice, result), () => alice.reveal());
    await room.everyoneHears((me) => [joined(me, bob, { hasVoted: notVoted })], () => room.enter(bob));
    match((await room.snapshotFor(alice)).history, [{ votes: exactly({ [alice.userId]: 2 }) }]);
  });

  test('is lost for longer than the grace finds his vote again while the round is the same', async (t) => {
    const { room, alice, bob } = await Room.open(t, hasty);
    await play(alice, 'Kept', [[bob, 4]]);
    await vanishForGood(room, bob);
    await room.everyoneHears((me) => [joined(me, bob, { hasVoted: true })], () => room.enter(bob));
    await room.fence();
    const open = openRound(bob, { title: 'Kept', voters: [bob], players: [alice, bob] });
    bob.heardExactly([['joined', { session: { id: room.sessionId } }], started('Kept'), open]);
    const result = { title: 'Kept', votes: [[bob, 4]], players: [alice, bob], average: 4, hasAgreement: true };
    await room.everyoneHears(revealedBy(alice, result), () => alice.reveal());
  });

  test('is lost for longer than the grace brings no vote into the next round', async (t) => {
    const { room, alice, bob } = await Room.open(t, hasty);
    await play(alice, 'Before', [[bob, 4]]);
    await vanishForGood(room, bob);
    await alice.start('After');
    await room.everyoneHears((me) => [joined(me, bob, { hasVoted: notVoted })], () => room.enter(bob));
    match([['SESSION_UPDATED', { session: await room.snapshotFor(bob) }]], [openRound(bob, { title: 'After', players: [alice, bob] })]);
  });

  test('has never been opened counts as present for a while', async (t) => {
    const room = new Room(hasty, await createSession(hasty.url, { facilitatorId: newUserId('Alice') }));
    t.after(() => room.close());
    const bob = await room.join('Bob');
    const [alice] = bob.client.session.players;
    match(alice, { name: 'Alice', isOnline: true });
    await bob.client.next('PLAYER_LEFT', ({ playerId }) => playerId === alice.id);
    await bob.start();
    match(await room.snapshotFor(bob), { players: [entryOf(bob, bob)] });
  });
});

describe('a player with two tabs', { concurrency: 4 }, () => {
  async function twoTabs(t) {
    const cast = await Room.open(t, patient);
    const tab = await cast.room.tab(cast.bob);
    await play(cast.alice, 'Tabs', [[cast.bob, 4]]);
    return { ...cast, tab };
  }

  test('is there until the last of them is gone', async (t) => {
    const { room, alice, bob, tab } = await twoTabs(t);
    await room.nobodyHears(async () => {
      room.forget(bob).client.close(1001);
      await within(bob.client.closed, 'the first tab closes');
    });
    match(await room.snapshotFor(alice), { players: [{ name: 'Alice' }, { name: 'Bob', isOnline: true, hasVoted: true }] });
    await room.everyoneHears(votedBy(tab, 5), () => tab.vote(5));
    await room.everyoneHears((me) => [disconnected(me, tab)], () => room.lose(tab));
  });

  const GOODBYES = {
    leave: (client) => client.send({ type: 'leave' }),
    'its own PLAYER_LEFT': (client, userId) => client.emit('PLAYER_LEFT', { playerId: userId }),
    both: (client, userId) => client.emit('PLAYER_LEFT', { playerId: userId }).send({ type: 'leave' }),
  };
  for (const [how, goodbye] of Object.entries(GOODBYES)) {
    test(`leaves with the last of them, if one says ${how} after the other`, async (t) => {
      const { room, alice, bob, tab } = await twoTabs(t);
      await room.nobodyHears(async () => {
        goodbye(room.forget(bob).client, bob.userId);
        await bob.client.settle();
      });
      bob.client.mark();
      await room.nobodyHears(() => bob.start('From nowhere'));
      await room.everyoneHears(votedBy(tab, 5), () => tab.vote(5));
      await bob.client.settle();
      assert.deepEqual(bob.heard(), []);
      await room.everyoneHears((me) => [left(me, tab)], async () => {
        goodbye(room.forget(tab).client, tab.userId);
        await tab.client.settle();
      });
      match(await room.snapshotFor(alice), { players: [{ name: 'Alice' }] });
    });
  }

  test('leaves for good if he leaves with one after he lost the other', async (t) => {
    const { room, bob, tab } = await twoTabs(t);
    room.forget(bob).client.vanish();
    await within(bob.client.closed, 'the first tab is lost');
    await room.everyoneHears((me) => [left(me, tab)], () => room.forget(tab).leave());
  });
});

describe('a player who says goodbye', { concurrency: 4 }, () => {
  test('with PLAYER_LEFT, leave and a close leaves once', async (t) => {
    const { room, bob } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await room.everyoneHears((me) => [left(me, bob), joined(me, bob, { hasVoted: notVoted })], async () => {
      await room.forget(bob).leave();
      await room.enter(bob);
    });
  });

  for (const card of [0, 4]) {
    test(`takes his ${card} with him, also when he comes back`, async (t) => {
      const { room, alice, bob } = await Room.open(t, patient);
      await alice.emit('SETTINGS_UPDATED', { settings: {}, votingSystem: 'extended' });
      await play(alice, 'Gone', [[alice, 2], [bob, card]]);
      await room.everyoneHears((me) => [left(me, bob)], () => room.forget(bob).leave());
      await room.everyoneHears((me) => [joined(me, bob, { hasVoted: notVoted })], () => room.enter(bob));
      const result = { title: 'Gone', votes: [[alice, 2]], players: [alice, bob], average: 2, hasAgreement: true };
      await room.everyoneHears(revealedBy(bob, result), () => bob.reveal());
    });
  }

  test('for somebody else is not heard by anybody else', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await play(alice, 'Staying', [[alice, 3]]);
    const strangers = [bob.idOf(alice), alice.userId, 'nobody', '', null, 7, [bob.userId], undefined];
    await room.everyoneHears([], async () => {
      for (const playerId of strangers) await bob.emit('PLAYER_LEFT', { playerId });
    }, { except: [bob] });
    assert.deepEqual(bob.client.heardKinds().filter((kind) => !['SESSION_UPDATED', 'SETTINGS_UPDATED'].includes(kind)), []);
    match(await room.snapshotFor(bob), { players: [{ name: 'Alice', hasVoted: true }, { name: 'Bob' }, { name: 'Carol' }] });
  });
});

const RETURNS = { 'in time stays what he was': false, 'too late is a player like the others': true };

describe('a facilitator', { concurrency: 4 }, () => {
  test('who leaves hands over at once, to whoever has been present for longest', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await room.everyoneHears((me) => [left(me, alice), facilitatorChanged(me, bob)], () => room.forget(alice).leave());
    const dan = await room.join('Dan');
    match(dan.client.session, { facilitator: dan.idOf(bob) });
    await room.everyoneHears((me) => [left(me, bob), facilitatorChanged(me, carol)], () => room.forget(bob).leave());
  });

  test('who is lost hands over after a while', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, handingOver, ['Alice', 'Bob', 'Carol']);
    await room.everyoneHears((me) => [disconnected(me, alice), left(me, alice), facilitatorChanged(me, bob)], async () => {
      await room.lose(alice);
      await carol.client.next('SETTINGS_UPDATED', ({ facilitator }) => facilitator === carol.idOf(bob));
    });
  });

  for (const [what, late] of Object.entries(RETURNS)) {
    test(`who is lost and comes back ${what}`, async (t) => {
      const { room, alice, bob } = await Room.open(t, handingOver);
      const { room: clock, alice: hand, bob: heir } = await Room.open(t, handingOver);
      await room.lose(alice);
      if (!late) await room.enter(alice);
      await clock.lose(hand);
      await heir.client.next('SETTINGS_UPDATED', ({ facilitator }) => facilitator === heir.userId);
      if (late) await room.enter(alice);
      await alice.start();
      match(await room.snapshotFor(alice), { facilitator: late ? alice.idOf(bob) : alice.userId });
      const change = { settings: { whoCanManageIssues: 'everyone' } };
      const refused = ['SESSION_UPDATED', { session: { settings: { whoCanManageIssues: 'facilitator' } } }];
      const answer = late ? refused : ['SETTINGS_UPDATED', exactly(change)];
      await room.everyoneHears((me) => (me === alice || !late ? [answer] : []), () => alice.emit('SETTINGS_UPDATED', change));
    });
  }
});

describe('a server that is killed and started again', { concurrency: 2 }, () => {
  async function afterKilling(t, prepare) {
    const server = await startServer({ env: PATIENT });
    t.after(() => server.close());
    const { room, alice, bob } = await Room.open(t, server);
    await alice.emit('SETTINGS_UPDATED', { settings: { showAverage: false, whoCanReveal: [alice.idOf(bob)] }, votingSystem: 'extended' });
    await play(alice, 'First', [[alice, 6], [bob, 2]]);
    await bob.reveal();
    await prepare({ alice, bob });
    const before = await room.snapshotFor(alice);
    room.forget(alice);
    room.forget(bob);
    await server.restart('SIGKILL');
    await room.enter(bob);
    await room.enter(alice);
    const { players, lastActivity, ...rest } = alice.client.session;
    match(before, rest);
    match(players, [entryOf(alice, alice), entryOf(alice, bob)]);
    assert.deepEqual(rest.history, before.history);
    match(rest.settings, { whoCanReveal: [alice.idOf(bob)] });
    await room.fence();
    return { room, alice, bob };
  }

  test('knows the people, the open round and who has voted', async (t) => {
    const { room, alice, bob } = await afterKilling(t, ({ alice: starter, bob: voter }) => play(starter, 'Second', [[voter, 0]]));
    const open = openRound(alice, { title: 'Second', voters: [bob], players: [alice, bob] });
    alice.heardExactly([['joined', { session: { history: [{ issueName: 'First' }] } }], started('Second'), open]);
    const result = { title: 'Second', votes: [[bob, 0]], players: [alice, bob], average: 0, hasAgreement: true, roundsBefore: 1 };
    await room.everyoneHears(revealedBy(bob, result), () => bob.reveal());
  });

  test('knows the revealed round', async (t) => {
    const { alice, bob } = await afterKilling(t, async () => {});
    const result = { title: 'First', votes: [[alice, 6], [bob, 2]], players: [alice, bob], average: 4, hasAgreement: false };
    alice.heardExactly([['joined', { session: { history: [{ issueName: 'First' }] } }], started('First'), ...revealed(alice, result)]);
  });
});
