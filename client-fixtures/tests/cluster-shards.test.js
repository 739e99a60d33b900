import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Node } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { SharedClock } from '../lib/cluster-clock.js';
import { Pages } from '../lib/cluster-pages.js';
import { actAll, allIsWell, failures, gatherOnAll, newsIsPrompt, startShards, tally } from '../lib/cluster-shards.js';
import { Meeting } from '../lib/meeting.js';
import { ok, Rest } from '../lib/rest.js';
import { ok as taken } from '../lib/sync.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
const DURATION_MS = 3_000;

/** One session for each master; `make` resolves to its id, which nobody can choose. */
async function onePerMaster(redis, make) {
  const found = new Map();
  const masters = await redis.masters();
  for (let turn = 0; found.size < masters.length; turn += 1) {
    assert.ok(turn < 100, 'the sessions are not on all masters');
    const { id, ...made } = await make();
    const master = await redis.masterOf(await redis.slotOf(id));
    if (!found.has(master)) found.set(master, { id, ...made });
  }
  return [...found.values()];
}

/** Somebody who joins at the last node sees what everybody sees, in every session. */
async function someoneJoinsLate(cluster, crowds) {
  for (const crowd of crowds) {
    const { meeting } = crowd;
    const client = meeting.connect({ sessionId: meeting.sessionId, playerName: 'Late' }, {}, cluster.nodes.at(-1).url);
    client.told = 'the latecomer';
    await client.next('session:joined');
    crowd.observers.push({ client });
    await crowd.fence();
    const { players } = await crowd.agreement();
    assert.ok(players.some(({ name }) => name === 'Late'));
  }
}

describe('over a Redis cluster of three masters', () => {
  test(`ten writers in each of many sessions on two nodes are heard once and in one order by all (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t);
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 10 });
    await actAll(crowds, pause(DURATION_MS));
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    t.diagnostic(tally(crowds));
    await allIsWell(cluster, crowds);
    const done = new Set(crowds.flatMap(({ deeds }) => deeds).filter(({ outcome }) => outcome === 'done').map(({ kind }) => kind));
    assert.deepEqual([...done].sort(), ['rename', 'reset', 'reveal', 'story', 'vote']);
    await someoneJoinsLate(cluster, crowds);
    t.diagnostic(`news took at most ${await newsIsPrompt(crowds, 'in quiet times')} ms`);
  });

  test('turn clocks move alike on all viewers of all nodes, whichever master has them', async (t) => {
    const cluster = await startShards(t);
    const ids = await onePerMaster(cluster.redis, () => ({ id: randomUUID() }));
    await Promise.all(ids.map(async ({ id: session_id }) => {
      const clock = await SharedClock.open(t, cluster, { session_id, times: [60_000, 60_000, 60_000] }, 'start');
      for (const [turn, step] of ['switch', 'switch', 'pause', 'resume', 'switch', 'complete'].entries()) {
        await taken(clock.game(turn).command(step));
        const state = await clock.state();
        assert.equal(state.version, 3 + turn);
        await clock.everybodySaw(state);
      }
    }));
  });

  test('an emoji that is thrown on one node is shown on the pages of all, whichever master has the session', async (t) => {
    const cluster = await startShards(t);
    const meetings = await onePerMaster(cluster.redis, async () => {
      const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
      t.after(() => meeting.close());
      return { id: meeting.sessionId };
    });
    for (const { id } of meetings) {
      const pages = await Pages.open(t, cluster, id);
      await pages.fence('before');
      for (const [node, page] of pages.actors.entries()) {
        const target = Pages.idOf(page, `Actor ${(node + 1) % 2}`);
        page.emit('EMOJI_SENT', { fromPlayerId: page.userId, toPlayerId: target, emoji: '🙏' });
        for (const watcher of pages.watchers) assert.equal((await watcher.next('EMOJI_SENT')).toPlayerId, target);
      }
    }
  });

  test('a node that is started later, and knows one server of the cluster only, has all sessions of all masters', async (t) => {
    const cluster = await startShards(t, { nodes: 1 });
    const meetings = await onePerMaster(cluster.redis, async () => {
      const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
      return { id: meeting.sessionId, meeting };
    });
    const [address] = cluster.redis.url.split(',');
    const late = new Node({ redis: { url: address } });
    cluster.nodes.push(late);
    await late.start();
    for (const { meeting } of meetings) {
      const rest = new Rest(late.url, { token: meeting.host.token });
      await ok(rest.post(`${meeting.path}/stories`, { title: 'Anywhere' }), 201);
      const [story] = await ok(meeting.host.rest.get(`${meeting.path}/stories`));
      assert.equal(story.title, 'Anywhere');
    }
  });
});
