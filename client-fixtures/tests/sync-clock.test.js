import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { match } from '../lib/match.js';
import { ask, Game, ok, syncServer } from '../lib/sync.js';
import { step } from '../lib/sync-model.js';

const server = await syncServer();
after(() => server.close());

const SECOND = 1000;
/** Enough for a participant with one second to have none left. */
const OVERRUN_MS = 1050;

/** What a clock measures has to pass; nothing is waited for. */
const pass = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const open = (fields, ...commands) => Game.open(server.sync, fields, ...commands);
const elapsed = (from, to) => Date.parse(to) - Date.parse(from);

/** Drives a session by these commands, each of which must do exactly what the contract says; resolves to the last state. */
async function drive(game, ...commands) {
  let last;
  for (const command of commands) last = await step(game, command);
  return last.after;
}

describe('a start', { concurrency: 4 }, () => {
  test('gives the turn to the first of the list, whatever the indices', async () => {
    const game = new Game(server.sync);
    [7, 3].forEach((index, position) => { game.session.participants[position].participant_index = index; });
    await ok(game.create(), 201);
    const state = await drive(game, 'start');
    match(state, { status: 'running', version: 2, active_participant_id: game.people[0] });
    assert.equal(state.cycle_started_at, state.session_started_at);
  });
});

describe('a switch', { concurrency: 4 }, () => {
  test('books exactly the time between two turns and adds the increment', async () => {
    const game = await open({ increment_ms: 2000 }, 'start');
    await pass(60);
    const { before, after: state } = await step(game, 'switch');
    const turn = elapsed(before.cycle_started_at, state.cycle_started_at);
    assert.ok(turn >= 60, `${turn} ms`);
    match(state, {
      version: 3, status: 'running', active_participant_id: game.people[1], session_started_at: before.session_started_at,
      participants: [
        { time_used_ms: turn, total_time_ms: 182_000 - turn, time_remaining_ms: 182_000 - turn, cycle_count: 1, is_active: false },
        { time_used_ms: 0, total_time_ms: 180_000, time_remaining_ms: 180_000, cycle_count: 0, is_active: true },
      ],
    });
  });

  test('after many others leaves no millisecond unbooked', async () => {
    const game = await open({ times: [5000, 6000, 7000] }, 'start');
    for (let turn = 0; turn < 12; turn += 1) {
      await pass(turn);
      await step(game, 'switch');
    }
    const { participants, session_started_at: begun, cycle_started_at: now } = await game.state();
    assert.deepEqual(participants.map((it) => it.time_used_ms + it.total_time_ms), [5000, 6000, 7000]);
    assert.deepEqual(participants.map((it) => it.cycle_count), [4, 4, 4]);
    assert.equal(participants.reduce((sum, it) => sum + it.time_used_ms, 0), elapsed(begun, now));
  });

  test('goes round in the order of the list', async () => {
    const game = await open({ times: [5000, 5000, 5000, 5000] }, 'start');
    for (const next of [1, 2, 3, 0, 1, 2, 3, 0]) {
      const { after: state } = await step(game, 'switch');
      assert.equal(state.active_participant_id, game.people[next]);
    }
  });

  test('goes to whoever is named, and on from there', async () => {
    const game = await open({ times: [5000, 5000, 5000, 5000] }, 'start');
    for (const next of [2, 0, 3, 3, 1]) {
      const { after: state } = await step(game, 'switch', { next_participant_id: game.people[next] });
      assert.equal(state.active_participant_id, game.people[next]);
    }
    const { active_participant_id: following, participants } = await drive(game, 'switch');
    assert.equal(following, game.people[2]);
    assert.deepEqual(participants.map(({ cycle_count: count }) => count), [2, 1, 1, 2]);
  });

  test('of a single participant leads back to itself', async () => {
    const game = await open({ times: [5000], increment_ms: 500 }, 'start');
    const { participants: [only] } = await drive(game, 'switch', 'switch', 'switch');
    match(only, { cycle_count: 3, is_active: true, total_time_ms: 6500 - only.time_used_ms });
  });

  test('adds increments without any upper limit', async () => {
    const game = await open({ times: [SECOND, SECOND], increment_ms: 60_000, max_time_ms: SECOND, total_time_ms: SECOND }, 'start');
    const { participants } = await drive(game, 'switch', 'switch', 'switch', 'switch');
    for (const { total_time_ms: left, time_used_ms: used } of participants) assert.equal(left, 121_000 - used);
  });
});

