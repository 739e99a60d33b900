import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { after, describe, test } from 'node:test';
import { MODES, VERSIONS } from '../lib/clients.js';
import { Meeting } from '../lib/meeting.js';
import { Nginx, shippedConfiguration } from '../lib/nginx.js';
import { failed, ok, Rest } from '../lib/rest.js';
import { Server, serverBinary, startServer } from '../lib/server.js';
import { SignalClient } from '../lib/signal.js';
import { aSession, ask, Game } from '../lib/sync.js';
import { accepted } from '../lib/sync-io-law.js';
import { IoGame, watcher } from '../lib/sync-io.js';
import { askBy } from '../lib/sync-raw.js';
import { watch } from '../lib/sync-viewer.js';
import { until, within } from '../lib/wait.js';

const NODES = 3;
const SWITCHES = 25;
/** Enough to meet every node of three with near certainty. */
const MANY = 16;
const PINGS = 6;
const PINGS_DEADLINE_MS = 30_000;
const TRUST = ['--trusted-proxies', '127.0.0.1/32'];
const PINGING = ['--ping-interval-ms', '400', '--signal-ping-interval-ms', '400', '--sync-heartbeat-ms', '1500'];

/** Nodes that know nothing of each other: whatever meets the wrong one fails. */
const nodes = await trio(() => startServer({ flags: [...TRUST, ...PINGING] }));
const limited = await trio(() => new Server({ flags: TRUST }).start());
const [nginx, strict] = await Promise.all([Nginx.before(nodes), Nginx.before(limited)]);
after(() => closeAll(nginx, strict, ...nodes, ...limited));

let people = 1;

function trio(start) {
  return Promise.all(Array.from({ length: NODES }, start));
}

function closeAll(...them) {
  return Promise.all(them.map((it) => it.close()));
}

/** An address of this machine from which nobody has asked anything before. */
function newAddress() {
  people += 1;
  return `127.1.${people >> 8}.${people & 0xff}`;
}

/** Asks from this address, and with this cookie. */
function visitor(base, { localAddress = newAddress(), cookie } = {}) {
  const headers = cookie ? { cookie } : {};
  return (method, path, body, more = {}) => askBy({ localAddress }, base, method, path, { headers: { ...headers, ...more }, body });
}

const POLLING = '/socket.io/?EIO=4&transport=polling';
const cookieOf = (answer) => answer.headers.get('set-cookie')?.split(';')[0];
const nodeOf = (cookie) => Number(/^roundtable_node=node_([123])$/.exec(cookie)?.[1]) - 1;

/** The first request of a polling client; resolves to the id and the cookie it is given. */
async function handshake(as) {
  const answer = await as('GET', POLLING);
  assert.equal(answer.status, 200, answer.text);
  return { sid: JSON.parse(answer.text.slice(1)).sid, cookie: cookieOf(answer) };
}

const post = (as, sid, packet) => as('POST', `${POLLING}&sid=${sid}`, packet, { 'content-type': 'text/plain;charset=UTF-8' });

/** A clock that is made and driven over one connection, each change of which must be told on it. */
async function playClock(base, hand) {
  const game = new IoGame(base, hand);
  await hand.join(game.id);
  await accepted('sync:create', game.create());
  await accepted('sync:start', game.command('start'));
  for (let turn = 0; turn < SWITCHES; turn += 1) await accepted('sync:switch', game.switch());
  await hand.reached(game.id, 2 + SWITCHES);
  assert.equal(hand.updates(game.id).length, 2 + SWITCHES);
  return game;
}

function assertNeverLost(client) {
  const names = client.history.map(({ event }) => event);
  assert.equal(names.filter((name) => name === 'connect').length, 1);
  assert.equal(names.includes('disconnect'), false);
}

/** The nodes that have this clock, by their index. */
async function nodesWith(id, among = nodes) {
  const answers = await Promise.all(among.map(({ url }) => ask(url, 'GET', `/v1/sessions/${id}`)));
  return answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
}

const viewersAt = async ({ url }) => Number(/synckairos_websocket_connections (\d+)/.exec((await ask(url, 'GET', '/sync/metrics')).text)[1]);

