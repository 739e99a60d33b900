import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { gather, openPage, restAt } from '../lib/gathering.js';
import { match } from '../lib/match.js';
import { allSee, stateAt } from '../lib/present-state.js';
import { ok } from '../lib/rest.js';
import { everybody, rosterBecomes } from '../lib/roster.js';
import { until } from '../lib/wait.js';

const LEASE_MS = 1_500;
const FLAGS = ['--node-lease-ms', String(LEASE_MS)];
const NOTICED_MS = 6_000;
/** What a node may take to find Redis again and to tell everybody. */
const RECOVERED_MS = 15_000;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Mira and Alice are connected to node B, the others to node A; Mira, Jonas and Alice have voted. */
async function twoNodes(t, how = {}) {
  const cluster = await startCluster(t, { flags: FLAGS, ...how });
  const [a, b] = cluster.nodes;
  const cast = await gather(t, b, { Mira: { node: b }, Jonas: { node: a }, Ada: { node: a, mode: 'polling' } });
  const { meeting, mira, jonas, ada } = cast;
  const alice = await openPage(t, b, meeting, 'Alice');
  const bob = await openPage(t, a, meeting, 'Bob');
  await ok(restAt(b, mira).post(`${meeting.path}/stories`, { title: 'Before' }), 201);
  await ok(restAt(b, mira).post(`${meeting.path}/vote`, { value: '1' }));
  await ok(restAt(a, jonas).post(`${meeting.path}/vote`, { value: '2' }));
  alice.emit('VOTE_SUBMITTED', { playerId: alice.userId, vote: 3 });
  const everyone = { nodes: [b, a], clients: [mira, jonas, ada].map(({ client }) => client), pages: [alice, bob] };
  match(await allSee(everyone, meeting.sessionId), { cards: { Mira: 'closed', Jonas: 'closed', Alice: 'closed' } });
  mira.log.forget();
  return { cluster, a, b, ...cast, alice, bob, everyone, away: [jonas, ada, bob], present: [mira, alice] };
}

/** Everybody can vote, and each vote is there once, in front of everybody, when Mira opens the cards. */
async function playsOn({ a, b, meeting, mira, jonas, ada, alice, bob, everyone }) {
  match(await voteOf(jonas, '5'), { ok: true });
  match(await voteOf(ada, '8'), { ok: true });
  bob.emit('VOTE_SUBMITTED', { playerId: bob.userId, vote: 2 });
  alice.emit('VOTE_SUBMITTED', { playerId: alice.userId, vote: 4 });
  await ok(restAt(a, mira).post(`${meeting.path}/vote`, { value: '13' }));
  const all = { Mira: '13', Jonas: '5', Ada: '8', Alice: '4', Bob: '2' };
  await until(async () => Object.keys((await stateAt(b, meeting.sessionId)).cards).length === 5, 'five cards are on the table');
  const from = new Map([mira, jonas, ada].map(({ client }) => [client, client.history.length]));
  const { votes } = await ok(restAt(b, mira).post(`${meeting.path}/reveal`));
  assert.deepEqual(Object.fromEntries(votes.map(({ playerName, value }) => [playerName, value])), all);
  assert.equal(votes.length, 5);
  match(await allSee(everyone, meeting.sessionId), { revealed: true, cards: all });
  for (const [client, start] of from) {
    await client.settle();
    const reveals = client.history.slice(start).filter(({ event }) => event === 'cards:revealed');
    assert.equal(reveals.length, 1, `how often ${client.name} was told the cards`);
  }
}

/** An official client may have to come back first; then it sends by itself what was said meanwhile. */
function voteOf({ client }, value) {
  return client.call('vote:submit', { value });
}

