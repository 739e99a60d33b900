import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { isTimestamp, isUuid, match } from '../lib/match.js';
import { MixedMeeting } from '../lib/mixed.js';
import { cast, entered, gone, presence, promoted } from '../lib/mixed-shapes.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { playerShape, submitted } from '../lib/shapes.js';
import { exactly } from '../lib/signal-person.js';
import {
  DECKS, disconnected, entryOf, facilitatorChanged, joined, left, settingsChanged, snapshot, voted, votedHere,
} from '../lib/signal-shapes.js';

const server = await startServer();
const hasty = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '1500', POKER_HOST_HANDOVER_MS: '0' } });
after(() => Promise.all([server.close(), hasty.close()]));

const FIBONACCI = ['1', '2', '3', '5', '8', '13', '?'];

/** Alice and Bob have the page, Mira and Jonas a Socket.IO client; the session was made by Alice's page. */
async function madeHere(t, { on = server } = {}) {
  return closing(t, await MixedMeeting.fromSignal(on));
}

function closing(t, mixed) {
  t.after(() => mixed.close());
  return mixed;
}

/** Alice starts a round and these people vote in turn. */
async function playing(mixed, votes) {
  await mixed.alice.start('ABC-1');
  for (const [person, vote] of votes) await cast(person, vote);
}

const shown = (mixed) => ok(mixed.rest.get(mixed.path));

