import assert from 'node:assert/strict';
import http from 'node:http';
import { after, describe, test } from 'node:test';
import { MODES } from '../lib/clients.js';
import { Cluster, startCluster } from '../lib/cluster.js';
import { Meeting } from '../lib/meeting.js';
import { Nginx } from '../lib/nginx.js';
import { ok } from '../lib/rest.js';
import { submitted } from '../lib/shapes.js';
import { SignalClient } from '../lib/signal.js';
import { aSession, Game } from '../lib/sync.js';
import { Watcher } from '../lib/sync-io.js';
import { Viewer } from '../lib/sync-viewer.js';
import { until } from '../lib/wait.js';

const NODES = 3;
const PLAYERS = 6;
const ROUNDS = 12;
const HOW = { nodes: NODES, flags: ['--trusted-proxies', '127.0.0.1/32'] };

const cluster = await Cluster.start(HOW);
const nginx = await Nginx.before(cluster.nodes);
after(async () => {
  await nginx.close();
  await cluster.close();
});

let people = 1;

/** A way in for somebody with an address of his own, which is what leads him to a node. */
function fromElsewhere(t, mode) {
  people += 1;
  const agent = new http.Agent({ localAddress: `127.2.${people >> 8}.${people & 0xff}`, keepAlive: true });
  t.after(() => agent.destroy());
  return { mode, options: { agent } };
}

/** A team of which everybody has a token and comes from another address, over each transport in turn. */
async function team(t, front) {
  const modes = Object.keys(MODES);
  const meeting = await Meeting.open(front, { attach: false });
  t.after(() => meeting.close());
  const everybody = [meeting.host];
  while (everybody.length < PLAYERS) everybody.push(await meeting.join(`Player ${everybody.length}`, { attach: false }));
  for (const [turn, person] of everybody.entries()) {
    await person.attach({ ...fromElsewhere(t, modes[turn % modes.length]), auth: { token: person.token } });
  }
  return { meeting, everybody };
}

describe('behind nginx, a session that several nodes serve', { concurrency: 2 }, () => {
  test('shows everybody the same votes in the same order, wherever he is', async (t) => {
    const { meeting, everybody } = await team(t, nginx);
    await ok(meeting.host.addStory('Export'), 201);
    for (const [turn, person] of everybody.entries()) {
      await meeting.everyoneHears([submitted(person, turn + 1, PLAYERS)], () => ok(person.vote('q5x')));
    }
    meeting.assertSecret('q5x');
    await ok(everybody.at(-1).rest.get(`${meeting.path}/players`));
    await ok(meeting.host.reveal());
    for (const client of meeting.clients) assert.equal((await client.next('cards:revealed')).votes.length, PLAYERS);
  });

  test('lets somebody act who proves himself by his address alone, at whatever node', async (t) => {
    const meeting = await Meeting.open(nginx, { attach: false });
    t.after(() => meeting.close());
    await ok(meeting.host.addStory('Export'), 201);
    for (let turn = 0; turn < 2 * NODES; turn += 1) {
      const guest = await (await meeting.join(`Guest ${turn}`, { attach: false })).attach({ mode: 'websocket' });
      assert.deepEqual(await guest.client.call('vote:submit', { value: '3' }), { ok: true });
    }
  });

  test('is entered by pages over plain WebSockets, too', async (t) => {
    const { meeting, everybody } = await team(t, nginx);
    await ok(meeting.host.addStory('Export'), 201);
    const pages = [];
    for (let turn = 0; turn < NODES; turn += 1) {
      const name = `Page ${turn}`;
      pages.push(await SignalClient.join(nginx.url, meeting.sessionId, { userId: `user_page_${turn}`, userName: name, path: '/signal' }));
      for (const { client } of everybody) await client.next('player:joined', ({ player }) => player.name === name);
    }
    for (const page of pages) page.vote('5');
    for (const { client } of everybody) {
      await client.next('vote:submitted', ({ voteCount }) => voteCount === NODES);
    }
  });

  test('is a clock that all viewers see alike, over REST, Socket.IO and plain WebSockets', async (t) => {
    const session = aSession();
    const game = new Game(nginx.url, session);
    assert.equal((await game.create()).status, 201);
    const viewers = await Promise.all(Array.from({ length: 2 * NODES }, () => Viewer.open(nginx.url, game.id)));
    const watchers = await Promise.all(Object.keys(MODES).map((mode) => Watcher.open(nginx.url, fromElsewhere(t, mode))));
    t.after(() => watchers.forEach((watcher) => watcher.close()));
    for (const watcher of watchers) assert.equal((await watcher.join(game.id)).version, 1);
    const last = 2 + ROUNDS;
    await ok200(game.start());
    for (let turn = 0; turn < ROUNDS; turn += 1) await ok200(game.switch());
    await Promise.all([...viewers.map((viewer) => viewer.version(last)), ...watchers.map((watcher) => watcher.reached(game.id, last))]);
    const versions = Array.from({ length: last - 1 }, (_, index) => index + 2);
    for (const viewer of viewers) assert.deepEqual(viewer.updates().map(({ version }) => version), versions);
    for (const watcher of watchers) assert.deepEqual(watcher.updates(game.id).map(({ version }) => version), versions);
  });
});

async function ok200(call) {
  const { status, text } = await call;
  assert.equal(status, 200, text);
}

describe('behind nginx, when nodes go away', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    test(`one after the other by ${signal}, everybody comes back and no vote is lost`, async (t) => {
      const own = await startCluster(t, HOW);
      const front = await Nginx.before(own.nodes);
      t.after(() => front.close());
      const { meeting, everybody } = await team(t, front);
      await ok(meeting.host.addStory('Export'), 201);
      for (const [turn, node] of own.nodes.entries()) {
        const value = `q${turn + 1}x`;
        for (const person of everybody) await ok(person.vote(value));
        await node.restart(signal);
        await until(() => everybody.every(({ client }) => client.connected), 'everybody is connected again');
        const votes = await ok(meeting.host.rest.get(`${meeting.path}/players`));
        assert.ok(votes.every(({ votedInCurrentRound }) => votedInCurrentRound), JSON.stringify(votes));
      }
      meeting.assertSecret('q1x', 'q2x', 'q3x');
      for (const { client } of everybody) client.mark();
      await ok(meeting.host.reveal());
      for (const { client } of everybody) {
        const { votes } = await client.next('cards:revealed');
        assert.deepEqual(votes.map(({ value }) => value), Array(PLAYERS).fill(`q${NODES}x`));
      }
    });
  }
});
