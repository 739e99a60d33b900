import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { MixedMeeting } from '../lib/mixed.js';
import { bothWays, cast, entered } from '../lib/mixed-shapes.js';
import { ok, refused } from '../lib/rest.js';
import { Server, startServer } from '../lib/server.js';
import { submitted } from '../lib/shapes.js';
import { inAnyOrder, knock } from '../lib/signal-person.js';
import {
  DECKS, disconnected, joined, openRound, revealed, roundGone, SIGNAL_SETTINGS, snapshot, started, voted, votedHere,
} from '../lib/signal-shapes.js';
import { until } from '../lib/wait.js';

const server = await startServer();
after(() => server.close());

const FORBIDDEN = 'Host authorization required';
/** What the poker room hears of a new story, and of cards that agree. */
const added = [['story:created', {}], ['story:activated', {}]];
const agreed = [['story:updated', {}], ['cards:revealed', {}]];
const seated = (name) => ['PLAYER_JOINED', { player: { name } }];

async function madeHere(t, { on = server } = {}) {
  const mixed = await MixedMeeting.fromSignal(on);
  t.after(() => mixed.close());
  return mixed;
}

async function madeThere(t, { title, votes = () => [], body } = {}) {
  const mixed = await MixedMeeting.fromPoker(server, { body });
  t.after(() => mixed.close());
  if (title) await ok(mixed.mira.addStory(title), 201);
  for (const [person, value] of votes(mixed)) await cast(person, value);
  return mixed;
}

/** Only this person's connection hears something, and this is what it hears. */
async function onlyHears(mixed, person, expected, action) {
  return mixed.everyoneHears({ signal: (me) => (me === person ? expected : []) }, action);
}

/** What a refused reveal or start of a page is answered with: back into the round, whose marks are right again. */
function resynced(me, { title, voters, players }) {
  return [started(title), openRound(me, { title, voters, players })];
}

describe('getting in', { concurrency: 4 }, () => {
  test('a protected session does not exist for a page', async (t) => {
    const mixed = await MixedMeeting.fromPoker(server, { body: { password: 'secret' }, others: false });
    t.after(() => mixed.close());
    await mixed.nobodyHears(async () => {
      assert.deepEqual(await knock(mixed, { userId: 'u1', userName: 'Alice' }), [['session_not_found', 'Session not found']]);
    });
  });

  test('a session made there tells pages that its host manages and reveals', async (t) => {
    const { alice } = await madeThere(t);
    match(alice.client.session.settings, { ...SIGNAL_SETTINGS, whoCanReveal: 'facilitator', whoCanManageIssues: 'facilitator' });
    assert.equal(alice.client.session.facilitator, alice.idOf(alice.mixed.mira));
  });

  test('a session made here lets everybody reveal', async (t) => {
    const { bob } = await madeHere(t);
    match(bob.client.session.settings, SIGNAL_SETTINGS);
  });

  test('spectators are in no snapshot', async (t) => {
    const mixed = await madeThere(t);
    await mixed.joinPoker('Sven', { asSpectator: true });
    const carl = await mixed.join('Carl');
    const names = carl.client.session.players.map(({ name }) => name.replace(/ \d+$/, ''));
    assert.deepEqual(names, ['Mira', 'Jonas', 'Alice', 'Bob', 'Carl']);
  });

  test('a socket cannot join under the name of somebody with a page', async (t) => {
    const mixed = await madeHere(t);
    await mixed.nobodyHears(async () => {
      const double = mixed.poker.forget(mixed.poker.connect({ sessionId: mixed.sessionId, playerName: 'Alice' }));
      match(await double.next('session:error'), { code: 'CONNECTION_FAILED', reason: 'Player name already exists in session' });
      assert.equal(await double.next('disconnect'), 'io server disconnect');
    });
  });

  test('a page may join under a name that is taken, over REST one may, too', async (t) => {
    const mixed = await madeHere(t);
    const mira = { name: 'Mira', playerId: (id) => id !== mixed.mira.playerId, avatar: '👤', isSpectator: false };
    await mixed.everyoneHears({ poker: [entered(mira, 5)], signal: [seated('Mira')] }, () => mixed.join('Mira'));
    await mixed.everyoneHears({ poker: [entered({ ...mira, name: 'Alice' }, 6)], signal: [seated('Alice')] }, () =>
      mixed.joinPoker('Alice', { attach: false }));
  });

  test('the id of a poker player opens nothing: whoever brings it as his credential is somebody new', async (t) => {
    const mixed = await madeThere(t, { title: 'Export' });
    const { mira, jonas } = mixed;
    for (const victim of [mira, jonas]) {
      const thief = { name: 'Thief', playerId: (id) => id !== victim.playerId, avatar: '👤', isSpectator: false };
      const stolen = await mixed.everyoneHears(
        { poker: [entered(thief, 5)], signal: [seated('Thief')] },
        () => mixed.join('Thief', { userId: victim.playerId }),
      );
      assert.notEqual(stolen.playerId, victim.playerId);
      await stolen.vote(3);
      await stolen.client.settle();
      const { votes } = await ok(mixed.rest.get(`${mixed.path}/votes`));
      assert.deepEqual(votes.map(({ playerId }) => playerId), [stolen.playerId]);
      const listed = stolen.client.session.players.map(({ id }) => id);
      assert.equal(new Set(listed).size, listed.length, `two players have one id: ${listed}`);
      await mixed.leave(stolen);
    }
  });

  test('the id that a page shows for somebody else opens nothing', async (t) => {
    const mixed = await madeHere(t);
    const { alice, bob } = mixed;
    const thief = await mixed.join('Thief', { userId: bob.idOf(alice) });
    assert.notEqual(thief.playerId, alice.playerId);
    const before = thief.client.history.length;
    thief.client.emit('SETTINGS_UPDATED', { settings: { whoCanReveal: 'facilitator' } });
    await thief.client.seen('SESSION_UPDATED', ({ session }) => session.settings.whoCanReveal === 'everyone', before);
  });
});

