import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isUuid, match } from '../lib/match.js';
import { startServer } from '../lib/server.js';
import { exactly } from '../lib/signal-person.js';
import { newUserId, play, Room } from '../lib/signal-room.js';
import { countingDown, joined, left, revealed, snapshot, started, voted, votedHere } from '../lib/signal-shapes.js';

const env = { POKER_DISCONNECT_GRACE_MS: '120000', POKER_HOST_HANDOVER_MS: '120000' };
const server = await startServer({ env });
const plain = await startServer({ flags: ['--signal-private-ids', 'off'], env });
after(() => Promise.all([server.close(), plain.close()]));

const configure = (person, change) => person.emit('SETTINGS_UPDATED', change);

/** Everything in which somebody's id occurs. */
async function everythingHappens({ room, alice, bob, carol }) {
  await configure(alice, { settings: { whoCanReveal: [alice.idOf(bob), alice.userId, alice.idOf(carol)] } });
  await play(carol, 'ABC-1', [[alice, 3], [bob, 4]]);
  await alice.vote(5);
  await bob.reveal();
  await bob.emit('EMOJI_SENT', { fromPlayerId: bob.userId, toPlayerId: bob.idOf(alice), emoji: '🙏' });
  await play(alice, 'ABC-2', [[carol, 1]]);
  await carol.emit('COUNTDOWN_STARTED', {});
  await Promise.all([alice, bob, carol].map((person) => person.reveal()));
  const tab = await room.tab(bob);
  await configure(alice, { settings: {}, facilitator: alice.idOf(carol) });
  await configure(bob, { settings: { whoCanManageIssues: [bob.userId] }, facilitator: bob.userId });
  await play(alice, 'ABC-3', [[bob, 3]]);
  await room.lose(alice);
  await room.enter(alice);
  await alice.emit('PLAYER_LEFT', { playerId: alice.idOf(bob) });
  await alice.emit('VOTE_SUBMITTED', { playerId: alice.idOf(bob), vote: 2 });
  await room.forget(alice).leave();
  await room.forget(carol).leave();
  await tab.reveal();
  await room.fence();
}

describe('with private ids', { concurrency: 4 }, () => {
  test('nobody ever reads the userId of somebody else', async (t) => {
    const cast = await Room.open(t, server, ['Alice', 'Bob', 'Carol']);
    await everythingHappens(cast);
    assert.ok(cast.room.clients.length > 4);
    cast.room.assertUserIdsSecret();
  });

  test('everybody keeps one opaque id, whatever happens', async (t) => {
    const cast = await Room.open(t, server, ['Alice', 'Bob', 'Carol']);
    const { room, bob } = cast;
    const known = new Map(bob.client.session.players.map(({ id, name }) => [name, id]));
    await everythingHappens(cast);
    for (const { body } of bob.client.history) {
      for (const { id, name } of body?.session?.players ?? []) if (known.has(name)) assert.equal(id, known.get(name));
      if (body?.player && known.has(body.player.name)) assert.equal(body.player.id, known.get(body.player.name));
    }
    const faces = new Set([...known.values(), bob.idOf(cast.carol)]);
    const { history } = await room.snapshotFor(bob);
    match(history.map(({ issueName }) => issueName), ['ABC-1', 'ABC-2', 'ABC-3']);
    for (const { votes } of history) for (const id of Object.keys(votes)) assert.ok(faces.has(id), `${id} is none of ${[...faces]}`);
  });

  test('both tabs of somebody see him as himself', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    const tab = await room.tab(bob);
    await play(alice, 'Tabs', [[bob, 4]]);
    for (const me of [bob, tab]) {
      match(await room.snapshotFor(me), { players: [{ isCurrentUser: absent }, { id: bob.userId, isCurrentUser: true, hasVoted: true }] });
    }
    match(await room.snapshotFor(alice), { players: [{ id: alice.userId, isCurrentUser: true }, { isCurrentUser: absent }] });
  });

  test('an id that was seen is no key: whoever joins with it is somebody new', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await play(alice, 'Theft', [[alice, 2]]);
    const mallory = await room.everyoneHears((me, thief) => [joined(me, thief, { hasVoted: (has) => !has })],
      () => room.join('Mallory', { userId: bob.idOf(alice) }));
    match(mallory.client.session.players, [
      { name: 'Alice', isCurrentUser: absent }, { name: 'Bob' }, { name: 'Mallory', id: mallory.userId, isCurrentUser: true },
    ]);
    await room.everyoneHears((me) => [me === mallory ? votedHere(me, mallory, 5) : voted(me, mallory)], () => mallory.vote(5));
    const change = { settings: { whoCanReveal: 'facilitator' } };
    await room.aloneHears(mallory, [snapshot({ settings: { whoCanReveal: 'everyone' } })], () => configure(mallory, change));
    await room.everyoneHears((me) => [left(me, mallory)], () => room.forget(mallory).leave());
    const result = { title: 'Theft', votes: [[alice, 2]], players: [alice, bob], average: 2, hasAgreement: true };
    await room.everyoneHears((me) => [...(me === bob ? [started('Theft')] : []), ...revealed(me, result)], () => bob.reveal());
  });

  test('a userId belongs to one session', async (t) => {
    const { room, bob } = await Room.open(t, server);
    const { room: other, carol } = await Room.open(t, server, ['Carol']);
    const twin = await other.join('Bob', { userId: bob.userId });
    await play(carol, 'Twins', [[twin, 3]]);
    await room.nobodyHears(() => twin.reveal());
    await room.nobodyHears(() => other.lose(twin));
    await bob.start();
    match(await room.snapshotFor(bob), { players: [{ name: 'Alice' }, { name: 'Bob', hasVoted: (has) => !has }] });
  });

  const ODD_IDS = [
    'constructor', 'toString', '0', '-', 'a "quoted" \\ id', '💥', 'ünïcode', 'x'.repeat(100), '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20',
    'null',
  ];
  for (const userId of ODD_IDS) {
    test(`a userId may be ${userId.slice(0, 20)}`, async (t) => {
      const { room, alice } = await Room.open(t, server, ['Alice']);
      const odd = await room.join('Odd', { userId });
      await play(alice, 'Odd', [[alice, 1], [odd, 3]]);
      const result = { title: 'Odd', votes: [[alice, 1], [odd, 3]], players: [alice, odd], average: 2, hasAgreement: false };
      await room.everyoneHears((me) => countingDown(me, result), () => odd.emit('COUNTDOWN_STARTED', {}));
      room.forget(odd).client.vanish();
      await room.enter(odd);
      match(odd.client.session, { players: [{ name: 'Alice' }, { id: userId, name: 'Odd' }], currentVote: { votes: { [userId]: 3 } } });
    });
  }
});

