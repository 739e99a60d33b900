import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../dist');
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const CSP = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Serves the built page under `base`, and passes API and sockets on to the server behind it. */
export class Front {
  #sockets = new Set();

  constructor(server, base = '/') {
    this.server = server;
    this.base = base;
  }

  get url() {
    return `http://127.0.0.1:${this.port}${this.base}`;
  }

  async start() {
    this.http = http.createServer((request, response) => this.#answer(request, response));
    this.http.on('upgrade', (request, socket) => this.#upgrade(request, socket));
    this.http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await once(this.http.listen(this.port ?? 0, '127.0.0.1'), 'listening');
    this.port = this.http.address().port;
    return this;
  }

  /** What a laptop that slept leaves behind: connections that are open, and on which nothing comes any more. */
  freeze() {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.removeAllListeners('data').pause();
      socket.frozen?.unpipe();
    }
  }

  close() {
    this.http.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer(request, response) {
    const inner = this.#inner(request.url);
    if (inner === undefined) return response.writeHead(404).end();
    if (/^\/(api|socket\.io)\b/.test(inner)) return this.#forward(request, response, inner);
    const name = /^\/(s\/.*)?(\?.*)?$/.test(inner) ? '/index.html' : inner.split('?')[0];
    const file = path.join(DIST, path.posix.normalize(name));
    if (!fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[path.extname(file)], 'content-security-policy': CSP });
    response.end(name === '/index.html' ? this.#page(file) : fs.readFileSync(file));
  }

  #page(file) {
    return fs.readFileSync(file, 'utf8').replace('<base href="/">', `<base href="${this.base}">`);
  }

  #inner(url) {
    return url.startsWith(this.base) ? `/${url.slice(this.base.length)}` : undefined;
  }

  #forward(request, response, inner) {
    const { method, headers } = request;
    const onward = http.request({ port: this.server.port, host: '127.0.0.1', method, headers, path: inner }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  }

  #upgrade(request, socket) {
    const onward = net.connect(this.server.port, '127.0.0.1', () => {
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
      onward.write(`${request.method} ${this.#inner(request.url)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.frozen = onward;
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  }
}
