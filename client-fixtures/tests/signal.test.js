import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isTimestamp, isUuid, match } from '../lib/match.js';
import { startServer } from '../lib/server.js';
import { createSession, SignalClient } from '../lib/signal.js';
import { assertLawful } from '../lib/signal-law.js';
import { exactly, SignalPerson } from '../lib/signal-person.js';
import { Room } from '../lib/signal-room.js';
import {
  countingDown, disconnected, entryOf, joined, left, openRound, revealed, settingsChanged, SIGNAL_SETTINGS, started, voted, votedHere,
} from '../lib/signal-shapes.js';

const server = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '120000' } });
after(() => server.close());

const UNKNOWN_SESSION = '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20';

async function unjoined(t, how = {}) {
  const client = await SignalClient.open(server.url, { userId: 'user_ghost', userName: 'Ghost', ...how });
  t.after(() => client.close());
  return client;
}

/** What the connection is told because of these messages. */
async function answersTo(client, messages) {
  client.mark();
  for (const message of messages) client.send(message);
  await client.settle();
  assertLawful(client);
  return client.heard().map(({ message: { timestamp, ...answer } }) => answer);
}

describe('an upgrade', { concurrency: 4 }, () => {
  for (const path of ['/', '/signal', '/signal/', '/ws/signal']) {
    test(`on ${path} is greeted with a heartbeat_ack and leads to the session`, async (t) => {
      const { id } = await createSession(server.url);
      const client = await unjoined(t, { path });
      assert.deepEqual(client.history.map(({ kind }) => kind), ['heartbeat_ack']);
      match(await client.join(id), { id, players: [{ name: 'Alice' }, { name: 'Ghost' }] });
      assertLawful(client);
    });
  }

  test('from a page of any origin is accepted', async (t) => {
    const { id } = await createSession(server.url);
    const client = await unjoined(t, { socket: { origin: 'https://elsewhere.example' } });
    match(await client.join(id), { id });
  });
});

describe('a frame', { concurrency: 4 }, () => {
  test('with a heartbeat is answered before and after a join, and each one once', async (t) => {
    const { id } = await createSession(server.url);
    const client = await unjoined(t);
    const beat = { type: 'heartbeat', timestamp: Date.now() };
    for (let turn = 0; turn < 2; turn += 1) {
      const from = client.history.length;
      client.send(beat).send(beat);
      await client.settle({ unanswered: 2 });
      assert.deepEqual(client.history.slice(from).map(({ kind }) => kind), Array(3).fill('heartbeat_ack'));
      if (turn === 0) await client.join(id);
    }
    assertLawful(client);
  });

  test('may be binary', async (t) => {
    const { room, bob } = await Room.open(t, server);
    const client = await unjoined(t);
    const send = (message) => client.send(Buffer.from(JSON.stringify(message)));
    send({ type: 'join', sessionId: room.sessionId, userId: 'user_carol', userName: 'Carol', timestamp: 1 });
    match(await client.next('joined'), { session: { id: room.sessionId } });
    await room.everyoneHears([started('In binary')], async () => {
      send({ type: 'sync_event', event: { type: 'VOTING_STARTED', payload: { issueName: 'In binary' } }, timestamp: 1 });
      await client.settle();
    });
    match(bob.client.history.find(({ kind }) => kind === 'PLAYER_JOINED'), { body: { player: { name: 'Carol' } } });
    client.mark();
    send({ type: 'heartbeat' });
    await client.next('heartbeat_ack');
    send({ type: 'dance' });
    match(await client.next('error'), { message: 'Unknown message type' });
    client.send(Buffer.from([0xff, 0xfe, 0x00]));
    match(await client.next('error'), { message: 'Invalid message format' });
  });

  test('needs no timestamp, may have other fields and any layout', async (t) => {
    const { room, bob } = await Room.open(t, server);
    const event = { type: 'VOTING_STARTED', payload: { issueName: 'Odd', colour: 'red' }, more: [1] };
    await room.everyoneHears([['VOTING_STARTED', exactly({ issueName: 'Odd' })]], async () => {
      bob.client.send(JSON.stringify({ more: { deep: [null] }, event, type: 'sync_event', timestamp: 'never' }, null, 4));
      await bob.client.settle();
    });
    const client = await unjoined(t);
    client.send({ type: 'join', sessionId: room.sessionId, userId: 'user_carol', userName: 'Carol', avatar: 7 });
    const { session } = await client.next('joined');
    match(session.players[2], { name: 'Carol', avatar: absent });
  });
});

