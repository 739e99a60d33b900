import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { match } from '../lib/match.js';
import { startServer } from '../lib/server.js';
import { exactly } from '../lib/signal-person.js';
import { idsOf, play, Room } from '../lib/signal-room.js';
import {
  facilitatorChanged, left, openRound, revealed, settingsChanged, SIGNAL_SETTINGS, snapshot, started, voted, votedHere,
} from '../lib/signal-shapes.js';

const patient = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '120000', POKER_HOST_HANDOVER_MS: '120000' } });
const hasty = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '400', POKER_HOST_HANDOVER_MS: '120000' } });
after(() => Promise.all([patient.close(), hasty.close()]));

const configure = (person, change) => person.emit('SETTINGS_UPDATED', change);
const unchanged = snapshot({ settings: exactly(SIGNAL_SETTINGS), votingSystem: 'simple' });

/** Whoever is listed, the order does not matter. */
const theseIn = (ids) => (list) => Array.isArray(list) && isDeepStrictEqual([...list].sort(), [...ids].sort());

const listTold = (permission, me, list) => ['SETTINGS_UPDATED', { settings: { [permission]: theseIn(idsOf(me, list)) } }];

/** Each follows from the one before. */
const FREE_FOR_ALL = [
  { settings: { autoReveal: true } },
  { settings: { showAverage: false } },
  { settings: { showCountdown: false } },
  { settings: { enableFunFeatures: false } },
  { settings: {}, name: 'New name' },
  { settings: {}, votingSystem: 'extended' },
  { settings: { autoReveal: false, showAverage: true, showCountdown: true }, name: 'All at once', votingSystem: 'simple' },
];

const IMPOSSIBLE = [
  { settings: { autoReveal: 'yes' } }, { settings: { showAverage: 1 } }, { settings: { showCountdown: null } },
  { settings: { enableFunFeatures: {} } },
  { settings: { whoCanReveal: 'nobody' } }, { settings: { whoCanReveal: 5 } }, { settings: { whoCanReveal: [5] } },
  { settings: { whoCanManageIssues: {} } }, { settings: { whoCanManageIssues: true } }, { settings: { colour: 'red' } },
  { settings: { constructor: true } },
  { settings: {}, facilitator: 'nobody' }, { settings: {}, facilitator: 7 }, { settings: {}, facilitator: ['nobody'] },
  { settings: {}, votingSystem: 'fibonacci' }, { settings: {}, votingSystem: 7 }, { settings: {}, name: 7 },
  { settings: {}, name: { text: 'New' } },
];