describe('a participant whose time is over', { concurrency: 8 }, () => {
  test('has nothing left, has expired, is named and gets no increment', async () => {
    const game = await open({ times: [SECOND, 180_000], increment_ms: 2000 }, 'start');
    await pass(OVERRUN_MS);
    const { before, after: state, answer } = await step(game, 'switch');
    const turn = elapsed(before.cycle_started_at, state.cycle_started_at);
    assert.ok(turn > SECOND);
    assert.equal(answer.expired_participant_id, game.people[0]);
    match(state.participants[0], {
      time_used_ms: turn, total_time_ms: 0, time_remaining_ms: 0, has_expired: true, cycle_count: 1, is_active: false,
    });
  });

  test('is told nowhere before somebody acts', async () => {
    const game = await open({ times: [SECOND, SECOND] }, 'start');
    const before = await game.state();
    await pass(OVERRUN_MS);
    assert.deepEqual(await game.state(), before);
    match(before, { status: 'running', participants: [{ time_remaining_ms: SECOND, has_expired: false }, {}] });
  });

  test('is not passed over, and expires again at the end of every later turn', async () => {
    const game = await open({ times: [SECOND, 180_000], increment_ms: 2000 }, 'start');
    await pass(OVERRUN_MS);
    const named = [];
    for (let turn = 0; turn < 4; turn += 1) named.push((await step(game, 'switch')).answer.expired_participant_id);
    assert.deepEqual(named, [game.people[0], undefined, game.people[0], undefined]);
    match(await game.state(), { active_participant_id: game.people[0], participants: [{ has_expired: true, cycle_count: 2 }, {}] });
  });

  test('can be named as the next, also by itself', async () => {
    const game = await open({ times: [SECOND, 180_000, 180_000] }, 'start');
    await pass(OVERRUN_MS);
    const [expired] = game.people;
    for (let turn = 0; turn < 2; turn += 1) {
      const { answer } = await step(game, 'switch', { next_participant_id: expired });
      match(answer, { active_participant_id: expired, expired_participant_id: expired });
    }
    await drive(game, 'switch', 'switch');
    match((await step(game, 'switch', { next_participant_id: expired })).after, { active_participant_id: expired });
  });

  test('has not expired by a pause, but by the next switch', async () => {
    const game = await open({ times: [SECOND, 180_000], increment_ms: 2000 }, 'start');
    await pass(OVERRUN_MS);
    const paused = await drive(game, 'pause');
    match(paused.participants[0], { total_time_ms: 0, time_remaining_ms: 0, has_expired: false, cycle_count: 0, is_active: true });
    assert.ok(paused.participants[0].time_used_ms > SECOND);
    await drive(game, 'resume');
    const { answer, after: state } = await step(game, 'switch');
    assert.equal(answer.expired_participant_id, game.people[0]);
    match(state.participants[0], { total_time_ms: 0, has_expired: true, cycle_count: 1 });
  });

  test('has expired alone though nobody else is there', async () => {
    const game = await open({ times: [SECOND] }, 'start');
    await pass(OVERRUN_MS);
    for (let turn = 0; turn < 2; turn += 1) {
      match((await step(game, 'switch')).answer, { active_participant_id: game.people[0], expired_participant_id: game.people[0] });
    }
  });
});