const NOT_JSON = [
  'hello', '', ' ', '{', '{"type":"heartbeat"', "{'type':'heartbeat'}", 'undefined', 'NaN', '{"type":"heartbeat",}',
  '{"type":"heartbeat"}}', 'null', ' null ',
];
const NEEDS_PAYLOAD = ['VOTE_SUBMITTED', 'VOTING_STARTED', 'SETTINGS_UPDATED', 'PLAYER_LEFT'];
const WITHOUT_PAYLOAD = NEEDS_PAYLOAD.map((type) => ({ type: 'sync_event', event: { type } }));
const NO_KNOWN_TYPE = [
  '{}', '[]', '5', '-0.5', '"x"', '""', 'true', 'false', '{"type":"dance"}', '{"type":null}', '{"type":5}', '{"type":["heartbeat"]}',
  '{"type":{}}', '{"type":""}', '{"type":"Heartbeat"}', '{"type":"joined"}', '{"type":"heartbeat_ack"}', '{"type":"error"}',
  '[{"type":"heartbeat"}]', '{"sessionId":"x"}',
];
const NOT_A_TEXT = [undefined, null, '', 5, 0, true, false, [], ['text'], {}];

function badJoins(sessionId) {
  const good = { type: 'join', sessionId, userId: 'user_carol', userName: 'Carol', timestamp: 1 };
  const fields = ['sessionId', 'userId', 'userName'];
  return [{ type: 'join' }, ...fields.flatMap((field) => NOT_A_TEXT.map((value) => ({ ...good, [field]: value })))];
}

/** What is wrong, what the sender is told, what he may have sent. */
const ERRORS = [
  ['that is not JSON', 'Invalid message format', () => NOT_JSON],
  ['without a known type', 'Unknown message type', () => NO_KNOWN_TYPE],
  ['that joins without saying where, as whom and under which name', 'Missing required fields for join', badJoins],
];

describe('a message', { concurrency: 4 }, () => {
  for (const [what, text, messages] of ERRORS) {
    test(`${what} is answered with "${text}" on a connection that can still join`, async (t) => {
      const { id } = await createSession(server.url);
      const client = await unjoined(t);
      const bad = messages(id);
      assert.deepEqual(await answersTo(client, bad), bad.map(() => ({ type: 'error', message: text })));
      match(await client.join(id), { id });
    });

    test(`${what} is answered with "${text}" to its sender alone, who is still there`, async (t) => {
      const { room, bob } = await Room.open(t, server);
      const bad = messages(room.sessionId);
      await room.aloneHears(bob, bad.map(() => ['error', { message: text }]), async () => {
        for (const message of bad) bob.client.send(message);
        await bob.client.settle();
      });
      await room.everyoneHears([started('Still here')], () => bob.start('Still here'));
    });
  }

  test('that lacks the payload it needs is answered with "Invalid message format" to its sender alone', async (t) => {
    const { room, bob } = await Room.open(t, server);
    await bob.start('Running');
    await room.aloneHears(bob, WITHOUT_PAYLOAD.map(() => ['error', { message: 'Invalid message format' }]), async () => {
      for (const message of WITHOUT_PAYLOAD) bob.client.send(message);
      await bob.client.settle();
    });
    await room.everyoneHears((me) => [me === bob ? votedHere(me, bob, 2) : voted(me, bob)], () => bob.vote(2));
  });

  test('of a member without an event is ignored', async (t) => {
    const { room, bob } = await Room.open(t, server);
    await room.nobodyHears(async () => {
      bob.client.send({ type: 'sync_event' });
      for (const event of [null, {}, [], 5, 'VOTES_REVEALED', false, { payload: {} }, { type: null, payload: {} }]) {
        bob.client.send({ type: 'sync_event', event, timestamp: 1 });
      }
      await bob.client.settle();
    });
  });

  test('of somebody who has not joined yet is ignored unless it is a join or a heartbeat', async (t) => {
    const client = await unjoined(t);
    const events = [...NEEDS_PAYLOAD, 'VOTES_REVEALED', 'COUNTDOWN_STARTED', 'EMOJI_SENT', 'WAVE'];
    const messages = events.map((type) => ({ type: 'sync_event', event: { type, payload: { settings: {} } } }));
    assert.deepEqual(await answersTo(client, [...messages, { type: 'sync_event' }, { type: 'leave' }, { type: 'leave' }]), []);
  });
});

