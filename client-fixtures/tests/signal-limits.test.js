import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { Server, startServer } from '../lib/server.js';
import { createSession, SignalClient } from '../lib/signal.js';
import { assertLawful } from '../lib/signal-law.js';
import { SignalPerson } from '../lib/signal-person.js';
import { newUserId, play, Room } from '../lib/signal-room.js';
import { disconnected, joined, left, openRound, revealed, started } from '../lib/signal-shapes.js';
import { until, within } from '../lib/wait.js';

const PATIENT = { POKER_DISCONNECT_GRACE_MS: '120000' };
const WRITE_TIMEOUT_SECS = 2;
const SILENCE_MS = 1500;
const BURST = 40;
const PER_SECOND = 20;
const EXCESS = 20;

const limited = await new Server({ env: PATIENT }).start();
const small = await startServer({ flags: ['--signal-max-players', '3', '--signal-max-connections', '4'], env: PATIENT });
const attentive = await startServer({
  flags: ['--signal-ping-interval-ms', '250', '--signal-silence-timeout-ms', String(SILENCE_MS)],
  env: PATIENT,
});
const patient = await startServer({ env: PATIENT });
const narrow = await startServer({ flags: ['--signal-outbox-bytes', '20000'], env: PATIENT });
const forgetful = await startServer({
  flags: ['--signal-session-idle-secs', '1'],
  env: { POKER_DISCONNECT_GRACE_MS: '300', POKER_JOIN_GRACE_MS: '300' },
});
const hurried = await startServer({ flags: ['--write-timeout-secs', String(WRITE_TIMEOUT_SECS)], env: PATIENT });
after(() => Promise.all([limited, small, attentive, patient, narrow, forgetful, hurried].map((server) => server.close())));

const acks = (client) => client.history.filter(({ kind }) => kind === 'heartbeat_ack').length;

/** What is over the limit is not answered, so only an answer to something later tells that all before it was treated. */
async function heardAgain(client) {
  const from = client.history.length;
  await until(async () => {
    client.send({ type: 'dance' });
    return client.seen('error', () => true, from, 300).catch(() => undefined);
  }, `${client.name} is heard again`);
}

describe('a connection that sends', { concurrency: 4 }, () => {
  test('forty messages at once is heard with each of them', async () => {
    const client = await SignalClient.open(limited.url);
    const before = acks(client);
    for (let turn = 0; turn < BURST; turn += 1) client.send({ type: 'heartbeat' });
    await until(() => acks(client) - before === BURST, 'forty answers');
  });

  test('more than that at once is not heard with the rest, and told nothing about it', async () => {
    const client = await SignalClient.open(limited.url);
    const before = acks(client);
    const began = Date.now();
    for (let turn = 0; turn < BURST + EXCESS; turn += 1) client.send({ type: 'heartbeat' });
    await heardAgain(client);
    const heard = acks(client) - before;
    const refilled = Math.ceil(((Date.now() - began) / 1000) * PER_SECOND);
    assert.ok(heard >= BURST && heard <= BURST + refilled && heard < BURST + EXCESS, `${heard} answers`);
    const answers = new Set(client.history.map(({ message }) => message.message ?? message.type));
    assert.deepEqual([...answers], ['heartbeat_ack', 'Unknown message type']);
  });

  test('without an end is closed with 1008, which is a disconnect for the others, who never noticed', async (t) => {
    const { room, alice, bob } = await Room.open(t, limited);
    await alice.start('Calm');
    const pump = setInterval(() => {
      for (let turn = 0; turn < 50; turn += 1) if (bob.client.socket.readyState === 1) bob.client.send({ type: 'heartbeat' });
    }, 50);
    t.after(() => clearInterval(pump));
    alice.client.mark();
    match(await within(bob.client.closed, 'the server hangs up', 20_000), { code: 1008 });
    room.forget(bob);
    await alice.client.next('PLAYER_DISCONNECTED');
    await room.fence();
    alice.heardExactly([disconnected(alice, bob)]);
    assertLawful(bob.client);
  });

  test('in one session takes nothing from another connection', async (t) => {
    const { room, alice, bob } = await Room.open(t, limited);
    for (let turn = 0; turn < BURST + EXCESS; turn += 1) bob.client.send({ type: 'heartbeat' });
    for (let turn = 0; turn < 10; turn += 1) alice.client.emit('VOTING_STARTED', { issueName: `Round ${turn}` });
    for (const { client } of room.people) {
      await client.next('VOTING_STARTED', ({ issueName }) => issueName === 'Round 9');
      match(client.history.filter(({ kind }) => kind === 'VOTING_STARTED'), { length: 10 });
    }
  });

  test('from this machine may be preceded by any number of new sessions', async () => {
    const sessions = await Promise.all(Array.from({ length: 100 }, () => createSession(limited.url)));
    assert.equal(new Set(sessions.map(({ id }) => id)).size, 100);
  });
});

