import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './port.js';
import { until, within } from './wait.js';

const READY_DEADLINE_MS = 10_000;
const CRLF = '\r\n';

/** A Redis of its own, with a directory of its own that survives its restarts; it dies with the test. */
export class Redis {
  #directory = fs.mkdtempSync(path.join(os.tmpdir(), 'roundtable-redis-'));
  #appendonly;
  #flags;
  #process;

  /** With `appendonly` whatever was answered is there after a kill; without, what `save` has saved. `flags` come last. */
  constructor({ appendonly = false, flags = [] } = {}) {
    this.#appendonly = appendonly;
    this.#flags = flags;
    process.on('exit', () => {
      if (!this.ended) this.#process?.kill('SIGKILL');
      fs.rmSync(this.#directory, { recursive: true, force: true });
    });
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start() {
    this.port ??= await freePort();
    const log = fs.openSync(path.join(this.#directory, 'redis.log'), 'a');
    this.#process = spawn('redis-server', this.#arguments(), { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.ended = undefined;
    this.exited = once(this.#process, 'exit').then((how) => { this.ended = how; });
    await until(() => this.#answers(), 'Redis answers', READY_DEADLINE_MS);
    return this;
  }

  /** One command; resolves to the answer, rejects with the error that is one. */
  async cli(...words) {
    const tcp = this.dial().setNoDelay(true);
    try {
      tcp.write(spoken(words));
      return await within(answerOn(tcp), `Redis answers ${words[0]}`);
    } finally {
      tcp.destroy();
    }
  }

  /** A new connection. */
  dial() {
    return net.connect(this.port, '127.0.0.1');
  }

  /** The flags that say where it listens. */
  listening() {
    return ['--port', String(this.port)];
  }

  /** Writes everything to the file that the next start of a Redis without `appendonly` reads. */
  save() {
    return this.cli('SAVE');
  }

  /** Everything stands still and nothing is closed. */
  pause() {
    this.#process.kill('SIGSTOP');
  }

  resume() {
    this.#process.kill('SIGCONT');
  }

  stop(signal = 'SIGTERM') {
    this.#process.kill(signal);
    return within(this.exited, `Redis ends after ${signal}`);
  }

  kill9() {
    return this.stop('SIGKILL');
  }

  async restart(signal = 'SIGTERM') {
    await this.stop(signal);
    return this.start();
  }

  async close() {
    if (!this.ended && this.#process) await this.kill9();
  }

  #arguments() {
    const kept = this.#appendonly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    return [...this.listening(), '--bind', '127.0.0.1', '--dir', this.#directory, '--save', '', ...kept, ...this.#flags];
  }

  async #answers() {
    if (this.ended) throw new Error(`redis-server ended with ${this.ended} instead of starting`);
    return (await this.cli('PING').catch(() => undefined)) === 'PONG';
  }
}

export function startRedis(how) {
  return new Redis(how).start();
}

function spoken(words) {
  const parts = words.map((word) => `$${Buffer.byteLength(String(word))}${CRLF}${word}${CRLF}`);
  return `*${words.length}${CRLF}${parts.join('')}`;
}

function answerOn(tcp) {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    tcp.on('error', reject);
    tcp.on('close', () => reject(new Error('Redis has hung up')));
    tcp.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const read = readAnswer(bytes, 0);
      if (!read) return;
      if (read.value instanceof Error) reject(read.value);
      else resolve(read.value);
    });
  });
}

/** `{ value, end }`, or nothing while the answer is not complete. */
function readAnswer(bytes, from) {
  const end = bytes.indexOf(CRLF, from);
  if (end < 0) return undefined;
  const line = bytes.toString('utf8', from + 1, end);
  const next = end + CRLF.length;
  switch (String.fromCharCode(bytes[from])) {
    case '+': return { value: line, end: next };
    case '-': return { value: new Error(line), end: next };
    case ':': return { value: Number(line), end: next };
    case '$': return readText(bytes, next, Number(line));
    case '*': return readList(bytes, next, Number(line));
    default: throw new Error(`Redis said ${line}`);
  }
}

function readText(bytes, from, length) {
  if (length < 0) return { value: null, end: from };
  const end = from + length + CRLF.length;
  return bytes.length < end ? undefined : { value: bytes.toString('utf8', from, from + length), end };
}

function readList(bytes, from, length) {
  const value = [];
  let end = from;
  for (let index = 0; index < length; index += 1) {
    const item = readAnswer(bytes, end);
    if (!item) return undefined;
    value.push(item.value);
    end = item.end;
  }
  return { value: length < 0 ? null : value, end };
}
