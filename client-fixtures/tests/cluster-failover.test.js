import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { Balancer } from '../lib/balancer.js';
import { startCluster } from '../lib/cluster.js';
import { DEFAULT_RECONNECTION, FailoverRun, quantile } from '../lib/failover-run.js';
import { enter, enterWithPage, gather, restAt } from '../lib/gathering.js';
import { match } from '../lib/match.js';
import { ok, Rest } from '../lib/rest.js';
import { everybody, rosterBecomes } from '../lib/roster.js';
import { SignalBrowser } from '../lib/signal-browser.js';
import { newUserId } from '../lib/signal-room.js';
import { Game, ok as done } from '../lib/sync.js';
import { Watcher } from '../lib/sync-io.js';
import { within } from '../lib/wait.js';

const SEED = process.env.SEED ?? String(randomInt(1_000_000));
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** The reference page needs 5 s by itself. */
const RETURN_DEADLINE_MS = 15_000;

/** How the players at the node that stops are connected. */
const GUESTS = [
  { name: 'Modern', version: '4.8', mode: 'websocket' },
  { name: 'Poller', version: '4.8', mode: 'polling' },
  { name: 'Upgraded', version: '4.0', mode: 'upgrade' },
  { name: 'Third', version: '3.1', mode: 'websocket' },
  { name: 'Second', version: '2.5', mode: 'websocket' },
];

describe('failover', { concurrency: true }, () => {
  test(`killed ${ROUNDS} times under load, a cluster loses no vote and its players go on elsewhere (SEED=${SEED})`, async (t) => {
    // Nobody waits for the default grace of 15 s to end, and every client comes back within it.
    const env = { POKER_DISCONNECT_GRACE_MS: '15000', LOG_LEVEL: 'warn' };
    const run = new FailoverRun({ cluster: await startCluster(t, { nodes: 3, env }), seed: SEED });
    t.after(() => run.close());
    await run.begin();
    for (let round = 1; round <= ROUNDS; round += 1) {
      await run.round(round).catch((error) => {
        error.message = `SEED=${SEED}, round ${round}: ${error.message}`;
        throw error;
      });
    }
    t.diagnostic(`${run.votes} votes were acknowledged, ${run.returns.length} clients came back`);
    report(t, 'official clients', run.returns.filter(({ isPage }) => !isPage));
    report(t, 'signal pages', run.returns.filter(({ isPage }) => isPage));
  });

  test('a node that is told to stop hands its players over to the next with seat, vote and clock', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { env: { POKER_DISCONNECT_GRACE_MS: '15000' } });
    const balancer = new Balancer([a, b]);
    t.after(() => balancer.close());
    const { meeting, mira, kim } = await gather(t, a, { Kim: { node: b } });
    const alice = await enterWithPage(t, b, meeting, 'Alice');
    const carl = await pageBehind(t, await balancer.door(a), meeting, 'Carl');
    const guests = await settle(await Promise.all([{ name: 'Mira', version: '4.8', mode: 'websocket' }, ...GUESTS].map(async (how) => {
      const door = await balancer.door(a);
      return { ...how, door, person: how.name === 'Mira' ? mira : await meeting.join(how.name, { attach: false }) };
    })));
    const clock = await Game.open(a.url, {}, 'start', 'switch');
    const watcher = await Watcher.open((await balancer.door(a)).url, { options: DEFAULT_RECONNECTION });
    const shown = await watcher.join(clock.id);
    await ok(restAt(a, mira).post(`${meeting.path}/stories`, { title: 'Now' }), 201);
    for (const [index, { person }] of guests.entries()) await ok(restAt(a, person).post(`${meeting.path}/vote`, { value: `q${index}x` }));
    carl.emit('VOTE_SUBMITTED', { playerId: carl.userId, vote: 4 });
    await kim.client.next('vote:submitted', ({ voteCount }) => voteCount === guests.length + 1);
    kim.log.forget();
    for (const client of [kim.client, alice.client, watcher, ...guests.map(({ person }) => person.client)]) client.mark();

    const stoppedAt = performance.now();
    assert.deepEqual(await a.stop('SIGTERM'), { code: 0, signal: null });
    await Promise.all(guests.map((guest) => comesBack(guest, guests.length + 1)));
    await within(carl.take('joined'), 'the page is back', RETURN_DEADLINE_MS);
    const everyone = [mira, kim, alice, { name: 'Carl' }, ...guests.slice(1)];
    await rosterBecomes([b], meeting.sessionId, everybody(everyone));
    toldAtMostAShortAbsence(t, { kim, alice, carl, guests });

    const { votes } = await ok(restAt(b, mira).post(`${meeting.path}/reveal`));
    assert.deepEqual(votes.map(({ value }) => value).sort(), [...guests.map((_, index) => `q${index}x`), '4'].sort());
    await Promise.all(guests.map(({ person }) => person.client.next('cards:revealed', (told) => told.votes.length === votes.length)));
    await carl.take('VOTES_REVEALED');

    await watcher.next('connect', undefined, RETURN_DEADLINE_MS);
    assert.deepEqual(await watcher.join(clock.id), shown, 'the clock is as it was');
    const moved = await done(new Game(b.url, clock.session).switch());
    match(await watcher.update(clock.id), { version: shown.version + 1, active_participant_id: moved.active_participant_id });
    t.diagnostic(`everything was done again ${Math.round(performance.now() - stoppedAt)} ms after SIGTERM`);
  });
});