describe('what a page does reaches the poker room', { concurrency: 4 }, () => {
  test('a new session has its creator as host and only player, the simple deck and no story', async (t) => {
    const mixed = closing(t, await MixedMeeting.fromSignal(server, { others: false }));
    const session = await ok(mixed.rest.get(mixed.path));
    match(session, {
      id: mixed.created.id, name: 'Sprint 1', hostId: isUuid, isActive: true, playerCount: 1, cardsRevealed: false,
      config: { cardValues: DECKS.simple, autoRevealCards: false }, createdAt: isTimestamp, expiresAt: isTimestamp,
    });
    assert.deepEqual(session.players.map(({ id, name, avatar, isSpectator }) => ({ id, name, avatar, isSpectator })), [
      { id: session.hostId, name: 'Alice', avatar: '👤', isSpectator: false },
    ]);
    assert.deepEqual(await ok(mixed.rest.get(`${mixed.path}/stories`)), []);
    match(await ok(mixed.rest.get(`${mixed.path}/votes`)), { votes: [], revealed: false, consensus: null });
  });

  test('a newcomer joins as an ordinary player, and the totals of a running round follow', async (t) => {
    const mixed = await madeHere(t);
    const { alice } = mixed;
    await mixed.everyoneHears(
      { poker: (carl) => [entered(carl, 5)], signal: (me, carl) => [joined(me, carl)] },
      () => mixed.join('Carl'),
    );
    await playing(mixed, [[alice, 3]]);
    await mixed.everyoneHears(
      { poker: (dora) => [entered(dora, 6), submitted(alice, 1, 6)], signal: (me, dora) => [joined(me, dora)] },
      () => mixed.join('Dora'),
    );
  });

  test('a player whose line breaks goes offline, and comes online when the same credential joins again', async (t) => {
    const mixed = await madeHere(t);
    const { bob } = mixed;
    await playing(mixed, [[bob, 2]]);
    await mixed.everyoneHears(
      { poker: [presence(bob, false)], signal: (me) => [disconnected(me, bob)] },
      () => mixed.lose(bob),
    );
    await mixed.everyoneHears(
      { poker: [presence(bob, true)], signal: (me) => [joined(me, bob, { hasVoted: true })] },
      () => mixed.comeBack(bob),
    );
    const players = await ok(mixed.rest.get(`${mixed.path}/players`));
    assert.deepEqual(players.filter(({ name }) => name === 'Bob').map(({ id, hasVoted }) => [id, hasVoted]), [[bob.playerId, true]]);
  });

  test('after the grace he has left, and joins again with the card he had put', async (t) => {
    const mixed = await madeHere(t, { on: hasty });
    const { alice, bob, jonas } = mixed;
    await playing(mixed, [[alice, 3], [bob, 2]]);
    await mixed.everyoneHears(
      {
        poker: [presence(bob, false), gone(bob, 3), submitted(alice, 1, 3)],
        signal: (me) => [disconnected(me, bob), left(me, bob)],
      },
      async () => {
        await mixed.lose(bob);
        await Promise.all([jonas.client.next('player:left'), alice.client.next('PLAYER_LEFT')]);
      },
    );
    await mixed.everyoneHears(
      {
        poker: [entered(bob, 4, { votedInCurrentRound: true }), submitted(bob, 2, 4)],
        signal: (me) => [joined(me, bob, { hasVoted: true })],
      },
      () => mixed.comeBack(bob),
    );
  });

  const GOODBYES = {
    'leave and PLAYER_LEFT': [['PLAYER_LEFT'], ['leave']],
    'leave alone': [['leave']],
    'PLAYER_LEFT alone': [['PLAYER_LEFT']],
    'leave twice': [['leave'], ['leave']],
  };
  for (const [words, messages] of Object.entries(GOODBYES)) {
    test(`whoever says ${words} has left once, without his card`, async (t) => {
      const mixed = await madeHere(t);
      const { alice, bob } = mixed;
      await playing(mixed, [[bob, 2], [alice, 3]]);
      mixed.forget(bob);
      await mixed.everyoneHears(
        { poker: [gone(bob, 3), submitted(alice, 1, 3)], signal: (me) => [left(me, bob)] },
        async () => {
          for (const [word] of messages) {
            if (word === 'leave') bob.client.send({ type: 'leave', timestamp: Date.now() });
            else bob.client.emit(word, { playerId: bob.userId });
          }
          await bob.client.settle();
        },
      );
      await mixed.everyoneHears(
        {
          poker: [entered(bob, 4, { votedInCurrentRound: false }), submitted(alice, 1, 4)],
          signal: (me) => [joined(me, bob, { hasVoted: (has) => !has })],
        },
        () => mixed.comeBack(bob),
      );
    });
  }

  for (const words of ['leave', 'PLAYER_LEFT']) {
    test(`whoever says ${words} in one of two tabs has not left`, async (t) => {
      const mixed = await madeHere(t);
      const { bob } = mixed;
      await playing(mixed, [[bob, 2]]);
      const tab = await bob.tab();
      await mixed.nobodyHears(async () => {
        if (words === 'leave') tab.client.send({ type: 'leave' });
        else tab.client.emit(words, { playerId: bob.userId });
        await tab.client.settle();
      });
      match(await ok(mixed.rest.get(`${mixed.path}/votes`)), { votes: [{ playerId: bob.playerId }] });
      tab.client.close();
    });
  }

  test('the same credential with another name is the same player under another name', async (t) => {
    const mixed = await madeHere(t);
    const { bob, people } = mixed;
    bob.formerNames = ['Bob'];
    bob.name = 'Robert';
    await mixed.everyoneHears(
      {
        poker: [['player:updated', { player: playerShape(bob) }]],
        signal: (me) => [snapshot({ players: people.map((person) => entryOf(me, person)) })],
      },
      () => bob.tab(),
    );
  });

  test('closing one of two tabs changes nothing for anybody', async (t) => {
    const mixed = await madeHere(t);
    const { bob } = mixed;
    const tab = await bob.tab();
    await mixed.nobodyHears(async () => {
      tab.client.vanish();
      await tab.client.closed;
      await bob.client.settle();
    });
  });

  test('an emoji reaches the pages alone, with a poker player as its target', async (t) => {
    const mixed = await madeHere(t);
    const { bob, mira } = mixed;
    await mixed.everyoneHears(
      { signal: (me) => [['EMOJI_SENT', { fromPlayerId: me.idOf(bob), toPlayerId: me.idOf(mira), emoji: '🙏' }]] },
      () => bob.emit('EMOJI_SENT', { fromPlayerId: bob.userId, toPlayerId: bob.idOf(mira), emoji: '🙏' }),
    );
  });
});

