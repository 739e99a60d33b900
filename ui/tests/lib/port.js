import { once } from 'node:events';
import net from 'node:net';

/** Below those that outgoing connections get, which come and go at any time. */
const FIRST = 10_000;
const PER_PROCESS = 20;
const PROCESSES = 1000;
const first = FIRST + (process.pid % PROCESSES) * PER_PROCESS;

let taken = 0;

/** A free port that no test file that runs at the same time gets. */
export async function ownPort() {
  for (;;) {
    const port = first + (taken % PER_PROCESS);
    taken += 1;
    if (await isFree(port)) return port;
  }
}

async function isFree(port) {
  const probe = net.createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => probe.close(resolve));
  return true;
}