describe('a client behind nginx', { concurrency: 4 }, () => {
  for (const version of VERSIONS) {
    for (const mode of Object.keys(MODES)) {
      test(`works with socket.io-client ${version} over ${mode} and is never interrupted`, async (t) => {
        const hand = await watcher(t, nginx.url, { version, mode });
        await playClock(nginx.url, hand);
        const transport = mode === 'polling' ? 'polling' : 'websocket';
        await until(() => hand.socket.io.engine.transport.name === transport, `${hand.name} is on ${transport}`);
        await hand.settle();
        assertNeverLost(hand);
      });
    }
  }

  for (const mode of ['polling', 'upgrade']) {
    test(`over ${mode} without cookies stays at the node of its address, and addresses are spread over the nodes`, async (t) => {
      const at = await Promise.all(Array.from({ length: MANY }, async () => {
        const agent = new http.Agent({ localAddress: newAddress(), keepAlive: true });
        t.after(() => agent.destroy());
        const hand = await watcher(t, nginx.url, { mode, options: { agent } });
        const { id } = await playClock(nginx.url, hand);
        assertNeverLost(hand);
        return nodesWith(id);
      }));
      for (const found of at) assert.equal(found.length, 1);
      assert.ok(new Set(at.flat()).size > 1, 'not all at one node');
    });
  }

  test('that keeps cookies, as a browser does, works over polling', async (t) => {
    const hand = await watcher(t, nginx.url, { mode: 'polling', options: { withCredentials: true } });
    await playClock(nginx.url, hand);
    assertNeverLost(hand);
  });

  test('stays connected over many pings without saying anything', async (t) => {
    const hands = await Promise.all(Object.keys(MODES).map((mode) => watcher(t, nginx.url, { mode })));
    const [viewer] = await watch(t, nginx.url, randomUUID());
    const page = await SignalClient.open(nginx.url, { path: '/signal' });
    const pinged = (emitter, what) => {
      let left = PINGS;
      const done = new Promise((resolve) => emitter.on('ping', () => { if (--left === 0) resolve(); }));
      return within(done, `${PINGS} pings of ${what}`, PINGS_DEADLINE_MS);
    };
    await Promise.all([
      ...hands.map((hand) => pinged(hand.socket.io, hand.name)), pinged(viewer.socket, viewer.name), pinged(page.socket, page.name),
    ]);
    for (const client of [...hands, viewer, page]) await client.settle();
    hands.forEach(assertNeverLost);
  });
});

describe('the cookie', { concurrency: 4 }, () => {
  test('names the node that has answered, and keeps a client whose address changes there', async () => {
    const seen = new Set();
    for (let turn = 0; turn < MANY; turn += 1) {
      const { sid, cookie } = await handshake(visitor(nginx.url));
      const index = nodeOf(cookie);
      assert.ok(index >= 0, cookie);
      seen.add(index);
      const answer = await post(visitor(nodes[index].url), sid, '40/sync,');
      assert.deepEqual([answer.status, answer.text], [200, 'ok']);
      for (let move = 0; move < 4; move += 1) {
        const moved = await post(visitor(nginx.url, { cookie }), sid, '42/sync,["sync:time",{}]');
        assert.deepEqual([moved.status, moved.text], [200, 'ok']);
      }
    }
    assert.ok(seen.size > 1, 'not all at one node');
  });

  test('is what keeps it there: without it another address meets other nodes, too', async () => {
    const { sid } = await handshake(visitor(nginx.url));
    const statuses = [];
    for (let turn = 0; turn < MANY; turn += 1) statuses.push((await post(visitor(nginx.url), sid, '40/sync,')).status);
    assert.ok(statuses.includes(400) && statuses.includes(200), String(statuses));
  });

  test('is set by the answer that opens a session, and by no other', async () => {
    const as = visitor(nginx.url);
    const opened = await as('GET', POLLING);
    assert.match(opened.headers.get('set-cookie'), /^roundtable_node=node_[123]; Path=\/; HttpOnly; SameSite=Lax$/);
    const { sid } = JSON.parse(opened.text.slice(1));
    const others = [
      await post(as, sid, '40/sync,'), await as('GET', `${POLLING}&sid=${sid}`), await as('GET', '/socket.io/?EIO=9&transport=polling'),
      await as('GET', '/v1/time'), await as('GET', '/api/health'),
    ];
    assert.deepEqual(others.map(({ status }) => status), [200, 200, 400, 200, 200]);
    for (const answer of others) assert.equal(answer.headers.get('set-cookie'), null);
  });

  test('leads nowhere but to the nodes', async () => {
    for (const name of ['node_4', 'least_busy', 'by_address', 'localhost', `127.0.0.1:${limited[0].port}`, '']) {
      const { cookie } = await handshake(visitor(nginx.url, { cookie: `roundtable_node=${name}` }));
      assert.ok(nodeOf(cookie) >= 0, cookie);
    }
  });
});

