import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { match } from '../lib/match.js';
import { ok, syncServer } from '../lib/sync.js';
import { accepted, declined } from '../lib/sync-io-law.js';
import { dealt, watcher } from '../lib/sync-io.js';
import { successor } from '../lib/sync-model.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const SECOND = 1000;
/** Enough for a participant with one second to have none left. */
const OVERRUN_MS = 1050;
/** What is measured has to pass; nothing is waited for. */
const pass = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const CONFLICT = ['CONFLICT', 'Concurrent modification detected, please retry'];

const open = async (t, fields, ...commands) => dealt(server.sync, await watcher(t, server.sync), fields, ...commands);
const conflict = (answer, expected, actual) => (
  declined(answer, ...CONFLICT, { details: { expected_version: expected, actual_version: actual } })
);

/** A switch that must be taken and do exactly what the contract says. */
async function taken(game, more = {}) {
  const before = await game.state();
  const { result, version } = await accepted('sync:switch', game.switch(more));
  const stored = await game.state();
  assert.deepEqual(stored, successor(before, 'switch', stored, more.nextParticipantId));
  assert.equal(version, stored.version);
  return { result, version, stored };
}

describe('a switch to somebody', { concurrency: 4 }, () => {
  test('of choice gives the turn there, and goes on from there', async (t) => {
    const game = await open(t, { times: [5000, 5000, 5000, 5000] }, 'start');
    for (const next of [2, 0, 3, 3, 1]) {
      const { result } = await taken(game, { nextParticipantId: game.people[next] });
      assert.equal(result.active_participant_id, game.people[next]);
    }
    assert.equal((await taken(game)).result.active_participant_id, game.people[2]);
  });

  test('who is not there is refused and stores nothing', async (t) => {
    const game = await open(t, {}, 'start');
    const [viewer] = await watch(t, server.sync, game.id);
    const before = await game.state();
    for (const stranger of [randomUUID(), game.id, game.people[0].toUpperCase()]) {
      const refusal = game.switch({ nextParticipantId: stranger });
      await declined(refusal, 'VALIDATION_ERROR', `Participant ${stranger} not found in session`);
    }
    assert.deepEqual(await game.state(), before);
    await taken(game, { nextParticipantId: game.people[0] });
    assert.equal((await viewer.update()).version, 3);
    assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
  });

  test('is not known by the name that REST has for it', async (t) => {
    const game = await open(t, { times: [5000, 5000, 5000] }, 'start');
    const { result } = await taken(game, { next_participant_id: game.people[2] });
    assert.equal(result.active_participant_id, game.people[1]);
  });
});

describe('a switch that names the version it saw', { concurrency: 4 }, () => {
  test('is taken if that is the stored one', async (t) => {
    const game = await open(t, {}, 'start');
    for (let version = 2; version < 8; version += 1) {
      assert.equal((await taken(game, { expectedVersion: version })).version, version + 1);
    }
  });

  test('is a conflict if it is any other, tells both, stores and shows nothing', async (t) => {
    const game = await open(t, {}, 'start', 'switch');
    const [viewer] = await watch(t, server.sync, game.id);
    const witness = await watcher(t, server.sync, { join: [game.id] });
    const before = await game.state();
    for (const expected of [1, 2, 4, 5, 1000, Number.MAX_SAFE_INTEGER]) {
      await conflict(game.switch({ expectedVersion: expected }), expected, 3);
      await conflict(game.switch({ expectedVersion: expected, nextParticipantId: game.people[0] }), expected, 3);
    }
    assert.deepEqual(await game.state(), before);
    await taken(game, { expectedVersion: 3, nextParticipantId: game.people[0] });
    assert.equal((await viewer.update()).version, 4);
    assert.equal((await witness.update(game.id)).version, 4);
    assert.deepEqual(viewer.heardTypes(), ['CONNECTED', 'STATE_UPDATE']);
    assert.deepEqual(witness.heard().map(({ event }) => event), ['sync:joined', 'sync:state']);
  });

  test('is a conflict after a change over REST', async (t) => {
    const game = await open(t, {}, 'start');
    const { version } = (await accepted('sync:get', game.get())).state;
    await ok(game.overHttp().switch());
    await conflict(game.switch({ expectedVersion: version }), 2, 3);
    await taken(game, { expectedVersion: 3 });
  });

  test('is taken once of many at the same time', async (t) => {
    for (let round = 0; round < 20; round += 1) {
      const game = await open(t, {}, 'start');
      const hands = await Promise.all([1, 2, 3].map(() => watcher(t, server.sync)));
      const asks = hands.flatMap((hand) => [1, 2].map(() => hand.ask('sync:switch', { sessionId: game.id, expectedVersion: 2 })));
      const answers = await Promise.all(asks);
      const losers = answers.filter((answer) => !answer.ok);
      assert.equal(losers.length, 5, JSON.stringify(answers));
      for (const answer of losers) await conflict(answer, 2, 3);
      match(await game.state(), { version: 3, participants: [{ cycle_count: 1 }, { cycle_count: 0 }] });
      for (const hand of hands) hand.close();
    }
  });

  test('of a session that does not exist is told that', async (t) => {
    const hand = await watcher(t, server.sync);
    const sessionId = randomUUID();
    const answer = hand.ask('sync:switch', { sessionId, expectedVersion: 1 });
    await declined(answer, 'SESSION_NOT_FOUND', `Session ${sessionId} not found`);
  });
});

describe('a switch of somebody without time', { concurrency: 4 }, () => {
  test('names who has expired, and only then', async (t) => {
    const game = await open(t, { times: [SECOND, 180_000], increment_ms: 2000 }, 'start');
    await pass(OVERRUN_MS);
    const expiry = await taken(game);
    assert.equal(expiry.result.expired_participant_id, game.people[0]);
    match(expiry.stored.participants[0], { total_time_ms: 0, has_expired: true, cycle_count: 1 });
    assert.deepEqual(expiry.result.participants, expiry.stored.participants);
    const fine = await taken(game);
    assert.equal('expired_participant_id' in fine.result, false);
    assert.equal((await taken(game)).result.expired_participant_id, game.people[0]);
  });
});
