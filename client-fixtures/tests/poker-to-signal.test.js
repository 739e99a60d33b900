import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { MixedMeeting } from '../lib/mixed.js';
import { bothWays, cast, entered, gone, presence, promoted } from '../lib/mixed-shapes.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { playerShape, submitted } from '../lib/shapes.js';
import { knock } from '../lib/signal-person.js';
import { disconnected, entryOf, facilitatorChanged, joined, left, removedFromSession, snapshot } from '../lib/signal-shapes.js';

const server = await startServer();
const hasty = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '1500', POKER_HOST_HANDOVER_MS: '3000' } });
after(() => Promise.all([server.close(), hasty.close()]));

/** Mira made the session over REST, Jonas is there with a Socket.IO client, Alice and Bob with the page. */
async function madeThere(t, { on = server } = {}) {
  const mixed = await MixedMeeting.fromPoker(on);
  t.after(() => mixed.close());
  return mixed;
}

async function playing(mixed, voter, value) {
  await ok(mixed.mira.addStory('Export'), 201);
  await cast(voter, value);
}

describe('people of the poker room come and go', { concurrency: 4 }, () => {
  test('a player who joins over REST is told once, and not again when his socket attaches', async (t) => {
    const mixed = await madeThere(t);
    const ada = await mixed.everyoneHears(
      { poker: (person) => [entered(person, 5)], signal: (me, person) => [joined(me, person)] },
      () => mixed.joinPoker('Ada', { attach: false }),
    );
    await mixed.nobodyHears(() => ada.attach());
  });

  test('a player who joins by name over the socket is told once', async (t) => {
    const mixed = await madeThere(t);
    await mixed.everyoneHears(
      { poker: (person) => [entered(person, 5)], signal: (me, person) => [joined(me, person)] },
      () => mixed.appear('Ada', { avatar: 'avatar-3' }),
    );
  });

  test('a player whose transport is lost is disconnected, and joins with his mark when he attaches again', async (t) => {
    const mixed = await madeThere(t);
    const { mira } = mixed;
    await playing(mixed, mira, '3');
    await mixed.everyoneHears({ poker: [presence(mira, false)], signal: (me) => [disconnected(me, mira)] }, () => mixed.lose(mira));
    await mixed.everyoneHears(
      { poker: [presence(mira, true)], signal: (me) => [joined(me, mira, { hasVoted: true })] },
      () => mixed.comeBack(mira),
    );
  });

  test('after the grace he has left, and joins with his mark when he attaches again', async (t) => {
    const mixed = await madeThere(t, { on: hasty });
    const { alice, jonas } = mixed;
    mixed.keepFences(mixed.mira);
    await playing(mixed, jonas, '3');
    await mixed.everyoneHears(
      { poker: [presence(jonas, false), gone(jonas, 3)], signal: (me) => [disconnected(me, jonas), left(me, jonas)] },
      async () => {
        await mixed.lose(jonas);
        await Promise.all([mixed.mira.client.next('player:left'), alice.client.next('PLAYER_LEFT')]);
      },
    );
    await mixed.everyoneHears(
      {
        poker: [entered(jonas, 4, { votedInCurrentRound: true }), submitted(jonas, 1, 4)],
        signal: (me) => [joined(me, jonas, { hasVoted: true })],
      },
      () => mixed.comeBack(jonas),
    );
  });

  test('a player who disconnects on purpose leaves at once', async (t) => {
    const mixed = await madeThere(t);
    const ada = await mixed.joinPoker('Ada');
    await mixed.everyoneHears({ poker: [gone(ada, 4)], signal: (me) => [left(me, ada)] }, () => mixed.leave(ada));
    await mixed.everyoneHears({ poker: [entered(ada, 5)], signal: (me) => [joined(me, ada)] }, () => mixed.comeBack(ada));
  });

  test('session:leave is leaving, too', async (t) => {
    const mixed = await madeThere(t);
    const ada = await mixed.joinPoker('Ada');
    mixed.forget(ada);
    await mixed.everyoneHears({ poker: [gone(ada, 4)], signal: (me) => [left(me, ada)] }, async () => {
      ada.client.emit('session:leave', {});
      await ada.client.next('disconnect');
    });
  });

  test('a spectator is nobody here, whatever he does', async (t) => {
    const mixed = await madeThere(t);
    const sven = await mixed.everyoneHears(
      { poker: (person) => [entered(person, 5)] },
      () => mixed.joinPoker('Sven', { asSpectator: true, attach: false }),
    );
    await mixed.nobodyHears(() => sven.attach());
    await mixed.everyoneHears({ poker: [presence(sven, false)] }, () => mixed.lose(sven));
    await mixed.everyoneHears({ poker: [presence(sven, true)] }, () => mixed.comeBack(sven));
    await mixed.everyoneHears({ poker: [gone(sven, 4)] }, () => mixed.leave(sven));
  });

  const changes = (person, change) => ok(person.rest.put(`/players/${person.playerId}`, change));
  for (const [way, change] of bothWays(changes, 'player:update', (what) => what)) {
    test(`a new name ${way} is in a new snapshot`, async (t) => {
      const mixed = await madeThere(t);
      const { mira, people } = mixed;
      mira.formerNames = ['Mira'];
      mira.name = 'Mira M.';
      await mixed.everyoneHears(
        {
          poker: [['player:updated', { player: playerShape(mira, { isHost: true }) }]],
          signal: (me) => [snapshot({ players: people.map((person) => entryOf(me, person)) })],
        },
        () => change(mira, { name: 'Mira M.' }),
      );
    });

    test(`a new avatar ${way} is a snapshot without anything new`, async (t) => {
      const mixed = await madeThere(t);
      const { mira, people } = mixed;
      await mixed.everyoneHears(
        {
          poker: [['player:updated', { player: playerShape(mira, { isHost: true, avatar: '🐧' }) }]],
          signal: (me) => [snapshot({ players: people.map((person) => entryOf(me, person)) })],
        },
        () => change(mira, { avatar: '🐧' }),
      );
    });

    test(`who becomes a spectator ${way} leaves, and joins when he is a player again`, async (t) => {
      const mixed = await madeThere(t);
      const ada = await mixed.joinPoker('Ada');
      ada.isSpectator = true;
      await mixed.everyoneHears(
        { poker: [['player:updated', { player: playerShape(ada) }]], signal: (me) => [left(me, ada)] },
        () => change(ada, { isSpectator: true }),
      );
      ada.isSpectator = false;
      await mixed.everyoneHears(
        { poker: [['player:updated', { player: playerShape(ada) }]], signal: (me) => [joined(me, ada)] },
        () => change(ada, { isSpectator: false }),
      );
    });
  }

  const removes = (host, target) => ok(host.rest.delete(`/players/${target.playerId}`));
  for (const [way, remove] of bothWays(removes, 'player:remove', ({ playerId }) => ({ playerId }))) {
    test(`a player who is removed ${way} leaves, and a page is told why, now and for ever`, async (t) => {
      const mixed = await madeThere(t);
      const { mira, bob } = mixed;
      await mixed.everyoneHears(
        {
          poker: [['player:removed', { playerId: bob.playerId, removedBy: mira.playerId, playerCount: 3 }]],
          signal: (me) => [left(me, bob)],
        },
        async () => {
          mixed.forget(bob);
          await remove(mira, bob);
          await bob.client.seen('session_not_found');
        },
      );
      bob.heardExactly([removedFromSession]);
      await mixed.nobodyHears(async () => {
        for (const userName of ['Bob', 'Bobby']) {
          const answers = await knock(mixed, { userId: bob.userId, userName });
          assert.deepEqual(answers, [['session_not_found', 'You have been removed from the session']]);
        }
      });
    });
  }

  test('a poker player who is removed leaves', async (t) => {
    const mixed = await madeThere(t);
    const ada = await mixed.joinPoker('Ada');
    await mixed.everyoneHears(
      { poker: [['player:removed', { playerId: ada.playerId }]], signal: (me) => [left(me, ada)] },
      async () => {
        mixed.forget(ada);
        await ok(mixed.mira.rest.delete(`/players/${ada.playerId}`));
      },
    );
  });

  const promotes = (host, target) => ok(host.rest.post(`/players/${target.playerId}/promote`));
  for (const [way, promote] of bothWays(promotes, 'player:promote', ({ playerId }) => ({ playerId }))) {
    test(`a promotion ${way} is a new facilitator`, async (t) => {
      const mixed = await madeThere(t);
      const { mira, alice } = mixed;
      await mixed.everyoneHears(
        {
          poker: [['player:promoted', { newHost: playerShape(alice, { isHost: true }), previousHost: playerShape(mira) }]],
          signal: (me) => [facilitatorChanged(me, alice)],
        },
        () => promote(mira, alice),
      );
    });
  }

  test('a host who leaves hands over to who has been there longest', async (t) => {
    const mixed = await madeThere(t);
    const { mira, jonas } = mixed;
    await mixed.everyoneHears(
      {
        poker: [gone(mira, 3), promoted(jonas)],
        signal: (me) => [left(me, mira), facilitatorChanged(me, jonas)],
      },
      () => mixed.leave(mira),
    );
  });

  test('a host who stays away hands over in time', async (t) => {
    const mixed = await madeThere(t, { on: hasty });
    const { mira, jonas, alice } = mixed;
    await mixed.everyoneHears(
      {
        poker: [presence(mira, false), gone(mira, 3), promoted(jonas)],
        signal: (me) => [disconnected(me, mira), left(me, mira), facilitatorChanged(me, jonas)],
      },
      async () => {
        await mixed.lose(mira);
        await Promise.all([jonas.client.next('player:promoted'), alice.client.next('SETTINGS_UPDATED')]);
      },
    );
  });
});
