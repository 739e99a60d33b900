import { once } from 'node:events';
import net from 'node:net';

/** The line between a node and Redis, or a browser and a node, and everything that can happen to it. */
export class TcpProxy {
  #pairs = new Set();
  #isStalled = false;
  #delays = { up: 0, down: 0 };

  static async to({ port }) {
    const proxy = new TcpProxy();
    proxy.target = port;
    await proxy.#listen(0);
    return proxy;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Ends all connections; new ones are welcome. */
  cut() {
    for (const { ends } of this.#pairs) for (const end of ends) end.destroy();
  }

  /** Ends all connections; new ones are refused until `heal`. */
  async refuse() {
    if (!this.listener.listening) return;
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.cut();
    await closed;
  }

  /** From now on what goes up to Redis and what comes down from it takes so much longer. */
  delay({ up = 0, down = 0 }) {
    this.#delays = { up, down };
  }

  /**
   * Swallows everything in both directions and closes nothing, of new connections too. Like those of a router that has
   * forgotten them, they stay deaf for ever; only connections made after `heal` carry anything.
   */
  stall() {
    this.#isStalled = true;
    for (const pair of this.#pairs) pair.isDeaf = true;
  }

  async heal() {
    this.#isStalled = false;
    this.delay({});
    if (!this.listener.listening) await this.#listen(this.port);
  }

  close() {
    this.cut();
    this.listener.close();
  }

  async #listen(port) {
    this.listener = net.createServer((near) => this.#connect(near)).listen(port, '127.0.0.1');
    await once(this.listener, 'listening');
    ({ port: this.port } = this.listener.address());
  }

  #connect(near) {
    const far = net.connect(this.target, '127.0.0.1');
    const pair = { ends: [near, far], isDeaf: this.#isStalled };
    this.#pairs.add(pair);
    for (const end of pair.ends) {
      end.setNoDelay(true);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        // A deaf line does not tell either end what became of the other.
        if (pair.isDeaf && !near.destroyed) return;
        this.#pairs.delete(pair);
        for (const other of pair.ends) other.destroy();
      });
    }
    this.#carry(pair, near, far, 'up');
    this.#carry(pair, far, near, 'down');
  }

  #carry(pair, from, to, way) {
    const waiting = [];
    const deliver = () => {
      while (waiting[0]?.due <= performance.now()) {
        const { chunk } = waiting.shift();
        if (!pair.isDeaf) to.write(chunk);
      }
      if (waiting.length > 0) setTimeout(deliver, waiting[0].due - performance.now());
    };
    from.on('data', (chunk) => {
      if (pair.isDeaf) return;
      const due = performance.now() + this.#delays[way];
      waiting.push({ due: Math.max(due, waiting.at(-1)?.due ?? 0), chunk });
      if (waiting.length === 1) deliver();
    });
  }
}
