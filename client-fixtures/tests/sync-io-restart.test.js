import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { match } from '../lib/match.js';
import { Proxy } from '../lib/proxy.js';
import { Game, ok, syncServer, unknown } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { IoGame, watcher } from '../lib/sync-io.js';
import { step } from '../lib/sync-model.js';
import { within } from '../lib/wait.js';

const lasting = await syncServer();
after(() => lasting.close());

const HOWS = [...VERSIONS.map((version) => ({ version, mode: 'websocket' })), { version: '2.5', mode: 'polling' }, { version: '4.8', mode: 'polling' }];
const describeHow = ({ version, mode }) => `${version} over ${mode}`;
const names = (client) => client.heard().map(({ event }) => event);

async function own(t) {
  const server = await syncServer();
  t.after(() => server.close());
  return server;
}

/** Does what a page does: whenever the connection is there, it joins, and keeps what the ack says. */
function joinsAlways(client, id) {
  const states = [];
  const waiting = [];
  client.socket.on('connect', async () => {
    const state = await client.join(id);
    states.push(state);
    waiting.shift()?.(state);
  });
  return { states, next: () => within(new Promise((resolve) => waiting.push(resolve)), `${client.name} joins again`) };
}

describe('a restart of the server', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    test(`by ${signal} brings every client back, who joins again and gets the state`, async (t) => {
      const server = await own(t);
      const game = await Game.open(server.sync, { increment_ms: 100 }, 'start', 'switch');
      const before = await game.state();
      const clients = await Promise.all(HOWS.map((how) => watcher(t, server.sync, { ...how, join: [game.id] })));
      const pages = clients.map((client) => joinsAlways(client, game.id));
      clients.forEach((client) => client.mark());
      const returns = pages.map((page) => page.next());
      const how = await server.restart(signal);
      if (signal === 'SIGTERM') assert.deepEqual(how, { code: 0, signal: null });
      assert.deepEqual(await Promise.all(returns), clients.map(() => before));
      for (const client of clients) assert.notEqual(await client.next('disconnect'), 'io server disconnect');
      const { after: stored } = await step(game, 'switch');
      for (const client of clients) {
        assert.deepEqual(await client.update(game.id), stored);
        assert.deepEqual(names(client), ['disconnect', 'sync:joined', 'sync:state'], client.name);
      }
    });

    test(`by ${signal} shows the state at once to whoever names the session in the handshake`, async (t) => {
      const server = await own(t);
      const game = await Game.open(server.sync, {}, 'start', 'pause');
      const before = await game.state();
      const clients = await Promise.all(HOWS.map((how) => watcher(t, server.sync, { ...how, auth: { sessionId: game.id } })));
      for (const client of clients) await client.update(game.id);
      clients.forEach((client) => client.mark());
      await server.restart(signal);
      for (const client of clients) assert.deepEqual(await client.update(game.id), before);
      await ok(game.resume());
      for (const client of clients) {
        match(await client.update(game.id), { version: 4, status: 'running' });
        assert.deepEqual(names(client), ['disconnect', 'sync:joined', 'sync:state', 'sync:state'], client.name);
      }
    });
  }

  test('is a reason to join again: whoever does not hears nothing', async (t) => {
    const server = await own(t);
    const game = await Game.open(server.sync, {}, 'start');
    const [client, witness] = await Promise.all([1, 2].map(() => watcher(t, server.sync, { join: [game.id] })));
    for (const each of [client, witness]) each.mark();
    await server.restart('SIGKILL');
    for (const each of [client, witness]) await each.next('connect');
    await witness.join(game.id);
    await ok(game.switch());
    await witness.reached(game.id, 3);
    await client.settle();
    assert.deepEqual(names(client), ['disconnect']);
  });

  test('keeps what was acknowledged over Socket.IO before', async (t) => {
    const server = await own(t);
    const hand = await watcher(t, server.sync);
    const [game, deleted] = [new IoGame(server.sync, hand), new IoGame(server.sync, hand)];
    for (const each of [game, deleted]) for (const command of ['create', 'start', 'switch']) await accepted(`sync:${command}`, each[command]());
    const { version } = await accepted('sync:switch', game.switch());
    await accepted('sync:delete', deleted.remove());
    await server.restart('SIGKILL');
    assert.equal((await game.state()).version, version);
    await unknown(deleted.overHttp().get(), deleted.id);
  });

  test('lets a client that waited for a session go on waiting', async (t) => {
    const server = await own(t);
    const game = new Game(server.sync);
    const client = await watcher(t, server.sync);
    assert.equal(await client.join(game.id), null);
    const page = joinsAlways(client, game.id);
    const back = page.next();
    await server.restart('SIGTERM');
    assert.equal(await back, null);
    const created = await ok(game.create(), 201);
    assert.deepEqual(await client.update(game.id), created);
  });

  test('does once what a client said while the server was gone', async (t) => {
    const server = await own(t);
    const client = await watcher(t, server.sync);
    const game = new IoGame(server.sync, client);
    for (const command of ['create', 'start']) await accepted(`sync:${command}`, game[command]());
    client.mark();
    await server.stop('SIGKILL');
    await client.next('disconnect');
    const answers = [game.switch(), game.switch(), game.pause()].map((answer) => answer.then(({ ok: isOk }) => isOk));
    await server.start();
    assert.deepEqual(await Promise.all(answers), [true, true, true]);
    match(await game.state(), { version: 5, status: 'paused' });
  });
});

describe('a client whose network breaks', { concurrency: 4 }, () => {
  for (const how of HOWS.filter(({ mode }) => mode === 'websocket')) {
    test(`joins again and sees where the clock is, not what it missed, with ${describeHow(how)}`, async (t) => {
      const game = await Game.open(lasting.sync, {}, 'start');
      const proxy = await Proxy.before(lasting);
      t.after(() => proxy.close());
      const client = await watcher(t, proxy.url, { ...how, join: [game.id] });
      const page = joinsAlways(client, game.id);
      await ok(game.switch());
      await client.reached(game.id, 3);
      client.mark();
      const back = page.next();
      proxy.cut();
      await client.next('disconnect');
      for (let turn = 0; turn < 3; turn += 1) await ok(game.switch());
      proxy.mend();
      assert.deepEqual(await back, await game.state());
      await ok(game.switch());
      assert.equal((await client.update(game.id)).version, 7);
      assert.deepEqual(names(client), ['disconnect', 'sync:joined', 'sync:state']);
    });
  }
});
