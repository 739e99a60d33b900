import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { Game, ok, syncServer, unknown } from '../lib/sync.js';
import { assertUnbroken, step } from '../lib/sync-model.js';
import { Peer } from '../lib/sync-raw.js';
import { Viewer, watch } from '../lib/sync-viewer.js';
import { until, within } from '../lib/wait.js';

const BEAT_MS = 500;
const LIFE_MS = 2000;
const MEBIBYTE = 1_048_576;
const LOST = { code: 1006, reason: '' };
const SHUTDOWN = { code: 1001, reason: 'Server shutting down' };

const calm = await syncServer();
const lively = await syncServer({ flags: ['--sync-heartbeat-ms', String(BEAT_MS)] });
const brief = await syncServer({ flags: ['--sync-session-life-secs', String(LIFE_MS / 1000)] });
after(() => Promise.all([calm, lively, brief].map((it) => it.close())));

const pass = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Does something again and again until the connection is closed. */
function insist(viewer, everyMs, act) {
  const timer = setInterval(() => act(viewer.socket), everyMs);
  viewer.closed.then(() => clearInterval(timer));
}

describe('the heartbeat', { concurrency: 8 }, () => {
  const silent = (t, server) => watch(t, server.sync, randomUUID(), 1, { socket: { autoPong: false } });

  test('comes every five seconds, and who never answers it is gone within ten, whatever he sends', async (t) => {
    const connected = Date.now();
    const [viewer] = await silent(t, calm);
    let pings = 0;
    viewer.socket.on('ping', () => { pings += 1; });
    insist(viewer, 700, (socket) => socket.send('{"type":"PING"}'));
    assert.deepEqual(await viewer.farewell(15_000), LOST);
    const lived = (await viewer.closed).at - connected;
    assert.ok(lived >= 5000 && lived < 10_500, `${lived} ms`);
    assert.equal(pings, 1);
    assert.ok(viewer.history.filter(({ type }) => type === 'PONG').length > 5);
  });

  const NOISES = {
    nothing: () => {},
    'PING messages': (socket) => socket.send('{"type":"PING"}'),
    'RECONNECT messages': (socket) => socket.send('{"type":"RECONNECT"}'),
    'pings of his own': (socket) => socket.ping('x'),
  };
  for (const [noise, make] of Object.entries(NOISES)) {
    test(`cuts off without a close frame who sends ${noise} but no pong`, async (t) => {
      const connected = Date.now();
      const [viewer] = await silent(t, lively);
      insist(viewer, 90, make);
      assert.deepEqual(await viewer.farewell(), LOST);
      const lived = (await viewer.closed).at - connected;
      assert.ok(lived >= BEAT_MS && lived < 3 * BEAT_MS, `${lived} ms`);
    });
  }

  test('is a ping without payload, and who answers lives', async (t) => {
    const game = await Game.open(lively.sync, {}, 'start');
    const [viewer] = await watch(t, lively.sync, game.id);
    for (let beat = 0; beat < 4; beat += 1) assert.equal((await within(once(viewer.socket, 'ping'), 'a ping'))[0].length, 0);
    await ok(game.switch());
    await viewer.version(3);
    assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  });

  test('takes pongs that nobody asked for', async (t) => {
    const [viewer] = await silent(t, lively);
    insist(viewer, 90, (socket) => socket.pong('y'));
    for (let turn = 0; turn < 2; turn += 1) {
      const [other] = await silent(t, lively);
      await other.farewell();
    }
    await viewer.settle();
  });

  test('is one for all, however late they came', async (t) => {
    const [early] = await watch(t, lively.sync, randomUUID());
    await once(early.socket, 'ping');
    await pass(BEAT_MS / 2);
    const [late] = await watch(t, lively.sync, randomUUID());
    const at = ({ socket }) => within(once(socket, 'ping').then(() => Date.now()), 'a ping');
    const [one, other] = await Promise.all([at(early), at(late)]);
    assert.ok(Math.abs(one - other) < BEAT_MS / 4, `${one - other} ms apart`);
  });

  /** A goodbye is waited for, but for no longer than this, whatever the beat. */
  const FAREWELL_MS = 1_000;

  test('is not needed to take refused connections away that do not say goodbye', async () => {
    for (const path of ['/ws', '/ws?sessionId=x']) {
      const peer = new Peer(lively.sync, path);
      assert.equal((await peer.head()).status, 101);
      await within(peer.ended, 'the connection is cut', FAREWELL_MS + BEAT_MS);
      const { rest } = await peer.head();
      assert.deepEqual([rest[0], rest.readUInt16BE(2)], [0x88, 1008]);
    }
  });
});

