import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';

const HERE = '127.0.0.1';
/** Below the ports that systems give to outgoing connections, of which the tests have thousands. */
const [FIRST, LAST] = [12_000, 32_000];

/**
 * A port to serve at, which stays this process's own until it ends, also while the server at it is down. Other processes of
 * the tests see it taken by its UDP side, which no server here wants.
 */
export async function freePort() {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const claim = dgram.createSocket('udp4').unref();
    if (await holds(claim.bind({ port, address: HERE, exclusive: true }))) {
      const probe = net.createServer();
      const isFree = await holds(probe.listen({ port, host: HERE, exclusive: true }));
      if (isFree) await new Promise((resolve) => { probe.close(resolve); });
      if (isFree) return port;
      claim.close();
    }
  }
}

/** Whether a socket gets the port it asked for. */
function holds(socket) {
  return once(socket, 'listening').then(() => true, (error) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return false;
  });
}
