import { once } from 'node:events';
import net from 'node:net';

/** A network between a client and the server that can be cut, frozen and repaired. */
export class Proxy {
  #pairs = new Set();
  #cut = false;
  #frozen = false;

  static async before(server) {
    const proxy = new Proxy();
    proxy.listener = net.createServer((near) => proxy.#connect(near, server.port)).listen(0, '127.0.0.1');
    await once(proxy.listener, 'listening');
    proxy.url = `http://127.0.0.1:${proxy.listener.address().port}`;
    return proxy;
  }

  /** Tears every connection down and refuses new ones until `mend`. */
  cut() {
    this.#cut = true;
    for (const pair of this.#pairs) for (const end of pair) end.destroy();
  }

  /** Leaves every connection open and carries nothing any more, in either direction. */
  freeze() {
    this.#frozen = true;
    for (const [near, far] of this.#pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  mend() {
    this.#cut = false;
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const [near, far] of this.#pairs) join(near, far);
  }

  close() {
    this.cut();
    this.listener.close();
  }

  #connect(near, port) {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = net.connect(port, '127.0.0.1');
    const pair = [near, far];
    this.#pairs.add(pair);
    for (const end of pair) {
      end.setNoDelay(true);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    if (!this.#frozen) join(near, far);
  }
}

function join(near, far) {
  near.pipe(far);
  far.pipe(near);
}
