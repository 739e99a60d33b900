import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { ok, syncServer } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { dealt, IoGame, watcher } from '../lib/sync-io.js';
import { assertUnbroken } from '../lib/sync-model.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const isTaken = (answer) => answer.status === 200 || answer.ok === true;
const isRefused = (answer) => answer.status === 409 || answer.code === 'CONFLICT';
const taken = (answers) => answers.filter(isTaken).length;
const turns = ({ participants }) => participants.reduce((sum, { cycle_count: count }) => sum + count, 0);
const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** One session, and as many hands for it as there are ways: REST, WebSocket, polling. */
async function table(t, fields) {
  const game = await dealt(server.sync, await watcher(t, server.sync), fields, 'start');
  const poller = new IoGame(server.sync, await watcher(t, server.sync, { mode: 'polling' }), game.session);
  return { game, hands: [game.overHttp(), game, poller] };
}

async function audience(t, id) {
  const watchers = await Promise.all(['websocket', 'polling'].map((mode) => watcher(t, server.sync, { mode, join: [id] })));
  return { watchers, viewers: await watch(t, server.sync, id) };
}

/** Everybody saw each version once, in order, as the only possible consequence of the one before. */
async function assertSeen({ watchers, viewers }, before, stored) {
  const { session_id: id, version } = stored;
  for (const viewer of viewers) assert.deepEqual(await viewer.version(version), stored);
  for (const each of watchers) assert.deepEqual(await each.reached(id, version), stored);
  for (const states of [...viewers.map((it) => it.updates()), ...watchers.map((it) => it.updates(id))]) {
    assert.deepEqual(states.map((state) => state.version), numbers(before.version + 1, version));
    assertUnbroken([before, ...states]);
  }
}

describe('switches at the same time', { concurrency: 4 }, () => {
  for (let round = 1; round <= 15; round += 1) {
    test(`over REST and Socket.IO are each taken once or refused, round ${round}`, async (t) => {
      const { game, hands } = await table(t, { times: [60_000, 60_000, 60_000], increment_ms: 50 });
      const before = await game.state();
      const all = await audience(t, game.id);
      const answers = await Promise.all(Array.from({ length: 6 }, (_, turn) => hands[turn % hands.length].switch()));
      const count = taken(answers);
      assert.ok(count >= 1 && answers.every((answer) => isTaken(answer) || isRefused(answer)), JSON.stringify(answers));
      const stored = await game.state();
      assert.deepEqual([stored.version, turns(stored)], [2 + count, count]);
      await assertSeen(all, before, stored);
    });
  }

  test('are answered with the versions and the turns they took', async (t) => {
    const { game } = await table(t, { times: [60_000, 60_000, 60_000] });
    const hands = await Promise.all([1, 2, 3, 4].map(() => watcher(t, server.sync)));
    const asks = hands.flatMap((hand) => [1, 2, 3].map(() => accepted('sync:switch', hand.ask('sync:switch', { sessionId: game.id }))));
    const answers = (await Promise.all(asks)).sort((a, b) => a.version - b.version);
    assert.deepEqual(answers.map(({ version }) => version), numbers(3, 14));
    for (const { result, version } of answers) assert.equal(turns(result), version - 2);
    assert.deepEqual(answers.at(-1).result.participants, (await game.state()).participants);
  });
});

describe('two at the same time over different ways', { concurrency: 2 }, () => {
  for (const [command, way] of Object.entries({ start: [], pause: ['start'], resume: ['start', 'pause'] })) {
    test(`of the command ${command} have one winner`, async (t) => {
      const hand = await watcher(t, server.sync);
      for (let round = 0; round < 20; round += 1) {
        const game = await dealt(server.sync, hand, {}, ...way);
        const before = await game.state();
        const all = await audience(t, game.id);
        const answers = await Promise.all([game.command(command), game.overHttp().command(command)]);
        assert.equal(taken(answers), 1, JSON.stringify(answers));
        await assertSeen(all, before, await game.state());
        for (const each of all.watchers) each.close();
      }
    });
  }
});

describe('a crowd', { concurrency: 2 }, () => {
  const COMMANDS = { switch: 8, pause: 2, resume: 3, start: 1 };
  const REFUSALS = ['CONFLICT', 'INVALID_STATE_TRANSITION'];

  for (const seed of [1, 2, 3, 4]) {
    test(`that does everything at once over every way moves the clock by one version per success, seed ${seed}`, async (t) => {
      const chance = new Chance(seed);
      const { game, hands } = await table(t, { times: [60_000, 60_000, 60_000], increment_ms: 10 });
      const before = await game.state();
      const all = await audience(t, game.id);
      const crowd = [...hands, ...hands].map(async (hand) => {
        const answers = [];
        for (let turn = 0; turn < 30; turn += 1) answers.push(await hand.command(chance.weighed(COMMANDS)));
        return answers;
      });
      const answers = (await Promise.all(crowd)).flat();
      for (const answer of answers) if (!isTaken(answer)) assert.ok(REFUSALS.includes(answer.code ?? answer.body.error.code), answer.text);
      const stored = await game.state();
      assert.equal(stored.version, before.version + taken(answers));
      await assertSeen(all, before, stored);
    });
  }

  test('of switches among a thousand participants reaches every viewer that reads', async (t) => {
    const { game, hands } = await table(t, { times: Array(1000).fill(60_000) });
    const before = await game.state();
    const all = await audience(t, game.id);
    const answers = await Promise.all(Array.from({ length: 6 }, (_, turn) => hands[turn % hands.length].switch()));
    const stored = await game.state();
    assert.equal(stored.version, 2 + taken(answers));
    await assertSeen(all, before, stored);
  });

  test('in one session is not heard in another', async (t) => {
    const [{ game, hands }, { game: other }] = [await table(t), await table(t)];
    const client = await watcher(t, server.sync, { join: [other.id] });
    await Promise.all(Array.from({ length: 12 }, (_, turn) => hands[turn % hands.length].switch()));
    await game.remove();
    await ok(other.overHttp().switch());
    await client.update(other.id);
    await client.settle();
    assert.deepEqual(client.heard().map(({ event }) => event), ['sync:joined', 'sync:state']);
  });
});
