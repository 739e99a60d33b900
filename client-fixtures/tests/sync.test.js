import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { ask, aSession, Game, ok, refused, syncServer } from '../lib/sync.js';
import { Viewer, watch } from '../lib/sync-viewer.js';
import { within } from '../lib/wait.js';

const server = await syncServer();
after(() => server.close());

const STEPS = [
  ['create', 'pending', 1], ['start', 'running', 2], ['switch', 'running', 3], ['pause', 'paused', 4], ['resume', 'running', 5],
  ['complete', 'completed', 6],
];
const DELETED = { code: 1000, reason: 'Session deleted' };

/** What each viewer is told because of `action`, up to the change that fences it off. */
async function toldBy(viewers, game, action) {
  for (const viewer of viewers) {
    await viewer.settle();
    viewer.mark();
  }
  await action();
  const { version } = await ok(game.complete());
  return Promise.all(viewers.map(async (viewer) => {
    await viewer.version(version);
    await viewer.settle();
    return viewer.heardTypes().slice(0, -1);
  }));
}

describe('viewers', { concurrency: 4 }, () => {
  test('who wait in an unused id get one frame per change, equal to GET, and a farewell', async (t) => {
    const game = new Game(server.sync);
    const viewers = await watch(t, server.sync, game.id, 3);
    for (const [command, status, version] of STEPS) {
      await ok(game[command](), command === 'create' ? 201 : 200);
      const stored = await game.state();
      match(stored, { status, version });
      for (const viewer of viewers) assert.deepEqual(await viewer.update(), stored);
    }
    assert.equal((await game.remove()).status, 204);
    for (const viewer of viewers) {
      assert.deepEqual(await viewer.farewell(), DELETED);
      assert.deepEqual(viewer.heardTypes(), ['CONNECTED', ...STEPS.map(() => 'STATE_UPDATE'), 'SESSION_DELETED']);
    }
  });

  test('at any listener hear of commands at any listener', async (t) => {
    const game = await Game.open(server.url);
    const [own] = await watch(t, server.sync, game.id);
    const [other] = await watch(t, server.url, game.id);
    for (const [index, base] of [server.sync, `${server.sync}/sync`, server.url, `${server.url}/sync`].entries()) {
      await ok(ask(base, 'POST', game.path(index === 0 ? '/start' : '/switch')));
      const stored = await game.state();
      for (const viewer of [own, other]) assert.deepEqual(await viewer.update(), stored);
    }
  });

  test('hear nothing of GET, of refused commands and of other sessions', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const other = await Game.open(server.sync, {}, 'start');
    const viewers = await watch(t, server.sync, game.id, 2);
    const told = await toldBy(viewers, game, async () => {
      await ok(game.get());
      assert.equal((await game.start()).status, 400);
      assert.equal((await game.resume()).status, 400);
      assert.equal((await game.switch({ next_participant_id: randomUUID() })).status, 400);
      assert.equal((await game.switch({ next_participant_id: 'x' })).status, 400);
      assert.equal((await new Game(server.sync, { ...game.session, participants: [] }).create()).status, 400);
      await ok(other.switch());
      assert.equal((await other.remove()).status, 204);
    });
    assert.deepEqual(told, [[], []]);
  });

  test('are not told who else comes and goes', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const viewers = await watch(t, server.sync, game.id, 2);
    const told = await toldBy(viewers, game, async () => {
      const guest = await Viewer.open(server.sync, game.id);
      await guest.reconnect();
      await guest.close();
    });
    assert.deepEqual(told, [[], []]);
  });

  test('who left hear nothing more, and who stayed hear everything', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const [stays] = await watch(t, server.sync, game.id);
    for (const leave of [(viewer) => viewer.close(), (viewer) => viewer.socket.terminate()]) {
      const guest = await Viewer.open(server.sync, game.id);
      leave(guest);
      await within(guest.closed, 'the guest is gone');
      const { version } = await ok(game.command('pause'));
      assert.deepEqual(await stays.update(), await game.state());
      await ok(game.resume());
      await stays.version(version + 1);
      assert.deepEqual(guest.heardTypes(), ['CONNECTED']);
    }
  });

  test('of a session of a thousand participants get all of them', async (t) => {
    const session = aSession({ times: Array(1000).fill(1000) });
    const game = new Game(server.sync, session);
    const [viewer] = await watch(t, server.sync, game.id);
    await ok(game.create(), 201);
    await ok(game.start());
    assert.deepEqual(await viewer.version(2), await game.state());
    assert.equal((await game.state()).participants.length, 1000);
  });
});