describe('a pause', { concurrency: 4 }, () => {
  test('books the running turn, adds no increment and keeps the turn', async () => {
    const game = await open({ increment_ms: 2000 }, 'start');
    await pass(40);
    const { before, after: state } = await step(game, 'pause');
    const turn = elapsed(before.cycle_started_at, state.updated_at);
    assert.ok(turn >= 40);
    match(state, {
      status: 'paused', cycle_started_at: null, active_participant_id: game.people[0],
      participants: [{ time_used_ms: turn, total_time_ms: 180_000 - turn, cycle_count: 0, is_active: true, has_expired: false }, {}],
    });
  });

  test('costs nobody any time until it is over', async () => {
    const game = await open({ times: [5000, 5000] }, 'start');
    const { participants, session_started_at: begun } = await drive(game, 'pause');
    await pass(80);
    const resumed = await drive(game, 'resume');
    match(resumed, { status: 'running', session_started_at: begun, active_participant_id: game.people[0] });
    assert.deepEqual(resumed.participants, participants);
    const switched = await drive(game, 'switch');
    const turn = elapsed(resumed.cycle_started_at, switched.cycle_started_at);
    match(switched.participants[0], { time_used_ms: participants[0].time_used_ms + turn, cycle_count: 1 });
  });

  test('and a resume, many times over, lose no millisecond', async () => {
    const game = await open({ times: [5000, 5000] }, 'start');
    for (let turn = 0; turn < 8; turn += 1) {
      await pass(turn);
      await drive(game, 'pause', 'resume');
    }
    const { participants: [first, second] } = await drive(game, 'switch');
    assert.equal(first.time_used_ms + first.total_time_ms, 5000);
    match(second, { time_used_ms: 0, total_time_ms: 5000 });
  });
});

describe('a completion', { concurrency: 4 }, () => {
  const ways = { pending: [], running: ['start', 'switch'], paused: ['start', 'switch', 'pause'], completed: ['start', 'complete'] };
  for (const [status, way] of Object.entries(ways)) {
    test(`of a session that is ${status} takes the turn away and books nothing`, async () => {
      const game = await open({}, ...way);
      await pass(20);
      const { before, after: state } = await step(game, 'complete');
      assert.equal(before.status, status);
      match(state, { status: 'completed', active_participant_id: null, cycle_started_at: null, version: before.version + 1 });
      const times = ({ participants }) => participants.map((it) => [it.time_used_ms, it.total_time_ms, it.cycle_count, it.has_expired]);
      assert.deepEqual(times(state), times(before));
      if (status === 'completed') assert.ok(elapsed(before.session_completed_at, state.session_completed_at) >= 20);
    });
  }
});

describe('a clock', { concurrency: 4 }, () => {
  for (const sync_mode of ['per_participant', 'per_cycle', 'per_group', 'global', 'count_up']) {
    test(`in the mode ${sync_mode} runs like every other`, async () => {
      const fields = { sync_mode, times: [5000, 6000], increment_ms: 300, time_per_cycle_ms: SECOND, max_time_ms: SECOND };
      const state = await drive(await open(fields), 'start', 'switch', 'pause', 'resume', 'switch', 'complete', 'complete');
      match(state, { sync_mode, version: 8, participants: [{ cycle_count: 1 }, { cycle_count: 1 }] });
    });
  }

  test('does not tick for those who look', async () => {
    const game = await open({}, 'start');
    const first = await game.state();
    await pass(50);
    assert.deepEqual(await game.state(), first);
  });

  test('agrees with the time that a viewer computes', async () => {
    const game = await open({ times: [5000, 5000] }, 'start');
    const { cycle_started_at: begun } = await game.state();
    await pass(30);
    const { body: { timestamp_ms: earlier } } = await ask(server.sync, 'GET', '/v1/time');
    const { participants: [first] } = await drive(game, 'switch');
    const { body: { timestamp_ms: later } } = await ask(server.sync, 'GET', '/v1/time');
    assert.ok(earlier - Date.parse(begun) <= first.time_used_ms && first.time_used_ms <= later - Date.parse(begun));
  });

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`is right to the millisecond after sixty commands by chance, seed ${seed}`, async () => {
      const chance = new Chance(seed);
      const count = chance.between(1, 5);
      const times = Array.from({ length: count }, () => chance.between(1000, 1100));
      const game = await open({ times, increment_ms: chance.pick([0, 1, 7]) }, 'start');
      for (let turn = 0; turn < 60; turn += 1) {
        await pass(chance.between(0, 60));
        await commandByChance(game, chance);
      }
      assert.equal((await game.state()).version, 62);
    });
  }
});

async function commandByChance(game, chance) {
  const { status } = await game.state();
  if (status === 'paused') return step(game, 'resume');
  const command = chance.weighed({ switch: 5, pause: 1 });
  const named = command === 'switch' && chance.happens(0.3);
  return step(game, command, named ? { next_participant_id: chance.pick(game.people) } : undefined);
}
