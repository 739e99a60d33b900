import assert from 'node:assert/strict';
import { isTimestamp } from './match.js';

/** What no frame to a viewer and no state may ever break, whatever happens. */

const FIELDS = {
  CONNECTED: ['sessionId', 'timestamp'],
  STATE_UPDATE: ['sessionId', 'timestamp', 'state'],
  STATE_SYNC: ['sessionId', 'timestamp', 'state'],
  SESSION_DELETED: ['sessionId', 'timestamp'],
  PONG: ['timestamp'],
  ERROR: ['code', 'message'],
};

const STATE = [
  'session_id', 'sync_mode', 'status', 'version', 'participants', 'active_participant_id', 'total_time_ms', 'time_per_cycle_ms',
  'cycle_started_at', 'session_started_at', 'session_completed_at', 'increment_ms', 'created_at', 'updated_at',
];
const PARTICIPANT = [
  'participant_id', 'participant_index', 'total_time_ms', 'time_used_ms', 'time_remaining_ms', 'cycle_count', 'is_active', 'has_expired',
];
const DATES = ['cycle_started_at', 'session_started_at', 'session_completed_at', 'created_at', 'updated_at'];
const HAS_TURN = { pending: false, running: true, paused: true, completed: false };

export function assertFrame(message, viewer) {
  const where = `${viewer.sessionId} was sent ${JSON.stringify(message)}`;
  assert.ok(Object.hasOwn(FIELDS, message.type), where);
  assert.deepEqual(Object.keys(message).sort(), ['type', ...FIELDS[message.type]].sort(), where);
  if ('sessionId' in message) assert.equal(message.sessionId, viewer.sessionId, where);
  if ('timestamp' in message) assertNow(message.timestamp, where);
  if ('state' in message) assertState(message.state, viewer.sessionId);
}

function assertNow(timestamp, where) {
  assert.ok(Number.isSafeInteger(timestamp) && Math.abs(timestamp - Date.now()) < 60_000, where);
}

export function assertState(state, sessionId = state.session_id) {
  const where = JSON.stringify(state);
  assertKeys(state, STATE, ['max_time_ms'], where);
  assert.equal(state.session_id, sessionId, where);
  assert.ok(Object.hasOwn(HAS_TURN, state.status), where);
  for (const name of DATES) assert.ok(state[name] === null || isTimestamp(state[name]), `${name} of ${where}`);
  assertDates(state, where);
  assertTurn(state, where);
  for (const participant of state.participants) assertParticipant(participant, where);
}

function assertDates(state, where) {
  assert.equal(state.cycle_started_at !== null, state.status === 'running', where);
  assert.equal(state.session_completed_at !== null, state.status === 'completed', where);
  if (state.status === 'pending') assert.equal(state.session_started_at, null, where);
  if (HAS_TURN[state.status]) assert.notEqual(state.session_started_at, null, where);
  assert.ok(state.created_at <= state.updated_at, where);
}

function assertTurn(state, where) {
  const active = state.participants.filter(({ is_active: is }) => is).map(({ participant_id: id }) => id);
  assert.deepEqual(active, HAS_TURN[state.status] ? [state.active_participant_id] : [], where);
  assert.equal(state.active_participant_id !== null, HAS_TURN[state.status], where);
}

function assertParticipant(participant, where) {
  assertKeys(participant, PARTICIPANT, ['group_id'], where);
  assert.equal(participant.time_remaining_ms, participant.total_time_ms, where);
  for (const name of ['total_time_ms', 'time_used_ms', 'cycle_count']) {
    assert.ok(Number.isSafeInteger(participant[name]) && participant[name] >= 0, `${name} of ${where}`);
  }
  if (participant.has_expired) assert.equal(participant.total_time_ms, 0, where);
}

function assertKeys(value, required, optional, where) {
  const there = Object.keys(value).filter((key) => !optional.includes(key));
  assert.deepEqual(there.sort(), [...required].sort(), where);
  assert.ok(optional.every((key) => value[key] !== null), where);
}