describe('a join', { concurrency: 4 }, () => {
  test('is answered with the whole session, and told to everybody else', async (t) => {
    const { room, alice } = await Room.open(t, server, ['Alice']);
    const bob = await room.everyoneHears((me, newcomer) => [joined(me, newcomer, { isCurrentUser: absent })], () => room.join('Bob'));
    match(bob.client.session, {
      id: room.sessionId, name: (name) => /^Sprint \d+$/.test(name), facilitator: bob.idOf(alice), votingSystem: 'simple',
      players: [entryOf(bob, alice), entryOf(bob, bob)], currentVote: absent, settings: exactly(SIGNAL_SETTINGS), history: [],
      createdAt: isTimestamp, lastActivity: isTimestamp,
    });
    assert.ok(isUuid(room.sessionId));
    assert.deepEqual(bob.heard().map(({ kind }) => kind), ['joined']);
  });

  test('of the creator adds nobody', async (t) => {
    const { room, alice } = await Room.open(t, server, ['Alice']);
    match(alice.client.session, { facilitator: alice.userId, players: [entryOf(alice, alice)] });
    match(room.created.players, [{ id: alice.userId, name: 'Alice' }]);
  });

  test('lists the players in the order of their joining', async (t) => {
    const { carol, ...others } = await Room.open(t, server, ['Alice', 'Bob', 'Carol']);
    match(carol.client.session.players, [others.alice, others.bob, carol].map((person) => entryOf(carol, person)));
  });

  test('to an unknown session is answered with session_not_found every time, and the next may be right', async (t) => {
    const { id } = await createSession(server.url);
    const client = await unjoined(t);
    const unknown = [UNKNOWN_SESSION, UNKNOWN_SESSION, 'nowhere', '../sessions', `${id}x`, '%00', 'x'.repeat(300), '__proto__', '🙏'];
    const joins = unknown.map((sessionId) => ({ type: 'join', sessionId, userId: 'user_ghost', userName: 'Ghost', timestamp: 1 }));
    const notFound = { type: 'session_not_found', message: 'Session not found' };
    assert.deepEqual(await answersTo(client, joins), joins.map(() => notFound));
    match(await client.join(id), { id });
  });

  test('that failed joins nothing, not even others whose join failed in the same way', async (t) => {
    const [one, other] = [await unjoined(t), await unjoined(t)];
    const join = { type: 'join', sessionId: UNKNOWN_SESSION, userId: 'user_ghost', userName: 'Ghost' };
    for (const client of [one, other]) match(await answersTo(client, [join]), [{ type: 'session_not_found' }]);
    other.mark();
    assert.deepEqual(await answersTo(one, [{ type: 'sync_event', event: { type: 'VOTING_STARTED', payload: {} } }]), []);
    await other.settle();
    assert.deepEqual(other.heard(), []);
  });

  test('with a name that is too long gets the first fifty characters of it', async (t) => {
    const { room } = await Room.open(t, server);
    const carol = await room.join('c'.repeat(80));
    match(carol.client.session.players[2], { name: 'c'.repeat(50), isCurrentUser: true });
  });

  test('with a known userId is the same player under his new name', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await room.fence();
    alice.client.mark();
    const robert = await room.enter(new SignalPerson(room, { name: 'Robert', userId: bob.userId }));
    match(robert.client.session.players, [{ name: 'Alice' }, { id: bob.userId, name: 'Robert', isCurrentUser: true }]);
    const carol = await room.join('Carol');
    match(carol.client.session.players, [{ name: 'Alice' }, { name: 'Robert' }, { name: 'Carol' }]);
    await alice.start();
    match(await room.snapshotFor(alice), { players: [{ name: 'Alice' }, { name: 'Robert' }, { name: 'Carol' }] });
    assert.equal(alice.client.history.filter(({ kind }) => kind === 'PLAYER_LEFT').length, 0);
  });

  test('in a second tab gives one player with two connections that are both served', async (t) => {
    const { room, bob } = await Room.open(t, server);
    const tab = await room.tab(bob);
    match(tab.client.session.players, [{ name: 'Alice' }, { name: 'Bob', id: bob.userId, isCurrentUser: true }]);
    await room.everyoneHears([started('From the first tab')], () => bob.start('From the first tab'));
    await room.everyoneHears([started('From the second tab')], () => tab.start('From the second tab'));
  });

  test('to another session leaves the first', async (t) => {
    const { room: first, alice, bob } = await Room.open(t, server);
    const { room: second, carol } = await Room.open(t, server, ['Carol']);
    await first.everyoneHears((me) => [left(me, bob)], async () => {
      first.forget(bob);
      await second.everyoneHears([['PLAYER_JOINED', { player: { name: 'Bob', isOnline: true } }]], () => bob.client.join(second.sessionId));
    });
    bob.client.mark();
    await alice.start('Not for Bob');
    await carol.start('For Bob');
    await bob.client.settle();
    match(bob.heard(), [{ kind: 'VOTING_STARTED', body: { issueName: 'For Bob' } }]);
    await second.everyoneHears([started('By Bob')], () => bob.start('By Bob'));
  });

  test('again to the same session adds nobody and removes nobody', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await room.fence();
    alice.client.mark();
    match(await bob.client.join(room.sessionId), { players: [{ name: 'Alice' }, { name: 'Bob', isCurrentUser: true }] });
    await room.fence();
    assert.equal(alice.client.heardKinds().includes('PLAYER_LEFT'), false);
    await room.everyoneHears([started('Once')], () => bob.start('Once'));
  });

  test('as somebody else on the same connection leaves no ghost', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await room.everyoneHears((me) => [left(me, bob), ['PLAYER_JOINED', { player: { name: 'Rob', isOnline: true } }]], async () => {
      room.forget(bob);
      const { players } = await bob.client.join(room.sessionId, { userId: 'user_rob', userName: 'Rob' });
      match(players, [{ name: 'Alice' }, { id: 'user_rob', name: 'Rob', isCurrentUser: true }]);
    });
    await alice.start();
    match(await room.snapshotFor(alice), { players: [{ name: 'Alice' }, { name: 'Rob' }] });
  });
});