describe('a change of settings', { concurrency: 4 }, () => {
  test('that is free for all reaches everybody as it is, whoever makes it', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    for (const change of FREE_FOR_ALL) await room.everyoneHears([['SETTINGS_UPDATED', exactly(change)]], () => configure(bob, change));
    const { client } = await room.join('Carol');
    match(client.session, { votingSystem: 'simple', settings: exactly({ ...SIGNAL_SETTINGS, enableFunFeatures: false }) });
  });

  test('repeats what is so already, which is nobody\'s privilege', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    const form = (me, settings) => ({ settings: { ...SIGNAL_SETTINGS, ...settings }, facilitator: me.idOf(alice), votingSystem: 'simple' });
    for (const settings of [{}, { showCountdown: false }, { showCountdown: false }]) {
      await room.everyoneHears((me) => [settingsChanged(form(me, settings))], () => configure(bob, form(bob, settings)));
    }
  });

  test('that only the facilitator may make is made by him', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    for (const permission of ['whoCanReveal', 'whoCanManageIssues']) {
      for (const whom of ['facilitator', 'everyone']) {
        const change = { settings: { [permission]: whom } };
        await room.everyoneHears([settingsChanged(change)], () => configure(alice, change));
      }
      const list = [alice, carol];
      await room.everyoneHears((me) => [listTold(permission, me, list)],
        () => configure(alice, { settings: { [permission]: idsOf(alice, list) } }));
      const dan = await room.join('Dan');
      match(dan.client.session.settings, { [permission]: theseIn(idsOf(dan, list)) });
      await room.forget(dan).leave();
    }
    const list = [carol, alice];
    const same = { settings: { whoCanReveal: idsOf(bob, list) } };
    await room.everyoneHears((me) => [listTold('whoCanReveal', me, list)], () => configure(bob, same));
  });

  test('that only the facilitator may make is refused to others with the session as it is', async (t) => {
    const { room, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    const changes = [
      { settings: { whoCanReveal: 'facilitator' } }, { settings: { whoCanReveal: [bob.userId] } },
      { settings: { whoCanManageIssues: 'everyone' } },
      { settings: {}, facilitator: bob.userId }, { settings: {}, facilitator: bob.idOf(carol) },
    ];
    await room.aloneHears(bob, changes.map(() => unchanged), async () => {
      for (const change of changes) await configure(bob, change);
    });
  });

  test('that is only partly allowed is made in part, and its sender told the rest with the session', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    const answer = snapshot({ facilitator: bob.idOf(alice), settings: exactly({ ...SIGNAL_SETTINGS, showAverage: false }) });
    await room.everyoneHears((me) => [settingsChanged({ settings: { showAverage: false } }), ...(me === bob ? [answer] : [])],
      () => configure(bob, { settings: { showAverage: false, whoCanReveal: 'facilitator', colour: 'red' }, facilitator: bob.userId }));
  });

  test('that nobody can make is refused even to the facilitator, with the session as it is', async (t) => {
    const { room, alice } = await Room.open(t, patient);
    await room.aloneHears(alice, IMPOSSIBLE.map(() => unchanged), async () => {
      for (const change of IMPOSSIBLE) await configure(alice, change);
    });
  });

  test('from the form of a page that had not joined yet renames nothing and makes nobody facilitator', async (t) => {
    const { room, bob } = await Room.open(t, patient);
    await room.everyoneHears((me) => [settingsChanged({ settings: SIGNAL_SETTINGS }), ...(me === bob ? [unchanged] : [])],
      () => configure(bob, { settings: SIGNAL_SETTINGS, facilitator: bob.userId, name: 'Joining...' }));
    const { whoCanManageIssues, ...free } = SIGNAL_SETTINGS;
    await room.everyoneHears((me) => [settingsChanged({ settings: free }), ...(me === bob ? [unchanged] : [])],
      () => configure(bob, { settings: { ...free, whoCanManageIssues: 'everyone' }, facilitator: bob.userId, name: 'Joining...' }));
    assert.equal(whoCanManageIssues, 'facilitator');
    const named = snapshot({ name: (name) => /^Sprint \d+$/.test(name) });
    await room.aloneHears(bob, [named], () => configure(bob, { settings: {}, name: 'Joining...' }));
  });

  test('with a name that is too long keeps its first hundred characters', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await room.everyoneHears([['SETTINGS_UPDATED', exactly({ settings: {}, name: 'n'.repeat(100) })]],
      () => configure(bob, { settings: {}, name: 'n'.repeat(150) }), { except: [bob] });
    await configure(alice, { settings: {}, name: 'm'.repeat(100) });
    const { client } = await room.join('Carol');
    match(client.session, { name: 'm'.repeat(100) });
  });

  test('with empty texts replaces nothing', async (t) => {
    const { room, alice } = await Room.open(t, patient);
    const change = { settings: {}, name: '', facilitator: '', votingSystem: '' };
    await room.everyoneHears([], () => configure(alice, change), { except: [alice] });
    const { session } = (await room.join('Carol')).client;
    match(session, { name: (name) => /^Sprint \d+$/.test(name), votingSystem: 'simple', players: [{ id: session.facilitator }, {}, {}] });
  });
});

describe('the facilitator', { concurrency: 4 }, () => {
  test('hands his role to whom he likes, and has its rights no longer', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await room.everyoneHears((me) => [facilitatorChanged(me, bob)], () => configure(alice, { settings: {}, facilitator: alice.idOf(bob) }));
    const change = { settings: { whoCanReveal: 'facilitator' } };
    await room.aloneHears(alice, [snapshot({ facilitator: alice.idOf(bob) })], () => configure(alice, change));
    await room.everyoneHears([settingsChanged(change)], () => configure(bob, change));
    await room.everyoneHears((me) => [facilitatorChanged(me, alice)], () => configure(bob, { settings: {}, facilitator: bob.idOf(alice) }));
  });

  test('can hand it to nobody who is not there', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await room.everyoneHears((me) => [left(me, carol)], () => room.forget(carol).leave());
    const strangers = [bob.userId, alice.idOf(carol), carol.userId, room.sessionId];
    await room.aloneHears(alice, strangers.map(() => unchanged), async () => {
      for (const facilitator of strangers) await configure(alice, { settings: {}, facilitator });
    });
  });

  test('is needed for nothing while he is away', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, hasty, ['Alice', 'Bob', 'Carol']);
    await room.lose(alice);
    await bob.client.next('PLAYER_LEFT', ({ playerId }) => playerId === bob.idOf(alice));
    const change = { settings: { whoCanReveal: 'facilitator' } };
    await room.everyoneHears([settingsChanged(change)], () => configure(bob, change));
    await room.everyoneHears((me) => [facilitatorChanged(me, bob)], () => configure(bob, { settings: {}, facilitator: bob.userId }));
    const refused = [snapshot({ facilitator: carol.idOf(bob) })];
    await room.aloneHears(carol, refused, () => configure(carol, { settings: { whoCanReveal: 'everyone' } }));
  });
});

