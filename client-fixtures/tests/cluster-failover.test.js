import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';
import { Balancer } from '../lib/balancer.js';
import { startCluster } from '../lib/cluster.js';
import { DEFAULT_RECONNECTION, FailoverRun, quantile } from '../lib/failover-run.js';
import { enter, enterWithPage, gather, openPage, restAt } from '../lib/gathering.js';
import { match } from '../lib/match.js';
import { ok } from '../lib/rest.js';
import { everybody, rosterAt, rosterBecomes } from '../lib/roster.js';
import { Game, ok as done } from '../lib/sync.js';
import { Watcher } from '../lib/sync-io.js';
import { until, within } from '../lib/wait.js';

const SEED = process.env.SEED ?? String(randomInt(1_000_000));
const ROUNDS = Number(process.env.ROUNDS ?? 5);
/** The reference page needs 5 s by itself. */
const RETURN_DEADLINE_MS = 15_000;
/** How long somebody who does not come back may seem to be there, with the default lease of 10 s. */
const GHOST_LIMIT_MS = 15_000;

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
    await play(t, new FailoverRun({ cluster: await startCluster(t, { nodes: 3, env }), seed: SEED }), ROUNDS);
  });

  test(`restarted one node after the other under load, a cluster loses neither votes nor players (SEED=${SEED})`, async (t) => {
    const cluster = await startCluster(t, { nodes: 3, env: { LOG_LEVEL: 'warn' } });
    const run = new FailoverRun({ cluster, seed: SEED, signal: 'SIGTERM' });
    await play(t, run, Math.ceil(ROUNDS / 2));
  });

  test('a node that is told to stop hands its players over to the next with seat, vote and clock', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { env: { POKER_DISCONNECT_GRACE_MS: '15000' } });
    const balancer = new Balancer([a, b]);
    t.after(() => balancer.close());
    const { meeting, mira, kim, gone } = await gather(t, a, { Kim: { node: b }, Gone: { node: a, options: { reconnection: false } } });
    const alice = await enterWithPage(t, b, meeting, 'Alice');
    const carl = await openPage(t, await balancer.door(a), meeting, 'Carl');
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
    await alice.client.next('VOTE_SUBMITTED', ({ playerId }) => playerId === alice.idOf(carl));
    kim.log.forget();
    for (const client of [kim.client, alice.client, watcher, ...guests.map(({ person }) => person.client)]) client.mark();

    const stoppedAt = performance.now();
    assert.deepEqual(await a.stop('SIGTERM'), { code: 0, signal: null });
    await Promise.all(guests.map((guest) => comesBack(guest, guests.length + 1)));
    await within(carl.take('joined'), 'the page is back', RETURN_DEADLINE_MS);
    const back = [mira, kim, alice, carl, ...guests.slice(1).map(({ person }) => person)];
    await until(async () => onlineAmong(back, await rosterAt(b, meeting.sessionId)), 'everybody is online again');
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

    await kim.log.told(gone, 'offline', GHOST_LIMIT_MS);
    t.diagnostic(`who did not come back was seen offline ${Math.round(kim.log.of(gone)[0].at - stoppedAt)} ms after SIGTERM`);
    assert.deepEqual(kim.log.eventsOf(gone), ['offline']);
    await rosterBecomes([b], meeting.sessionId, { ...everybody(back), Gone: 'offline' });
  });
});

async function play(t, run, rounds) {
  t.after(() => run.close());
  await run.begin();
  for (let round = 1; round <= rounds; round += 1) {
    await run.round(round).catch((error) => {
      error.message = `SEED=${SEED}, round ${round}: ${error.message}`;
      throw error;
    });
  }
  const told = run.absences.map(({ event }) => event).filter((event) => event !== 'joined');
  const offline = told.filter((event) => event === 'offline').length;
  assert.deepEqual(told.filter((event) => !['offline', 'online'].includes(event)), [], 'everybody came back within the grace');
  t.diagnostic(`${run.votes} votes were acknowledged; ${run.returns.length} clients came back, and others were told ${offline} times that somebody was offline`);
  report(t, 'official clients', run.returns.filter(({ isPage }) => !isPage));
  report(t, 'signal pages', run.returns.filter(({ isPage }) => isPage));
}

function report(t, who, returns) {
  const text = (key) => [0.5, 0.99].map((share) => quantile(returns.map((it) => it[key]), share)).join(' / ');
  const share = `of these the server's share ${text('serverMs')} ms (${returns.length} returns)`;
  t.diagnostic(`${who}: from the end of the node to the first vote answered elsewhere p50 / p99 ${text('resumeMs')} ms, ${share}`);
}

const onlineAmong = (people, roster) => people.every(({ name }) => roster[name] === 'online');

async function settle(guests) {
  for (const { person, door, name, ...how } of guests) await enter(person, { node: door, options: DEFAULT_RECONNECTION, ...how });
  return guests;
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
