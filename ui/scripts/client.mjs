// Leaves the official Socket.IO client in dist/client/, where the server takes it from for `/socket.io/socket.io.js`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const from = path.join(here, '../node_modules/socket.io-client/dist');
const to = path.join(here, '../dist/client');

fs.mkdirSync(to, { recursive: true });
for (const name of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.msgpack.min.js']) {
  for (const file of [name, `${name}.map`]) fs.copyFileSync(path.join(from, file), path.join(to, file));
}
