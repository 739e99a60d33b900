import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './port.js';
import { until, within } from './wait.js';

const SHIPPED = fileURLToPath(new URL('../../deploy/nginx.conf', import.meta.url));
const READY_DEADLINE_MS = 10_000;
/** Debian keeps it where only root's shell looks. */
const SEARCHED = `${process.env.PATH}:/usr/sbin`;

export const shippedConfiguration = () => fs.readFileSync(SHIPPED, 'utf8');

/** nginx with the configuration that is shipped; only addresses and paths are those of the test. */
export class Nginx {
  #directory = fs.mkdtempSync(path.join(os.tmpdir(), 'roundtable-nginx-'));
  #process;

  constructor(nodes) {
    this.nodes = nodes;
    // With root's rights its workers are somebody else, who must get at their directories.
    fs.chmodSync(this.#directory, 0o755);
    process.on('exit', (code) => this.#lastWords(code));
  }

  /** `nodes` are the three servers in the order of the configuration: anything with a `port`. */
  static async before(nodes) {
    return new Nginx(nodes).start();
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The requests that were answered, one a line. */
  get accessLog() {
    return this.#read('access.log');
  }

  async start() {
    this.port = await freePort();
    fs.writeFileSync(this.#file('nginx.conf'), this.#configuration());
    const log = fs.openSync(this.#file('error.log'), 'a');
    const how = ['-p', this.#directory, '-c', this.#file('nginx.conf'), '-g', 'daemon off;'];
    this.#process = spawn('nginx', how, { env: { ...process.env, PATH: SEARCHED }, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.exited = once(this.#process, 'exit').then(([code, signal]) => { this.ended = { code, signal }; });
    this.exited.catch((error) => { this.failed = error; });
    await until(() => this.#answers(), 'nginx answers', READY_DEADLINE_MS);
    return this;
  }

  async close() {
    if (this.ended) return;
    this.#process.kill('SIGTERM');
    await within(this.exited, 'nginx ends');
  }

  #configuration() {
    const nodes = this.nodes.map(({ port }, index) => [`172.28.0.1${index + 1}:3001`, `127.0.0.1:${port}`]);
    const places = [['listen 3001;', `listen ${new URL(this.url).host};`], ['/run/', `${this.#directory}/`], ['/var/log/nginx/', `${this.#directory}/`]];
    return [...nodes, ...places].reduce((text, [shipped, here]) => {
      if (!text.includes(shipped)) throw new Error(`${SHIPPED} has no ${shipped} any more`);
      return text.replaceAll(shipped, here);
    }, shippedConfiguration());
  }

  async #answers() {
    if (this.failed) throw new Error('cannot run nginx, which these tests need: apt-get install nginx-light', { cause: this.failed });
    if (this.ended) throw new Error(`nginx ended with ${JSON.stringify(this.ended)} instead of starting:\n${this.#read('error.log')}`);
    const answer = await fetch(`${this.url}/api/health`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer !== undefined;
  }

  #file(name) {
    return path.join(this.#directory, name);
  }

  #read(name) {
    return fs.existsSync(this.#file(name)) ? fs.readFileSync(this.#file(name), 'utf8') : '';
  }

  #lastWords(code) {
    // Not killed: its workers would outlive it.
    if (!this.ended) this.#process?.kill('SIGTERM');
    if (code !== 0) process.stderr.write(`--- what nginx on port ${this.port} said ---\n${this.#read('error.log')}\n`);
    fs.rmSync(this.#directory, { recursive: true, force: true });
  }
}
