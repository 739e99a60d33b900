import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { Game, ok, syncServer } from '../lib/sync.js';
import { watcher } from '../lib/sync-io.js';

const server = await syncServer();
after(() => server.close());

const open = (...commands) => Game.open(server.sync, {}, ...commands);
const names = (somebody) => somebody.heard().map(({ event }) => event);
const told = (somebody, event) => somebody.heard().filter((entry) => entry.event === event).map(({ args }) => args[0]);

/** Changes the session; whoever is in the room has heard everything that was before once they heard of this. */
async function fence(game, witness, ...others) {
  const { version } = await ok(game.complete());
  await witness.reached(game.id, version);
  for (const somebody of others) await somebody.settle();
  return version;
}

describe('a client who joins', { concurrency: 4 }, () => {
  const WAYS = {
    pending: [], running: ['start', 'switch'], paused: ['start', 'pause'], completed: ['start', 'complete'],
  };
  for (const [status, way] of Object.entries(WAYS)) {
    test(`a session that is ${status} gets its state with the ack, sync:joined, and no state besides`, async (t) => {
      const game = await open(...way);
      const client = await watcher(t, server.sync);
      const before = Date.now();
      const { sessionId, timestamp, state } = await client.act('join', { sessionId: game.id });
      assert.deepEqual(state, await game.state());
      assert.equal(state.status, status);
      assert.equal(sessionId, game.id);
      assert.ok(before <= timestamp && timestamp <= Date.now(), String(timestamp));
      const joined = await client.next('sync:joined');
      assert.equal(joined.sessionId, game.id);
      await fence(game, client);
      assert.deepEqual(names(client), ['sync:joined', 'sync:state']);
    });
  }

  test('a session that is not there yet gets null, and the state when it is created', async (t) => {
    const game = new Game(server.sync);
    const client = await watcher(t, server.sync);
    assert.equal(await client.join(game.id), null);
    assert.equal((await client.next('sync:joined')).sessionId, game.id);
    const created = await ok(game.create(), 201);
    match(created, { status: 'pending', version: 1 });
    assert.deepEqual(await client.update(game.id), created);
    await fence(game, client);
    assert.deepEqual(names(client), ['sync:joined', 'sync:state', 'sync:state']);
  });

  test('at any listener hears of commands at any listener', async (t) => {
    const game = await open('start');
    const clients = [await watcher(t, server.sync, { join: [game.id] }), await watcher(t, server.url, { join: [game.id] })];
    for (const base of [server.sync, `${server.sync}/sync`, server.url, `${server.url}/sync`]) {
      await ok(new Game(base, game.session).switch());
      const stored = await game.state();
      for (const client of clients) assert.deepEqual(await client.update(game.id), stored);
    }
  });

  test('twice hears everything once', async (t) => {
    const game = await open();
    const client = await watcher(t, server.sync, { join: [game.id, game.id] });
    for (const [index, command] of ['start', 'switch', 'pause', 'resume'].entries()) {
      await ok(game.command(command));
      await client.reached(game.id, index + 2);
      assert.deepEqual(await client.join(game.id), await game.state());
    }
    await fence(game, client);
    assert.deepEqual(client.updates(game.id).map(({ version }) => version), [2, 3, 4, 5, 6]);
  });

  test('is announced to nobody else', async (t) => {
    const game = await open('start');
    const first = await watcher(t, server.sync, { join: [game.id] });
    first.mark();
    const second = await watcher(t, server.sync, { join: [game.id] });
    await second.act('leave', { sessionId: game.id });
    await fence(game, first);
    assert.deepEqual(names(first), ['sync:state']);
  });

  test('compares ids with their case', async (t) => {
    const game = await open('start');
    const witness = await watcher(t, server.sync, { join: [game.id] });
    const client = await watcher(t, server.sync);
    assert.equal(await client.join(game.id.toUpperCase()), null);
    await fence(game, witness, client);
    assert.deepEqual(names(client), ['sync:joined']);
  });
});

