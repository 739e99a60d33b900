import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { MODES, VERSIONS } from '../lib/clients.js';
import { match } from '../lib/match.js';
import { Meeting } from '../lib/meeting.js';
import { aSession, Game, ok, syncServer } from '../lib/sync.js';
import { accepted, declined } from '../lib/sync-io-law.js';
import { dealt, IoGame, Watcher, watcher } from '../lib/sync-io.js';

/** For some dozens of changes one after the other. */
const BUSY_MS = 20_000;
const CONNECT_TIMEOUT_MS = 2000;
const server = await syncServer();
const hasty = await syncServer({
  flags: ['--connect-timeout-ms', String(CONNECT_TIMEOUT_MS), '--ping-interval-ms', '400', '--ping-timeout-ms', '20000'],
});
after(() => Promise.all([server.close(), hasty.close()]));

/** What is measured has to pass; nothing is waited for. */
const pass = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const names = (client) => client.heard().map(({ event }) => event);
const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
/** Like pages that use several namespaces: on one connection. */
const SHARED = { options: { forceNew: false } };

for (const version of VERSIONS) {
  for (const mode of Object.keys(MODES)) {
    describe(`socket.io-client ${version} over ${mode}`, { concurrency: 4 }, () => {
      test('drives a clock from its creation to its end and sees all of it', async (t) => {
        const client = await watcher(t, server.sync, { version, mode });
        const game = new IoGame(server.sync, client);
        assert.equal(await client.join(game.id), null);
        client.mark();
        for (const command of ['create', 'start', 'switch', 'pause', 'resume', 'complete']) {
          await accepted(`sync:${command}`, game[command]());
          assert.deepEqual(await client.update(game.id), await game.state());
        }
        await declined(game.start(), 'INVALID_STATE_TRANSITION', `Session ${game.id} cannot be started (current status: completed)`);
        await accepted('sync:delete', game.remove());
        assert.equal((await client.next('sync:deleted')).sessionId, game.id);
        await declined(game.get(), 'SESSION_NOT_FOUND', `Session ${game.id} not found`);
        assert.deepEqual(names(client), [...Array(6).fill('sync:state'), 'sync:deleted']);
      });

      test('treats all that was said in the moment of connecting, in its order', async (t) => {
        const client = new Watcher(server.sync, { version, mode });
        t.after(() => client.close());
        const game = await dealt(server.sync, client, {}, 'start');
        const later = [];
        client.socket.on('connect', () => {
          for (let turn = 0; turn < 20; turn += 1) later.push(accepted('sync:switch', game.switch()));
        });
        client.open();
        const early = [1, 2, 3].map(() => accepted('sync:switch', game.switch()));
        // Some versions of the client send what waited for the connection after what is said when it is there.
        const { version: from } = await client.join(game.id);
        const [waited, said] = [await Promise.all(early), await Promise.all(later)].map((acks) => acks.map((ack) => ack.version));
        for (const versions of [waited, said]) assert.deepEqual(versions, numbers(versions[0], versions.at(-1)));
        assert.deepEqual([...waited, ...said].sort((a, b) => a - b), numbers(3, 25));
        if (from < 25) await client.reached(game.id, 25);
        assert.deepEqual(client.updates(game.id).map((state) => state.version), numbers(from + 1, 25));
      });

      test('misses nothing and sees nothing twice while changes come without a break', async (t) => {
        const game = await Game.open(server.sync, {}, 'start');
        let isOver = false;
        const busy = (async () => {
          while (!isOver) await ok(game.switch());
        })();
        const client = await watcher(t, server.sync, { version, mode });
        const { version: from } = await client.join(game.id);
        await client.reached(game.id, from + 30, BUSY_MS);
        isOver = true;
        await busy;
        const last = await game.state();
        if (client.updates(game.id).at(-1).version < last.version) await client.reached(game.id, last.version);
        assert.deepEqual(client.updates(game.id).map((state) => state.version), numbers(from + 1, last.version));
        assert.deepEqual(client.updates(game.id).at(-1), last);
      });

      test('gets a thousand participants', async (t) => {
        const client = await watcher(t, server.sync, { version, mode });
        const game = new IoGame(server.sync, client, aSession({ times: Array(1000).fill(1000) }));
        await client.join(game.id);
        await accepted('sync:create', game.create());
        await accepted('sync:start', game.start());
        assert.deepEqual(await client.reached(game.id, 2), await game.state());
      });
    });
  }

  test(`planning poker and clocks share one connection of ${version}`, async (t) => {
    const how = { version, mode: 'upgrade', ...SHARED };
    const meeting = await Meeting.open(server, { how });
    t.after(() => meeting.close());
    const { client: player } = meeting.host;
    const client = await watcher(t, server.url, how);
    assert.equal(client.socket.io, player.socket.io, 'one connection');
    const game = new IoGame(server.sync, client);
    if (version === '2.5') assert.equal((await client.next('sync:joined')).sessionId, meeting.sessionId, 'one query for both');
    assert.equal(await client.join(game.id), null);
    client.mark();
    await meeting.nobodyHears(async () => {
      await accepted('sync:create', game.create());
      assert.deepEqual(await client.update(game.id), await game.state());
    });
    await client.settle();
    assert.deepEqual(names(client), ['sync:state']);
    await lose(player, client, game);
    await leave(meeting, client, game);
  });
}

describe('a client who enters no other namespace and says nothing', { concurrency: 12 }, () => {
  for (const [version, mode] of VERSIONS.flatMap((it) => Object.keys(MODES).map((how) => [it, how]))) {
    test(`stays connected with ${version} over ${mode}`, async (t) => {
      const game = await Game.open(hasty.sync, {}, 'start');
      const client = await watcher(t, hasty.sync, { version, mode, join: [game.id] });
      await pass(CONNECT_TIMEOUT_MS * 1.5);
      await ok(game.switch());
      assert.equal((await client.update(game.id)).version, 3);
      assert.deepEqual(names(client), ['sync:joined', 'sync:state']);
    });
  }
});

/** Both namespaces are there again after the connection was lost. */
async function lose(player, client, game) {
  for (const each of [player, client]) each.mark();
  client.drop();
  await player.next('session:joined');
  await client.next('connect');
  match(await client.join(game.id), { version: 1 });
  await accepted('sync:start', game.start());
  assert.equal((await client.update(game.id)).version, 2);
}

/** Who leaves one namespace stays in the other. */
async function leave(meeting, client, game) {
  client.socket.disconnect();
  await meeting.fence();
  assert.equal(client.connected, false);
  client.mark();
  client.open();
  await client.next('connect');
  match(await client.join(game.id), { version: 2 });
  meeting.forget(meeting.host.client).socket.disconnect();
  await accepted('sync:switch', game.switch());
  assert.equal((await client.update(game.id)).version, 3);
}
