import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { Cluster } from '../lib/cluster.js';
import { pause } from '../lib/cluster-chaos.js';
import { Crowd } from '../lib/cluster-crowd.js';
import { Pages } from '../lib/cluster-pages.js';
import { Meeting } from '../lib/meeting.js';
import { ok, Rest } from '../lib/rest.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
const DURATION_MS = 2500;

const cluster = await Cluster.start({ nodes: 3 });
after(() => cluster.close());

/** The pages vote and rename the session while the others act. */
async function actOnPages(pages, over, seed) {
  let isOver = false;
  over.then(() => { isOver = true; });
  const names = [];
  await Promise.all(pages.actors.map(async (page, node) => {
    const chance = new Chance(`${seed}/page ${node}`);
    let votes = 0;
    for (let turn = 0; !isOver; turn += 1) {
      await pause(chance.between(20, 120));
      if (chance.happens(0.7)) {
        // Never the same card twice, for that is no event.
        page.vote(1 + (votes++ % 5));
      } else {
        names.push(`Sprint ${node}.${turn}`);
        page.emit('SETTINGS_UPDATED', { settings: {}, name: names.at(-1) });
      }
    }
    await page.settle();
  }));
  return names;
}

for (const count of [2, 3]) {
  test(`what a crowd does at once on ${count} nodes, in both dialects and over REST, is heard on all once and in one order (SEED=${SEED})`, async (t) => {
    const some = new Cluster(cluster.redis, cluster.nodes.slice(0, count));
    const crowd = await Crowd.gather(t, some, { writers: 12, seed: SEED });
    const pages = await Pages.open(t, some, crowd.meeting.sessionId);
    await pages.fence('before');
    pages.mark();
    await crowd.begin();
    const over = pause(DURATION_MS);
    const [names] = await Promise.all([actOnPages(pages, over, SEED), crowd.act(over)]);
    await crowd.fence();
    await pages.fence('behind');
    assert.equal(crowd.count('failed'), 0, JSON.stringify(crowd.deeds.find(({ outcome }) => outcome === 'failed')));
    const sequence = crowd.sequence();
    await crowd.account(sequence, await crowd.agreement());
    const seen = pages.sequence().filter(([kind]) => kind === 'SETTINGS_UPDATED').map(([, { name }]) => name);
    assert.deepEqual(seen.slice(0, -1).sort(), names.sort());
    t.diagnostic(`${crowd.count('done')} deeds, ${crowd.count('refused')} refused; ${sequence.length} events`);
  });
}

describe('a session', { concurrency: 3 }, () => {
  test('that was made on one node is open on all at once, with the tokens of any', async (t) => {
    for (let turn = 0; turn < 6; turn += 1) {
      const [made, joined, used] = [0, 1, 2].map((index) => cluster.nodeOf(turn + index));
      const meeting = await Meeting.open(made, { attach: false });
      t.after(() => meeting.close());
      const there = new Rest(joined.url);
      const { playerId, token } = await ok(there.post(`${meeting.path}/join`, { playerName: 'Jonas' }));
      const elsewhere = new Rest(used.url, { token: meeting.host.token });
      const story = await ok(elsewhere.post(`${meeting.path}/stories`, { title: 'Anywhere' }), 201);
      await ok(there.withToken(token).post(`${meeting.path}/vote`, { playerId, value: '5', storyId: story.id }));
      const told = await ok(elsewhere.get(`${meeting.path}/votes`));
      assert.deepEqual(told.votes.map((vote) => vote.playerId), [playerId]);
    }
  });

  test('reads on another node as it was left by the answer', async (t) => {
    const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
    t.after(() => meeting.close());
    const here = cluster.nodes.map(({ url }) => new Rest(url, { token: meeting.host.token }));
    for (const rest of here) await ok(rest.get(meeting.path));
    for (let turn = 0; turn < 60; turn += 1) {
      const name = `Name ${turn}`;
      await ok(here[turn % 3].put(`/players/${meeting.host.playerId}`, { name }));
      const [host] = await ok(here[(turn + 1) % 3].get(`${meeting.path}/players`));
      assert.equal(host.name, name, `the name on the next node right after renaming ${turn}`);
    }
  });

  test('takes a player by his address on the socket of one node who has joined over the REST of another', async (t) => {
    const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
    t.after(() => meeting.close());
    await meeting.host.attach({ url: cluster.nodes[1].url });
    await ok(meeting.host.addStory('First'), 201);
    const jonas = await meeting.join('Jonas', { how: { url: cluster.nodes[2].url } });
    assert.deepEqual(await jonas.client.call('vote:submit', { value: '5' }), { ok: true });
    assert.equal((await meeting.host.client.next('vote:submitted')).playerId, jonas.playerId);
  });

  test('shows an emoji that is thrown on one node on the pages of all', async (t) => {
    const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
    t.after(() => meeting.close());
    const pages = await Pages.open(t, cluster, meeting.sessionId);
    await pages.fence('before');
    for (const [node, page] of pages.actors.entries()) {
      const target = Pages.idOf(page, `Actor ${(node + 1) % 3}`);
      page.emit('EMOJI_SENT', { fromPlayerId: page.userId, toPlayerId: target, emoji: '🙏' });
      for (const watcher of pages.watchers) assert.equal((await watcher.next('EMOJI_SENT')).toPlayerId, target);
    }
  });

  test('shows a reaction that is sent on one node to the sockets of all, once', async (t) => {
    const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
    t.after(() => meeting.close());
    await meeting.host.attach({ url: cluster.nodes[0].url });
    const others = [await meeting.join('Jonas', { how: { url: cluster.nodes[1].url } }), await meeting.join('Ada', { how: { url: cluster.nodes[2].url } })];
    const people = [meeting.host, ...others];
    for (const [index, { client, playerId }] of people.entries()) {
      const emoji = ['🙏', '👏', '👩‍👩‍👧‍👦'][index];
      assert.deepEqual(await client.call('reaction:send', { emoji }), { ok: true });
      for (const person of people) assert.deepEqual(await person.client.next('reaction:sent'), { playerId, emoji });
    }
    for (const { client } of people) {
      await client.settle();
      assert.equal(client.history.filter(({ event }) => event === 'reaction:sent').length, people.length);
    }
  });

  test('that is deleted on one node is over on all', async (t) => {
    const meeting = await Meeting.open(cluster.nodes[0], { attach: false });
    t.after(() => meeting.close());
    await meeting.host.attach({ url: cluster.nodes[1].url });
    const jonas = await meeting.join('Jonas', { how: { url: cluster.nodes[2].url } });
    const pages = await Pages.open(t, cluster, meeting.sessionId);
    await ok(meeting.host.rest.delete(meeting.path));
    for (const { client } of [meeting.host, jonas]) {
      assert.equal((await client.next('session:error')).code, 'SESSION_DELETED');
      await client.next('disconnect');
    }
    for (const page of [...pages.actors, ...pages.watchers]) await page.next('session_not_found');
    for (const { url } of cluster.nodes) assert.equal((await new Rest(url).get(meeting.path)).status, 404);
  });
});
