import { once } from 'node:events';
import net from 'node:net';

/** Stands before several nodes and leads every connection to one that answers. */
export class Balancer {
  #nodes;
  #doors = [];

  constructor(nodes) {
    this.#nodes = nodes;
  }

  /** The way in for one client. */
  async door(node = this.#emptiest()[0]) {
    const door = new Door(this, node);
    this.#doors.push(door);
    return door.open();
  }

  /** The nodes to try, in this order. */
  candidates(preferred) {
    return [preferred, ...this.#emptiest().filter((node) => node !== preferred)];
  }

  close() {
    for (const door of this.#doors) door.close();
  }

  #emptiest() {
    const doorsTo = (node) => this.#doors.filter((door) => door.node === node).length;
    return [...this.#nodes].sort((one, other) => doorsTo(one) - doorsTo(other));
  }
}

/**
 * What one client's address is to a balancer with affinity: all its connections go to one node for as long as that
 * one answers, so that the requests of long polling meet the node that knows them.
 */
export class Door {
  /** Every connection that was led to a node, as `{ node, at }`. */
  arrivals = [];
  #balancer;
  #near = new Set();

  constructor(balancer, node) {
    this.#balancer = balancer;
    this.node = node;
  }

  async open() {
    this.listener = net.createServer({ pauseOnConnect: true }, (near) => this.#lead(near)).listen(0, '127.0.0.1');
    await once(this.listener, 'listening');
    this.port = this.listener.address().port;
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  /** From now on this client is led to another node. */
  moveTo(node) {
    this.node = node;
    for (const near of this.#near) near.destroy();
  }

  /** The first connection that was led to a node after this moment. */
  arrivalAfter(moment) {
    return this.arrivals.find(({ at }) => at > moment);
  }

  close() {
    for (const near of this.#near) near.destroy();
    this.listener.close();
  }

  async #lead(near) {
    this.#near.add(near);
    near.setNoDelay(true).on('error', () => near.destroy()).on('close', () => this.#near.delete(near));
    for (const node of this.#balancer.candidates(this.node)) {
      const far = await reach(node.port);
      if (!far) continue;
      this.node = node;
      this.arrivals.push({ node, at: performance.now() });
      join(near, far);
      return;
    }
    near.destroy();
  }
}

/** `undefined` if nobody listens there. */
function reach(port) {
  return new Promise((resolve) => {
    const far = net.connect(port, '127.0.0.1').setNoDelay(true);
    far.once('connect', () => resolve(far));
    far.once('error', () => resolve(undefined));
  });
}

/** What a node said before it went away still arrives. */
function join(near, far) {
  far.on('error', () => near.destroy());
  near.on('close', () => far.destroy());
  if (near.destroyed) far.destroy();
  near.pipe(far);
  far.pipe(near);
}
