import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { between, match } from '../lib/match.js';
import { aSession, Game, invalid, ok, refused, syncServer, unknown } from '../lib/sync.js';
import { askBy } from '../lib/sync-raw.js';
import { watch } from '../lib/sync-viewer.js';
import { until } from '../lib/wait.js';

const GENERAL = 100;
const SWITCHES = 10;

/** The limits as they are by default, and such that only switches are limited. */
const server = await syncServer({ limited: true });
const roomy = await syncServer({ limited: true, env: { RATE_LIMIT_GENERAL: '1000000' } });
const tight = await syncServer({ limited: true, flags: ['--sync-rate-limit-general', '6'], env: { RATE_LIMIT_SWITCH: '2' } });
const free = await syncServer();
after(() => Promise.all([server, roomy, tight, free].map((it) => it.close())));

const TOO_MANY = ['Too many requests, please try again later', 60];
const TOO_FAST = ['Too many cycle switches for this session, please slow down', 1];
const NAMES = ['ratelimit-policy', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'];

let hosts = 1;

/** Somebody with an address of his own, whom nobody has used up anything for. */
function newcomer(base = server.sync) {
  hosts += 1;
  const localAddress = `127.0.77.${hosts}`;
  return (method, path, more) => askBy({ localAddress }, base, method, path, more);
}

const limited = (call, [message, seconds]) => refused(call, 429, 'RATE_LIMIT_EXCEEDED', message, { retry_after_seconds: seconds });

/** The budget as an answer tells it; `undefined` if it tells none. */
function budget({ headers }) {
  const [policy, limit, remaining, reset, retry] = NAMES.map((name) => headers.get(name));
  assert.equal([...headers.keys()].some((name) => name.startsWith('x-ratelimit')), false);
  if (policy === null) return assert.deepEqual([limit, remaining, reset, retry], [null, null, null, null]);
  const [wait] = [retry].filter((it) => it !== null).map(Number);
  return { policy, limit: Number(limit), remaining: Number(remaining), reset: Number(reset), retry: wait };
}

const general = (remaining, limit = GENERAL) => ({ policy: `${limit};w=60`, limit, remaining, reset: between(1, 60), retry: undefined });
const switches = (remaining, limit = SWITCHES) => ({ policy: `${limit};w=1`, limit, remaining, reset: 1, retry: undefined });

async function exhaust(ask, limit = GENERAL) {
  for (let turn = 0; turn < limit; turn += 1) assert.equal((await ask('GET', '/v1/time')).status, 200);
}

describe('an address', { concurrency: 4 }, () => {
  test('has a hundred requests in a minute and is told how many are left', async () => {
    const ask = newcomer();
    let last = 60;
    for (let turn = 1; turn <= GENERAL; turn += 1) {
      const answer = await ask('GET', '/v1/time');
      assert.equal(answer.status, 200);
      const told = budget(answer);
      match(told, { ...general(GENERAL - turn), reset: between(1, last) });
      last = told.reset;
    }
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await limited(ask('GET', '/v1/time'), TOO_MANY);
      match(budget(answer), { ...general(0), retry: between(1, 60) });
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    }
    await exhaust(newcomer());
  });

  test('has exactly a hundred of many at once', async () => {
    const ask = newcomer();
    const answers = await Promise.all(Array.from({ length: GENERAL + 20 }, () => ask('GET', '/v1/time')));
    assert.equal(answers.filter(({ status }) => status === 200).length, GENERAL);
    assert.equal(answers.filter(({ status }) => status === 429).length, 20);
    const left = answers.filter(({ status }) => status === 200).map((answer) => budget(answer).remaining);
    assert.deepEqual(left.sort((a, b) => a - b), Array.from({ length: GENERAL }, (_, index) => index));
  });

  test('pays for every request but those for health, readiness and permission', async () => {
    const ask = newcomer();
    const id = randomUUID();
    const paid = [
      ['GET', '/v1/time', 200], ['HEAD', '/v1/time', 200], ['GET', '/nowhere', 404], ['GET', '/ws', 404], ['GET', '/v1/sessions', 404],
      ['GET', `/v1/sessions/${id}`, 404], ['GET', '/v1/sessions/x', 400], ['POST', '/v1/sessions', 400],
      ['DELETE', `/v1/sessions/${id}`, 204], ['POST', `/v1/sessions/${id}/start`, 404],
      ['POST', '/v1/sessions/x/switch', 400], ['GET', '/sync/v1/time', 200],
    ];
    const unpaid = [
      ['GET', '/health', 200], ['HEAD', '/health', 200], ['GET', '/ready', 200], ['GET', '/sync/health', 200], ['OPTIONS', '/v1/time', 204],
    ];
    let left = GENERAL;
    for (const [method, path, status] of paid) {
      for (const [freely, where, expected] of unpaid) {
        const answer = await ask(freely, where);
        assert.deepEqual([answer.status, budget(answer)], [expected, undefined], `${freely} ${where}`);
      }
      left -= 1;
      const answer = await ask(method, path);
      assert.equal(answer.status, status, `${method} ${path}`);
      match(budget(answer), general(left), `${method} ${path}`);
    }
  });

  test('pays nothing for a body that cannot be read, and is told of no budget', async () => {
    const ask = newcomer();
    const json = { 'content-type': 'application/json' };
    const bodies = [
      [400, { body: '{', headers: json }], [400, { body: '5', headers: json }], [413, { body: ' '.repeat(1_048_577), headers: json }],
      [415, { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } }],
    ];
    for (const [status, more] of bodies) {
      const answer = await ask('POST', '/v1/sessions', more);
      assert.deepEqual([answer.status, budget(answer)], [status, undefined]);
    }
    match(budget(await ask('GET', '/v1/time')), general(GENERAL - 1));
  });

  test('that has nothing left is told so before anything else but a broken body', async () => {
    const ask = newcomer();
    const game = new Game(server.sync);
    await exhaust(ask);
    const requests = [
      ['GET', '/v1/sessions/x'], ['GET', '/nowhere'], ['POST', '/v1/sessions'], ['POST', game.path('/switch')], ['DELETE', game.path()],
      ['GET', '/ws'],
    ];
    for (const [method, path] of requests) await limited(ask(method, path), TOO_MANY);
    const broken = ask('POST', '/v1/sessions', { body: '{', headers: { 'content-type': 'application/json' } });
    await refused(broken, 400, 'VALIDATION_ERROR', 'Malformed JSON body');
    assert.equal((await ask('GET', '/health')).status, 200);
    assert.equal((await ask('GET', '/ready')).status, 200);
  });

  test('has one budget at all listeners and under all prefixes', async () => {
    const ask = newcomer('');
    const bases = [server.sync, `${server.sync}/sync`, server.url, `${server.url}/sync`];
    for (let turn = 0; turn < 8; turn += 1) match(budget(await ask('GET', `${bases[turn % 4]}/v1/time`)), general(GENERAL - 1 - turn));
  });

  test('is not what a header claims', async () => {
    const ask = newcomer();
    const claims = ['x-forwarded-for', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip'].map((name) => ({ [name]: '203.0.113.7' }));
    for (const [turn, headers] of [...claims, { forwarded: 'for=203.0.113.7' }].entries()) {
      match(budget(await ask('GET', '/v1/time', { headers })), general(GENERAL - 1 - turn));
    }
  });

  test('with nothing left can still be a viewer', async (t) => {
    const ask = newcomer();
    await exhaust(ask);
    await limited(ask('GET', '/v1/time'), TOO_MANY);
    const localAddress = `127.0.77.${hosts}`;
    const viewers = await watch(t, server.sync, randomUUID(), 3, { socket: { localAddress } });
    for (const viewer of viewers) for (let turn = 0; turn < 50; turn += 1) await viewer.settle();
  });
});