describe('a plain WebSocket behind nginx', () => {
  test('of a clock is told of its changes, and WebSockets of one address are spread over the nodes', async (t) => {
    const session = aSession();
    const viewers = await watch(t, nginx.url, session.session_id, MANY);
    const counts = await Promise.all(nodes.map(viewersAt));
    assert.ok(counts.every((count) => count >= Math.floor(MANY / NODES)), String(counts));
    for (const { url } of nodes) await ok201(new Game(url, session).create());
    for (const viewer of viewers) assert.equal((await viewer.update()).session_id, session.session_id);
  });

  for (const path of ['/', '/signal', '/ws/signal']) {
    test(`of planning poker is answered on ${path}`, async () => {
      const page = await SignalClient.open(nginx.url, { path });
      await page.settle();
      page.vanish();
    });
  }
});

async function ok201(call) {
  const { status, text } = await call;
  assert.equal(status, 201, text);
}

describe('REST behind nginx', { concurrency: 4 }, () => {
  test('serves a whole round of planning poker', async (t) => {
    const meeting = await Meeting.open(nginx, { attach: false });
    t.after(() => meeting.close());
    const jonas = await meeting.join('Jonas', { attach: false });
    await ok(meeting.host.addStory('Export'), 201);
    await ok(meeting.host.vote('5'));
    await ok(jonas.vote('5'));
    await ok(meeting.host.reveal());
    assert.equal((await ok(meeting.host.rest.get(`${meeting.path}/players`))).length, 2);
    const preflight = await new Rest(nginx.url).raw('OPTIONS', '/sessions', {
      headers: { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' },
    });
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [204, 'http://localhost:5173']);
  });

  test('lets through what the server takes, and leaves it to the server to refuse what a route does not take', async () => {
    const as = visitor(nginx.url);
    const { sid } = await handshake(as);
    const packets = ['40/sync,', `42/sync,["sync:time",{"ballast":"${'x'.repeat(999_900)}"}]`];
    for (const packet of packets) {
      const answer = await post(as, sid, packet);
      assert.deepEqual([answer.status, answer.text], [200, 'ok']);
    }
    const clock = await ask(nginx.url, 'POST', '/v1/sessions', { body: { ballast: 'x'.repeat(1_048_000) } });
    assert.deepEqual([clock.status, clock.body?.error.code], [400, 'VALIDATION_ERROR'], clock.text);
    await failed(new Rest(nginx.url).post('/sessions', { name: 'x'.repeat(150_000) }), 413, 'request entity too large');
  });

  test('refuses what no route takes', async () => {
    for (const path of ['/v1/sessions', '/signal/sessions', '/api/sessions', '/nowhere', `${POLLING}&sid=abc`]) {
      assert.equal((await visitor(nginx.url)('POST', path, 'x'.repeat(1_200_000))).status, 413);
    }
  });
});

describe('the address of a client', { concurrency: 4 }, () => {
  const left = async (as, headers) => {
    const answer = await as('GET', '/v1/time', undefined, headers);
    assert.equal(answer.status, 200);
    return Number(answer.headers.get('ratelimit-remaining'));
  };

  test('is the one that the server counts by', async () => {
    const [one, other] = [visitor(strict.url), visitor(strict.url)];
    assert.deepEqual([await left(one), await left(one), await left(other), await left(one)], [99, 98, 99, 97]);
  });

  test('is not what the client claims it to be', async () => {
    const as = visitor(strict.url);
    const claims = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'client-ip'].map((name) => ({ [name]: newAddress() }));
    const told = [];
    for (const claim of claims) told.push(await left(as, claim));
    assert.deepEqual(told, [99, 98, 97, 96]);
  });

  test('is never taken for this machine itself, to which more is told', async () => {
    const statuses = await Promise.all([nodes[0], nginx].map(async ({ url }) => (await ask(url, 'GET', '/signal/sessions')).status));
    assert.deepEqual(statuses, [200, 403]);
  });
});