describe('a session that is created again', { concurrency: 4 }, () => {
  for (const [index, [command, status]] of STEPS.entries()) {
    test(`after ${command} is pending at version 1 for GET and for its viewers`, async (t) => {
      const game = await Game.open(server.sync, {}, ...STEPS.slice(1, index + 1).map(([it]) => it));
      assert.equal((await game.state()).status, status);
      const viewers = await watch(t, server.sync, game.id, 2);
      const again = new Game(server.sync, aSession({ session_id: game.id, times: [5000, 6000, 7000], sync_mode: 'global' }));
      const created = await ok(again.create(), 201);
      const participants = again.people.map((id) => ({ participant_id: id, cycle_count: 0, time_used_ms: 0 }));
      match(created, { status: 'pending', version: 1, sync_mode: 'global', participants });
      assert.deepEqual(await again.state(), created);
      for (const viewer of viewers) {
        assert.deepEqual(await viewer.update(), created);
        assert.deepEqual(await viewer.reconnect(), created);
      }
      await ok(again.start());
      for (const viewer of viewers) match(await viewer.update(), { version: 2, active_participant_id: again.people[0] });
    });
  }
});

describe('a session that is deleted', { concurrency: 4 }, () => {
  test('sends its viewers away, who may wait in it again at once', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const viewers = await watch(t, server.sync, game.id, 3);
    await game.remove();
    for (const viewer of viewers) {
      assert.deepEqual(await viewer.farewell(), DELETED);
      assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'SESSION_DELETED']);
    }
    const [back] = await watch(t, server.sync, game.id);
    back.send({ type: 'RECONNECT' });
    await back.next('ERROR');
    const created = await ok(game.create(), 201);
    assert.deepEqual(await back.update(), created);
    assert.deepEqual(back.heardTypes(), ['CONNECTED', 'ERROR', 'STATE_UPDATE']);
  });

  test('sends those away who waited for one that never was, and nobody else', async (t) => {
    const id = randomUUID();
    const neighbour = await Game.open(server.sync, {}, 'start');
    const [waiting] = await watch(t, server.sync, id);
    const [stays] = await watch(t, server.sync, neighbour.id);
    assert.equal((await ask(server.sync, 'DELETE', `/v1/sessions/${id}`)).status, 204);
    assert.deepEqual(await waiting.farewell(), DELETED);
    await ok(neighbour.switch());
    await stays.version(3);
    assert.deepEqual(stays.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  });
});

describe('RECONNECT', { concurrency: 4 }, () => {
  test('is answered with the stored state at any time, any number of times, to the asker alone', async (t) => {
    const game = await Game.open(server.sync);
    const [asker, other] = await watch(t, server.sync, game.id, 2);
    for (const [command, status, version] of STEPS.slice(1)) {
      await ok(game[command]());
      await asker.version(version);
      const stored = await game.state();
      match(stored, { status, version });
      for (let turn = 0; turn < 2; turn += 1) assert.deepEqual(await asker.reconnect(), stored);
      await other.version(version);
    }
    await other.settle();
    assert.deepEqual(other.heardTypes(), ['CONNECTED', ...STEPS.slice(1).map(() => 'STATE_UPDATE')]);
    assert.deepEqual(asker.heardTypes(), ['CONNECTED', ...STEPS.slice(1).flatMap(() => ['STATE_UPDATE', 'STATE_SYNC', 'STATE_SYNC'])]);
  });

  test('for a session that does not exist is answered with an ERROR to the asker alone, who stays', async (t) => {
    const game = new Game(server.sync);
    const [asker, other] = await watch(t, server.sync, game.id, 2);
    for (let turn = 0; turn < 2; turn += 1) asker.send({ type: 'RECONNECT' });
    for (let turn = 0; turn < 2; turn += 1) {
      assert.deepEqual(await asker.next('ERROR'), { type: 'ERROR', code: 'SESSION_NOT_FOUND', message: `Session ${game.id} not found` });
    }
    await refused(game.get(), 404, 'SESSION_NOT_FOUND', `Session ${game.id} not found`);
    await ok(game.create(), 201);
    await asker.version(1);
    await other.version(1);
    assert.deepEqual(asker.heardTypes(), ['CONNECTED', 'ERROR', 'ERROR', 'STATE_UPDATE']);
    assert.deepEqual(other.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  });

  test('may carry other fields and be binary', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const [viewer] = await watch(t, server.sync, game.id);
    viewer.send({ lastVersion: 7, type: 'RECONNECT', sessionId: randomUUID() });
    assert.equal((await viewer.next('STATE_SYNC')).state.session_id, game.id);
    viewer.send(Buffer.from('{"type":"RECONNECT"}'));
    await viewer.next('STATE_SYNC');
  });
});