test('a list of those who may reveal lets them reveal and nobody else', async (t) => {
  const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
  await configure(alice, { settings: { whoCanReveal: [alice.idOf(bob)] } });
  const votes = [[alice, 3], [carol, 3]];
  const players = [alice, bob, carol];
  await play(alice, 'ABC-1', votes);
  const open = openRound(carol, { title: 'ABC-1', voters: [alice, carol], players });
  await room.aloneHears(carol, [started('ABC-1'), open], () => carol.reveal());
  await room.nobodyHears(() => carol.emit('COUNTDOWN_STARTED', {}));
  const result = { title: 'ABC-1', votes, players, average: 3, hasAgreement: true };
  await room.everyoneHears((me) => [...(me === bob ? [started('ABC-1')] : []), ...revealed(me, result)], () => bob.reveal());
});

test('a new deck is the one that votes are taken from', async (t) => {
  const { room, bob } = await Room.open(t, patient);
  await bob.start();
  await room.aloneHears(bob, [snapshot({ votingSystem: 'simple' })], () => bob.vote(0));
  await configure(bob, { settings: {}, votingSystem: 'extended' });
  await room.everyoneHears((me) => [me === bob ? votedHere(me, bob, 0) : voted(me, bob)], () => bob.vote(0));
});

describe('an emoji', { concurrency: 4 }, () => {
  const thrown = (from, to, emoji) => (me) => [['EMOJI_SENT', exactly({ fromPlayerId: me.idOf(from), toPlayerId: me.idOf(to), emoji })]];
  const throwAt = (person, toPlayerId, emoji = '🙏') => person.emit('EMOJI_SENT', { fromPlayerId: person.userId, toPlayerId, emoji });

  for (const emoji of ['😊', '🙏', '😍', '❤️', '👩‍👩‍👧‍👦🙏🙏']) {
    test(`${emoji} is shown to everybody, its sender too`, async (t) => {
      const { room, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
      await room.everyoneHears(thrown(bob, carol, emoji), () => throwAt(bob, bob.idOf(carol), emoji));
    });
  }

  test('at nobody in the session is dropped', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await room.forget(carol).leave();
    await room.nobodyHears(async () => {
      for (const target of [bob.idOf(carol), 'nobody', alice.userId, '', null, 7, undefined, [bob.idOf(alice)]]) await throwAt(bob, target);
    });
  });

  test('in the name of somebody else reaches nobody', async (t) => {
    const { room, alice, bob, carol } = await Room.open(t, patient, ['Alice', 'Bob', 'Carol']);
    await room.everyoneHears([], async () => {
      for (const fromPlayerId of [bob.idOf(alice), alice.userId, 'nobody', '', null, 7]) {
        await bob.emit('EMOJI_SENT', { fromPlayerId, toPlayerId: bob.idOf(carol), emoji: '🙏' });
      }
    }, { except: [bob] });
    assert.equal(bob.client.heardKinds().includes('EMOJI_SENT'), false);
  });

  test('that is no text is dropped', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await room.nobodyHears(async () => {
      for (const emoji of [7, null, undefined, true, {}, ['🙏']]) {
        await bob.emit('EMOJI_SENT', { fromPlayerId: bob.userId, toPlayerId: bob.idOf(alice), emoji });
      }
    });
  });

  test('longer than sixteen units is not shown as it is', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await throwAt(bob, bob.idOf(alice), 'x'.repeat(16));
    await throwAt(bob, bob.idOf(alice), '🙏'.repeat(9));
    await throwAt(bob, bob.idOf(alice), 'x'.repeat(5000));
    await room.fence();
    const emojis = alice.client.history.filter(({ kind }) => kind === 'EMOJI_SENT').map(({ body }) => body.emoji);
    assert.equal(emojis[0], 'x'.repeat(16));
    for (const emoji of emojis) assert.ok(emoji.length <= 16, emoji);
  });

  test('is dropped while fun is switched off', async (t) => {
    const { room, alice, bob } = await Room.open(t, patient);
    await configure(alice, { settings: { enableFunFeatures: false } });
    await room.nobodyHears(() => throwAt(bob, bob.idOf(alice)));
    await configure(alice, { settings: { enableFunFeatures: true } });
    await room.everyoneHears(thrown(bob, alice, '🙏'), () => throwAt(bob, bob.idOf(alice)));
  });
});