describe('a client in several sessions', { concurrency: 4 }, () => {
  test('hears of each, and of the others when it leaves one', async (t) => {
    const games = [await open('start'), await open('start'), await open('start'), await open('start')];
    const client = await watcher(t, server.sync, { join: games.slice(0, 3).map(({ id }) => id) });
    for (const game of games) await ok(game.switch());
    for (const game of games.slice(0, 3)) {
      await client.seen('sync:state', ({ sessionId }) => sessionId === game.id, 0);
      assert.deepEqual(client.updates(game.id), [await game.state()]);
    }
    const [left, ...stayed] = games.slice(0, 3);
    const witness = await watcher(t, server.sync, { join: [left.id, games[3].id] });
    await client.act('leave', { sessionId: left.id });
    client.mark();
    await fence(left, witness, client);
    await fence(games[3], witness, client);
    for (const game of stayed) await fence(game, client);
    assert.deepEqual(told(client, 'sync:state').map(({ sessionId }) => sessionId), stayed.map(({ id }) => id));
  });

  test('a hundred of them misses none', async (t) => {
    const games = await Promise.all(Array.from({ length: 100 }, () => open('start')));
    const client = await watcher(t, server.sync);
    await Promise.all(games.map(({ id }) => client.join(id)));
    await Promise.all(games.map((game) => ok(game.switch())));
    for (const { id } of games) await client.seen('sync:state', ({ sessionId }) => sessionId === id, 0);
    for (const game of games) await ok(game.complete());
    await client.seen('sync:state', ({ sessionId, state }) => sessionId === games.at(-1).id && state.version === 4, 0);
    for (const { id } of games) assert.deepEqual(client.updates(id).map(({ version }) => version), [3, 4]);
  });
});

describe('a client who leaves', { concurrency: 4 }, () => {
  test('hears nothing more, and everything again after it came back', async (t) => {
    const game = await open('start');
    const witness = await watcher(t, server.sync, { join: [game.id] });
    const client = await watcher(t, server.sync, { join: [game.id] });
    await ok(game.switch());
    await client.reached(game.id, 3);
    await client.act('leave', { sessionId: game.id });
    client.mark();
    await ok(game.switch());
    await witness.reached(game.id, 4);
    await client.settle();
    assert.deepEqual(names(client), []);
    match(await client.join(game.id), { version: 4 });
    await fence(game, client);
    assert.deepEqual(names(client), ['sync:joined', 'sync:state']);
  });

  test('is gone at once, also after it joined twice', async (t) => {
    const game = await open('start');
    const witness = await watcher(t, server.sync, { join: [game.id] });
    const client = await watcher(t, server.sync, { join: [game.id, game.id] });
    await client.act('leave', { sessionId: game.id });
    client.mark();
    await fence(game, witness, client);
    assert.deepEqual(names(client), []);
  });

  test('what it never joined is told that all is well', async (t) => {
    const game = await open('start');
    const client = await watcher(t, server.sync, { join: [game.id] });
    for (const id of [randomUUID(), (await open()).id]) {
      for (let turn = 0; turn < 2; turn += 1) await client.act('leave', { sessionId: id });
    }
    await fence(game, client);
    assert.deepEqual(names(client), ['sync:joined', 'sync:state']);
  });

  test('in the midst of changes hears none after the ack', async (t) => {
    const game = await open('start');
    const witness = await watcher(t, server.sync, { join: [game.id] });
    for (let round = 0; round < 40; round += 1) {
      const client = await watcher(t, server.sync, { join: [game.id] });
      const changes = Promise.all(Array.from({ length: 6 }, () => game.switch()));
      await client.act('leave', { sessionId: game.id });
      client.mark();
      await changes;
      const { version } = await ok(game.switch().then(() => game.get()));
      await witness.reached(game.id, version);
      await client.settle();
      assert.deepEqual(names(client), [], `round ${round}`);
      client.close();
    }
  });
});
