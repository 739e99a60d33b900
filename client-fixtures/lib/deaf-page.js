import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { textFrame } from './raw.js';
import { within } from './wait.js';

/** A connection of the signal dialect that joins and then never reads another byte. */
export class DeafPage {
  static async join(server, sessionId, { userId, userName }) {
    const page = new DeafPage();
    page.tcp = net.connect(server.port, '127.0.0.1');
    page.tcp.on('error', () => {});
    await once(page.tcp, 'connect');
    page.tcp.write([
      'GET /signal HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      '\r\n',
    ].join('\r\n'));
    await page.#hears(' 101 ');
    page.tcp.write(textFrame(JSON.stringify({ type: 'join', sessionId, userId, userName })));
    await page.#hears('"joined"');
    page.tcp.pause();
    return page;
  }

  close() {
    this.tcp.destroy();
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
    await within(listen, `${word} on the connection that will be deaf`);
  }
}
