import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import WebSocket from 'ws';
import { DeafSocket } from '../lib/raw.js';
import { match } from '../lib/match.js';
import { MixedMeeting } from '../lib/mixed.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { until } from '../lib/wait.js';

const DEAF = 1000;
/** Tabs of a few people, so that the crowd fills no session. */
const DEAF_PEOPLE = 4;
const VOTES = 200;
const ROUNDS_BEFORE = 80;
const OUTBOX_BYTES = 65_536;
/** Task, buffers and bookkeeping of one connection, whatever waits for it. */
const CONNECTION_BYTES = 65_536;
/** Long enough for all votes. */
const WRITE_TIMEOUT_SECS = 10;
/** Far below the write timeout, which is what anybody would wait who waits for somebody deaf. */
const SLOWEST_VOTE_MS = 2_000;
const CUT_DEADLINE_MS = 30_000;

const server = await startServer({
  flags: [
    '--signal-max-connections', '2000',
    '--signal-outbox-bytes', String(OUTBOX_BYTES),
    '--write-timeout-secs', String(WRITE_TIMEOUT_SECS),
    // Only the writing may cut them.
    '--signal-silence-timeout-ms', '3600000',
  ],
  env: { LOG_LEVEL: 'warn', POKER_DISCONNECT_GRACE_MS: '3600000' },
});
after(() => server.close());

test(`${DEAF} connections that never read slow nobody down, cost what they may cost, and are cut`, async (t) => {
  const mixed = await MixedMeeting.fromPoker(server);
  t.after(() => mixed.close());
  await longHistory(mixed);
  const alone = await votes(mixed, VOTES, async () => {});
  const before = residentBytes();

  const crowd = await gather(mixed);
  t.after(() => crowd.forEach((page) => page.close()));
  const gathered = residentBytes();

  let most = gathered;
  const crowded = await votes(mixed, VOTES, async (turn) => {
    await shout(mixed, turn);
    most = Math.max(most, residentBytes());
  });
  assert.equal(lost(mixed), 0, 'people of the crowd who were cut before the last vote');
  t.diagnostic(`a vote alone: ${summary(alone)}; in front of the crowd: ${summary(crowded)}`);
  t.diagnostic(`memory: ${inMegabytes(before)} before, ${inMegabytes(gathered)} with the crowd, at most ${inMegabytes(most)}`);
  assert.ok(Math.max(...crowded) < SLOWEST_VOTE_MS, `a vote took ${Math.max(...crowded)} ms`);
  const bound = DEAF * (OUTBOX_BYTES + CONNECTION_BYTES);
  assert.ok(most - before <= bound, `${inMegabytes(most - before)} more than before, where ${inMegabytes(bound)} are allowed`);

  await everyoneIsCut(t, mixed);
  assert.deepEqual([mixed.alice, mixed.bob].map(({ client }) => client.socket.readyState), [WebSocket.OPEN, WebSocket.OPEN]);
  t.diagnostic(`a vote after the crowd: ${summary(await votes(mixed, 20, async () => {}))}; memory: ${inMegabytes(residentBytes())}`);
});

/** Rounds with long names, so that every snapshot is a large one. */
async function longHistory({ mira, path }) {
  for (let round = 0; round < ROUNDS_BEFORE; round++) {
    await ok(mira.addStory(`${round} ${'x'.repeat(250)}`.slice(0, 255)), 201);
    await ok(mira.vote(String(round)));
    await ok(mira.reveal());
  }
  await ok(mira.rest.post(`${path}/reset`, { newStory: { title: 'Now' } }));
}

async function gather(mixed) {
  const crowd = [];
  const people = Array.from({ length: DEAF_PEOPLE }, (_, index) => ({ userId: `deaf-${index}`, userName: `Deaf ${index}` }));
  const atOnce = 50;
  for (let first = 0; first < DEAF; first += atOnce) {
    const next = Array.from({ length: atOnce }, (_, index) => people[(first + index) % DEAF_PEOPLE]);
    crowd.push(...await Promise.all(next.map((person) => DeafSocket.joinPage(server, mixed.sessionId, person))));
  }
  return crowd;
}

/** How long it took until each vote of Mira's socket was acknowledged, and heard by Jonas's socket and by Alice's page. */
async function votes({ mira, jonas, alice }, count, between) {
  const times = [];
  for (let turn = 0; turn < count; turn++) {
    const from = [jonas, alice].map(({ client }) => client.history.length);
    const startedAt = performance.now();
    const heard = Promise.all([
      jonas.client.seen('vote:submitted', ({ playerId }) => playerId === mira.playerId, from[0]),
      alice.client.seen('VOTE_SUBMITTED', ({ playerId }) => playerId === alice.idOf(mira), from[1]),
    ]);
    match(await mira.client.call('vote:submit', { value: String(turn) }), { ok: true });
    await heard;
    times.push(Math.ceil(performance.now() - startedAt));
    await between(turn);
  }
  return times;
}

/** A new name is a new snapshot for every connection. */
async function shout({ jonas, alice }, turn) {
  const name = `Jonas ${turn}`;
  const heard = alice.client.seen('SESSION_UPDATED', ({ session }) => session.players.some((player) => player.name === name));
  await ok(jonas.rest.put(`/players/${jonas.playerId}`, { name }));
  await heard;
}

/** When the last connection of somebody is gone, everybody hears of it: of each of these people, once. */
async function everyoneIsCut(t, mixed) {
  const startedAt = Date.now();
  await until(() => lost(mixed) === DEAF_PEOPLE, 'everybody in the crowd is cut', CUT_DEADLINE_MS);
  const offline = () => mixed.mira.client.history.filter(({ event, args }) => event === 'player:status_changed' && !args[0].isOnline);
  await until(() => offline().length >= DEAF_PEOPLE, 'a Socket.IO client has heard of all of them, too');
  assert.equal(offline().length, DEAF_PEOPLE);
  t.diagnostic(`the crowd was gone ${Date.now() - startedAt} ms after the last vote`);
}

function lost({ alice }) {
  return alice.client.history.filter(({ kind }) => kind === 'PLAYER_DISCONNECTED').length;
}

function residentBytes() {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'));
  return Number(kilobytes) * 1024;
}

function inMegabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  return `${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (most)`;
}
