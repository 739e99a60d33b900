import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { freePort } from './port.js';
import { Server } from './server.js';
import { assertState } from './sync-law.js';

/**
 * A server with one listener for the sync dialect alone, whose address is `sync`. Nobody is limited unless `limited`,
 * so that only sync-limits.test.js is about limits.
 */
export async function syncServer({ flags = [], env = {}, limited = false } = {}) {
  const port = await freePort();
  const limits = limited ? [] : ['--rate-limits', 'off'];
  const server = new Server({ flags: ['--listen', `127.0.0.1:${port}=sync`, ...limits, ...flags], env });
  server.sync = `http://127.0.0.1:${port}`;
  return server.start();
}

/** A session somebody may create: one participant per allotment of time. */
export function aSession({ times = [180_000, 180_000], ...fields } = {}) {
  return {
    session_id: randomUUID(),
    sync_mode: 'per_participant',
    total_time_ms: 360_000,
    participants: times.map((total_time_ms, participant_index) => ({ participant_id: randomUUID(), participant_index, total_time_ms })),
    ...fields,
  };
}

/** Asks over HTTP; a body that is neither text nor bytes is sent as JSON. */
export async function ask(base, method, path, { body, headers = {} } = {}) {
  const isPlain = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const content = isPlain ? { headers, body } : { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  const answer = await fetch(base + path, { method, ...content });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The `data` of a success; anything else fails with the whole answer in the message. */
export async function ok(call, status = 200) {
  const answer = await call;
  assert.equal(answer.status, status, `expected ${status}, got ${answer.status} ${answer.text}`);
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.deepEqual(Object.keys(answer.body), ['data'], answer.text);
  return answer.body.data;
}

/** A refusal with exactly this envelope; `more` is what the error has besides code and message. */
export async function refused(call, status, code, message, more = {}) {
  const answer = await call;
  assert.deepEqual({ status: answer.status, body: answer.body }, { status, body: { error: { code, message, ...more } } });
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  return answer;
}

/** A schema refusal with exactly these problems, each `[field, message, code]`, in this order. */
export function invalid(call, ...problems) {
  const details = problems.map(([field, message, code]) => ({ field, message, code }));
  return refused(call, 400, 'VALIDATION_ERROR', 'Request validation failed', { details });
}

export const unknown = (call, id) => refused(call, 404, 'SESSION_NOT_FOUND', `Session ${id} not found`);

/** One session and the commands to it; each resolves to the whole answer. */
export class Game {
  constructor(base, session = aSession()) {
    this.base = base;
    this.session = session;
    this.id = session.session_id;
    this.people = session.participants.map(({ participant_id: id }) => id);
  }

  /** Creates the session and runs these commands on it. */
  static async open(base, fields, ...commands) {
    const game = new Game(base, aSession(fields));
    await ok(game.create(), 201);
    for (const command of commands) await ok(game[command]());
    return game;
  }

  create() {
    return ask(this.base, 'POST', '/v1/sessions', { body: this.session });
  }

  get() {
    return ask(this.base, 'GET', this.path());
  }

  start() {
    return this.command('start');
  }

  switch(body) {
    return this.command('switch', body);
  }

  pause() {
    return this.command('pause');
  }

  resume() {
    return this.command('resume');
  }

  complete() {
    return this.command('complete');
  }

  remove() {
    return ask(this.base, 'DELETE', this.path());
  }

  command(verb, body) {
    return ask(this.base, 'POST', this.path(`/${verb}`), { body });
  }

  /** The stored state, which must be a lawful one. */
  async state() {
    const state = await ok(this.get());
    assertState(state);
    return state;
  }

  path(rest = '') {
    return `/v1/sessions/${this.id}${rest}`;
  }
}
