import assert from 'node:assert/strict';
import { ok } from './sync.js';
import { assertState } from './sync-law.js';

const time = Date.parse;
const activeOf = ({ participants, active_participant_id: id }) => participants.find(({ participant_id: it }) => it === id);

/** What each command makes of a state. `instants` is the state the server made: only its dates are looked at. */
const EFFECTS = {
  start(state, instants) {
    Object.assign(state, { status: 'running', cycle_started_at: instants.cycle_started_at, session_started_at: instants.cycle_started_at });
    giveTurn(state, state.participants[0]);
  },

  switch(state, instants, nextId) {
    const leaver = activeOf(state);
    book(leaver, time(instants.cycle_started_at) - time(state.cycle_started_at));
    Object.assign(leaver, { cycle_count: leaver.cycle_count + 1, is_active: false });
    if (leaver.total_time_ms === 0) leaver.has_expired = true;
    else grant(leaver, state.increment_ms);
    const following = (state.participants.indexOf(leaver) + 1) % state.participants.length;
    giveTurn(state, state.participants.find(({ participant_id: id }) => id === nextId) ?? state.participants[following]);
    state.cycle_started_at = instants.cycle_started_at;
  },

  pause(state, instants) {
    book(activeOf(state), time(instants.updated_at) - time(state.cycle_started_at));
    Object.assign(state, { status: 'paused', cycle_started_at: null });
  },

  resume(state, instants) {
    Object.assign(state, { status: 'running', cycle_started_at: instants.cycle_started_at });
  },

  complete(state, instants) {
    const completion = { session_completed_at: instants.session_completed_at, cycle_started_at: null, active_participant_id: null };
    Object.assign(state, { status: 'completed', ...completion });
    for (const participant of state.participants) participant.is_active = false;
  },
};

const INSTANT = {
  start: 'cycle_started_at', switch: 'cycle_started_at', resume: 'cycle_started_at', pause: 'updated_at', complete: 'session_completed_at',
};

function book(participant, elapsed) {
  participant.time_used_ms += Math.max(0, elapsed);
  grant(participant, -Math.min(Math.max(0, elapsed), participant.total_time_ms));
}

function grant(participant, milliseconds) {
  participant.total_time_ms += milliseconds;
  participant.time_remaining_ms = participant.total_time_ms;
}

function giveTurn(state, participant) {
  participant.is_active = true;
  state.active_participant_id = participant.participant_id;
}

/** The state after a command, computed from the one before it and the instants the server chose. */
export function successor(before, command, instants, nextId) {
  const state = structuredClone(before);
  Object.assign(state, { version: before.version + 1, updated_at: instants.updated_at });
  EFFECTS[command](state, instants, nextId);
  return state;
}

/** Sends a command and requires of the stored state, of the answer and of the instants that they are exactly right. */
export async function step(game, command, body) {
  const before = await game.state();
  const sent = Date.now();
  const answer = await ok(game.command(command, body));
  const answered = Date.now();
  const after = await game.state();
  assert.deepEqual(after, successor(before, command, after, body?.next_participant_id));
  assertAnswer(answer, command, before, after);
  for (const instant of [after[INSTANT[command]], after.updated_at].map(time)) {
    assert.ok(sent <= instant && instant <= answered, `${sent} <= ${instant} <= ${answered}`);
  }
  return { before, after, answer };
}

function assertAnswer(answer, command, before, after) {
  if (command !== 'switch') return assert.deepEqual(answer, after);
  const { session_id, active_participant_id, cycle_started_at, participants, status } = after;
  const leaver = after.participants.find(({ participant_id: id }) => id === before.active_participant_id);
  const expired = leaver.total_time_ms === 0 ? { expired_participant_id: leaver.participant_id } : {};
  assert.deepEqual(answer, { session_id, active_participant_id, cycle_started_at, participants, status, ...expired });
}

/** The only command that can lead from one of these statuses to the other. */
const LEADS = {
  'pending running': 'start', 'running running': 'switch', 'running paused': 'pause', 'paused running': 'resume',
  'pending completed': 'complete', 'running completed': 'complete', 'paused completed': 'complete', 'completed completed': 'complete',
};

/** Each of these states follows from the one before it by exactly one command; resolves to the commands. */
export function assertUnbroken(states) {
  return states.slice(1).map((after, index) => {
    const before = states[index];
    const command = LEADS[`${before.status} ${after.status}`];
    assert.ok(command, `nothing leads from ${before.status} to ${after.status}`);
    assertState(after);
    assert.deepEqual(after, successor(before, command, after));
    return command;
  });
}
