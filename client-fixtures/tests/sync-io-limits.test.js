import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { between, match } from '../lib/match.js';
import { aSession, ok, refused, syncServer } from '../lib/sync.js';
import { accepted, declined } from '../lib/sync-io-law.js';
import { dealt, IoGame, watcher } from '../lib/sync-io.js';
import { watch } from '../lib/sync-viewer.js';
import { until } from '../lib/wait.js';

const EVENTS = 100;
const SWITCHES = 10;
const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

/** Limits as they are by default but for REST, whose requests all come from one address here; and two switches a second. */
const server = await syncServer({ limited: true, env: { RATE_LIMIT_GENERAL: '1000000' } });
const tight = await syncServer({ limited: true, env: { RATE_LIMIT_GENERAL: '1000000', RATE_LIMIT_SWITCH: '2' } });
const strict = await syncServer({ limited: true });
const free = await syncServer();
after(() => Promise.all([server, tight, strict, free].map((it) => it.close())));

const TOO_MANY = 'Too many requests, please try again later';
const TOO_FAST = 'Too many cycle switches for this session, please slow down';

const refusals = (client) => client.heard().filter(({ event }) => event === 'rate:limit').map(({ args }) => args[0]);
const names = (client) => client.heard().map(({ event }) => event);

/** The ack says so, and `rate:limit` says so; nothing else does. */
async function limited(client, event, payload, [error, windowMs]) {
  client.mark();
  await declined(client.ask(event, payload), 'RATE_LIMIT_EXCEEDED', error);
  match(await client.next('rate:limit'), { event, retryAfterMs: between(1, windowMs) });
  assert.deepEqual(names(client), ['rate:limit']);
}

const tooMany = (client, event, payload) => limited(client, event, payload, [TOO_MANY, MINUTE_MS]);
const isLimited = (answer) => answer.status === 429 || answer.code === 'RATE_LIMIT_EXCEEDED';

/** A running session and a hand to drive it. */
const open = async (t, base = server.sync) => dealt(base, await watcher(t, base), {}, 'start');

async function exhaust(client, count = EVENTS) {
  const answers = await Promise.all(Array.from({ length: count }, () => client.ask('sync:time', {})));
  for (const answer of answers) await accepted('sync:time', answer);
}

describe('a socket', { concurrency: 4 }, () => {
  test('has a hundred events in a minute, whatever they are', async (t) => {
    const hand = await watcher(t, server.sync);
    const game = new IoGame(server.sync, hand);
    const life = ['join', 'create', 'get', 'start', 'pause', 'resume', 'complete', 'time', 'delete', 'leave'];
    for (let round = 0; round < EVENTS / life.length; round += 1) {
      for (const verb of life) await accepted(`sync:${verb}`, verb === 'create' ? game.create() : game.command(verb));
    }
    for (const verb of life) await tooMany(hand, `sync:${verb}`, verb === 'create' ? game.session : { sessionId: game.id });
  });

  test('has a hundred of those that are refused, too', async (t) => {
    const hand = await watcher(t, server.sync);
    const refusable = [{ sessionId: 'x' }, { sessionId: randomUUID() }, null, 7, []];
    for (let turn = 0; turn < EVENTS; turn += 1) {
      const { code } = await hand.ask('sync:pause', refusable[turn % refusable.length]);
      assert.ok(code === 'VALIDATION_ERROR' || code === 'SESSION_NOT_FOUND', code);
    }
    await tooMany(hand, 'sync:pause', { sessionId: 'x' });
  });

  test('is told of each event that is too many, with an ack or without, and none of them is done', async (t) => {
    const hand = await watcher(t, server.sync);
    const game = await dealt(server.sync, hand, {});
    const [viewer] = await watch(t, server.sync, game.id);
    await exhaust(hand);
    hand.mark();
    for (const verb of ['start', 'complete', 'delete', 'join']) hand.emit(`sync:${verb}`, { sessionId: game.id });
    hand.emit('sync:create', aSession());
    hand.emit('sync:pause', null);
    for (const event of ['sync:start', 'sync:complete', 'sync:delete', 'sync:join', 'sync:create', 'sync:pause']) {
      match(await hand.next('rate:limit'), { event, retryAfterMs: between(1, MINUTE_MS) });
    }
    await tooMany(hand, 'sync:get', { sessionId: game.id });
    assert.equal((await game.state()).version, 1);
    await ok(game.overHttp().start());
    assert.equal((await viewer.update()).version, 2);
    assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
    assert.deepEqual(names(hand).filter((event) => event !== 'rate:limit'), []);
  });

  test('takes no budget from another socket or from REST', async (t) => {
    const [hand, other] = [await watcher(t, strict.sync), await watcher(t, strict.sync)];
    const game = await dealt(strict.sync, other, {}, 'start');
    await exhaust(hand);
    await tooMany(hand, 'sync:time', {});
    await exhaust(other, EVENTS - 1);
    match(await other.join(game.id), { version: 2 });
    await tooMany(other, 'sync:time', {});
    await ok(game.overHttp().pause());
  });

  test('that has nothing left goes on to be told of changes', async (t) => {
    const game = await open(t);
    await game.hand.join(game.id);
    await exhaust(game.hand, EVENTS - 1);
    await tooMany(game.hand, 'sync:time', {});
    await ok(game.overHttp().pause());
    assert.deepEqual(await game.hand.update(game.id), await game.state());
  });

  test('that has nothing left may still switch, and switches cost it nothing', async (t) => {
    const [game, other] = [await open(t), await open(t)];
    for (let turn = 0; turn < SWITCHES; turn += 1) await accepted('sync:switch', game.switch());
    await exhaust(game.hand);
    await tooMany(game.hand, 'sync:time', {});
    await accepted('sync:switch', game.hand.ask('sync:switch', { sessionId: other.id }));
  });

  for (const version of VERSIONS) {
    test(`is limited with ${version} over polling`, async (t) => {
      const hand = await watcher(t, server.sync, { version, mode: 'polling' });
      await exhaust(hand);
      await tooMany(hand, 'sync:get', { sessionId: randomUUID() });
    });
  }
});

