import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { admission } from './admission.js';
import { connection } from './connection.js';
import { answerer } from './rest.js';
import { Store } from './store.js';

/** Beside these, the defaults: path, both transports, no perMessageDeflate. */
const OPTIONS = {
  pingInterval: 25_000,
  pingTimeout: 60_000,
  maxHttpBufferSize: 1_000_000,
  allowEIO3: true,
  serveClient: false,
};

/** Starts a server with no sessions on a loopback port; 0 is any free one. */
export async function serve(port) {
  const store = new Store();
  const io = new Server(OPTIONS);
  io.use(admission(store));
  io.on('connection', connection(io, store));
  const http = createServer(answerer(io, store));
  io.attach(http);
  http.listen(port, '127.0.0.1');
  await new Promise((resolve, reject) => http.once('listening', resolve).once('error', reject));
  return { port: http.address().port };
}
