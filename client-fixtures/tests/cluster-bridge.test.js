import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Client } from '../lib/clients.js';
import { Cluster, startCluster } from '../lib/cluster.js';
import { SharedClock, numbers, taken } from '../lib/cluster-clock.js';
import { Listener } from '../lib/listener.js';
import { Proxy } from '../lib/proxy.js';
import { aSession, Game, ok } from '../lib/sync.js';
import { watch } from '../lib/sync-viewer.js';
import { until, within } from '../lib/wait.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const UPDATES = 'session-updates';

const cluster = await Cluster.start();
after(() => cluster.close());

/** Somebody who hears what is published, as a server of another make does. */
class Neighbour extends Listener {
  name = 'a neighbour';

  static async open(t, redis, channel) {
    const neighbour = new Neighbour();
    neighbour.tcp = net.connect(redis.port, '127.0.0.1').setEncoding('utf8');
    t.after(() => neighbour.tcp.destroy());
    neighbour.tcp.write(`SUBSCRIBE ${channel}\r\n`);
    await within(once(neighbour.tcp, 'data'), 'Redis takes the subscription');
    let text = '';
    neighbour.tcp.on('data', (chunk) => {
      text += chunk;
      // In these tests nothing that is published has a line break.
      const lines = text.split('\r\n');
      text = lines.pop();
      for (const line of lines) if (line.startsWith('{')) neighbour.record(JSON.parse(line));
    });
    return neighbour;
  }

  kindOf({ sessionId }) {
    return sessionId;
  }

  bodyOf(update) {
    return update;
  }

  about(id) {
    return this.history.filter(({ sessionId }) => sessionId === id);
  }
}