describe('a leave', { concurrency: 4 }, () => {
  test('is told to the others and not answered, and whoever left may join again', async (t) => {
    const { room, bob } = await Room.open(t, server);
    await room.everyoneHears((me) => (me === bob ? [] : [left(me, bob)]), async () => {
      bob.client.send({ type: 'leave', timestamp: Date.now() });
      await bob.client.settle();
      assert.deepEqual(bob.heard(), []);
      room.forget(bob);
    });
    await room.nobodyHears(async () => {
      bob.client.send({ type: 'leave' }).send({ type: 'leave' }).emit('VOTING_STARTED', {}).emit('PLAYER_LEFT', { playerId: bob.userId });
      await bob.client.settle();
      assert.deepEqual(bob.heard(), []);
    });
    await room.everyoneHears((me) => [joined(me, bob)], () => bob.client.join(room.sessionId));
  });

  test('is followed by silence for whoever left', async (t) => {
    const { alice, bob } = await Room.open(t, server);
    bob.client.send({ type: 'leave' });
    await bob.client.settle();
    bob.client.mark();
    await alice.start('Without Bob');
    await bob.client.settle();
    assert.deepEqual(bob.heard(), []);
  });
});

const NEVER_FROM_A_CLIENT = [
  'PLAYER_JOINED', 'PLAYER_DISCONNECTED', 'PLAYER_RECONNECTED', 'SESSION_UPDATED', 'SESSION_DELETED', 'joined', 'session_not_found',
  'error', 'votes_revealed', 'VOTES_REVEALED ', '', '__proto__', 'constructor', 'x'.repeat(5000), 7, null, true, ['VOTES_REVEALED'], {},
];

