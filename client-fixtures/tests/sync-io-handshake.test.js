import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { isString, match } from '../lib/match.js';
import { Game, ok, syncServer } from '../lib/sync.js';
import { Watcher, watcher } from '../lib/sync-io.js';

const server = await syncServer();
after(() => server.close());

const ID = '7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10';
const names = (client) => client.heard().map(({ event }) => event);

/** Ways to name a session with the handshake. The first clients had no `auth`. */
const WAYS = [
  ...VERSIONS.filter((version) => version !== '2.5').map((version) => [`in auth with ${version}`, version, (sessionId) => ({ auth: { sessionId } })]),
  ...VERSIONS.map((version) => [`in the query with ${version}`, version, (sessionId) => inQuery(version, { sessionId })]),
];

function inQuery(version, query) {
  return version === '2.5' ? { auth: query } : { options: { query } };
}

const MODES = ['websocket', 'polling'];

for (const [how, version, naming] of WAYS) {
  for (const mode of MODES) {
    describe(`a session that is named ${how} over ${mode}`, { concurrency: 4 }, () => {
      test('is joined at once: sync:joined, then its state, then its changes', async (t) => {
        const game = await Game.open(server.sync, {}, 'start', 'switch');
        const client = await watcher(t, server.sync, { version, mode, ...naming(game.id) });
        assert.equal((await client.next('sync:joined')).sessionId, game.id);
        assert.deepEqual(await client.update(game.id), await game.state());
        await ok(game.switch());
        assert.deepEqual(await client.update(game.id), await game.state());
        await client.settle();
        assert.deepEqual(names(client), ['sync:joined', 'sync:state', 'sync:state']);
      });

      test('is waited for if it does not exist', async (t) => {
        const game = new Game(server.sync);
        const client = await watcher(t, server.sync, { version, mode, ...naming(game.id) });
        assert.equal((await client.next('sync:joined')).sessionId, game.id);
        await client.settle();
        assert.deepEqual(names(client), ['sync:joined']);
        const created = await ok(game.create(), 201);
        assert.deepEqual(await client.update(game.id), created);
        await client.settle();
        assert.deepEqual(names(client), ['sync:joined', 'sync:state']);
      });

      test('is refused if it is malformed, and the client is sent away', async (t) => {
        const client = new Watcher(server.sync, { version, mode, ...naming('test-session-1') }).open();
        t.after(() => client.close());
        match(await client.next('sync:error'), { event: isString, code: 'VALIDATION_ERROR', error: 'Request validation failed' });
        assert.equal(await client.next('disconnect'), 'io server disconnect');
        assert.deepEqual(names(client), ['sync:error', 'disconnect']);
      });
    });
  }
}

describe('a handshake', { concurrency: 4 }, () => {
  const MALFORMED = ['x', 'null', `${ID} `, `${ID}0`, ID.slice(1), `{${ID}}`, ID.replaceAll('-', ''), ID.replace('7', 'g'), '🙏', 'x'.repeat(3000)];
  for (const sessionId of MALFORMED) {
    test(`with the id "${sessionId.slice(0, 60)}" is refused after it succeeded`, async (t) => {
      for (const naming of [{ auth: { sessionId } }, inQuery('4.8', { sessionId })]) {
        const client = new Watcher(server.sync, naming).open();
        t.after(() => client.close());
        match(await client.next('sync:error'), { code: 'VALIDATION_ERROR' });
        assert.equal(await client.next('disconnect'), 'io server disconnect');
        assert.deepEqual(client.history.map(({ event }) => event), ['connect', 'sync:error', 'disconnect']);
      }
    });
  }

  for (const [version, mode] of VERSIONS.flatMap((it) => MODES.map((mode) => [it, mode]))) {
    test(`without an id joins nothing and is fine with ${version} over ${mode}`, async (t) => {
      const game = await Game.open(server.sync, {}, 'start');
      const client = await watcher(t, server.sync, { version, mode });
      await client.settle();
      assert.deepEqual(names(client), []);
      assert.deepEqual(await client.join(game.id), await game.state());
    });
  }

  test('may carry what nobody knows, as long as that is not an id', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const auth = { token: 'abc', session_id: randomUUID(), playerName: 'Mira' };
    const client = await watcher(t, server.sync, { auth });
    await client.settle();
    assert.deepEqual(names(client), []);
    const other = await watcher(t, server.sync, { auth: { ...auth, sessionId: game.id } });
    assert.equal((await other.next('sync:joined')).sessionId, game.id);
  });

  test('with an empty id has none', async (t) => {
    const inQueries = ['2.5', '4.8'].map((version) => ({ version, ...inQuery(version, { sessionId: '' }) }));
    const namings = [{ auth: { sessionId: '' } }, { auth: { sessionId: null } }, ...inQueries];
    for (const naming of namings) {
      const client = await watcher(t, server.sync, naming);
      await client.settle();
      assert.deepEqual(names(client), []);
    }
  });

  test('with an id in auth and another in the query means the one in auth', async (t) => {
    const [meant, other] = [await Game.open(server.sync, {}, 'start'), await Game.open(server.sync, {}, 'start')];
    const naming = { auth: { sessionId: meant.id }, options: { query: { sessionId: other.id } } };
    const client = await watcher(t, server.sync, naming);
    assert.deepEqual(await client.update(meant.id), await meant.state());
    await ok(other.switch());
    await ok(meant.switch());
    assert.deepEqual(await client.update(meant.id), await meant.state());
    assert.deepEqual(client.updates(other.id), []);
  });

  test('names one session, and the client may join others and leave the first', async (t) => {
    const [first, second] = [await Game.open(server.sync, {}, 'start'), await Game.open(server.sync, {}, 'start')];
    const client = await watcher(t, server.sync, { auth: { sessionId: first.id }, join: [second.id] });
    await client.act('leave', { sessionId: first.id });
    client.mark();
    await ok(first.switch());
    await ok(second.switch());
    assert.equal((await client.update(second.id)).version, 3);
    await client.settle();
    assert.deepEqual(names(client), ['sync:state']);
  });

  test('in the midst of changes shows no state twice, none out of order and none that is outdated', async (t) => {
    const game = await Game.open(server.sync, {}, 'complete');
    let known = 2;
    let isOver = false;
    const actors = Array.from({ length: 2 }, async () => {
      while (!isOver) known = Math.max(known, (await ok(game.complete())).version);
    });
    const joined = [];
    for (let turn = 0; turn < 100; turn += 1) {
      const least = known;
      const client = await watcher(t, server.sync, { auth: { sessionId: game.id } });
      const { version } = await client.update(game.id);
      assert.ok(version >= least, `${version} is older than ${least}`);
      joined.push(client);
      if (joined.length > 8) joined.shift().close();
    }
    isOver = true;
    await Promise.all(actors);
    const { version: last } = await game.state();
    for (const client of joined) {
      await client.seen('sync:state', ({ state }) => state.version === last, 0);
      await client.settle();
      const [first, ...rest] = client.updates(game.id).map(({ version }) => version);
      assert.deepEqual(rest, Array.from({ length: last - first }, (_, index) => first + 1 + index));
      assert.deepEqual(names(client).slice(0, 2), ['sync:joined', 'sync:state']);
    }
  });
});