/** A raw viewer who takes whatever comes. */
class Open extends Listener {
  constructor(base, id) {
    super();
    this.name = `a viewer of ${id}`;
    this.texts = [];
    this.socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws?sessionId=${id}`);
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.socket.on('message', (data) => {
      this.texts.push(String(data));
      this.record(JSON.parse(String(data)));
    });
  }

  kindOf({ type }) {
    return type;
  }

  bodyOf(frame) {
    return frame;
  }

  /** The answer proves that whatever was sent before has come. */
  async settle() {
    const from = this.history.length;
    this.socket.send('{"type":"PING"}');
    await this.seen('PONG', undefined, from);
  }

  heard() {
    return this.history.filter(({ type }) => type !== 'PONG' && type !== 'CONNECTED');
  }
}

async function onlooker(t, base, id) {
  const viewer = new Open(base, id);
  t.after(() => viewer.socket.terminate());
  await viewer.take('CONNECTED');
  return viewer;
}

/** A Socket.IO viewer who takes whatever comes. */
async function listener(t, base, id) {
  const hand = new Client(base, { namespace: '/sync' }).open();
  t.after(() => hand.close());
  await hand.next('connect');
  const answer = await hand.call('sync:join', { sessionId: id });
  assert.equal(answer.ok, true);
  return hand;
}

/** On each node one viewer of each kind. */
async function audience(t, id, { nodes } = cluster) {
  const raw = await Promise.all(nodes.map(({ url }) => onlooker(t, url, id)));
  const hands = await Promise.all(nodes.map(({ url }) => listener(t, url, id)));
  return { raw, hands };
}

function publish(channel, payload, { redis } = cluster) {
  return redis.cli('PUBLISH', channel, typeof payload === 'string' ? payload : JSON.stringify(payload));
}

function update(id, state, more = {}) {
  return { sessionId: id, state: JSON.stringify(state), timestamp: Date.now(), ...more };
}

const isNow = (timestamp) => Number.isSafeInteger(timestamp) && Math.abs(timestamp - Date.now()) < MINUTE_MS;

/** What is published last proves that whatever was published before has been dropped. */
async function assertNothingCame({ raw, hands }, id) {
  await publish(`ws:${id}`, { message: { type: 'FENCE' } });
  for (const viewer of raw) {
    await viewer.take('FENCE');
    assert.deepEqual(viewer.heard(), [{ type: 'FENCE' }]);
  }
  for (const hand of hands) {
    await hand.next('sync:message');
    const heard = hand.heard().filter(({ event }) => !['ack', 'sync:joined'].includes(event));
    assert.deepEqual(heard.map(({ event }) => event), ['sync:message']);
  }
}

describe('what others see', { concurrency: 4 }, () => {
  test('is the state under the key of the clock for an hour after its last change', async () => {
    const game = await Game.open(cluster.nodes[0].url, {});
    const key = `session:${game.id}`;
    for (const step of ['start', 'switch', 'pause', 'resume', 'complete']) {
      await cluster.redis.cli('PEXPIRE', key, 1_800_000);
      await ok(game.command(step));
      assert.deepEqual(JSON.parse(await cluster.redis.cli('GET', key)), await game.state());
      const left = await cluster.redis.cli('PTTL', key);
      assert.ok(HOUR_MS - MINUTE_MS < left && left <= HOUR_MS, `${left} ms`);
    }
    assert.equal((await game.switch()).status, 400);
    assert.equal(JSON.parse(await cluster.redis.cli('GET', key)).version, 6);
    assert.equal((await game.remove()).status, 204);
    assert.equal(await cluster.redis.cli('GET', key), null);
  });

  test('is every change on the channel, with the state as a text, and the deletion too', async (t) => {
    const neighbour = await Neighbour.open(t, cluster.redis, UPDATES);
    const game = await Game.open(cluster.nodes[1].url, {}, 'start');
    await ok(game.get());
    assert.equal((await game.resume()).status, 400);
    const state = await game.state();
    await game.remove();
    await neighbour.seen(game.id, ({ deleted }) => deleted === true);
    const [created, started, deleted, ...more] = neighbour.about(game.id);
    assert.deepEqual(more, []);
    for (const told of [created, started]) {
      assert.deepEqual(Object.keys(told).sort(), ['origin', 'sessionId', 'state', 'timestamp']);
      assert.equal(typeof told.state, 'string');
      assert.ok(isNow(told.timestamp));
    }
    assert.equal(JSON.parse(created.state).version, 1);
    assert.deepEqual(JSON.parse(started.state), state);
    assert.deepEqual(Object.keys(deleted).sort(), ['deleted', 'origin', 'sessionId', 'timestamp']);
  });

  test('is the deletion of a clock that never was', async (t) => {
    const neighbour = await Neighbour.open(t, cluster.redis, UPDATES);
    const game = new Game(cluster.nodes[0].url);
    assert.equal((await game.remove()).status, 204);
    await neighbour.seen(game.id);
    assert.equal(neighbour.about(game.id)[0].deleted, true);
  });

  test('is published in the order of versions, however many switch on whichever node', async (t) => {
    const neighbour = await Neighbour.open(t, cluster.redis, UPDATES);
    const clock = await SharedClock.open(t, cluster, {}, 'start');
    let switched = 0;
    for (let round = 0; round < 15; round += 1) {
      switched += taken(await Promise.all(Array.from({ length: 6 }, (_, turn) => clock.game(turn).switch())));
    }
    const last = 2 + switched;
    await neighbour.seen(clock.id, ({ state }) => JSON.parse(state).version === last);
    const states = neighbour.about(clock.id).map(({ state }) => JSON.parse(state));
    assert.deepEqual(states.map(({ version }) => version), numbers(1, last));
    assert.deepEqual(states.at(-1), await clock.state());
    assert.deepEqual(JSON.parse(await cluster.redis.cli('GET', `session:${clock.id}`)), states.at(-1));
    // Nobody here is told of it once more by the bridge.
    await clock.everybodySaw(states.at(-1));
  });
});

describe('what others publish', { concurrency: 4 }, () => {
  for (const [how, form] of [['a text', (state) => JSON.stringify(state)], ['an object', (state) => state]]) {
    test(`as a state that is ${how} reaches all viewers on all nodes`, async (t) => {
      const id = randomUUID();
      const { raw, hands } = await audience(t, id);
      for (let version = 7; version < 10; version += 1) {
        const state = { session_id: id, version, status: 'running', unknown: [1.5, null, { 'ä"\\': '\u{1f600}' }] };
        await publish(UPDATES, { ...update(id), state: form(state), more: true });
        for (const viewer of raw) {
          const { timestamp, ...frame } = await viewer.take('STATE_UPDATE');
          assert.deepEqual(frame, { type: 'STATE_UPDATE', sessionId: id, state });
          assert.ok(isNow(timestamp));
        }
        for (const hand of hands) {
          const { timestamp, ...told } = await hand.next('sync:state');
          assert.deepEqual(told, { sessionId: id, state });
          assert.ok(isNow(timestamp));
        }
      }
    });
  }

  test('for the viewers of a clock is passed to them as it is, and to nobody else', async (t) => {
    const id = randomUUID();
    const viewers = await audience(t, id);
    const others = await audience(t, id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')));
    const message = '{"type":"ANNOUNCE", "text":"5 minutes \u{1f600}","n":1.0}';
    await publish(`ws:${id}`, `{"sessionId":"${randomUUID()}","message":${message},"timestamp":1}`);
    for (const viewer of viewers.raw) {
      await viewer.take('ANNOUNCE');
      assert.equal(viewer.texts.at(-1), message);
    }
    for (const hand of viewers.hands) assert.deepEqual(await hand.next('sync:message'), { sessionId: id, message: JSON.parse(message) });
    for (const viewer of others.raw) {
      await viewer.settle();
      assert.deepEqual(viewer.heard(), []);
    }
  });

  test('as a deletion sends raw viewers away and lets the others out of the room', async (t) => {
    const id = randomUUID();
    const { raw, hands } = await audience(t, id);
    await publish(UPDATES, { sessionId: id, deleted: true, timestamp: Date.now() });
    for (const viewer of raw) {
      assert.deepEqual(await within(viewer.closed, 'the viewer is sent away'), { code: 1000, reason: 'Session deleted' });
      assert.deepEqual(viewer.heard().map(({ type, sessionId }) => [type, sessionId]), [['SESSION_DELETED', id]]);
    }
    for (const hand of hands) assert.equal((await hand.next('sync:deleted')).sessionId, id);
    await publish(UPDATES, update(id, { version: 1 }));
    for (const hand of hands) {
      assert.equal((await hand.call('sync:join', { sessionId: id })).ok, true);
      assert.ok(!hand.heardNames().includes('sync:state'));
    }
    const [again] = await watch(t, cluster.nodes[0].url, id);
    await again.settle();
  });

  test('and is garbage, or bears our mark, is dropped', async (t) => {
    const id = randomUUID();
    const viewers = await audience(t, id);
    const state = { session_id: id };
    for (const payload of [
      '', 'x', '{', 'null', '[]', '1', '"x"', '{}', '{"sessionId":1,"state":"{}"}', '\u0000\u0001',
      { sessionId: id }, { sessionId: id, deleted: 'true' }, { sessionId: id, deleted: 1 }, { sessionId: id, state: null },
      { sessionId: id, state: 'x' }, { sessionId: id, state: '[]' }, { sessionId: id, state: '"{}"' }, { sessionId: id, state: 7 },
      { sessionId: [id], state: '{}' }, { sessionId: `${id} `, state: '{}' }, { sessionId: id.toUpperCase(), deleted: true },
      update(id, state, { origin: 'roundtable' }), { origin: 'roundtable', sessionId: id, deleted: true },
      update(id, { ...state, long: 'x'.repeat(2_000_000) }),
    ]) await publish(UPDATES, payload);
    for (const payload of ['', 'x', '{}', 'null', '[]', { message: 1 }, { message: null }, { message: '{}' }, { message: [] }, { sessionId: id }]) {
      await publish(`ws:${id}`, payload);
    }
    await publish('ws:', { message: {} });
    await publish(`ws:${id}:x`, { message: {} });
    await publish(`xws:${id}`, { message: {} });
    await assertNothingCame(viewers, id);
  });
});

test('what others publish is heard again after all connections to Redis were lost, and after its restart', async (t) => {
  const shaken = await startCluster(t);
  const id = randomUUID();
  const { raw } = await audience(t, id, shaken);
  let text = 0;
  const heardBy = async (viewer) => {
    text += 1;
    await publish(`ws:${id}`, { message: { type: 'SAY', text } }, shaken);
    return viewer.seen('SAY', (said) => said.text === text, 0, 300).then(() => true, () => false);
  };
  const all = async () => {
    for (const viewer of raw) await until(() => heardBy(viewer), 'the viewer is reached');
  };
  await all();
  for (const kind of ['normal', 'pubsub']) await shaken.redis.cli('CLIENT', 'KILL', 'TYPE', kind);
  await all();
  await shaken.redis.restart('SIGKILL');
  await all();
});

test('whoever reads too slowly misses something of what others publish, and is not told that the clock is gone', async (t) => {
  const tight = await startCluster(t, { nodes: 1, flags: ['--socket-buffer-packets', '232'] });
  const proxy = await Proxy.before(tight.nodes[0]);
  t.after(() => proxy.close());
  const id = randomUUID();
  const slow = await listener(t, proxy.url, id);
  const quick = await listener(t, tight.nodes[0].url, id);
  const text = 'x'.repeat(60_000);
  proxy.freeze();
  for (let turn = 1; turn <= 400; turn += 1) {
    await publish(`ws:${id}`, { message: { turn, text } }, tight);
    await quick.next('sync:message', ({ message }) => message.turn === turn);
  }
  proxy.mend();
  await until(async () => {
    await publish(`ws:${id}`, { message: { last: true } }, tight);
    return slow.history.some(({ event, args }) => event === 'sync:message' && args[0].message.last);
  }, 'the slow one hears again');
  const names = new Set(slow.heardNames());
  assert.ok(!names.has('sync:deleted'));
  assert.ok(slow.heard().filter(({ event }) => event === 'sync:message').length < 400, 'it missed some');
});

test('without the bridge others see nothing and are not heard', async (t) => {
  const closed = await startCluster(t, { env: { SYNC_BRIDGE: 'off' } });
  const neighbour = await Neighbour.open(t, closed.redis, UPDATES);
  const game = await Game.open(closed.nodes[0].url, {}, 'start');
  const viewer = await onlooker(t, closed.nodes[1].url, game.id);
  await publish(UPDATES, update(game.id, { version: 9 }), closed);
  await publish(`ws:${game.id}`, { message: { type: 'SAY' } }, closed);
  await ok(game.pause());
  await viewer.take('STATE_UPDATE');
  assert.deepEqual(viewer.heard().map(({ state }) => state?.version), [3]);
  assert.deepEqual(await closed.redis.cli('KEYS', 'session:*'), []);
  assert.deepEqual(neighbour.history.map(({ origin }) => origin), [undefined]);
});

describe('limits', { concurrency: 2 }, () => {
  test('of switches and requests are kept where others look for them', async (t) => {
    const limited = await startCluster(t, { limited: true });
    const games = await pair(limited);
    const answers = await Promise.all(Array.from({ length: 13 }, (_, turn) => games[turn % 2].switch()));
    assert.equal(answers.filter(({ status }) => status === 429).length, 3);
    const key = 'rl:general:127.0.0.1';
    assert.equal(await limited.redis.cli('GET', key), '15');
    const left = await limited.redis.cli('PTTL', key);
    assert.ok(0 < left && left <= MINUTE_MS, `${left} ms`);
    // Somebody else has counted, too.
    await limited.redis.cli('SET', `rl:switch:${games[0].id}`, 10, 'PX', 30_000);
    const refused = await games[1].switch();
    assert.deepEqual([refused.status, refused.headers.get('ratelimit-reset'), refused.headers.get('retry-after')], [429, '30', '30']);
    await limited.redis.cli('SET', key, 97, 'KEEPTTL');
    const counted = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const { status, headers } = await games[turn % 2].get();
      counted.push([status, headers.get('ratelimit-remaining')]);
    }
    assert.deepEqual(counted, [[200, '2'], [200, '1'], [200, '0'], [429, '0']]);
    assert.equal(await limited.redis.cli('GET', key), '101');
  });

  test('are those of each node while Redis is away', async (t) => {
    const lonely = await startCluster(t, { limited: true });
    const games = await pair(lonely);
    await lonely.redis.stop();
    const asked = games.map((game) => Promise.all(Array.from({ length: 13 }, () => game.switch())));
    for (const answers of await Promise.all(asked)) assert.equal(answers.filter(({ status }) => status === 429).length, 3);
  });

  test('are those of each node while Redis does not answer, and soon', async (t) => {
    const stuck = await startCluster(t, { limited: true });
    const [game] = await pair(stuck);
    stuck.redis.pause();
    t.after(() => stuck.redis.resume());
    const time = () => fetch(`${game.base}/v1/time`);
    const before = performance.now();
    const answers = await Promise.all(Array.from({ length: 5 }, time));
    const ms = performance.now() - before;
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 200]);
    assert.ok(ms < 1_000, `${ms} ms`);
  });
});

/** One running clock, commanded on both nodes. */
async function pair({ nodes }) {
  const session = aSession();
  const games = nodes.map(({ url }) => new Game(url, session));
  await ok(games[0].create(), 201);
  await ok(games[0].start());
  return games;
}
