import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { startServer } from '../lib/server.js';
import { createSession, SignalClient } from '../lib/signal.js';
import { assertLawful } from '../lib/signal-law.js';
import { play, Room } from '../lib/signal-room.js';
import { disconnected, openRound, started, voted, votedHere } from '../lib/signal-shapes.js';
import { until, within } from '../lib/wait.js';

const server = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '120000' } });
after(() => server.close());

const FRAME_LIMIT = 64 * 1024;

/** A heartbeat of exactly so many bytes. */
function heartbeat(bytes) {
  const bare = JSON.stringify({ type: 'heartbeat', pad: '' });
  return JSON.stringify({ type: 'heartbeat', pad: 'x'.repeat(bytes - bare.length) });
}

const OVERSIZED = {
  'one byte too many': (socket) => socket.send(heartbeat(FRAME_LIMIT + 1)),
  'one byte too many in binary': (socket) => socket.send(Buffer.from(heartbeat(FRAME_LIMIT + 1))),
  'a megabyte': (socket) => socket.send(heartbeat(1024 * 1024)),
  'too many bytes in fragments': (socket) => {
    const text = heartbeat(2 * FRAME_LIMIT - 2);
    socket.send(text.slice(0, FRAME_LIMIT - 1), { fin: false });
    socket.send(text.slice(FRAME_LIMIT - 1), { fin: true });
  },
};

describe('a frame', { concurrency: 4 }, () => {
  test('of 64 KiB is treated like any other', async () => {
    const client = await SignalClient.open(server.url);
    const from = client.history.length;
    client.send(heartbeat(FRAME_LIMIT)).send(Buffer.from(heartbeat(FRAME_LIMIT)));
    await client.settle({ unanswered: 2 });
    assert.equal(client.history.length - from, 3);
  });

  for (const [what, send] of Object.entries(OVERSIZED)) {
    test(`of ${what} ends its connection with 1009, which is a disconnect for the others`, async (t) => {
      const { room, bob } = await Room.open(t, server);
      await room.everyoneHears((me) => [disconnected(me, bob)], async () => {
        await room.lose(bob, (client) => send(client.socket));
      });
      match(await within(bob.client.closed, 'the server hangs up'), { code: 1009 });
    });
  }

  test('of text that is not UTF-8 ends its connection or is an invalid message', async (t) => {
    const { room, alice } = await Room.open(t, server, ['Alice']);
    const client = await SignalClient.join(server.url, room.sessionId, { userId: 'user_mojibake', userName: 'Mojibake' });
    client.socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
    let code;
    client.closed.then((how) => { code = how.code; });
    const outcome = await until(() => code ?? client.history.find(({ kind }) => kind === 'error')?.body.message, 'an end or an answer');
    assert.ok([1006, 1007, 'Invalid message format'].includes(outcome), `${outcome}`);
    await alice.start('Still here');
  });

  test('without a session in mind may come in any number and changes nothing', async (t) => {
    const { room } = await Room.open(t, server);
    await room.nobodyHears(async () => {
      const strangers = await Promise.all(Array.from({ length: 60 }, () => SignalClient.open(server.url)));
      for (const stranger of strangers) stranger.send('nonsense').emit('VOTING_STARTED', {}).send({ type: 'leave' });
      await Promise.all(strangers.map((stranger) => stranger.settle()));
      for (const stranger of strangers) {
        assertLawful(stranger);
        stranger.vanish();
      }
    });
  });
});

