import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { Game, ok, syncServer, unknown } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { dealt, IoGame, watcher } from '../lib/sync-io.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const names = (client) => client.heard().map(({ event }) => event);
const mark = (...clients) => clients.forEach((client) => client.mark());

const WAYS = {
  'over REST': async (game) => assert.equal((await game.overHttp().remove()).status, 204),
  'over Socket.IO': (game) => accepted('sync:delete', game.remove()),
};

for (const [how, remove] of Object.entries(WAYS)) {
  describe(`a deletion ${how}`, { concurrency: 4 }, () => {
    test('is told to everybody in the room, who leave it and stay connected', async (t) => {
      const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
      const modes = [{ mode: 'websocket' }, { mode: 'polling' }, { version: '2.5' }];
      const room = await Promise.all(modes.map((how) => watcher(t, server.sync, { ...how, join: [game.id] })));
      const [viewer] = await watch(t, server.sync, game.id);
      mark(...room);
      await remove(game);
      for (const each of room) {
        const before = Date.now() - 5000;
        const { sessionId, timestamp } = await each.next('sync:deleted');
        assert.equal(sessionId, game.id);
        assert.ok(before <= timestamp && timestamp <= Date.now());
      }
      assert.deepEqual(await viewer.farewell(), { code: 1000, reason: 'Session deleted' });
      await unknown(game.overHttp().get(), game.id);

      const again = new Game(server.sync, game.session);
      await ok(again.create(), 201);
      const witness = await watcher(t, server.sync, { join: [game.id] });
      await ok(again.start());
      await witness.reached(game.id, 2);
      for (const each of room) {
        await each.settle();
        assert.equal(each.connected, true);
        assert.deepEqual(names(each), ['sync:deleted']);
      }
    });

    test('lets everybody wait for a new clock by joining again', async (t) => {
      const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start', 'switch');
      const room = await Promise.all([1, 2].map(() => watcher(t, server.sync, { join: [game.id] })));
      for (let round = 0; round < 3; round += 1) {
        mark(...room);
        await remove(game);
        for (const each of room) {
          await each.next('sync:deleted');
          assert.equal(await each.join(game.id), null);
        }
        const created = await ok(game.overHttp().create(), 201);
        for (const each of room) {
          assert.deepEqual(await each.update(game.id), created);
          await each.settle();
          assert.deepEqual(names(each), ['sync:deleted', 'sync:joined', 'sync:state']);
        }
      }
    });

    test('of a session that never was is told to those who wait for it', async (t) => {
      const waited = new IoGame(server.sync, await watcher(t, server.sync));
      const client = await watcher(t, server.sync, { join: [waited.id] });
      await remove(waited);
      assert.equal((await client.next('sync:deleted')).sessionId, waited.id);
      await remove(waited);
      await client.settle();
      assert.deepEqual(names(client), ['sync:joined', 'sync:deleted']);
    });

    test('is nobody else\'s business', async (t) => {
      const [game, other] = [await dealt(server.sync, await watcher(t, server.sync), {}), await Game.open(server.sync, {}, 'start')];
      const client = await watcher(t, server.sync, { join: [game.id, other.id] });
      await remove(game);
      await client.next('sync:deleted');
      mark(client);
      await ok(other.switch());
      match(await client.update(other.id), { version: 3 });
      assert.deepEqual(names(client), ['sync:state']);
      assert.deepEqual(game.hand.heard(), []);
    });

    test('ends a room that was entered by the handshake like any other', async (t) => {
      const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
      const client = await watcher(t, server.sync, { auth: { sessionId: game.id } });
      await client.update(game.id);
      await remove(game);
      await client.next('sync:deleted');
      await ok(game.overHttp().create(), 201);
      match(await client.join(game.id), { version: 1 });
      await ok(game.overHttp().start());
      assert.equal((await client.update(game.id)).version, 2);
      await client.settle();
      assert.deepEqual(names(client), ['sync:joined', 'sync:state', 'sync:deleted', 'sync:joined', 'sync:state']);
    });
  });
}

describe('deletions at the same time', { concurrency: 2 }, () => {
  test('as switches leave nothing behind, and nobody hears of a state after the deletion', async (t) => {
    const hand = await watcher(t, server.sync);
    for (let round = 0; round < 30; round += 1) {
      const game = await dealt(server.sync, hand, {}, 'start');
      const client = await watcher(t, server.sync, { join: [game.id] });
      const commands = [game.switch(), game.overHttp().switch(), game.remove(), game.switch(), game.overHttp().switch()];
      const answers = await Promise.all(commands);
      const taken = answers.filter((answer) => answer.status === 200 || answer.result).length;
      await client.next('sync:deleted');
      await client.settle();
      assert.deepEqual(names(client), ['sync:joined', ...Array(taken).fill('sync:state'), 'sync:deleted'], `round ${round}`);
      await unknown(game.overHttp().get(), game.id);
      client.close();
    }
  });

  test('as others are told once to each who was there', async (t) => {
    for (let round = 0; round < 20; round += 1) {
      const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
      const room = await Promise.all([1, 2, 3].map(() => watcher(t, server.sync, { join: [game.id] })));
      await Promise.all([game.remove(), game.overHttp().remove(), game.remove()]);
      for (const each of room) {
        await each.settle();
        assert.deepEqual(names(each), ['sync:joined', 'sync:deleted']);
        each.close();
      }
    }
  });
});