describe('cards that a page does not have', { concurrency: 4 }, () => {
  test('4 is on a page, so it is a vote, although the deck of the poker room lacks it', async (t) => {
    const mixed = await madeThere(t, { title: 'Export' });
    const { alice } = mixed;
    await mixed.everyoneHears(
      { poker: [submitted(alice, 1, 4)], signal: (me) => [me === alice ? votedHere(me, alice, 4) : voted(me, alice)] },
      () => alice.vote(4),
    );
  });

  for (const card of [0, 6, 7, 21]) {
    test(`${card} is neither on a page that shows the simple deck nor in the deck, so it is no vote`, async (t) => {
      const mixed = await madeThere(t, { title: 'Export' });
      const { alice } = mixed;
      const nothingHappened = openRound(alice, { title: 'Export', players: mixed.people });
      await onlyHears(mixed, alice, [nothingHappened], () => alice.vote(card));
    });
  }

  for (const cardValues of [['0', '½'], ['5', '6', '7'], DECKS.extended]) {
    test(`a deck with 0 or 6 (${cardValues}) is shown as extended, and all of that may be voted`, async (t) => {
      const mixed = await madeThere(t, { title: 'Export', body: { config: { cardValues } } });
      const { bob } = mixed;
      assert.equal(bob.client.session.votingSystem, 'extended');
      for (const card of [0, 6]) {
        await mixed.everyoneHears(
          { poker: [submitted(bob, 1, 4)], signal: (me) => [me === bob ? votedHere(me, bob, card) : voted(me, bob)] },
          () => bob.vote(card),
        );
      }
    });
  }

  test('a deck without them is shown as simple', async (t) => {
    const { bob } = await madeThere(t, { body: { config: { cardValues: ['XS', '60', '0.5', '13'] } } });
    assert.equal(bob.client.session.votingSystem, 'simple');
  });
});