/** JSON as far as its grammar goes, but more than a parser may be willing to take. */
const STRANGE = {
  'an endless array': '['.repeat(60_000),
  'an endless object': '{"a":'.repeat(10_000),
  'a deep array': '['.repeat(30_000) + ']'.repeat(30_000),
  'a heartbeat with a deep field': `{"type":"heartbeat","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
  'a heartbeat with an immense number': '{"type":"heartbeat","timestamp":1e999}',
  'a heartbeat with a long number': `{"type":"heartbeat","timestamp":${'9'.repeat(5000)}}`,
  'a heartbeat with half a character': '{"type":"heartbeat","x":"\\ud800"}',
  'a heartbeat with a zero byte': '{"type":"heartbeat","x":"\\u0000"}',
  'two types': '{"type":"dance","type":"heartbeat"}',
  'a prototype': '{"type":"heartbeat","__proto__":{"type":"leave"},"constructor":{"prototype":{}}}',
  'a byte order mark': '\ufeff{"type":"heartbeat"}',
};

describe('a member who sends', { concurrency: 4 }, () => {
  for (const [what, text] of Object.entries(STRANGE)) {
    test(`${what} is answered at most once and stays where he is`, async (t) => {
      const { room, bob } = await Room.open(t, server);
      await room.everyoneHears([], async () => {
        bob.client.send(text);
        await bob.client.settle();
      }, { except: [bob] });
      const answers = bob.client.history.slice(bob.client.marked).filter(({ fence }) => !fence);
      // His own heartbeats before the two fences are answered too.
      const errors = answers.filter(({ kind }) => kind === 'error');
      assert.ok(errors.length <= 1 && answers.every(({ kind }) => ['error', 'heartbeat_ack'].includes(kind)), JSON.stringify(answers));
      await room.everyoneHears([started('Still here')], () => bob.start('Still here'));
    });
  }
});

const NEVER_A_PAYLOAD = [null, 5, 0, 'text', '', true, false, [], [1], [{}], [['deep', [[]]]]];
const WRONG_FIELDS = {
  VOTE_SUBMITTED: [{}, { vote: 3 }, { playerId: {} }, { playerId: ['x'], vote: [] }, { playerId: null, vote: null }],
  PLAYER_LEFT: [{}, { playerId: {} }, { playerId: [] }, { playerId: 0 }, { player: { id: 'x' } }],
  EMOJI_SENT: [{}, { emoji: '🙏' }, { fromPlayerId: {}, toPlayerId: {}, emoji: {} }, { fromPlayerId: 1, toPlayerId: 2, emoji: 3 }],
  SETTINGS_UPDATED: [
    {}, { settings: 5 }, { settings: null }, { settings: [] }, { settings: 'all' },
    { settings: { autoReveal: [] } }, { settings: { whoCanReveal: {} } }, { settings: { settings: { autoReveal: true } } },
    { settings: {}, facilitator: {} }, { settings: {}, votingSystem: [] }, { settings: {}, name: [] },
  ],
};
const MODES = ['VOTING_STARTED', 'VOTES_REVEALED', 'COUNTDOWN_STARTED'];

describe('a payload of a wrong type', { concurrency: 4 }, () => {
  for (const [type, wrong] of Object.entries(WRONG_FIELDS)) {
    test(`in ${type} changes nothing and is heard by nobody else`, async (t) => {
      const { room, alice, bob } = await Room.open(t, server);
      await play(alice, 'Untouched', [[alice, 3]]);
      await room.everyoneHears([], async () => {
        for (const payload of [...NEVER_A_PAYLOAD, ...wrong]) await bob.emit(type, payload);
      }, { except: [bob] });
      const kinds = new Set(bob.heard().map(({ kind }) => kind));
      for (const kind of ['SESSION_UPDATED', 'error']) kinds.delete(kind);
      assert.deepEqual([...kinds], []);
      const unchanged = openRound(bob, { title: 'Untouched', voters: [alice], players: [alice, bob] });
      match([['SESSION_UPDATED', { session: await room.snapshotFor(bob) }]], [unchanged]);
    });
  }

  for (const type of MODES) {
    test(`in ${type} breaks no page and no rule`, async (t) => {
      const { room, alice, bob } = await Room.open(t, server);
      await play(alice, 'Before', [[alice, 3], [bob, 3]]);
      for (const payload of [...NEVER_A_PAYLOAD, { payload: {} }, { votes: { x: 1 } }, { isRevealed: 'no' }]) await bob.emit(type, payload);
      await room.fence();
      await room.everyoneHears([started('After')], () => bob.start('After'));
      await room.everyoneHears((me) => [me === bob ? votedHere(me, bob, 2) : voted(me, bob)], () => bob.vote(2));
      assert.equal(alice.client.heardKinds().includes('error'), false);
    });
  }

  test('in a join leaves a member where he is', async (t) => {
    const { room, bob } = await Room.open(t, server);
    await room.aloneHears(bob, Array(3).fill(['error', { message: 'Missing required fields for join' }]), async () => {
      for (const sessionId of [7, {}, [room.sessionId]]) bob.client.send({ type: 'join', sessionId, userId: bob.userId, userName: 'Bob' });
      await bob.client.settle();
    });
    await room.everyoneHears([started()], () => bob.start());
  });
});

test('a name of any letters is shown as it is', async (t) => {
  const { room } = await Room.open(t, server, ['Alice']);
  for (const name of ['<b>Bob</b>', 'Zoë 👩‍👩‍👧‍👦', '\u202eboB', "Robert'); DROP TABLE players;--", '{"name":"x"}', 'null', '__proto__']) {
    const { client } = await room.join(name);
    match(client.session.players.at(-1), { name, isCurrentUser: true });
  }
});

test('a hundred people who come and go leave nobody behind', async (t) => {
  const { room, alice } = await Room.open(t, server, ['Alice']);
  await alice.start();
  for (let wave = 0; wave < 4; wave += 1) {
    const guests = await Promise.all(Array.from({ length: 25 }, (_, seat) => SignalClient.join(server.url, room.sessionId, {
      userId: `guest_${wave}_${seat}`, userName: `Guest ${seat}`,
    })));
    match(await room.snapshotFor(alice), { players: { length: 26 } });
    for (const guest of guests) guest.send({ type: 'leave' });
    await Promise.all(guests.map((guest) => guest.settle()));
    for (const guest of guests) guest.close();
  }
  match(await room.snapshotFor(alice), { players: [{ name: 'Alice' }] });
});

test('a session that somebody shouts at can still be listed and made', async (t) => {
  const { room, bob } = await Room.open(t, server);
  for (let turn = 0; turn < 500; turn += 1) {
    bob.client.emit('VOTING_STARTED', { issueName: `Round ${turn}` }).send('{').send({ type: 'dance' });
  }
  const { id } = await createSession(server.url);
  assert.notEqual(id, room.sessionId);
  await room.fence();
  const rounds = room.people[0].client.history.filter(({ kind }) => kind === 'VOTING_STARTED').map(({ body }) => body.issueName);
  assert.deepEqual(rounds, Array.from({ length: 500 }, (_, turn) => `Round ${turn}`));
});