describe('a full session', { concurrency: 2 }, () => {
  async function turnedAway(room, userId) {
    const client = await SignalClient.open(small.url, { userId, userName: 'Late' });
    client.mark();
    client.send({ type: 'join', sessionId: room.sessionId, userId, userName: 'Late' });
    const { message } = await client.next('session_not_found');
    assert.equal(message, 'Session is full');
    return client;
  }

  test('takes no further player until one has left, and its people hear nothing of it', async (t) => {
    const { room, carol } = await Room.open(t, small, ['Alice', 'Bob', 'Carol']);
    const late = await room.everyoneHears([], () => turnedAway(room, newUserId('Late')));
    await room.everyoneHears([], () => turnedAway(room, newUserId('Later')));
    await room.everyoneHears((me) => [left(me, carol)], () => room.forget(carol).leave());
    await room.everyoneHears([['PLAYER_JOINED', { player: { name: 'Late' } }]], () => late.join(room.sessionId));
  });

  test('turns a player away and leaves him free to join another', async (t) => {
    const { room } = await Room.open(t, small, ['Alice', 'Bob', 'Carol']);
    const late = await turnedAway(room, newUserId('Late'));
    const { id } = await createSession(small.url);
    match(await late.join(id), { id, players: [{ name: 'Alice' }, { name: 'Late' }] });
  });

  test('lets its own people come back, in further tabs too while there are connections left', async (t) => {
    const { room, bob, carol } = await Room.open(t, small, ['Alice', 'Bob', 'Carol']);
    await room.tab(bob);
    await room.everyoneHears([], () => turnedAway(room, bob.userId));
    await room.lose(carol);
    await room.everyoneHears((me) => [joined(me, carol)], () => room.enter(carol));
  });
});

describe('a line', { concurrency: 4 }, () => {
  test('on which nothing comes at all is given up, while a pong or a message keeps another alive', async (t) => {
    const { room, alice } = await Room.open(t, attentive, ['Alice']);
    const join = (name, autoPong) => SignalClient.join(attentive.url, room.sessionId, {
      userId: newUserId(name), userName: name, socket: { autoPong },
    });
    const idle = await join('Idle', true);
    const busy = await join('Busy', false);
    const talk = setInterval(() => busy.send({ type: 'heartbeat' }), SILENCE_MS / 6);
    t.after(() => clearInterval(talk));
    const stranger = await SignalClient.open(attentive.url, { socket: { autoPong: false } });
    const began = Date.now();
    const mute = await join('Mute', false);
    const seat = await alice.client.seen('PLAYER_JOINED', ({ player }) => player.name === 'Mute', 0);
    const { player } = alice.client.history[seat].body;
    await alice.client.next('PLAYER_DISCONNECTED', ({ playerId }) => playerId === player.id);
    const patience = Date.now() - began;
    assert.ok(patience > SILENCE_MS * 0.8, `given up after ${patience} ms`);
    for (const client of [mute, stranger]) {
      const { code } = await within(client.closed, 'the silent line is closed');
      assert.ok([1001, 1006].includes(code), `closed with ${code}`);
    }
    await alice.start('Who is there?');
    for (const client of [idle, busy]) {
      await client.next('VOTING_STARTED', ({ issueName }) => issueName === 'Who is there?');
      assert.equal(client.socket.readyState, 1);
    }
  });

  test('is closed with 1001 by a server that ends, which has kept the session', async (t) => {
    const server = await startServer({ env: PATIENT });
    t.after(() => server.close());
    const { room, alice, bob } = await Room.open(t, server);
    await play(alice, 'Kept', [[bob, 4]]);
    const how = await server.restart('SIGTERM');
    assert.deepEqual(how, { code: 0, signal: null });
    for (const { client } of [alice, bob]) match(await within(client.closed, 'the line is closed'), { code: 1001 });
    room.people = [];
    for (const person of [alice, bob]) await room.enter(person);
    await room.fence();
    const open = openRound(bob, { title: 'Kept', voters: [bob], players: [alice, bob] });
    bob.heardExactly([['joined', { session: { id: room.sessionId, facilitator: bob.idOf(alice) } }], started('Kept'), open]);
  });
});