describe('who may reveal', { concurrency: 4 }, () => {
  test('in a session made there: a page that is not the host\'s only when all have voted', async (t) => {
    const mixed = await madeThere(t, { title: 'Export', votes: ({ mira, bob }) => [[mira, 3], [bob, 4]] });
    const { mira, jonas, alice, bob, people } = mixed;
    await onlyHears(mixed, bob, resynced(bob, { title: 'Export', voters: [mira, bob], players: people }), () => bob.reveal());
    await onlyHears(mixed, bob, [], () => bob.emit('COUNTDOWN_STARTED', {}));
    await cast(jonas, 5);
    await cast(alice, 5);
    const votes = [[mira, 3], [bob, 4], [jonas, 5], [alice, 5]];
    await mixed.everyoneHears(
      {
        poker: [['cards:revealed', { consensus: { averageValue: 4.25 } }]],
        signal: (me) => [
          ...(me === alice ? [started('Export')] : []),
          ...revealed(me, { title: 'Export', votes, players: people, average: 4.25, hasAgreement: false }),
        ],
      },
      () => alice.reveal(),
    );
  });

  const reveals = (person) => ok(person.reveal());
  for (const [way, reveal] of bothWays(reveals, 'cards:reveal')) {
    test(`in a session made here: any poker player ${way}, before all have voted`, async (t) => {
      const mixed = await madeHere(t);
      const { alice, bob, jonas, people } = mixed;
      await alice.start('ABC-1');
      await bob.vote(3);
      const result = { title: 'ABC-1', votes: [[bob, 3]], players: people, average: 3, hasAgreement: true };
      await mixed.everyoneHears({ poker: agreed, signal: (me) => revealed(me, result) }, () => reveal(jonas));
    });
  }

  test('in a session made here: nobody but the facilitator once he says so, unless all have voted', async (t) => {
    const mixed = await madeHere(t);
    const { alice, bob, mira, jonas, people } = mixed;
    await alice.emit('SETTINGS_UPDATED', { settings: { whoCanReveal: 'facilitator' } });
    await alice.start('ABC-1');
    await bob.vote(3);
    await onlyHears(mixed, bob, resynced(bob, { title: 'ABC-1', voters: [bob], players: people }), () => bob.reveal());
    await mixed.nobodyHears(() => refused(jonas.reveal(), 403, FORBIDDEN));
    await cast(mira, 3);
    await cast(jonas, 3);
    await alice.vote(3);
    await mixed.everyoneHears(
      {
        poker: agreed,
        signal: (me) => revealed(me, {
          title: 'ABC-1', votes: [[bob, 3], [mira, 3], [jonas, 3], [alice, 3]], players: people, average: 3, hasAgreement: true,
        }),
      },
      () => ok(jonas.reveal()),
    );
  });

  test('whoever is on the list may, in both dialects, and the host in any case', async (t) => {
    const mixed = await madeHere(t);
    const { alice, bob, mira, jonas } = mixed;
    await mixed.everyoneHears(
      { signal: (me) => [['SETTINGS_UPDATED', { settings: { whoCanReveal: inAnyOrder([me.idOf(bob), me.idOf(jonas)]) } }]] },
      () => alice.emit('SETTINGS_UPDATED', { settings: { whoCanReveal: [alice.idOf(bob), alice.idOf(jonas)] } }),
    );
    for (const reveal of [() => bob.reveal(), () => ok(jonas.reveal()), () => alice.reveal()]) {
      await alice.start('ABC-1');
      await bob.vote(3);
      await mixed.nobodyHears(() => refused(mira.reveal(), 403, FORBIDDEN));
      const told = jonas.client.seen('cards:revealed', () => true, jonas.client.history.length);
      await Promise.all([told, reveal()]);
    }
  });

  test('without a vote nobody: the page is led back into the round', async (t) => {
    const mixed = await madeHere(t);
    const { alice, people } = mixed;
    await alice.start('ABC-1');
    await onlyHears(mixed, alice, resynced(alice, { title: 'ABC-1', voters: [], players: people }), () => alice.reveal());
    await mixed.nobodyHears(() => refused(mixed.mira.reveal(), 400, 'No votes to reveal'));
  });
});

