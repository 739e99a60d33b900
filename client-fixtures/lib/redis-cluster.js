import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { pause } from './cluster-chaos.js';
import { Redis } from './redis.js';
import { freePort } from './port.js';
import { until, within } from './wait.js';

const run = promisify(execFile);

const SLOTS = 16_384;
const FORMED_MS = 20_000;
/** How long servers do without one of them before they take it for dead. */
const NODE_TIMEOUT_MS = 1_500;
/** How long a replica tries to take over. */
const FAILOVER_MS = 5_100;
const HERE = '127.0.0.1';

/** A Redis cluster of its own: some masters that share the slots, and perhaps one replica for each of them. */
export class RedisCluster {
  servers = [];
  #buses = new Map();

  /** `make` makes each server; `flags` are those of all. */
  static async start({ masters = 3, isReplicated = false, make = (how) => new Redis(how), flags = [], ...how } = {}) {
    const cluster = new RedisCluster();
    const count = isReplicated ? 2 * masters : masters;
    try {
      for (let index = 0; index < count; index += 1) {
        const bus = await freePort();
        const own = ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-node-timeout', String(NODE_TIMEOUT_MS)];
        const server = make({ ...how, flags: [...own, '--cluster-announce-ip', HERE, '--repl-diskless-sync-delay', '0', ...flags] });
        cluster.servers.push(server);
        cluster.#buses.set(server, bus);
        await server.start();
      }
      await cluster.#form(masters);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** The address of all of them together, e.g. `redis-cluster://127.0.0.1:7000,127.0.0.1:7001`. */
  get url() {
    const [scheme] = this.servers[0].url.split('://');
    return `${scheme}-cluster://${this.servers.map(({ port }) => `${HERE}:${port}`).join(',')}`;
  }

  get living() {
    return this.servers.filter(({ ended }) => !ended);
  }

  /** One command at every master; resolves to the sum of the answers. */
  async cli(...words) {
    const answers = await Promise.all((await this.masters()).map((server) => server.cli(...words)));
    return answers.reduce((sum, answer) => sum + Number(answer), 0);
  }

  slotOf(key) {
    return this.living[0].cli('CLUSTER', 'KEYSLOT', key);
  }

  async masters() {
    const owned = await this.living[0].cli('CLUSTER', 'SLOTS');
    return [...new Set(owned.map(([, , [, port]]) => this.#at(port)))];
  }

  /** The master of a slot, as one of the servers knows it. */
  async masterOf(slot, server = this.living[0]) {
    const owned = await server.cli('CLUSTER', 'SLOTS');
    const found = owned.find(([first, last]) => first <= slot && slot <= last);
    return found && this.#at(found[2][1]);
  }

  async replicaOf(master) {
    const id = await idOf(master);
    const lines = (await this.living[0].cli('CLUSTER', 'NODES')).trim().split('\n').map((line) => line.split(' '));
    const [, address] = lines.find(([, , flags, of]) => flags.includes('slave') && !flags.includes('fail') && of === id);
    return this.#at(Number(address.split('@')[0].split(':').at(-1)));
  }

  /**
   * Moves a slot with its keys, one after the other, to another master; before each key is a pause. With `busyMs` the
   * former master stands still for so long just before it gives the slot up, so that much is asked of it meanwhile.
   */
  async move(slot, to, { pauseMs = 0, busyMs } = {}) {
    const from = await this.masterOf(slot);
    if (from === to) return;
    const [source, target] = [await idOf(from), await idOf(to)];
    await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    for (;;) {
      await pause(pauseMs);
      const [key] = await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, 1);
      if (key === undefined) break;
      await from.cli('MIGRATE', HERE, to.port, key, 0, 5_000);
    }
    // The target first: between the two nobody would have the slot.
    const taken = () => to.cli('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    if (busyMs === undefined) {
      await taken();
      await from.cli('CLUSTER', 'SETSLOT', slot, 'NODE', target);
    } else {
      await hearsFirst(from, `CLUSTER SETSLOT ${slot} NODE ${target}`, () => taken().then(() => pause(busyMs)));
    }
    await this.#agrees(slot, to);
  }

  /** Moves so many slots as an operator does. */
  async reshard(from, to, slots) {
    const [source, target] = [await idOf(from), await idOf(to)];
    const what = ['--cluster-from', source, '--cluster-to', target, '--cluster-slots', String(slots), '--cluster-yes'];
    const { stdout } = await run('redis-cli', ['--cluster', 'reshard', `${HERE}:${this.servers[0].port}`, ...what]);
    return stdout.split('\n').filter((line) => line.startsWith('Moving slot')).length;
  }

  /** A replica takes over from its master, which is alive and loses nothing. */
  async failOver(master) {
    const replica = await this.replicaOf(master);
    let askedAt = -Infinity;
    // The others do not vote twice within a short time, and then it gives up.
    const takesOver = async () => {
      if ((await roleOf(replica)) === 'master') return true;
      if (performance.now() - askedAt > FAILOVER_MS) {
        await replica.cli('CLUSTER', 'FAILOVER');
        askedAt = performance.now();
      }
      return false;
    };
    await until(takesOver, 'the replica takes over', FORMED_MS);
    await until(async () => (await roleOf(master)) === 'slave', 'the former master is a replica', FORMED_MS);
    await this.isSound();
    return replica;
  }

  isMaster(server) {
    return until(async () => (await roleOf(server)) === 'master', 'the replica has become a master', FORMED_MS);
  }

  /** All who are alive agree that everything is served, and replicas have a line to their masters. */
  async isSound() {
    for (const server of this.living) {
      const isOk = async () => (await server.cli('CLUSTER', 'INFO')).includes('cluster_state:ok');
      await until(isOk, `the cluster is sound for the server on port ${server.port}`, FORMED_MS);
      const isLinked = async () => !(await server.cli('INFO', 'replication')).includes('master_link_status:down');
      await until(isLinked, `the replica on port ${server.port} has its master`, FORMED_MS);
    }
  }

  async close() {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  async #form(masters) {
    const [first, ...others] = this.servers;
    for (const [index, server] of this.servers.entries()) {
      await server.cli('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index >= masters) continue;
      const [from, behind] = [index, index + 1].map((share) => Math.floor((share * SLOTS) / masters));
      await server.cli('CLUSTER', 'ADDSLOTSRANGE', from, behind - 1);
    }
    for (const server of others) await server.cli('CLUSTER', 'MEET', HERE, first.port, this.#buses.get(first));
    const known = `cluster_known_nodes:${this.servers.length}\r`;
    for (const server of this.servers) {
      await until(async () => (await server.cli('CLUSTER', 'INFO')).includes(known), 'all servers know each other', FORMED_MS);
    }
    for (const [index, replica] of this.servers.slice(masters).entries()) {
      const id = await idOf(this.servers[index]);
      const follows = async () => (await replica.cli('CLUSTER', 'REPLICATE', id).catch(() => undefined)) === 'OK';
      await until(follows, 'the replica knows its master', FORMED_MS);
    }
    for (const server of this.servers) {
      const knowsAll = async () => (await server.cli('CLUSTER', 'SLOTS')).every((owned) => owned.length === 3 + this.servers.length / masters - 1);
      await until(knowsAll, 'all servers know all replicas', FORMED_MS);
    }
    await this.isSound();
  }

  async #agrees(slot, to) {
    for (const server of this.living) {
      await until(async () => (await this.masterOf(slot, server)) === to, `slot ${slot} has moved for all`, FORMED_MS);
    }
  }

  #at(port) {
    return this.servers.find((server) => server.port === port);
  }
}

function idOf(server) {
  return server.cli('CLUSTER', 'MYID');
}

async function roleOf(server) {
  return (await server.cli('ROLE'))[0];
}

/** A server stands still for as long as that takes, and then hears this before everything that was said to it meanwhile. */
async function hearsFirst(server, command, meanwhile) {
  const line = server.dial().setNoDelay(true);
  try {
    const answer = async () => String((await within(once(line, 'data'), `an answer to ${command}`))[0]).trim();
    line.write('PING\r\n');
    assert.equal(await answer(), '+PONG');
    server.pause();
    line.write(`${command}\r\n`);
    await meanwhile();
    server.resume();
    assert.equal(await answer(), '+OK');
  } finally {
    server.resume();
    line.destroy();
  }
}