function report(t, who, returns) {
  const text = (key) => [0.5, 0.99].map((share) => quantile(returns.map((it) => it[key]), share)).join(' / ');
  t.diagnostic(`${who}: from the kill to the first vote answered elsewhere p50 / p99 ${text('resumeMs')} ms, of these the server's share ${text('serverMs')} ms (${returns.length} returns)`);
}

async function settle(guests) {
  for (const { person, door, name, ...how } of guests) await enter(person, { node: door, options: DEFAULT_RECONNECTION, ...how });
  return guests;
}

async function pageBehind(t, door, meeting, userName) {
  const page = await SignalBrowser.open(door.url, meeting.sessionId, { userId: newUserId(userName), userName });
  t.after(() => page.close());
  const players = await ok(new Rest(door.node.url).get(`${meeting.path}/players`));
  page.playerId = players.find(({ name }) => name === userName).id;
  return page;
}

/** By itself, as the same player, with his vote, and without an error that would have broken his page. */
async function comesBack({ person, name }, votes) {
  const { client } = person;
  const reason = await client.next('disconnect');
  assert.notEqual(reason, 'io server disconnect', `${name} would not come back by itself`);
  const joined = await client.next('session:joined', undefined, RETURN_DEADLINE_MS);
  match(joined, { player: { id: person.playerId, votedInCurrentRound: true, isHost: name === 'Mira' }, voteCount: votes, votesRevealed: false });
  assert.deepEqual(client.history.filter(({ event }) => event.endsWith(':error')), [], name);
}

/** In the best case nothing: who is back soon enough need not be reported as gone. */
function toldAtMostAShortAbsence(t, { kim, alice, carl, guests }) {
  for (const person of [...guests.map((guest) => guest.person), carl]) {
    const events = kim.log.eventsOf(person);
    assert.ok(['', 'offline,online'].includes(String(events)), `Kim was told of ${person.name}: ${events}`);
    const [offline, online] = kim.log.of(person);
    t.diagnostic(offline ? `${person.name} was seen offline for ${Math.round(online.at - offline.at)} ms` : `${person.name} was not missed`);
  }
  assert.equal(kim.client.heardNames().includes('disconnect'), false);
  assert.equal(kim.client.heardNames().includes('player:promoted'), false, 'the host is the host');
  const told = alice.client.heardKinds().filter((kind) => kind.startsWith('PLAYER_'));
  const [gone, back] = ['PLAYER_DISCONNECTED', 'PLAYER_JOINED'].map((kind) => told.filter((it) => it === kind).length);
  assert.deepEqual({ gone, others: told.length - gone - back }, { gone: back, others: 0 }, `Alice was told ${told}`);
}
