import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './port.js';
import { until, within } from './wait.js';

const READY_DEADLINE_MS = 15_000;
const EXIT_DEADLINE_MS = 12_000;
const SHOWN_LOG_LINES = 120;
const RESERVED = /^(PORT|CORS_ORIGIN|CLIENT_URL|JWT_SECRET|POKER_|SIGNAL_|SYNC_|RATE_LIMIT_|ROUNDTABLE_|LOG_LEVEL|NODE_ENV|DATABASE_URL|REDIS_)/;

const here = path.dirname(fileURLToPath(import.meta.url));

export function serverBinary() {
  const binary = path.resolve(process.env.ROUNDTABLE_BIN ?? path.join(here, '../../target/release/roundtable'));
  if (!fs.existsSync(binary)) {
    throw new Error(`no server binary at ${binary}: build it with "cargo build --release" or set ROUNDTABLE_BIN`);
  }
  return binary;
}

/** The real server in a process of its own, with a data directory of its own that survives its restarts. */
export class Server {
  #binary = serverBinary();
  #flags;
  #environment;
  #store;
  #directory = fs.mkdtempSync(path.join(os.tmpdir(), 'roundtable-fixture-'));
  #process;

  constructor({ flags = [], env = {}, store } = {}) {
    this.#flags = flags;
    this.#store = store ?? `sqlite:${path.join(this.#directory, 'roundtable.db')}`;
    const inherited = Object.entries(process.env).filter(([name]) => !RESERVED.test(name));
    this.#environment = { ...Object.fromEntries(inherited), LOG_LEVEL: 'info', ...env };
    process.on('exit', (code) => this.#lastWords(code));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid() {
    return this.#process.pid;
  }

  get log() {
    return fs.readFileSync(this.#logFile, 'utf8');
  }

  get #logFile() {
    return path.join(this.#directory, 'server.log');
  }

  async start() {
    this.port ??= await freePort();
    const log = fs.openSync(this.#logFile, 'a');
    this.#process = spawn(this.#binary, this.#arguments(), { env: this.#environment, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.exited = once(this.#process, 'exit').then(([code, signal]) => ({ code, signal }));
    this.exited.then((how) => { this.ended = how; });
    this.ended = undefined;
    await until(() => this.#ready(), `the server answers /api/health; its log:\n${this.#tail()}`, READY_DEADLINE_MS);
    return this;
  }

  /** SIGTERM or SIGKILL; resolves to `{ code, signal }` once the process is gone. */
  async stop(signal = 'SIGTERM') {
    this.#process.kill(signal);
    return within(this.exited, `the server ends after ${signal}`, EXIT_DEADLINE_MS);
  }

  async restart(signal = 'SIGTERM') {
    const how = await this.stop(signal);
    await this.start();
    return how;
  }

  async close() {
    if (this.ended || !this.#process) return;
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  #arguments() {
    return [
      '--listen', `127.0.0.1:${this.port}=poker`,
      ...(this.#flags.includes('--ops-listen') ? [] : ['--ops-listen', '127.0.0.1:0']),
      '--store', this.#store,
      '--log-format', 'json',
      ...this.#flags,
    ];
  }

  async #ready() {
    if (this.ended) {
      throw new Error(`the server ended with ${JSON.stringify(this.ended)} instead of starting:\n${this.#tail()}`);
    }
    const answer = await fetch(`${this.url}/api/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status === 200;
  }

  #tail() {
    return fs.existsSync(this.#logFile) ? this.log.split('\n').slice(-SHOWN_LOG_LINES).join('\n') : '(empty)';
  }

  #lastWords(code) {
    if (!this.ended) this.#process?.kill('SIGKILL');
    if (code !== 0) process.stderr.write(`--- end of the log of the server on port ${this.port} ---\n${this.#tail()}\n`);
    fs.rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** The server most tests share: nobody is limited, so that only limits.test.js is about limits. */
export function startServer({ flags = [], env = {} } = {}) {
  return new Server({ flags: ['--rate-limits', 'off', ...flags], env }).start();
}
