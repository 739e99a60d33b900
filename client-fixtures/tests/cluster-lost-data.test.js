import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { SharedClock } from '../lib/cluster-clock.js';
import { Crowd } from '../lib/cluster-crowd.js';
import { Meeting } from '../lib/meeting.js';
import { ok, Rest } from '../lib/rest.js';
import { ok as done, unknown } from '../lib/sync.js';
import { until } from '../lib/wait.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
/** Nodes look after their sessions every 5 to 6 s even if nobody tells them anything. */
const NOTICED_MS = 10_000;

/** Although nobody asks for anything, nobody sits in front of a screen that is a lie; and no node tells one. */
async function isForgotten({ nodes }, crowd) {
  await Promise.all(crowd.clients.map((client) => {
    const from = crowd.from.get(client);
    const knows = () => client.history.slice(from).some(({ event }) => event === 'session:error' || event === 'disconnect');
    return until(knows, `${client.told} is told that the session is gone`, NOTICED_MS);
  }));
  for (const { url } of nodes) assert.equal((await new Rest(url).get(crowd.path)).status, 404);
}

/** Behind a loss: the screens and the nodes show the same again, and what is done from now on is one sequence. */
async function isOne(cluster, crowd) {
  for (const node of cluster.nodes) await node.isReadyAgain();
  // An answer of each node, so that none of them still believes in what is lost.
  for (const writer of crowd.writers.slice(0, 2 * cluster.nodes.length)) await crowd.do(writer, 'rename', 'REST');
  await crowd.fence();
  await crowd.agreement();
  await crowd.begin();
  await crowd.act(pause(500));
  await crowd.fence();
  crowd.sequence();
  await crowd.agreement();
}

describe('a Redis', { concurrency: true }, () => {
  test('that was emptied leaves nobody with what is gone, and takes new sessions', async (t) => {
    const cluster = await startCluster(t);
    const crowd = await Crowd.gather(t, cluster, { writers: 4, seed: SEED });
    const clock = await SharedClock.open(t, cluster, {}, 'start');
    await cluster.redis.cli('FLUSHALL');
    await isForgotten(cluster, crowd);
    for (const game of clock.games) {
      await until(async () => (await game.get()).status === 404, 'the node has forgotten the clock', NOTICED_MS);
      await unknown(game.switch(), clock.id);
    }
    for (const viewer of clock.raw) {
      viewer.send({ type: 'RECONNECT' });
      assert.equal((await viewer.next('ERROR')).code, 'SESSION_NOT_FOUND');
      viewer.mark();
    }
    await done(clock.games[1].create(), 201);
    for (const viewer of clock.raw) assert.equal((await viewer.update()).version, 1);
    const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
    t.after(() => meeting.close());
    const jonas = await meeting.join('Jonas', { how: { url: cluster.nodes[1].url } });
    await ok(meeting.host.addStory('Anew'), 201);
    await jonas.client.next('story:created', ({ story }) => story.title === 'Anew');
  });

  test('that was emptied takes no command for what is gone, on whatever node it is given first', async (t) => {
    const cluster = await startCluster(t);
    for (const first of [0, 1]) {
      const crowd = await Crowd.gather(t, cluster, { writers: 4, seed: SEED });
      const clock = await SharedClock.open(t, cluster, {}, 'start');
      await cluster.redis.cli('FLUSHALL');
      await unknown(clock.game(first).switch(), clock.id);
      const { id, rest } = crowd.writers[first];
      const { status, text } = await rest.put(`/players/${id}`, { name: 'Nobody' });
      assert.ok(status === 401 || status === 404, `${status} ${text}`);
      await isForgotten(cluster, crowd);
    }
  });

  test('that was emptied leaves nodes that trust each other, also those that are started later', async (t) => {
    const cluster = await startCluster(t);
    const crowd = await Crowd.gather(t, cluster, { writers: 2, seed: SEED });
    await cluster.redis.cli('FLUSHALL');
    await isForgotten(cluster, crowd);
    await cluster.nodes[1].restart();
    for (const maker of cluster.nodes) {
      const meeting = await Meeting.open(maker, { attach: false });
      t.after(() => meeting.close());
      for (const { url } of cluster.nodes) {
        await ok(new Rest(url, { token: meeting.host.token }).post(`${meeting.path}/stories`, { title: 'Anywhere' }), 201);
      }
    }
  });

  test(`that has lost the latest changes shows all clients on all nodes what it has (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t);
    const crowd = await Crowd.gather(t, cluster, { writers: 6, seed: SEED });
    await crowd.act(pause(400));
    await cluster.redis.save();
    await crowd.act(pause(600));
    await crowd.fence();
    await cluster.redis.restart('SIGKILL');
    await isOne(cluster, crowd);
  });

  test(`that has lost the latest changes deceives no node that comes back when there are new ones instead (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t, { proxied: [1] });
    const crowd = await Crowd.gather(t, cluster, { writers: 6, seed: SEED });
    await crowd.act(pause(200));
    await cluster.redis.save();
    for (const writer of crowd.writers) await crowd.do(writer, 'rename', 'REST');
    await crowd.fence();
    await cluster.nodes[1].proxy.refuse();
    await cluster.redis.restart('SIGKILL');
    await cluster.nodes[0].isReadyAgain();
    // More than were lost, so that the log is longer than what the other node has seen of the old one.
    for (let turn = 0; turn < 5; turn += 1) {
      for (const writer of crowd.writers.filter((_, index) => cluster.nodeOf(index) === cluster.nodes[0])) {
        assert.equal((await crowd.do(writer, 'rename', 'REST')).outcome, 'done');
      }
    }
    await cluster.nodes[1].proxy.heal();
    await isOne(cluster, crowd);
  });
});