describe('a session', { concurrency: 2 }, () => {
  test('takes ten of thirteen switches at once over REST and Socket.IO, all again a second later', async (t) => {
    const [game, other] = [await open(t), await open(t)];
    const guest = await watcher(t, server.sync, { join: [game.id] });
    const ask = [() => game.switch(), () => game.overHttp().switch(), () => guest.ask('sync:switch', { sessionId: game.id })];
    const answers = await Promise.all(Array.from({ length: 13 }, (_, turn) => ask[turn % 3]()));
    assert.equal(answers.filter(isLimited).length, 3, JSON.stringify(answers.map((it) => it.status ?? it.code ?? it.version)));
    await accepted('sync:switch', game.hand.ask('sync:switch', { sessionId: other.id }));
    await accepted('sync:pause', game.pause());
    await accepted('sync:resume', game.resume());
    await until(async () => (await game.switch()).ok, 'the window is over', 2 * SECOND_MS);
    const { version } = await game.state();
    assert.equal(version, 2 + SWITCHES + 2 + 1);
    await guest.reached(game.id, version);
    assert.deepEqual(guest.updates(game.id).map((state) => state.version), Array.from({ length: version - 2 }, (_, index) => index + 3));
  });

  const MIXTURES = {
    'two over Socket.IO': ['io', 'io'], 'two over REST': ['rest', 'rest'], 'one of each': ['rest', 'io'], 'one of each, turned round': ['io', 'rest'],
  };
  for (const [mixture, ways] of Object.entries(MIXTURES)) {
    test(`with two switches a second has none left after ${mixture}, neither here nor there`, async (t) => {
      const game = await open(t, tight.sync);
      const guest = await watcher(t, tight.sync);
      const ask = { io: () => accepted('sync:switch', game.switch()), rest: () => ok(game.overHttp().switch()) };
      for (const way of ways) await ask[way]();
      const tooFast = { retry_after_seconds: 1 };
      await Promise.all([
        limited(game.hand, 'sync:switch', { sessionId: game.id }, [TOO_FAST, SECOND_MS]),
        limited(guest, 'sync:switch', { sessionId: game.id, expectedVersion: 2 }, [TOO_FAST, SECOND_MS]),
        refused(game.overHttp().switch(), 429, 'RATE_LIMIT_EXCEEDED', TOO_FAST, tooFast),
      ]);
      assert.equal((await game.state()).version, 4);
    });
  }

  test('pays for switches that are refused by the engine, but not for malformed ones', async (t) => {
    const paid = await open(t, tight.sync);
    for (let turn = 0; turn < 2; turn += 1) assert.equal((await paid.switch({ expectedVersion: 7 })).code, 'CONFLICT');
    await limited(paid.hand, 'sync:switch', { sessionId: paid.id }, [TOO_FAST, SECOND_MS]);

    const unpaid = await open(t, tight.sync);
    for (let turn = 0; turn < 5; turn += 1) {
      assert.equal((await unpaid.switch({ nextParticipantId: 'x' })).code, 'VALIDATION_ERROR');
      assert.equal((await unpaid.switch({ expectedVersion: 'x' })).code, 'VALIDATION_ERROR');
    }
    for (let turn = 0; turn < 2; turn += 1) await accepted('sync:switch', unpaid.switch());
    await limited(unpaid.hand, 'sync:switch', { sessionId: unpaid.id }, [TOO_FAST, SECOND_MS]);
  });

  test('is told without an ack by rate:limit alone', async (t) => {
    const game = await open(t, tight.sync);
    for (let turn = 0; turn < 4; turn += 1) game.hand.emit('sync:switch', { sessionId: game.id });
    for (let turn = 0; turn < 2; turn += 1) {
      match(await game.hand.next('rate:limit'), { event: 'sync:switch', retryAfterMs: between(1, SECOND_MS) });
    }
    await game.hand.settle();
    assert.deepEqual(names(game.hand), ['rate:limit', 'rate:limit']);
    assert.equal((await game.state()).version, 4);
  });
});

test('nobody is limited if limits are off', async (t) => {
  const game = await open(t, free.sync);
  for (let turn = 0; turn < SWITCHES + 20; turn += 1) await accepted('sync:switch', game.switch());
  await exhaust(game.hand, EVENTS + 50);
  assert.deepEqual(refusals(game.hand), []);
});
