import assert from 'node:assert/strict';
import { assertState } from './sync-law.js';

/** What no event to a Socket.IO viewer of clocks and no ack may ever break, whatever happens. */

const FIELDS = {
  'sync:joined': ['sessionId', 'timestamp'],
  'sync:state': ['sessionId', 'timestamp', 'state'],
  'sync:deleted': ['sessionId', 'timestamp'],
  'sync:error': ['event', 'error', 'code'],
  'rate:limit': ['event', 'retryAfterMs'],
};

/** What the ack of a success has besides `ok`. */
const RESULTS = {
  'sync:join': ['sessionId', 'timestamp', 'state'],
  'sync:leave': [],
  'sync:get': ['state', 'timestamp'],
  'sync:create': ['state'],
  'sync:start': ['state'],
  'sync:pause': ['state'],
  'sync:resume': ['state'],
  'sync:complete': ['state'],
  'sync:switch': ['result', 'version'],
  'sync:delete': [],
  'sync:time': ['timestampMs', 'serverVersion', 'driftToleranceMs'],
};

const isNow = (timestamp) => Number.isSafeInteger(timestamp) && Math.abs(timestamp - Date.now()) < 60_000;

export function assertEvent(event, args) {
  const where = `${event} ${JSON.stringify(args)}`;
  assert.ok(Object.hasOwn(FIELDS, event), where);
  assert.equal(args.length, 1, where);
  const [{ details, ...rest }] = args;
  assert.deepEqual(Object.keys(rest).sort(), [...FIELDS[event]].sort(), where);
  if (details !== undefined) assert.equal(event, 'sync:error', where);
  if ('timestamp' in rest) assert.ok(isNow(rest.timestamp), where);
  if ('state' in rest) assertState(rest.state, rest.sessionId);
}

/** Resolves to what the ack of a success has besides `ok`: exactly the fields of this event. */
export async function accepted(event, answer) {
  const { ok, ...rest } = await answer;
  const where = `${event} was answered ${JSON.stringify({ ok, ...rest })}`;
  assert.equal(ok, true, where);
  assert.deepEqual(Object.keys(rest).sort(), [...RESULTS[event]].sort(), where);
  if ('timestamp' in rest) assert.ok(isNow(rest.timestamp), where);
  if (rest.state) assertState(rest.state);
  return rest;
}

/** A refusal in an ack has exactly these fields; `more` is `{ details }` or nothing. */
export async function declined(answer, code, error, more = {}) {
  assert.deepEqual(await answer, { ok: false, error, code, ...more });
}