describe('a session', { concurrency: 4 }, () => {
  const open = () => Game.open(roomy.sync, {}, 'start');

  test('takes ten of thirteen switches at once, all again a second later, and others do not care', async () => {
    const [game, other] = [await open(), await open()];
    const answers = await Promise.all(Array.from({ length: 13 }, () => game.switch()));
    const refusals = answers.filter(({ status }) => status === 429);
    assert.equal(refusals.length, 3);
    for (const answer of refusals) {
      await limited(answer, TOO_FAST);
      match(budget(answer), { ...switches(0), retry: 1 });
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    }
    const left = answers.filter(({ status }) => status === 200 || status === 409).map((answer) => budget(answer).remaining);
    assert.deepEqual(left.sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await ok(other.switch());
    await ok(game.pause());
    await ok(game.resume());
    await new Promise((resolve) => setTimeout(resolve, 1100));
    for (let turn = 1; turn <= SWITCHES; turn += 1) match(budget(await game.switch()), switches(SWITCHES - turn));
  });

  test('that refuses goes on refusing until the second is over, and no longer for those who try', async () => {
    const game = await open();
    const first = Date.now();
    for (let turn = 0; turn < SWITCHES; turn += 1) await ok(game.switch());
    await until(async () => (await game.switch()).status === 200, 'the next window opens for somebody who tries all the time');
    assert.ok(Date.now() - first >= 1000);
  });

  test('pays for switches that fail, but not for those that are malformed', async () => {
    const [game, missing] = [await open(), new Game(roomy.sync)];
    const malformed = ['next_participant_id', 'Next participant ID must be a valid UUID', 'invalid_format'];
    await ok(game.pause());
    for (let turn = 1; turn <= 4; turn += 1) {
      const refusal = await game.switch();
      assert.equal(refusal.body.error.code, 'INVALID_STATE_TRANSITION');
      match(budget(refusal), switches(SWITCHES - turn));
      match(budget(await unknown(missing.switch(), missing.id)), switches(SWITCHES - turn));
      const answer = await invalid(game.switch({ next_participant_id: 'x' }), malformed);
      match(budget(answer), { policy: '1000000;w=60', limit: 1_000_000 });
    }
  });

  test('that does not exist is limited too', async () => {
    const game = new Game(roomy.sync);
    const answers = await Promise.all(Array.from({ length: 13 }, () => game.switch()));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(10).fill(404), 429, 429, 429]);
  });

  test('has no such limit on anything but switches', async () => {
    const game = await open();
    for (let turn = 0; turn < 15; turn += 1) {
      assert.equal(budget(await game.pause()).limit, 1_000_000);
      assert.equal(budget(await game.resume()).limit, 1_000_000);
      await ok(game.get());
    }
  });

  test('tells its viewers of exactly the switches that were taken', async (t) => {
    const game = await open();
    const [viewer] = await watch(t, roomy.sync, game.id);
    const answers = await Promise.all(Array.from({ length: 13 }, () => game.switch()));
    const taken = answers.filter(({ status }) => status === 200).length;
    await ok(game.complete());
    await viewer.version(3 + taken);
    assert.equal(viewer.updates().length, taken + 1);
  });
});

describe('the limits', { concurrency: 4 }, () => {
  test('are what flags and variables say', async () => {
    const ask = newcomer(tight.sync);
    const session = aSession();
    const path = `/v1/sessions/${session.session_id}`;
    const json = { 'content-type': 'application/json' };
    match(budget(await ask('POST', '/v1/sessions', { body: JSON.stringify(session), headers: json })), general(5, 6));
    match(budget(await ask('POST', `${path}/start`)), general(4, 6));
    for (const left of [1, 0]) match(budget(await ask('POST', `${path}/switch`)), switches(left, 2));
    await limited(ask('POST', `${path}/switch`), TOO_FAST);
    match(budget(await ask('GET', path)), general(0, 6));
    await limited(ask('POST', `${path}/switch`), TOO_MANY);
  });

  test('can be switched off and are told to nobody then', async () => {
    const game = await Game.open(free.sync, {}, 'start');
    for (let turn = 0; turn < GENERAL + 20; turn += 1) {
      const answer = await game.switch();
      assert.deepEqual([answer.status, budget(answer)], [200, undefined]);
    }
  });
});