describe('a page changes settings', { concurrency: 4 }, () => {
  test('another facilitator is another host', async (t) => {
    const mixed = await madeHere(t);
    const { alice, mira } = mixed;
    await mixed.everyoneHears(
      {
        poker: [['player:promoted', { newHost: playerShape(mira, { isHost: true }), previousHost: playerShape(alice) }]],
        signal: (me) => [facilitatorChanged(me, mira)],
      },
      () => alice.emit('SETTINGS_UPDATED', { settings: {}, facilitator: alice.idOf(mira) }),
    );
    await ok(mira.addStory('Hers'), 201);
  });

  test('a facilitator who leaves hands over to who has been there longest', async (t) => {
    const mixed = await madeHere(t);
    const { alice, bob } = mixed;
    await mixed.everyoneHears(
      {
        poker: [gone(alice, 3), promoted(bob)],
        signal: (me) => [left(me, alice), facilitatorChanged(me, bob)],
      },
      () => mixed.leave(alice),
    );
  });

  test('autoReveal is in the next session:joined', async (t) => {
    const mixed = await madeHere(t);
    await mixed.everyoneHears({ signal: [['SETTINGS_UPDATED', exactly({ settings: { autoReveal: true } })]] }, () =>
      mixed.bob.emit('SETTINGS_UPDATED', { settings: { autoReveal: true } }));
    match((await mixed.joinPoker('Ada')).joined, { config: { autoRevealCards: true } });
  });

  test('the name is in the next GET', async (t) => {
    const mixed = await madeHere(t);
    await mixed.everyoneHears({ signal: [settingsChanged({ name: 'Sprint 2' })] }, () =>
      mixed.bob.emit('SETTINGS_UPDATED', { settings: {}, name: 'Sprint 2' }));
    match(await ok(mixed.rest.get(mixed.path)), { name: 'Sprint 2' });
  });

  for (const effect of ['showAverage', 'showCountdown', 'enableFunFeatures']) {
    test(`${effect} is the pages' own business`, async (t) => {
      const mixed = await madeHere(t);
      await mixed.everyoneHears({ signal: [['SETTINGS_UPDATED', exactly({ settings: { [effect]: false } })]] }, () =>
        mixed.bob.emit('SETTINGS_UPDATED', { settings: { [effect]: false } }));
    });
  }

  test('with everything that happens the end of a session made here moves away, of one made there it does not', async (t) => {
    const here = await madeHere(t);
    const there = closing(t, await MixedMeeting.fromPoker(server));
    for (const [mixed, moves] of [[here, true], [there, false]]) {
      const before = (await shown(mixed)).expiresAt;
      await mixed.bob.emit('SETTINGS_UPDATED', { settings: {}, name: 'Sprint 3' });
      assert.equal((await shown(mixed)).expiresAt > before, moves, `${mixed.host.key}'s session`);
    }
  });

  test('votingSystem replaces a deck of this dialect', async (t) => {
    const mixed = await madeHere(t);
    for (const [votingSystem, cardValues] of [['extended', DECKS.extended], ['simple', DECKS.simple]]) {
      await mixed.fence();
      for (const { client } of mixed.signals) client.mark();
      await mixed.bob.emit('SETTINGS_UPDATED', { settings: {}, votingSystem });
      await mixed.fence();
      for (const person of mixed.signals) person.heardExactly([settingsChanged({ votingSystem })]);
      assert.deepEqual((await shown(mixed)).config.cardValues, cardValues);
    }
    match((await mixed.joinPoker('Ada')).joined, { config: { cardValues: DECKS.simple } });
  });

  test('votingSystem only changes the view of the pages when the deck is another one', async (t) => {
    const mixed = closing(t, await MixedMeeting.fromPoker(server));
    await mixed.everyoneHears({ signal: [settingsChanged({ votingSystem: 'extended' })] }, () =>
      mixed.bob.emit('SETTINGS_UPDATED', { settings: {}, votingSystem: 'extended' }));
    assert.deepEqual((await shown(mixed)).config.cardValues, FIBONACCI);
    match((await mixed.join('Carl')).client.session, { votingSystem: 'extended' });
    await ok(mixed.mira.addStory('Export'), 201);
    await mixed.everyoneHears(
      { poker: [submitted(mixed.bob, 1, 5)], signal: (me) => [me === mixed.bob ? votedHere(me, me, 6) : voted(me, mixed.bob)] },
      () => mixed.bob.vote(6),
    );
  });
});
