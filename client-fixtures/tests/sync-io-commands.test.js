import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { between, match } from '../lib/match.js';
import { aSession, Game, ok, syncServer, unknown } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { dealt, IoGame, watcher } from '../lib/sync-io.js';
import { successor } from '../lib/sync-model.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const STEPS = [
  ['create', 'pending', 1], ['start', 'running', 2], ['switch', 'running', 3], ['pause', 'paused', 4], ['resume', 'running', 5],
  ['complete', 'completed', 6], ['complete', 'completed', 7], ['create', 'pending', 1],
];

const resultOf = ({ session_id, active_participant_id, cycle_started_at, participants, status }) => (
  { session_id, active_participant_id, cycle_started_at, participants, status }
);

/** The ack of a command over Socket.IO says exactly what was stored. */
async function assertAck(event, answer, stored) {
  const told = await accepted(event, answer);
  if (event === 'sync:switch') assert.deepEqual(told, { result: resultOf(stored), version: stored.version });
  else assert.deepEqual(told, { state: stored });
}

/** A viewer of every kind, all of them waiting in this session. */
async function audience(t, id) {
  const modes = [{ mode: 'websocket' }, { mode: 'polling' }, { mode: 'upgrade' }, { version: '2.5', mode: 'polling' }, { version: '3.1' }];
  const watchers = await Promise.all(modes.map((how) => watcher(t, server.sync, { ...how, join: [id] })));
  const viewers = await watch(t, server.sync, id, 2);
  return { watchers, viewers };
}

async function assertShown({ watchers, viewers }, stored) {
  for (const viewer of viewers) assert.deepEqual(await viewer.update(), stored);
  for (const each of watchers) assert.deepEqual(await each.update(stored.session_id), stored);
}

for (const version of VERSIONS) {
  for (const mode of ['websocket', 'polling']) {
    test(`a whole life commanded with ${version} over ${mode} is acknowledged with what is stored and shown to all viewers`, async (t) => {
      const hand = await watcher(t, server.sync, { version, mode });
      const game = new IoGame(server.sync, hand, aSession({ increment_ms: 500 }));
      const all = await audience(t, game.id);
      let before;
      for (const [command, status, number] of STEPS) {
        const answer = await game[command]();
        const stored = await game.state();
        match(stored, { status, version: number });
        if (command !== 'create') assert.deepEqual(stored, successor(before, command, stored));
        await assertAck(`sync:${command}`, answer, stored);
        await assertShown(all, stored);
        before = stored;
      }
      await accepted('sync:delete', game.remove());
      await unknown(game.overHttp().get(), game.id);
      for (const each of all.watchers) assert.equal((await each.next('sync:deleted')).sessionId, game.id);
      for (const viewer of all.viewers) assert.deepEqual(await viewer.farewell(), { code: 1000, reason: 'Session deleted' });
      assert.deepEqual(hand.heard(), [], 'who did not join is told nothing');
    });
  }
}

