// Reading and answering JSON over node:http.

const BODY_MAX_BYTES = 100_000;

/** An answer other than success; thrown by whoever notices. */
export class Failure extends Error {
  constructor(status, body) {
    super(`status ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** The request cannot be treated at all. */
export function broken(status, message) {
  return new Failure(status, { status: 'error', message });
}

/** The request is refused. */
export function refused(status, error, details) {
  return new Failure(status, { success: false, error, details });
}

export async function readJson(request) {
  if (!request.headers['content-type']?.includes('application/json')) throw broken(400, 'Content-Type must be application/json');
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= BODY_MAX_BYTES) chunks.push(chunk);
  }
  if (bytes > BODY_MAX_BYTES) throw broken(413, 'request entity too large');
  if (bytes === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw broken(400, error.message);
  }
}

export function send(response, status, body) {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, headers).end(text);
}