test('a session that nobody is connected to and nothing happens in is forgotten, and no other', async (t) => {
  const { id } = await createSession(forgetful.url);
  const { room, alice } = await Room.open(t, forgetful, ['Alice']);
  const listed = async () => (await fetch(`${forgetful.url}/signal/sessions`)).json();
  await until(async () => (await listed()).every((session) => session.id !== id), 'the idle session is forgotten', 20_000);
  const visitor = await SignalClient.open(forgetful.url);
  visitor.send({ type: 'join', sessionId: id, userId: 'user_visitor', userName: 'Visitor' });
  match(await visitor.next('session_not_found'), { message: 'Session not found' });
  await room.everyoneHears([started('Still here')], () => alice.start('Still here'));
});

const LONG_TITLE = '界'.repeat(255);

/** As much as a session can hold: a snapshot of it is large. */
async function longHistory(t, server) {
  const { room, alice } = await Room.open(t, server, ['Alice']);
  await alice.emit('SETTINGS_UPDATED', { settings: { autoReveal: true } });
  for (let number = 0; number < 100; number += 1) {
    alice.client.emit('VOTING_STARTED', { issueName: LONG_TITLE });
    await alice.vote(3);
  }
  await alice.emit('SETTINGS_UPDATED', { settings: { autoReveal: false } });
  return { room, alice };
}

/** Every round here brings everybody a large snapshot. */
async function flood(starter, rounds) {
  for (let number = 0; number < rounds; number += 1) {
    starter.client.emit('VOTING_STARTED', { issueName: LONG_TITLE }).vote(2).emit('COUNTDOWN_STARTED');
    await starter.client.settle();
  }
}

const ROUNDS = 150;

describe('a session with the longest history', { concurrency: 3 }, () => {
  test('can be joined like any other', async (t) => {
    const { room, alice } = await longHistory(t, patient);
    const bob = await room.join('Bob');
    await room.fence();
    const result = { title: LONG_TITLE, votes: [[alice, 3]], players: [alice, bob], average: 3, hasAgreement: true, roundsBefore: 99 };
    bob.heardExactly([['joined', { session: { history: { length: 100 } } }], started(LONG_TITLE), ...revealed(bob, result)]);
    const most = Math.max(...bob.client.frames.map((frame) => Buffer.byteLength(frame)));
    assert.ok(most > 80_000, `${most} bytes`);
  });

  test('reaches everybody who reads, even where its snapshot is larger than what may wait for a reader', async (t) => {
    const { room, alice } = await longHistory(t, narrow);
    const bob = await room.join('Bob');
    await bob.client.seen('SESSION_UPDATED', ({ session }) => session.history.length === 100, 0);
    await room.fence();
    assert.equal(bob.page.mode, 'Results');
    assert.equal(bob.page.session.history.length, 100);
    await room.everyoneHears([started('Next')], () => alice.start('Next'));
    assert.equal(bob.client.history.some(({ kind }) => kind === 'PLAYER_DISCONNECTED'), false);
  });

  test('brings a reader who fell behind to where it is, once he reads again', async (t) => {
    const { room, alice } = await longHistory(t, patient);
    const bob = await room.join('Bob');
    await room.fence();
    bob.client.socket.pause();
    bob.client.mark();
    await flood(alice, ROUNDS);
    await alice.start('Now');
    bob.client.socket.resume();
    const isNow = ({ session }) => session.currentVote.issueName === 'Now';
    const at = await bob.client.seen('SESSION_UPDATED', isNow, bob.client.marked, 15_000);
    match(bob.client.history[at - 1], { kind: 'VOTING_STARTED', body: { issueName: 'Now' } });
    match(bob.client.history[at].body.session, { currentVote: { isRevealed: false }, players: [{ name: 'Alice' }, { name: 'Bob' }] });
    await room.fence();
    const countdowns = bob.client.heardKinds().filter((kind) => kind === 'COUNTDOWN_STARTED').length;
    assert.ok(countdowns < ROUNDS, 'he fell behind');
    assert.equal(alice.client.history.some(({ kind }) => kind === 'PLAYER_DISCONNECTED'), false);
    await room.everyoneHears([started('Next')], () => alice.start('Next'));
  });

  test('does not wait for a reader who never reads, and gives him up', async (t) => {
    const { room, alice } = await longHistory(t, hurried);
    const deaf = new SignalPerson(room, { name: 'Deaf', userId: newUserId('Deaf') });
    await room.enter(deaf);
    await room.fence();
    room.forget(deaf).client.socket.pause();
    t.after(() => deaf.client.vanish());
    await flood(alice, ROUNDS);
    const isDeaf = ({ playerId }) => playerId === alice.idOf(deaf);
    await alice.client.seen('PLAYER_DISCONNECTED', isDeaf, 0, (WRITE_TIMEOUT_SECS + 10) * 1000);
    await room.everyoneHears([started('On we go')], () => alice.start('On we go'));
  });
});