const GARBAGE = [
  '', ' ', '{', '}', 'hello', 'ping', 'PING', '"PING"', '{"type":"PING"', '{"type":"PING"}}', "{'type':'PING'}", '{"type":"PING",}', 'null',
  'true', '5', '-0.5', '[]', '["PING"]', '[{"type":"PING"}]', '{}', '{"type":null}', '{"type":5}', '{"type":["PING"]}', '{"type":{}}',
  '{"type":""}', '{"type":"ping"}', '{"type":"reconnect"}', '{"type":" PING"}', '{"type":"PONG"}', '{"type":"CONNECTED"}',
  '{"Type":"PING"}',
  '{"type":"STATE_UPDATE"}', '{"type":"SUBSCRIBE","sessionId":"7b1c9a52-3f0e-4a77-9d55-0c6a8e2f4b10"}', '{"action":"switch"}', 'NaN',
  '{"type":"SWITCH"}', '\u0000', '['.repeat(50_000), '{"a":'.repeat(10_000), '🙏',
];

describe('a message', { concurrency: 4 }, () => {
  test('PING is answered with a PONG of nothing but its time, whatever it carries', async (t) => {
    const [viewer] = await watch(t, server.sync, randomUUID());
    const pings = ['{"type":"PING"}', '{"type":"PING","timestamp":1}', '{"timestamp":"x","id":7,"type":"PING"}', ' {"type": "PING"}\n'];
    for (const ping of pings) viewer.send(ping);
    for (const ping of pings) viewer.send(Buffer.from(ping));
    for (let turn = 0; turn < 2 * pings.length; turn += 1) {
      const { timestamp, ...rest } = await viewer.next('PONG');
      assert.deepEqual(rest, { type: 'PONG' });
    }
    assert.equal(viewer.history.length, 1 + 2 * pings.length);
  });

  test('of any other kind is ignored, as text and in binary, and the next is treated as ever', async (t) => {
    const game = await Game.open(server.sync, {}, 'start');
    const [sender, other] = await watch(t, server.sync, game.id, 2);
    for (const message of GARBAGE) sender.send(message).send(Buffer.from(message));
    sender.send(Buffer.from([0xff, 0xfe, 0x00]));
    await sender.settle();
    await sender.reconnect();
    await ok(game.switch());
    for (const viewer of [sender, other]) await viewer.version(3);
    assert.deepEqual(sender.heardTypes(), ['CONNECTED', 'STATE_SYNC', 'STATE_UPDATE']);
    assert.deepEqual(other.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  });

  test('in several fragments is one message', async (t) => {
    const [viewer] = await watch(t, server.sync, randomUUID());
    viewer.socket.send('{"type":', { fin: false });
    viewer.socket.send('"PING"}', { fin: true });
    await viewer.next('PONG');
  });

  test('of the protocol, a ping, is answered with a pong of the same payload', async (t) => {
    const [viewer] = await watch(t, server.sync, randomUUID());
    for (const payload of ['', 'x', 'y'.repeat(125)]) {
      const pong = once(viewer.socket, 'pong');
      viewer.socket.ping(payload);
      assert.equal(String((await within(pong, 'a pong'))[0]), payload);
    }
  });
});