describe('a node that stood still', { concurrency: true }, () => {
  test('longer than its lease has its players back on all nodes, and they see the present', async (t) => {
    const cast = await twoNodes(t);
    const { a, b, meeting, mira, jonas, away, present, everyone } = cast;
    a.pause();
    const stoodStillAt = performance.now();
    for (const person of away) await mira.log.told(person, 'offline', NOTICED_MS);
    t.diagnostic(`with a lease of ${LEASE_MS} ms its players were seen offline after ${Math.round(performance.now() - stoodStillAt)} ms`);
    await rosterBecomes([b], meeting.sessionId, { ...everybody(away, 'offline'), ...everybody(present) });
    await ok(restAt(b, mira).post(`${meeting.path}/stories`, { title: 'Meanwhile' }), 201);
    await ok(restAt(b, mira).post(`${meeting.path}/vote`, { value: '8' }));
    // It lies in the buffers of the kernel until the node reads it.
    const early = voteOf(jonas, '3').catch(() => 'lost');

    a.resume();
    const resumedAt = performance.now();
    await rosterBecomes([a, b], meeting.sessionId, everybody([...present, ...away]));
    t.diagnostic(`and online ${Math.round(performance.now() - resumedAt)} ms after it had gone on`);
    match(await allSee(everyone, meeting.sessionId), { stories: ['Before', 'Meanwhile'], active: 'Meanwhile', revealed: false });
    for (const person of away) assert.deepEqual(mira.log.eventsOf(person), ['offline', 'online'], `of ${person.name}`);
    for (const person of present) assert.deepEqual(mira.log.eventsOf(person), [], `of ${person.name}`);
    await playsOn(cast);
    const answer = await early;
    assert.ok(answer === 'lost' || answer.ok, `a vote that was cast meanwhile: ${JSON.stringify(answer)}`);
  });

  test('until its players had left brings them back as who they were', async (t) => {
    const cast = await twoNodes(t, { env: { POKER_DISCONNECT_GRACE_MS: '1000' } });
    const { a, b, meeting, mira, jonas, away, present, everyone } = cast;
    a.pause();
    for (const person of away) await mira.log.told(person, 'left', NOTICED_MS);
    await rosterBecomes([b], meeting.sessionId, everybody(present));
    a.resume();
    await rosterBecomes([a, b], meeting.sessionId, everybody([...present, ...away]));
    const truth = await allSee(everyone, meeting.sessionId);
    assert.deepEqual(truth.cards, { Mira: 'closed', Jonas: 'closed', Alice: 'closed' }, 'the vote is there again with its player');
    for (const person of away) assert.deepEqual(mira.log.eventsOf(person), ['offline', 'left', 'joined'], `of ${person.name}`);
    assert.ok(truth.roster.Jonas && jonas.client.connected);
    await playsOn(cast);
  });

  test('does not take a vote for a round that was opened meanwhile', async (t) => {
    const { a, b, meeting, mira, jonas, ada, away, everyone } = await twoNodes(t);
    a.pause();
    for (const person of away) await mira.log.told(person, 'offline', NOTICED_MS);
    const { votes } = await ok(restAt(b, mira).post(`${meeting.path}/reveal`));
    const late = [voteOf(jonas, '13').catch(() => 'lost'), voteOf(ada, '13').catch(() => 'lost')];
    a.resume();
    const cards = Object.fromEntries(votes.map(({ playerName, value }) => [playerName, value]));
    assert.deepEqual(cards, { Mira: '1', Jonas: '2', Alice: '3' });
    for (const answer of await Promise.all(late)) assert.ok(answer === 'lost' || answer.ok === false, JSON.stringify(answer));
    await rosterBecomes([a, b], meeting.sessionId, everybody([mira, ...away, { name: 'Alice' }]));
    match(await allSee(everyone, meeting.sessionId), { revealed: true, cards });
    assert.deepEqual((await stateAt(a, meeting.sessionId)).cards, cards);
  });

  test('for less than its lease is not missed', async (t) => {
    const cast = await twoNodes(t, { flags: [] });
    const { a, b, meeting, mira, away, present } = cast;
    a.pause();
    await pause(2_000);
    a.resume();
    await ok(restAt(a, mira).put(`/players/${mira.playerId}`, { avatar: '🦊' }));
    await mira.client.next('player:updated', ({ player }) => player.avatar === '🦊');
    for (const person of [...away, ...present]) assert.deepEqual(mira.log.eventsOf(person), [], `of ${person.name}`);
    await rosterBecomes([a, b], meeting.sessionId, everybody([...present, ...away]));
    await playsOn(cast);
  });

  test('together with all others longer than any lease loses nobody', async (t) => {
    const cast = await twoNodes(t);
    const { a, b, meeting, mira, away, present, everyone } = cast;
    for (const node of [a, b]) node.pause();
    await pause(2 * LEASE_MS);
    for (const node of [b, a]) node.resume();
    await rosterBecomes([a, b], meeting.sessionId, everybody([...present, ...away]));
    for (const person of [...away, ...present]) assert.ok(!mira.log.eventsOf(person).includes('left'), `of ${person.name}`);
    await allSee(everyone, meeting.sessionId);
    await playsOn(cast);
  });
});

describe('a node without its Redis', { concurrency: true }, () => {
  for (const [words, cut] of [['refused', (proxy) => proxy.refuse()], ['unanswered', (proxy) => proxy.stall()]]) {
    test(`whose calls are ${words} for longer than its lease has its players back on all nodes afterwards`, async (t) => {
      const cast = await twoNodes(t, { proxied: [0] });
      const { a, b, meeting, mira, away, present, everyone } = cast;
      await cut(a.proxy);
      const cutAt = performance.now();
      for (const person of away) await mira.log.told(person, 'offline', NOTICED_MS);
      t.diagnostic(`its players were seen offline after ${Math.round(performance.now() - cutAt)} ms`);
      await ok(restAt(b, mira).post(`${meeting.path}/stories`, { title: 'Meanwhile' }), 201);
      await a.proxy.heal();
      const healedAt = performance.now();
      await rosterBecomes([a, b], meeting.sessionId, everybody([...present, ...away]), RECOVERED_MS);
      t.diagnostic(`and online ${Math.round(performance.now() - healedAt)} ms after Redis could be reached`);
      match(await allSee(everyone, meeting.sessionId), { stories: ['Before', 'Meanwhile'], active: 'Meanwhile' });
      for (const person of away) assert.deepEqual(mira.log.eventsOf(person), ['offline', 'online'], `of ${person.name}`);
      for (const person of present) assert.deepEqual(mira.log.eventsOf(person), [], `of ${person.name}`);
      await playsOn(cast);
    });
  }

  for (const [words, disturb] of [
    ['which stands still for longer than any lease,', async (redis) => { redis.pause(); await pause(2 * LEASE_MS); redis.resume(); }],
    ['which is killed, and started again after any lease,', async (redis) => { await redis.kill9(); await pause(2 * LEASE_MS); await redis.start(); }],
  ]) {
    test(`${words} misses nobody in the end`, async (t) => {
      const cast = await twoNodes(t, { redis: { appendonly: true } });
      const { cluster, a, b, meeting, mira, away, present, everyone } = cast;
      await disturb(cluster.redis);
      await rosterBecomes([a, b], meeting.sessionId, everybody([...present, ...away]), RECOVERED_MS);
      await allSee(everyone, meeting.sessionId);
      await playsOn(cast);
      for (const person of [...away, ...present]) {
        const events = mira.log.eventsOf(person);
        if (events.length > 0) t.diagnostic(`of ${person.name} was told ${events}`);
        assert.ok(!events.includes('left') && events.length % 2 === 0, `of ${person.name}: ${events}`);
      }
    });
  }
});
