import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import { within } from './wait.js';

const opened = new Set();

after(() => {
  for (const { tcp } of opened) tcp.destroy();
});

const handshake = () => ({
  Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
});

/** A TCP peer that asks for an upgrade and then does nothing that it is not told to: no pong, no answer to a close frame. */
export class Peer {
  bytes = Buffer.alloc(0);

  /** A header that is `undefined` is left out. */
  constructor(base, path, { method = 'GET', headers = {} } = {}) {
    const { hostname, port } = new URL(base);
    this.tcp = net.connect(Number(port), hostname);
    this.tcp.on('error', () => {});
    this.ended = once(this.tcp, 'close');
    opened.add(this);
    const all = Object.entries({ Host: `${hostname}:${port}`, ...handshake(), ...headers }).filter(([, value]) => value !== undefined);
    this.tcp.write([`${method} ${path} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`), '\r\n'].join('\r\n'));
    this.answered = new Promise((resolve) => {
      this.tcp.on('data', (chunk) => {
        this.bytes = Buffer.concat([this.bytes, chunk]);
        if (this.bytes.includes('\r\n\r\n')) resolve();
      });
    });
  }

  /** The status line, the headers in lower case, and everything behind them. */
  async head() {
    await within(this.answered, 'an answer to the request for an upgrade');
    const end = this.bytes.indexOf('\r\n\r\n');
    const [line, ...fields] = this.bytes.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }));
    return { status: Number(line.split(' ')[1]), headers, rest: this.bytes.subarray(end + 4) };
  }

  /** Resolves to the head and to everything behind it once the server has hung up, which a refused upgrade is entitled to. */
  async refusal() {
    await within(this.ended, 'the server hangs up');
    return this.head();
  }

  write(bytes) {
    this.tcp.write(bytes);
    return this;
  }
}

/** Asks over a connection that `how` chooses: `{ localAddress }` or `{ agent }`. */
export async function askBy(how, base, method, path, { headers = {}, body } = {}) {
  const length = { 'content-length': Buffer.byteLength(body ?? '') };
  const request = http.request(base + path, { agent: false, ...how, method, headers: { ...headers, ...length } });
  request.end(body);
  const [answer] = await within(once(request, 'response'), `an answer to ${method} ${path}`);
  const content = await text(answer);
  const parsed = content.startsWith('{') ? JSON.parse(content) : undefined;
  return { status: answer.statusCode, headers: new Headers(answer.headers), text: content, body: parsed };
}

/** A number of connections that are open already, over which requests arrive in the order of their sending. */
export async function warmAgent(base, connections) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  await Promise.all(Array.from({ length: connections }, () => askBy({ agent }, base, 'GET', '/health')));
  return agent;
}
