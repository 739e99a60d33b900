import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { enterWithPage, fence, gather, restAt } from '../lib/gathering.js';
import { match } from '../lib/match.js';
import { ok } from '../lib/rest.js';
import { everybody, rosterBecomes } from '../lib/roster.js';
import { until } from '../lib/wait.js';

const LEASE = ['--node-lease-ms', '1500'];
const GRACE_MS = 2_500;
const HANDOVER_MS = 1_000;
/** After this a countdown that nobody has reported the end of is ended by the server. */
const COUNTDOWN_MS = 10_000;
/** How late the effect of a deadline may be seen if the node that knew of it is dead. */
const LATE_MS = 5_000;
const AUTO_REVEAL = { body: { config: { autoRevealCards: true } } };

const moment = (at) => new Promise((resolve) => { setTimeout(resolve, at - performance.now()); });
const timesHeard = (client, event) => client.heard().filter((entry) => client.kindOf(entry) === event).length;

describe('with two nodes', { concurrency: 4 }, () => {
  test('the grace of a player ends once, and with it the round that only he has not voted in', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { env: { POKER_DISCONNECT_GRACE_MS: String(GRACE_MS) } });
    const { meeting, mira, kim, jonas } = await gather(t, a, { Mira: { node: a }, Kim: { node: b, mode: 'polling' }, Jonas: { node: a } }, AUTO_REVEAL);
    const pages = [await enterWithPage(t, a, meeting, 'Alice'), await enterWithPage(t, b, meeting, 'Bob')];
    await ok(restAt(a, mira).post(`${meeting.path}/stories`, { title: 'Now' }), 201);
    for (const [node, person, value] of [[a, mira, '5'], [b, kim, '8']]) await ok(restAt(node, person).post(`${meeting.path}/vote`, { value }));
    for (const page of pages) page.client.vote(3);
    const witnesses = [mira, kim];
    await mira.client.next('vote:submitted', ({ voteCount, totalPlayers }) => voteCount === 4 && totalPlayers === 5);
    for (const { client } of [...witnesses, ...pages]) client.mark();

    jonas.client.vanish();
    await Promise.all(witnesses.map(({ client }) => client.next('cards:revealed')));
    await Promise.all(pages.map(({ client }) => client.next('VOTES_REVEALED')));
    meeting.forget(jonas.client);
    await ok(restAt(a, mira).post(`${meeting.path}/stories`, { title: 'Next' }), 201);
    await Promise.all(pages.map(({ client }) => client.next('VOTING_STARTED', ({ issueName }) => issueName === 'Next')));
    await fence(meeting, b);
    for (const { client, log, name } of witnesses) {
      assert.deepEqual({ told: log.eventsOf(jonas), reveals: timesHeard(client, 'cards:revealed') }, { told: ['offline', 'left'], reveals: 1 }, name);
    }
    for (const { client, name } of pages) {
      const counts = ['PLAYER_DISCONNECTED', 'PLAYER_LEFT', 'VOTES_REVEALED'].map((kind) => timesHeard(client, kind));
      assert.deepEqual(counts, [1, 1, 1], name);
    }
  });

  test('an absent host is relieved once, by the same player for everybody', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { env: { POKER_HOST_HANDOVER_MS: String(HANDOVER_MS) } });
    const { meeting, mira, kim, jonas } = await gather(t, a, { Mira: { node: a }, Kim: { node: b }, Jonas: { node: a } });
    for (const { client } of [kim, jonas]) client.mark();
    mira.client.vanish();
    const told = await Promise.all([kim, jonas].map(({ client }) => client.next('player:promoted')));
    for (const { newHost, previousHost } of told) assert.deepEqual([newHost.id, previousHost.id], [kim.playerId, mira.playerId]);
    meeting.forget(mira.client);
    await fence(meeting, a);
    for (const { client } of [kim, jonas]) assert.equal(timesHeard(client, 'player:promoted'), 1);
  });

  test('the end of a countdown is told to everybody once', async (t) => {
    const { nodes: [a, b] } = await startCluster(t);
    const { meeting, mira } = await gather(t, a, {});
    const pages = [await enterWithPage(t, a, meeting, 'Alice'), await enterWithPage(t, b, meeting, 'Bob')];
    const [alice] = pages;
    await ok(restAt(b, mira).post(`/players/${alice.playerId}/promote`));
    alice.client.emit('VOTING_STARTED', { issueName: 'ABC-1' });
    await Promise.all(pages.map(({ client }) => client.next('VOTING_STARTED', ({ issueName }) => issueName === 'ABC-1')));
    alice.client.vote(4);
    for (const { client } of pages) {
      await client.next('VOTE_SUBMITTED');
      client.mark();
    }

    const startedAt = performance.now();
    alice.client.emit('COUNTDOWN_STARTED', {});
    await Promise.all(pages.map(({ client }) => client.next('COUNTDOWN_STARTED')));
    await Promise.all(pages.map(({ client }) => client.next('VOTES_REVEALED', undefined, COUNTDOWN_MS + LATE_MS)));
    const tookMs = Math.round(performance.now() - startedAt);
    t.diagnostic(`nobody reported its end, which came after ${tookMs} ms`);
    assert.ok(tookMs > 0.9 * COUNTDOWN_MS);
    alice.client.emit('SETTINGS_UPDATED', { settings: {}, name: 'Fence' });
    await Promise.all(pages.map(({ client }) => client.next('SETTINGS_UPDATED', ({ name }) => name === 'Fence')));
    for (const { client, name } of pages) {
      assert.deepEqual(client.heardKinds(), ['SESSION_UPDATED', 'COUNTDOWN_STARTED', 'VOTES_REVEALED', 'SESSION_UPDATED', 'SETTINGS_UPDATED'], name);
    }
  });

  test('a timer that was started at one is told once at both, and runs for whoever comes after its node has died', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { flags: LEASE });
    const { meeting, mira, kim } = await gather(t, a, { Mira: { node: a }, Kim: { node: b } });
    for (const { client } of [mira, kim]) client.mark();
    match(await mira.client.call('timer:start', { duration: 4 }), { ok: true });
    const endsAt = performance.now() + 4_000;
    await fence(meeting, b);
    for (const { client } of [mira, kim]) {
      match(client.heard().filter(({ event }) => event === 'timer:updated'), [{ args: [{ timer: { isRunning: true, duration: 4 } }] }]);
    }
    kim.client.vanish();
    await a.stop('SIGKILL');
    const timerFor = async () => (await watchAt(b, meeting)).timer;
    const running = await timerFor();
    const left = Math.ceil((endsAt - performance.now()) / 1000);
    match(running, { isRunning: true, duration: 4, remainingTime: (seconds) => Math.abs(seconds - left) <= 1 });
    await moment(endsAt + 300);
    match(await timerFor(), { isRunning: false, remainingTime: 0 });
  });

  test('and the one that knows of a deadline dead, while nobody is connected to the other, it is met all the same', async (t) => {
    const env = { POKER_DISCONNECT_GRACE_MS: String(GRACE_MS) };
    const { nodes: [a, b] } = await startCluster(t, { flags: LEASE, env });
    const { meeting, mira, jonas } = await gather(t, a, { Mira: { node: a }, Jonas: { node: a } }, AUTO_REVEAL);
    await ok(restAt(a, mira).post(`${meeting.path}/stories`, { title: 'Now' }), 201);
    await ok(restAt(a, mira).post(`${meeting.path}/vote`, { value: '5' }));
    jonas.client.vanish();
    await mira.log.told(jonas, 'offline');
    const dueAt = performance.now() + GRACE_MS;
    await a.stop('SIGKILL');

    // By now Jonas has left, which completes the round; Mira has gone with her node, but is within her grace.
    await moment(dueAt + 500);
    const visitor = await watchAt(b, meeting);
    const from = visitor.client.history.findIndex(({ event }) => event === 'session:joined');
    const told = () => visitor.client.history.slice(from).filter(({ event }) => event === 'cards:revealed');
    await until(() => told().length > 0, 'the cards are open', LATE_MS);
    t.diagnostic(`the effect was seen ${Math.round(performance.now() - dueAt)} ms after it was due`);
    match(told(), [{ args: [{ votes: [{ playerId: mira.playerId, value: '5' }] }] }]);
    await rosterBecomes([b], meeting.sessionId, {}, GRACE_MS + LATE_MS);
    assert.equal(told().length, 1, 'the cards are opened once');
  });

  test('and one dead, the end of a grace is seen by whoever comes to the other then', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { flags: LEASE, env: { POKER_DISCONNECT_GRACE_MS: String(GRACE_MS) } });
    const { meeting, jonas } = await gather(t, a, { Jonas: { node: a } });
    const page = await enterWithPage(t, a, meeting, 'Bob');
    page.client.vanish();
    await jonas.log.told(page, 'offline');
    const dueAt = performance.now() + GRACE_MS;
    await a.stop('SIGKILL');
    await moment(dueAt + LATE_MS);
    const { players } = await watchAt(b, meeting);
    const names = players.map(({ name }) => name);
    assert.ok(!names.includes('Bob'), `on the roster: ${names}`);
    await rosterBecomes([b], meeting.sessionId, everybody([{ name: 'Mira' }]), GRACE_MS + LATE_MS);
  });

  test('and the one with the countdown dead, the cards are open for whoever comes to the other', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { flags: LEASE });
    const { meeting, mira } = await gather(t, a, {});
    const alice = await enterWithPage(t, a, meeting, 'Alice');
    await ok(restAt(a, mira).post(`/players/${alice.playerId}/promote`));
    alice.client.emit('VOTING_STARTED', { issueName: 'ABC-1' }).vote(4).emit('COUNTDOWN_STARTED', {});
    await alice.client.next('COUNTDOWN_STARTED');
    const startedAt = performance.now();
    await a.stop('SIGKILL');
    const bob = await enterWithPage(t, b, meeting, 'Bob');
    await bob.client.next('VOTES_REVEALED');
    const shown = bob.client.history.findLast(({ kind, body }) => kind === 'SESSION_UPDATED' && body.session.currentVote?.isRevealed);
    assert.deepEqual(Object.values(shown.body.session.currentVote.votes), [4]);
    await moment(startedAt + COUNTDOWN_MS + 500);
    await bob.client.settle();
    assert.equal(bob.client.history.filter(({ kind }) => kind === 'VOTES_REVEALED').length, 1, 'the cards are shown once');
  });
});

/** Somebody who listens without being anybody, and so changes nothing. */
async function watchAt(node, meeting) {
  const client = meeting.connect({ sessionId: meeting.sessionId }, {}, node.url);
  return { ...await client.next('session:joined'), client };
}