describe('commands', { concurrency: 4 }, () => {
  test('over REST reach every Socket.IO viewer', async (t) => {
    const game = new Game(server.sync);
    const all = await audience(t, game.id);
    for (const [command] of STEPS) {
      await ok(game[command](), command === 'create' ? 201 : 200);
      await assertShown(all, await game.state());
    }
    await game.remove();
    for (const each of all.watchers) {
      assert.equal((await each.next('sync:deleted')).sessionId, game.id);
      assert.deepEqual(each.heard().map(({ event }) => event), ['sync:joined', ...STEPS.map(() => 'sync:state'), 'sync:deleted']);
    }
  });

  test('over REST and Socket.IO in turns are one life', async (t) => {
    const hand = await watcher(t, server.url);
    const game = new IoGame(server.sync, hand);
    const rest = game.overHttp();
    const all = await audience(t, game.id);
    await accepted('sync:create', game.create());
    await assertShown(all, await rest.state());
    for (const [index, command] of ['start', 'switch', 'switch', 'pause', 'resume', 'switch', 'complete'].entries()) {
      if (index % 2 === 0) await ok(rest.command(command));
      else await accepted(`sync:${command}`, game.command(command));
      const stored = await rest.state();
      assert.equal(stored.version, index + 2);
      await assertShown(all, stored);
    }
  });

  test('need no joining, and their sender is a viewer like any other if it did join', async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {});
    await accepted('sync:start', game.start());
    await game.hand.settle();
    assert.deepEqual(game.hand.heard(), []);
    match(await game.hand.join(game.id), { version: 2 });
    await accepted('sync:switch', game.switch());
    assert.deepEqual(await game.hand.update(game.id), await game.state());
  });

  test('without an ack are done all the same, in their order, and say nothing', async (t) => {
    const hand = await watcher(t, server.sync);
    const game = new IoGame(server.sync, hand);
    const [viewer] = await watch(t, server.sync, game.id);
    hand.emit('sync:create', game.session);
    for (const verb of ['start', 'switch', 'pause', 'resume', 'complete']) hand.emit(`sync:${verb}`, { sessionId: game.id });
    const versions = [];
    for (let turn = 0; turn < 6; turn += 1) versions.push((await viewer.update()).version);
    assert.deepEqual(versions, [1, 2, 3, 4, 5, 6]);
    hand.emit('sync:delete', { sessionId: game.id });
    await viewer.farewell();
    await hand.settle();
    assert.deepEqual(hand.heard(), []);
  });

  test('of one client are acknowledged in their order', async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
    const answers = await Promise.all(Array.from({ length: 50 }, () => accepted('sync:switch', game.switch())));
    assert.deepEqual(answers.map(({ version }) => version), Array.from({ length: 50 }, (_, index) => index + 3));
    const acks = game.hand.history.filter(({ event }) => event === 'ack').map(({ args }) => args[0].version);
    assert.deepEqual(acks, answers.map(({ version }) => version));
  });

  test('may carry fields that nobody knows', async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {});
    const more = { token: 'x', reason: null, session_id: 'x', next_participant_id: 'x', version: 'x' };
    for (const verb of ['start', 'switch', 'pause', 'resume', 'complete', 'get', 'leave', 'join', 'delete']) {
      await accepted(`sync:${verb}`, game.command(verb, more));
    }
    await accepted('sync:time', game.hand.ask('sync:time', more));
    await accepted('sync:create', game.hand.ask('sync:create', { ...game.session, ...more, session_id: game.id, metadata: {}, sessionId: 'x' }));
    match(await game.state(), { version: 1 });
  });
});

describe('a question', { concurrency: 4 }, () => {
  test('of sync:get is answered with what GET answers', async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {});
    for (const command of ['start', 'switch', 'pause', 'complete']) {
      const before = Date.now();
      const { state, timestamp } = await accepted('sync:get', game.get());
      assert.ok(before <= timestamp && timestamp <= Date.now());
      assert.deepEqual(state, await game.state());
      await ok(game.overHttp().command(command));
    }
  });

  test('of sync:get neither joins nor changes anything', async (t) => {
    const game = await dealt(server.sync, await watcher(t, server.sync), {}, 'start');
    const witness = await watcher(t, server.sync, { join: [game.id] });
    for (let turn = 0; turn < 3; turn += 1) await accepted('sync:get', game.get());
    await ok(game.overHttp().switch());
    assert.equal((await witness.update(game.id)).version, 3);
    await game.hand.settle();
    assert.deepEqual(game.hand.heard(), []);
  });

  test('of sync:time is answered with the wall clock', async (t) => {
    const hand = await watcher(t, server.sync);
    const sent = Date.now();
    const { timestampMs, ...rest } = await hand.act('time', {});
    match(timestampMs, between(sent, Date.now()));
    assert.deepEqual(rest, { serverVersion: '2.0.0', driftToleranceMs: 50 });
  });
});
