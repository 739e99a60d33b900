import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { Redis } from './redis.js';
import { Server } from './server.js';
import { TcpProxy } from './tcp-proxy.js';
import { until } from './wait.js';

const CLOCK_TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

// Every server and every Redis of a test cleans up when the process ends.
process.setMaxListeners(0);

/** Nobody leaves a session by waiting: who comes and goes is what tests are about. */
export const PATIENT = {
  LOG_LEVEL: 'info', POKER_DISCONNECT_GRACE_MS: '3600000', POKER_JOIN_GRACE_MS: '3600000', POKER_HOST_HANDOVER_MS: '0',
};

/** One server of several over one Redis. */
export class Node extends Server {
  /** `proxy` is its own line to Redis, if it has one. */
  constructor({ redis, proxy, limited, flags = [], env = {} }) {
    const unlimited = limited ? [] : ['--rate-limits', 'off'];
    super({ flags: [...unlimited, ...flags], env: { ...PATIENT, ...env }, store: (proxy ?? redis).url });
    this.proxy = proxy;
  }

  /** The address of the probes, as the latest start has told it. */
  get ops() {
    const told = this.log.split('\n').filter((line) => line.includes('serving probes and metrics')).at(-1);
    return `http://${JSON.parse(told).fields.address}`;
  }

  /** The status of a probe, e.g. `/readyz`. */
  async probe(path) {
    const answer = await fetch(this.ops + path);
    await answer.arrayBuffer();
    return answer.status;
  }

  isReadyAgain(deadlineMs) {
    return until(async () => (await this.probe('/readyz')) === 200, `the node on port ${this.port} is ready`, deadlineMs);
  }

  /** The time that its process has spent on a processor. */
  cpuMs() {
    // What is behind the name, which may have blanks and brackets itself, begins with the third field.
    const fields = fs.readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return (Number(fields[14 - 3]) + Number(fields[15 - 3])) * CLOCK_TICK_MS;
  }

  pause() {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume() {
    process.kill(this.pid, 'SIGCONT');
  }

  async close() {
    await super.close();
    this.proxy?.close();
  }
}

/** Some nodes over one Redis. */
export class Cluster {
  #turn = 0;

  constructor(redis, nodes) {
    this.redis = redis;
    this.nodes = nodes;
  }

  /** `proxied` are the indices of the nodes that have a line of their own to Redis, or `true` for all. */
  static async start({ nodes: count = 2, proxied = [], redis: how, ...node } = {}) {
    const cluster = new Cluster(await new Redis(how).start(), []);
    const starting = Array.from({ length: count }, async (_, index) => {
      const has = proxied === true || proxied.includes(index);
      const proxy = has ? await TcpProxy.to(cluster.redis) : undefined;
      cluster.nodes[index] = new Node({ redis: cluster.redis, proxy, ...node });
      await cluster.nodes[index].start();
    });
    const failure = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
    if (!failure) return cluster;
    // What runs would keep the test process alive.
    await cluster.close();
    throw failure.reason;
  }

  /** What tests take for a server, and every time it is asked its address is that of the next node. */
  get anywhere() {
    const { nodes } = this;
    const next = () => nodes[this.#turn++ % nodes.length];
    return { get url() { return next().url; } };
  }

  /** The node of this turn, if everybody takes his own. */
  nodeOf(turn) {
    return this.nodes[turn % this.nodes.length];
  }

  async close() {
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.redis.close();
  }
}

/** A cluster that is gone when the test is over. */
export async function startCluster(t, how) {
  const cluster = await Cluster.start(how);
  t.after(() => cluster.close());
  return cluster;
}
