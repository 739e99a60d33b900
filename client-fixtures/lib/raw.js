import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import WebSocket from 'ws';
import { within } from './wait.js';

/** A WebSocket that speaks Engine.IO 4 by hand, to say what no official client would. */
export class RawSocket {
  frames = [];
  #watchers = new Set();

  static async open(server) {
    const raw = new RawSocket();
    raw.ws = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    raw.closed = new Promise((resolve) => raw.ws.on('close', resolve));
    raw.ws.on('error', () => {});
    raw.ws.on('message', (data) => raw.#take(String(data)));
    await raw.frame((text) => text.startsWith('0{'), 'the open packet');
    return raw;
  }

  async join(auth) {
    this.send(`40${JSON.stringify(auth)}`);
    await this.frame((text) => text.includes('"session:joined"'), 'session:joined');
    return this;
  }

  send(text) {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(text);
    return this;
  }

  frame(accept, what) {
    const found = this.frames.find(accept);
    if (found) return Promise.resolve(found);
    return within(new Promise((resolve) => this.#watchers.add({ accept, resolve })), what);
  }

  /** Whether the server answers or hangs up is its choice; afterwards it has dealt with everything sent before. */
  settle() {
    this.send('42["heartbeat",{"timestamp":4711}]');
    const answered = this.frame((text) => text.includes('4711'), 'a heartbeat or the end of the connection');
    return Promise.race([answered, this.closed]);
  }

  close() {
    this.ws.terminate();
  }

  #take(text) {
    this.frames.push(text);
    if (text === '2') this.send('3');
    for (const watcher of this.#watchers) if (watcher.accept(text)) watcher.resolve(text);
  }
}

/** A TCP peer that upgrades to a WebSocket, joins, and then never reads another byte. */
export class DeafSocket {
  /** Joins over Socket.IO. */
  static async join(server, auth) {
    const deaf = await DeafSocket.#upgrade(server, '/socket.io/?EIO=4&transport=websocket', '"sid"');
    return deaf.#enter(`40${JSON.stringify(auth)}`, 'session:joined');
  }

  /** Joins as a page of the signal dialect. */
  static async joinPage(server, sessionId, { userId, userName }) {
    const deaf = await DeafSocket.#upgrade(server, '/signal', ' 101 ');
    return deaf.#enter(JSON.stringify({ type: 'join', sessionId, userId, userName }), '"joined"');
  }

  static async #upgrade(server, path, answer) {
    const deaf = new DeafSocket();
    deaf.tcp = net.connect(server.port, '127.0.0.1');
    deaf.tcp.on('error', () => {});
    await once(deaf.tcp, 'connect');
    deaf.tcp.write([
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${server.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      '\r\n',
    ].join('\r\n'));
    await deaf.#hears(answer);
    return deaf;
  }

  close() {
    this.tcp.destroy();
  }

  async #enter(frame, answer) {
    this.tcp.write(textFrame(frame));
    await this.#hears(answer);
    this.tcp.pause();
    return this;
  }

  async #hears(word) {
    let heard = '';
    const listen = new Promise((resolve) => {
      const take = (chunk) => {
        heard += chunk.toString('latin1');
        if (!heard.includes(word)) return;
        this.tcp.off('data', take);
        resolve();
      };
      this.tcp.on('data', take);
    });
    await within(listen, `${word} on the raw connection`);
  }
}

/** A client's frames must be masked; a mask of zeros leaves the text readable. */
function textFrame(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126
    ? Buffer.from([0x81, 0x80 | payload.length])
    : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Long polling by hand. */
export class RawPolling {
  static async open(server) {
    const polling = new RawPolling();
    polling.base = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const opened = await (await fetch(polling.base)).text();
    polling.sid = JSON.parse(opened.slice(1)).sid;
    return polling;
  }

  post(body, sid = this.sid) {
    return fetch(`${this.base}&sid=${sid}`, { method: 'POST', body, headers: { 'content-type': 'text/plain;charset=UTF-8' } });
  }

  async poll() {
    const answer = await fetch(`${this.base}&sid=${this.sid}`);
    return { status: answer.status, text: await answer.text() };
  }
}