describe('with plain ids', { concurrency: 4 }, () => {
  const asChosen = (person, name) => ({ id: person.userId, name, isOnline: true });

  test('everybody is called as he chose', async (t) => {
    const { room, alice } = await Room.open(t, plain, ['Alice']);
    const toldOf = (me, newcomer) => [['PLAYER_JOINED', { player: asChosen(newcomer, 'Bob') }]];
    const bob = await room.everyoneHears(toldOf, () => room.join('Bob'));
    match(bob.client.session, { facilitator: alice.userId });
    match(bob.client.session.players, [asChosen(alice, 'Alice'), { ...asChosen(bob, 'Bob'), isCurrentUser: true }]);
    await room.everyoneHears([['SETTINGS_UPDATED', exactly({ settings: { whoCanReveal: [bob.userId] } })]],
      () => configure(alice, { settings: { whoCanReveal: [bob.userId] } }));
    await room.everyoneHears([['EMOJI_SENT', exactly({ fromPlayerId: bob.userId, toPlayerId: alice.userId, emoji: '🙏' })]],
      () => bob.emit('EMOJI_SENT', { fromPlayerId: bob.userId, toPlayerId: alice.userId, emoji: '🙏' }));
    await play(alice, 'Plain', [[alice, 2], [bob, 3]]);
    await bob.reveal();
    const votes = exactly({ [alice.userId]: 2, [bob.userId]: 3 });
    for (const me of [alice, bob]) match(await room.snapshotFor(me), { currentVote: { votes }, history: [{ votes }] });
    const gone = ['PLAYER_LEFT', exactly({ playerId: alice.userId })];
    const heir = ['SETTINGS_UPDATED', exactly({ settings: {}, facilitator: bob.userId })];
    await room.everyoneHears([gone, heir], () => room.forget(alice).leave());
  });

  test('cards are still closed, and nobody acts for somebody else', async (t) => {
    const { room, alice, bob } = await Room.open(t, plain);
    await alice.start('Plain');
    const closed = ['VOTE_SUBMITTED', exactly({ playerId: alice.userId })];
    const own = ['VOTE_SUBMITTED', exactly({ playerId: alice.userId, vote: 3 })];
    await room.everyoneHears((me) => [me === alice ? own : closed], () => alice.vote(3));
    await room.everyoneHears([], async () => {
      await bob.emit('VOTE_SUBMITTED', { playerId: alice.userId, vote: 5 });
      await bob.emit('PLAYER_LEFT', { playerId: alice.userId });
      await bob.emit('EMOJI_SENT', { fromPlayerId: alice.userId, toPlayerId: bob.userId, emoji: '🙏' });
    }, { except: [bob] });
    assert.deepEqual(bob.client.heardKinds().filter((kind) => !['SESSION_UPDATED', 'SETTINGS_UPDATED'].includes(kind)), []);
    match(await room.snapshotFor(bob), { players: [{ id: alice.userId, hasVoted: true }, { id: bob.userId, hasVoted: (has) => !has }] });
  });
});

test('ids of others are not made from what they chose', async (t) => {
  const userId = newUserId('Carol');
  const [one, other] = [await Room.open(t, server), await Room.open(t, server)];
  const faces = [];
  for (const { room, alice } of [one, other]) {
    const carol = await room.everyoneHears((me, newcomer) => [joined(me, newcomer)], () => room.join('Carol', { userId }));
    faces.push(alice.idOf(carol));
  }
  assert.notEqual(faces[0], faces[1]);
  assert.ok(faces.every(isUuid), `${faces}`);
});