describe('an event', { concurrency: 4 }, () => {
  test('of the seven that a client may send reaches everybody, as what it is', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    const players = [alice, bob];
    const result = { title: 'ABC-1', votes: [[bob, 3]], players, average: 3, hasAgreement: true };
    await room.everyoneHears([started('ABC-1')], () => bob.start('ABC-1'));
    await room.everyoneHears((me) => [me === bob ? votedHere(me, bob, 3) : voted(me, bob)], () => bob.vote(3));
    await room.everyoneHears(
      (me) => [['EMOJI_SENT', exactly({ fromPlayerId: me.idOf(bob), toPlayerId: me.idOf(alice), emoji: '❤️' })]],
      () => bob.emit('EMOJI_SENT', { fromPlayerId: bob.userId, toPlayerId: bob.idOf(alice), emoji: '❤️' }),
    );
    await room.everyoneHears([settingsChanged({ settings: { showAverage: false } })],
      () => bob.emit('SETTINGS_UPDATED', { settings: { showAverage: false } }));
    await room.everyoneHears((me) => [...(me === bob ? [started('ABC-1')] : []), ...revealed(me, result)], () => bob.reveal());
    await room.everyoneHears([started()], () => bob.start());
    await room.everyoneHears((me) => [me === bob ? votedHere(me, bob, 4) : voted(me, bob)], () => bob.vote(4));
    const second = { votes: [[bob, 4]], players, average: 4, hasAgreement: true, roundsBefore: 1 };
    await room.everyoneHears((me) => countingDown(me, second), () => bob.emit('COUNTDOWN_STARTED', {}));
    await room.everyoneHears((me) => [left(me, bob)], () => room.forget(bob).emit('PLAYER_LEFT', { playerId: bob.userId }));
  });

  test('of any other kind is dropped silently', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await bob.start('Untouched');
    const forged = { player: { id: 'forged', name: 7 }, playerId: bob.idOf(alice), session: { id: room.sessionId }, vote: 3 };
    await room.nobodyHears(async () => {
      for (const type of NEVER_FROM_A_CLIENT) {
        bob.client.emit(type, forged).emit(type, {}).emit(type, null).send({ type: 'sync_event', event: { type } });
      }
      await bob.client.settle();
    });
    match([['SESSION_UPDATED', { session: await room.snapshotFor(bob) }]], [openRound(bob, { title: 'Untouched', players: [alice, bob] })]);
  });

  test('tells nobody outside the session', async (t) => {
    const { room, bob } = await Room.open(t, server);
    const { room: other } = await Room.open(t, server, ['Carol', 'Dan']);
    await other.nobodyHears(() => bob.start('Here'));
    await other.nobodyHears(() => room.lose(bob));
  });
});

test('a lost connection is told to the others, and a join after it too', async (t) => {
  const { room, bob } = await Room.open(t, server);
  await room.everyoneHears((me) => [disconnected(me, bob)], () => room.lose(bob));
  await room.everyoneHears((me) => [joined(me, bob)], () => room.enter(bob));
});