describe('a message to the server', { concurrency: 4 }, () => {
  const ping = (length) => '{"type":"PING"}'.padEnd(length);

  test('of one mebibyte is read', async (t) => {
    const [viewer] = await watch(t, calm.sync, randomUUID());
    viewer.send(ping(MEBIBYTE)).send(Buffer.from(ping(MEBIBYTE)));
    for (let turn = 0; turn < 2; turn += 1) await viewer.next('PONG');
  });

  const OVERSIZED = {
    'in one piece': ({ socket }) => socket.send(ping(MEBIBYTE + 1)),
    'in binary': ({ socket }) => socket.send(Buffer.from(ping(MEBIBYTE + 1))),
    'in fragments': ({ socket }) => {
      socket.send(ping(MEBIBYTE), { fin: false });
      socket.send(' ', { fin: true });
    },
  };
  for (const [how, send] of Object.entries(OVERSIZED)) {
    test(`of one byte more ${how} ends the connection with 1009 and no reason`, async (t) => {
      const [other, ...viewers] = await watch(t, calm.sync, randomUUID(), 9);
      for (const viewer of viewers) {
        send(viewer);
        assert.deepEqual(await viewer.farewell(), { code: 1009, reason: '' });
      }
      await other.settle();
      for (const viewer of [other, ...viewers]) assert.deepEqual(viewer.heardTypes(), ['CONNECTED']);
    });
  }

  test('that is no UTF-8 although it claims to be text ends the connection with 1007', async (t) => {
    const [viewer] = await watch(t, calm.sync, randomUUID());
    viewer.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
    assert.equal((await viewer.farewell()).code, 1007);
  });

  const VIOLATIONS = {
    'is not masked': [0x81, 0x02, 0x7b, 0x7d],
    'has an unknown opcode': [0x83, 0x80, 0, 0, 0, 0],
    'has an unknown control opcode': [0x8b, 0x80, 0, 0, 0, 0],
    'has a reserved bit': [0xc1, 0x80, 0, 0, 0, 0],
    'continues nothing': [0x80, 0x80, 0, 0, 0, 0],
    'is a ping in fragments': [0x09, 0x80, 0, 0, 0, 0],
    'is a ping that is too long': [0x89, 0xfe, 0, 126, 0, 0, 0, 0, ...Array(126).fill(0)],
  };
  for (const [how, bytes] of Object.entries(VIOLATIONS)) {
    test(`that ${how} ends the connection with 1002`, async (t) => {
      const [viewer] = await watch(t, calm.sync, randomUUID());
      viewer.tcp.write(Buffer.from(bytes));
      assert.equal((await viewer.farewell()).code, 1002);
    });
  }
});

describe('a session that nobody changes', { concurrency: 8 }, () => {
  test('is gone after its life, however often it is read, while its viewers stay and wait', async (t) => {
    const game = new Game(brief.sync);
    const [viewer] = await watch(t, brief.sync, game.id);
    const created = Date.now();
    await ok(game.create(), 201);
    const gone = await until(async () => {
      await viewer.settle();
      viewer.send({ type: 'RECONNECT' });
      return (await game.get()).status === 404 && Date.now();
    }, 'the session is gone');
    assert.ok(gone - created >= LIFE_MS && gone - created < LIFE_MS + 1000, `${gone - created} ms`);
    await unknown(game.start(), game.id);
    await viewer.settle();
    viewer.mark();
    viewer.send({ type: 'RECONNECT' });
    assert.equal((await viewer.next('ERROR')).code, 'SESSION_NOT_FOUND');
    await ok(game.create(), 201);
    match(await viewer.update(), { status: 'pending', version: 1 });
    await viewer.settle();
    assert.deepEqual(viewer.heardTypes(), ['ERROR', 'STATE_UPDATE']);
  });

  test('lives longer with every change', async () => {
    const game = await Game.open(brief.sync);
    for (const command of ['start', 'switch', 'pause', 'resume', 'complete']) {
      await pass(LIFE_MS / 2);
      await ok(game.command(command));
    }
    assert.equal((await game.state()).version, 6);
  });

  test('does not live longer by a command that is refused', async () => {
    const game = await Game.open(brief.sync, {}, 'complete');
    const changed = Date.now();
    await until(async () => (await game.pause()).status === 404, 'the session is gone');
    assert.ok(Date.now() - changed < LIFE_MS + 1000);
  });

  test('dies also while the server is down', async (t) => {
    const server = await syncServer({ flags: ['--sync-session-life-secs', '2'] });
    t.after(() => server.close());
    const game = await Game.open(server.sync, {}, 'start');
    await server.stop('SIGKILL');
    await pass(LIFE_MS);
    await server.start();
    await unknown(game.get(), game.id);
  });
});

