// How much later than on its own node a change is seen on another one, both measured in one run.
//
//     COUNT=2000 RATE=100 node bench/cluster-latency.mjs
//
// A client at node A votes, and a client at A and one at B listen; then a turn clock is switched over REST at A, and a
// viewer at A and one at B listen. APPENDONLY=yes has Redis write every change to its disk before it answers.

import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import WebSocket from 'ws';
import { Cluster } from '../lib/cluster.js';
import { ok, Rest } from '../lib/rest.js';
import { aSession, Game, ok as done } from '../lib/sync.js';

const { io } = createRequire(import.meta.url)('sio-4');

const COUNT = Number(process.env.COUNT ?? 1_000);
/** Per second. */
const RATE = Number(process.env.RATE ?? 50);
const WARM_UP = 50;
const PATIENCE_MS = 30_000;
const APPENDONLY = process.env.APPENDONLY === 'yes';

/** The moments at which one party had the first, the second, the third … of the changes. */
class Arrivals {
  moments = [];

  note() {
    this.moments.push(performance.now());
  }

  latencies(sent) {
    return sent.map((moment, index) => this.moments[index] - moment).slice(WARM_UP);
  }
}

async function pokerLatency([a, b]) {
  const rest = new Rest(a.url);
  const { session, hostToken } = await ok(rest.post('/sessions', { name: 'Latency', hostName: 'Mira' }), 201);
  await ok(rest.withToken(hostToken).post(`/sessions/${session.id}/stories`, { title: 'Now' }), 201);
  const voter = await joined(a, { sessionId: session.id, playerId: session.hostId, token: hostToken });
  const listeners = await Promise.all([a, b].map((node, index) => joined(node, { sessionId: session.id, playerName: `Listener ${index}` })));
  const arrivals = listeners.map((socket) => {
    const seen = new Arrivals();
    socket.on('vote:submitted', ({ playerId }) => playerId === session.hostId && seen.note());
    return seen;
  });
  const sent = await paced((turn) => voter.emit('vote:submit', { value: String(turn) }));
  await all(arrivals);
  for (const socket of [voter, ...listeners]) socket.close();
  return { sent, arrivals };
}

/** In the session; everything it is told before is of no interest. */
function joined(node, auth) {
  const socket = io(node.url, { transports: ['websocket'], forceNew: true, auth });
  return new Promise((resolve, reject) => {
    socket.once('session:joined', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}

async function clockLatency([a, b]) {
  const game = new Game(a.url, aSession({ times: [86_400_000, 86_400_000] }));
  await done(game.create(), 201);
  await done(game.start());
  const sockets = [];
  const arrivals = await Promise.all([a, b].map(async (node) => {
    const seen = new Arrivals();
    const socket = new WebSocket(`${node.url.replace('http', 'ws')}/ws?sessionId=${game.id}`);
    sockets.push(socket);
    await new Promise((resolve) => { socket.once('message', resolve); });
    socket.on('message', (data) => JSON.parse(String(data)).type === 'STATE_UPDATE' && seen.note());
    return seen;
  }));
  const answers = [];
  const sent = await paced(() => { answers.push(done(game.switch())); });
  await Promise.all(answers);
  await all(arrivals);
  for (const socket of sockets) socket.terminate();
  return { sent, arrivals };
}

/** Does it at the chosen rate; resolves to the moments of each. */
async function paced(action) {
  const sent = [];
  const start = performance.now();
  for (let turn = 0; turn < WARM_UP + COUNT; turn += 1) {
    const wait = start + (turn * 1_000) / RATE - performance.now();
    if (wait > 0) await new Promise((resolve) => { setTimeout(resolve, wait); });
    sent.push(performance.now());
    action(turn);
  }
  return sent;
}

async function all(arrivals) {
  const end = performance.now() + PATIENCE_MS;
  const missing = () => arrivals.map(({ moments }) => WARM_UP + COUNT - moments.length);
  while (missing().some((count) => count > 0)) {
    if (performance.now() > end) throw new Error(`changes that never arrived at A and B: ${missing()}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  if (missing().some((count) => count < 0)) throw new Error(`changes that arrived more than once at A and B: ${missing()}`);
}

function quantiles(latencies) {
  const sorted = latencies.sort((one, other) => one - other);
  return [0.5, 0.9, 0.99, 1].map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)].toFixed(2).padStart(8));
}

function describe() {
  const [{ model }] = os.cpus();
  const redis = execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).match(/v=(\S+)/)[1];
  console.log(`${os.cpus().length} x ${model}, load ${os.loadavg().map((it) => it.toFixed(1)).join(' ')}, Node ${process.version}, Redis ${redis}, appendonly ${APPENDONLY ? 'yes, every change' : 'no'}`);
  console.log(`two nodes, Redis and this client on one machine; ${COUNT} changes at ${RATE}/s behind ${WARM_UP} to warm up`);
}

const cluster = await Cluster.start({ redis: { appendonly: APPENDONLY }, env: { LOG_LEVEL: 'warn' } });
try {
  describe();
  console.log('milliseconds from sending to                  p50      p90      p99      max');
  for (const [name, measure] of [['poker vote, Socket.IO', pokerLatency], ['turn clock, REST to ws', clockLatency]]) {
    const { sent, arrivals } = await measure(cluster.nodes);
    arrivals.forEach((seen, index) => {
      console.log(`${`${name}, at ${index === 0 ? 'the same node' : 'the other node'}`.padEnd(42)}${quantiles(seen.latencies(sent)).join(' ')}`);
    });
  }
} finally {
  await cluster.close();
}
