import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

/** What the browser client calls its origin; the default of CORS_ORIGIN. */
export const ORIGIN = 'http://localhost:5173';

/** Calls `/api` the way the browser client does: JSON, a bearer token on everything, a request id, an origin. */
export class Rest {
  constructor(url, { token, transcript = [] } = {}) {
    this.url = url;
    this.token = token;
    this.transcript = transcript;
  }

  withToken(token) {
    return new Rest(this.url, { token, transcript: this.transcript });
  }

  get(path) {
    return this.send('GET', path);
  }

  post(path, body = {}) {
    return this.send('POST', path, body);
  }

  put(path, body = {}) {
    return this.send('PUT', path, body);
  }

  delete(path) {
    return this.send('DELETE', path);
  }

  send(method, path, body) {
    const headers = { origin: ORIGIN, 'x-request-id': randomUUID(), 'content-type': 'application/json' };
    if (this.token !== undefined) headers.authorization = `Bearer ${this.token}`;
    return this.raw(method, path, { headers, body: body === undefined ? undefined : JSON.stringify(body) });
  }

  async raw(method, path, { headers = {}, body } = {}) {
    const answer = await fetch(`${this.url}/api${path}`, { method, headers, body });
    const text = await answer.text();
    this.transcript.push(text);
    return { status: answer.status, headers: answer.headers, text, body: parsed(text) };
  }
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
  assert.equal(answer.body.success, true, answer.text);
  return answer.body.data;
}

/** A refusal in the contract's envelope with exactly this text. */
export async function refused(call, status, error) {
  const answer = await call;
  assert.deepEqual({ status: answer.status, body: answer.body }, { status, body: { success: false, error } });
}

/** A validation failure with one entry per violated field: `{ 'body.title': 'Title is required' }`. */
export async function invalid(call, fields) {
  const answer = await call;
  assert.equal(answer.status, 400, `expected 400, got ${answer.status} ${answer.text}`);
  assert.equal(answer.body.success, false, answer.text);
  assert.equal(answer.body.error, 'Validation failed', answer.text);
  const found = Object.fromEntries(answer.body.details.map(({ field, message, code }) => [field, [message, code]]));
  assert.deepEqual(found, fields);
  assert.equal(answer.body.details.length, Object.keys(fields).length, answer.text);
}

/** An infrastructure failure, which has an envelope of its own. */
export async function failed(call, status, message) {
  const answer = await call;
  assert.deepEqual({ status: answer.status, body: answer.body }, { status, body: { status: 'error', message } });
}
