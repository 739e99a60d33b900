import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ok, syncServer } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { dealt, watcher } from '../lib/sync-io.js';

const server = await syncServer();
after(() => server.close());

const ROUNDS = 300;
const MODES = ['websocket', 'polling'];

/**
 * A session that is completed again and again, over REST and over Socket.IO, while `during` runs with a function that tells
 * the highest version of which anybody was told. Resolves to the last version.
 */
async function inFlight(t, during) {
  const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'complete');
  let known = 2;
  let isOver = false;
  const commands = [async () => (await accepted('sync:complete', game.complete())).state, () => ok(game.overHttp().complete())];
  const actors = commands.map(async (complete) => {
    while (!isOver) known = Math.max(known, (await complete()).version);
  });
  try {
    await during(game, () => known);
  } finally {
    isOver = true;
    await Promise.all(actors);
  }
  return (await game.state()).version;
}

/** Versions that were shown, as sync:state or in the ack of an event. */
function shown(entries) {
  return entries.flatMap(({ event, of, args: [body] }) => {
    if (event === 'sync:state') return [{ how: 'told', version: body.state.version }];
    return event === 'ack' && of === 'sync:join' ? [{ how: 'joined', version: body.state.version }] : [];
  });
}

const told = (list) => list.filter(({ how }) => how === 'told').map(({ version }) => version);

function assertContiguous(versions, where) {
  assert.deepEqual(versions, versions.map((_, index) => versions[0] + index), where);
}

/** Nobody is shown anything older than before; whoever was told the present state in an ack is told next what follows it. */
function assertForward(list, where) {
  const described = `${where}: ${JSON.stringify(list)}`;
  assertContiguous(told(list), described);
  assert.ok(list.every(({ version }, index) => index === 0 || version >= list[index - 1].version), described);
  const joined = list.findIndex(({ how }) => how === 'joined');
  const [next] = told(list.slice(joined));
  if (joined >= 0 && next !== undefined) assert.equal(next, list[joined].version + 1, described);
}

describe('a client who joins', { concurrency: 2 }, () => {
  for (const mode of MODES) {
    test(`right after a change gets its state, and nothing that was before, over ${mode}`, async (t) => {
      const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
      const client = await watcher(t, server.sync, { mode });
      for (let version = 3; version < 3 + ROUNDS / 2; version += 1) {
        if (version % 2 === 0) await accepted('sync:switch', game.switch());
        else await ok(game.overHttp().switch());
        client.mark();
        assert.equal((await client.join(game.id)).version, version);
        await client.act('leave', { sessionId: game.id });
        assert.deepEqual(client.heard().map(({ event }) => event), ['sync:joined']);
      }
    });

    test(`and leaves ${ROUNDS} times in the midst of changes is never shown an older state, over ${mode}`, async (t) => {
      const client = await watcher(t, server.sync, { mode });
      await inFlight(t, async (game, known) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          client.mark();
          const least = known();
          const { version } = await client.join(game.id);
          assert.ok(version >= least, `round ${round}: ${version} is older than ${least}`);
          if (round % 3 === 0) await client.next('sync:state');
          await client.act('leave', { sessionId: game.id });
          assertForward(shown(client.history.slice(client.marked)), `round ${round}`);
        }
      });
    });
  }

  test('again and again without leaving is told each change once, and never shown an older state', async (t) => {
    const client = await watcher(t, server.sync);
    let from;
    const last = await inFlight(t, async (game, known) => {
      from = (await client.join(game.id)).version;
      client.mark();
      for (let round = 0; round < ROUNDS; round += 1) {
        const least = known();
        assert.ok((await client.join(game.id)).version >= least);
      }
    });
    await client.seen('sync:state', ({ state }) => state.version === last, 0);
    const list = shown(client.history);
    assert.deepEqual(told(list), Array.from({ length: last - from }, (_, index) => from + 1 + index));
    assert.ok(list.every(({ version }, index) => index === 0 || version >= list[index - 1].version), JSON.stringify(list));
  });

  test('on a connection of its own in the midst of changes is never shown an older state', async (t) => {
    await inFlight(t, async (game, known) => {
      for (let round = 0; round < ROUNDS / 3; round += 1) {
        const client = await watcher(t, server.sync, { mode: MODES[round % 2] });
        const least = known();
        const { version } = await client.join(game.id);
        assert.ok(version >= least, `round ${round}: ${version} is older than ${least}`);
        await client.next('sync:state');
        assertForward(shown(client.history), `round ${round}`);
        client.close();
      }
    });
  });
});

describe('a client in the room', { concurrency: 2 }, () => {
  test('who asks with sync:get is never answered with less than it saw before', async (t) => {
    const client = await watcher(t, server.sync);
    await inFlight(t, async (game) => {
      await client.join(game.id);
      for (let round = 0; round < ROUNDS; round += 1) {
        const seen = Math.max(2, ...client.updates(game.id).slice(-1).map(({ version }) => version));
        const { state } = await client.act('get', { sessionId: game.id });
        assert.ok(state.version >= seen, `${state.version} is older than ${seen}`);
      }
    });
    assert.ok(client.heard().length > 10, 'it was told of changes');
  });
});