const WAYS = {
  pending: [], running: ['start', 'switch', 'switch'], paused: ['start', 'switch', 'pause'], completed: ['start', 'switch', 'complete'],
};

describe('the end of the server', { concurrency: 4 }, () => {
  async function own(t) {
    const server = await syncServer();
    t.after(() => server.close());
    return server;
  }

  for (const signal of ['SIGTERM', 'SIGINT']) {
    test(`by ${signal} is told to every viewer, and sessions are there again afterwards`, async (t) => {
      const server = await own(t);
      const game = await Game.open(server.sync, { increment_ms: 100 }, 'start', 'switch');
      const before = await game.state();
      const viewers = [...await watch(t, server.sync, game.id, 3), ...await watch(t, server.url, randomUUID())];
      assert.deepEqual(await server.stop(signal), { code: 0, signal: null });
      for (const viewer of viewers) {
        assert.deepEqual(await viewer.farewell(), SHUTDOWN);
        assert.deepEqual(viewer.heardTypes(), ['CONNECTED']);
      }
      await assert.rejects(new Viewer(server.sync, game.id).opened, { code: 'ECONNREFUSED' });
      await server.start();
      assert.deepEqual(await game.state(), before);
      await step(game, 'switch');
    });
  }

  test('does not wait for a viewer who never says goodbye longer than fifteen seconds', async (t) => {
    const server = await own(t);
    const game = await Game.open(server.sync);
    const peer = new Peer(server.sync, `/ws?sessionId=${game.id}`);
    assert.equal((await peer.head()).status, 101);
    const [viewer] = await watch(t, server.sync, game.id);
    process.kill(server.pid, 'SIGTERM');
    assert.deepEqual(await viewer.farewell(), SHUTDOWN);
    await within(server.exited, 'the server ends', 15_500);
  });

  test('by SIGKILL loses no session in any status', async (t) => {
    const server = await own(t);
    const games = await Promise.all(Object.values(WAYS).map((way) => Game.open(server.sync, { increment_ms: 100 }, ...way)));
    const deleted = await Game.open(server.sync, {}, 'start');
    await deleted.remove();
    const before = await Promise.all(games.map((game) => game.state()));
    const [viewer] = await watch(t, server.sync, games[1].id);
    assert.deepEqual(await server.restart('SIGKILL'), { code: null, signal: 'SIGKILL' });
    assert.deepEqual(await viewer.farewell(), LOST);
    assert.deepEqual(await Promise.all(games.map((game) => game.state())), before);
    await unknown(deleted.get(), deleted.id);
    const [back] = await watch(t, server.sync, games[1].id);
    assert.deepEqual(await back.reconnect(), before[1]);
    assert.deepEqual(back.heardTypes(), ['CONNECTED', 'STATE_SYNC']);
  });

  test('by SIGKILL costs the running turn the time it took', async (t) => {
    const server = await own(t);
    const game = await Game.open(server.sync, {}, 'start');
    await server.restart('SIGKILL');
    const { after: state } = await step(game, 'switch');
    assert.ok(state.participants[0].time_used_ms > 0);
    await step(game, 'pause');
    await server.restart('SIGKILL');
    await step(game, 'resume');
    await step(game, 'complete');
  });

  test('by SIGKILL loses nothing that was answered or shown', async (t) => {
    const server = await own(t);
    const game = await Game.open(server.sync, {}, 'start');
    for (let round = 0; round < 3; round += 1) {
      const { version: begun } = await game.state();
      const [viewer] = await watch(t, server.sync, game.id);
      const start = await viewer.reconnect();
      let taken = 0;
      const play = async () => {
        for (;;) if ((await game.switch()).status === 200) taken += 1;
      };
      const players = Array.from({ length: 3 }, () => play().catch(() => 'the server is gone'));
      await viewer.version(begun + 20 + 10 * round);
      await server.stop('SIGKILL');
      await Promise.all(players);
      await server.start();
      const { version, participants } = await game.state();
      const seen = viewer.updates();
      assertUnbroken([start, ...seen]);
      assert.ok(version >= seen.at(-1).version && version >= begun + taken, `${version} is too low for ${begun} + ${taken}`);
      assert.ok(version <= begun + taken + players.length, `${version} is too high for ${begun} + ${taken}`);
      assert.equal(participants.reduce((sum, { cycle_count: count }) => sum + count, 0), version - 2);
    }
  });
});