describe('when a node is gone', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    test(`after ${signal}, clients come back at others, new ones are not refused, and it gets its share when it is there again`, async (t) => {
      const own = await trio(() => startServer({ flags: TRUST }));
      const front = await Nginx.before(own);
      t.after(() => closeAll(front, ...own));
      const hands = await Promise.all(Object.keys(MODES).map((mode) => watcher(t, front.url, { mode })));
      const { cookie } = await handshake(visitor(front.url, { localAddress: '127.0.0.1' }));
      const gone = own[nodeOf(cookie)];
      const isLost = await Promise.all(hands.map(async (hand) => {
        const { id } = await playClock(front.url, hand);
        hand.mark();
        return (await nodesWith(id, own))[0] === nodeOf(cookie);
      }));
      assert.ok(isLost[0] && isLost[2], 'who polls is where the cookie says');

      await gone.stop(signal);
      await Promise.all(hands.map(async (hand, index) => {
        if (isLost[index]) await hand.next('connect');
        await playClock(front.url, hand);
      }));
      for (let turn = 0; turn < MANY; turn += 1) {
        await ok201(visitor(front.url)('POST', '/v1/sessions', JSON.stringify(aSession()), { 'content-type': 'application/json' }));
        const moved = await handshake(visitor(front.url, { cookie }));
        assert.ok(nodeOf(moved.cookie) >= 0 && moved.cookie !== cookie, moved.cookie);
        const stayed = await post(visitor(front.url, { cookie: moved.cookie }), moved.sid, '40/sync,');
        assert.deepEqual([stayed.status, stayed.text], [200, 'ok']);
      }
      await watch(t, front.url, randomUUID(), MANY);
      for (const mode of Object.keys(MODES)) await playClock(front.url, await watcher(t, front.url, { mode }));

      await gone.start();
      const isBack = async () => (await handshake(visitor(front.url, { cookie }))).cookie === cookie;
      await until(isBack, 'the cookie leads to its node again');
    });
  }

  test('nobody can make it seem gone by requests that fail', async () => {
    const localAddress = newAddress();
    const as = visitor(nginx.url, { localAddress });
    const { sid, cookie } = await handshake(as);
    for (let turn = 0; turn < 3 * MANY; turn += 1) await visitor(nginx.url, { localAddress, cookie })('POST', '/nowhere', 'x'.repeat(200_000));
    for (const way of [as, visitor(nginx.url, { cookie })]) assert.equal((await post(way, sid, '40/sync,')).status, 200);
  });

  test('what was sent to it already is not sent to another, if it is a POST', async (t) => {
    const asked = [];
    const fakes = await trio(async () => {
      const fake = http.createServer(({ method, url, socket }) => {
        asked.push(`${method} ${url}`);
        socket.destroy();
      }).listen(0, '127.0.0.1');
      await once(fake, 'listening');
      return Object.assign(fake, { port: fake.address().port });
    });
    const front = await Nginx.before(fakes);
    t.after(() => closeAll(front, ...fakes.map((fake) => ({ close: () => fake.close() }))));
    for (const path of [`${POLLING}&sid=abc`, '/api/sessions']) {
      for (const cookie of [undefined, 'roundtable_node=node_2']) {
        asked.length = 0;
        const answer = await visitor(front.url, { cookie })('POST', path, '42["vote:submit",{"value":"5"}]');
        assert.equal(answer.status, 502);
        assert.deepEqual(asked, [`POST ${path}`]);
      }
    }
    asked.length = 0;
    assert.equal((await visitor(front.url)('GET', '/api/health')).status, 502);
    assert.ok(asked.length > 1, 'what only asks may be repeated');
  });
});

describe('the shipped configuration', () => {
  const defaultOf = (flag) => {
    const help = execFileSync(serverBinary(), ['--help'], { encoding: 'utf8', env: {} });
    return Number(new RegExp(`${flag} <[^]*?\\[default: (\\d+)\\]`).exec(help)[1]);
  };
  const configured = (name, unit) => Number(new RegExp(`^ *${name} (\\d+)${unit};`, 'm').exec(shippedConfiguration())[1]);

  test('is more patient than the heartbeat', () => {
    const silence = (defaultOf('--ping-interval-ms') + defaultOf('--ping-timeout-ms')) / 1000;
    for (const name of ['proxy_read_timeout', 'proxy_send_timeout']) assert.ok(configured(name, 's') > silence, name);
  });

  test('lets a message of the largest size through', () => {
    assert.ok(configured('client_max_body_size', 'm') * 1024 * 1024 >= defaultOf('--max-message-bytes'));
  });

  test('puts no secret into the log', async () => {
    const token = randomUUID();
    await visitor(nginx.url)('GET', `${POLLING}&token=${token}`);
    await until(() => nginx.accessLog.includes('/socket.io/'), 'the request is in the log');
    assert.equal(nginx.accessLog.includes(token), false);
  });
});