describe('who may start', { concurrency: 4 }, () => {
  test('in a session made there a page that is not the host\'s is refused while the cards are closed', async (t) => {
    const mixed = await madeThere(t, { title: 'Export', votes: ({ mira }) => [[mira, 3]] });
    const { mira, bob, people } = mixed;
    for (const title of ['ABC-1', 'Export', undefined]) {
      await onlyHears(mixed, bob, resynced(bob, { title: 'Export', voters: [mira], players: people }), () => bob.start(title));
    }
  });

  for (const title of ['ABC-1', 'Export', undefined]) {
    test(`there a start ${title ? `of ${title}` : 'without a name'} behind open cards resets the active story`, async (t) => {
      const mixed = await madeThere(t, { title: 'Export', votes: ({ mira }) => [[mira, 3]] });
      await ok(mixed.mira.reveal());
      const [{ id }] = await ok(mixed.rest.get(`${mixed.path}/stories`));
      await mixed.everyoneHears({ poker: [['game:reset', { storyId: id }]], signal: [started('Export')] }, () => mixed.bob.start(title));
    });
  }

  test('there a page without a story to reset is led to its start button', async (t) => {
    const mixed = await madeThere(t);
    await onlyHears(mixed, mixed.bob, roundGone(), () => mixed.bob.start('ABC-1'));
  });

  test('there a page whose user is the host starts what he likes', async (t) => {
    const mixed = await madeThere(t, { title: 'Export' });
    await ok(mixed.mira.rest.post(`/players/${mixed.bob.playerId}/promote`));
    await mixed.everyoneHears({ poker: added, signal: [started('ABC-1')] }, () => mixed.bob.start('ABC-1'));
  });

  test('stories in a session made here belong to whom whoCanManageIssues names', async (t) => {
    const mixed = await madeHere(t);
    const { alice, mira } = mixed;
    await mixed.nobodyHears(() => refused(mira.addStory('Hers'), 403, FORBIDDEN));
    await alice.emit('SETTINGS_UPDATED', { settings: { whoCanManageIssues: 'everyone' } });
    await mixed.everyoneHears({ poker: added, signal: [started('Hers')] }, () => ok(mira.addStory('Hers'), 201));
  });
});

describe('time and numbers', { concurrency: 4 }, () => {
  test('a countdown closes the vote for both dialects at once', async (t) => {
    const mixed = await madeHere(t);
    const { alice, bob, mira, jonas } = mixed;
    await alice.start('ABC-1');
    await cast(mira, 3);
    await alice.emit('COUNTDOWN_STARTED', {});
    await mixed.nobodyHears(() => refused(jonas.vote('5'), 400, 'Voting closed - cards already revealed'));
    await onlyHears(mixed, bob, [snapshot({ currentVote: { isRevealed: true } })], () => bob.vote(3));
    match(await ok(mixed.rest.get(`${mixed.path}/votes`)), { votes: [{ playerId: mira.playerId, value: '3' }], revealed: true });
  });

  test('who is offline still counts for the poker room, and is not waited for on the pages', async (t) => {
    const mixed = await madeThere(t, { title: 'Export' });
    const { alice, bob } = mixed;
    await mixed.everyoneHears({ poker: [['player:status_changed', {}]], signal: (me) => [disconnected(me, bob)] }, () => mixed.lose(bob));
    await mixed.everyoneHears({ poker: [submitted(alice, 1, 4)], signal: (me) => [votedHere(me, alice, 3)] }, () => alice.vote(3));
    assert.deepEqual(alice.look().session.players.map(({ name }) => name.replace(/ \d+$/, '')).sort(), ['Alice', 'Jonas', 'Mira']);
  });

  test('a person with both clients is two players', async (t) => {
    const mixed = await madeHere(t);
    await mixed.everyoneHears(
      { poker: (ada) => [entered(ada, 5)], signal: (me, ada) => [joined(me, ada)] },
      () => mixed.joinPoker('Ada', { attach: false }),
    );
    const page = await mixed.join('Ada');
    match(await ok(mixed.rest.get(mixed.path)), { playerCount: 6 });
    assert.equal(page.client.session.players.filter(({ name }) => name === 'Ada').length, 2);
  });

  test('the limits per minute of the poker dialect do not count what a page does', async (t) => {
    const limited = await new Server().start();
    t.after(() => limited.close());
    const mixed = await madeHere(t, { on: limited });
    const { alice, bob, jonas } = mixed;
    const from = jonas.client.history.length;
    for (let turn = 0; turn < 6; turn++) {
      await alice.start(`ABC-${turn}`);
      for (const vote of [1, 2, 3]) await bob.vote(vote);
    }
    const heard = (name) => jonas.client.history.slice(from).filter(({ event }) => event === name).length;
    // What he hears comes on a line of his own, maybe after the page's.
    await until(() => heard('vote:submitted') >= 18, 'the last vote arrives');
    assert.equal(heard('vote:submitted'), 18);
    assert.equal(heard('story:activated'), 6);
    assert.equal(bob.client.history.filter(({ kind }) => kind === 'VOTE_SUBMITTED').length, 18);
  });
});
