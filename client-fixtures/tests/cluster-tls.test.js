import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { Cluster, Node } from '../lib/cluster.js';
import { breakLines, pause } from '../lib/cluster-chaos.js';
import { Crowd } from '../lib/cluster-crowd.js';
import { actAll, allIsWell, failures, gatherOnAll, startShards, tally } from '../lib/cluster-shards.js';
import { Redis } from '../lib/redis.js';
import { Authority, TlsRedis } from '../lib/redis-tls.js';
import { within } from '../lib/wait.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
/** A start without Redis ends after five seconds; the last attempt may have begun just before. */
const REFUSED_MS = 6_500;
const SILENT_REFUSED_MS = 7_500;
const PASSWORD = 'hunter2: a/b@c%d?#';

const authority = new Authority();
const stranger = new Authority('Somebody else');
const trust = ({ certificate }) => ({ SSL_CERT_FILE: certificate });

async function startTls(t, { flags = authority.serve(), ...how } = {}) {
  const redis = await new TlsRedis({ ...how, flags }).start();
  t.after(() => redis.close());
  return redis;
}

/** Two nodes over this Redis, that trust our authority. */
async function startNodes(t, redis, url = redis.url) {
  const cluster = new Cluster(redis, []);
  t.after(() => cluster.close());
  for (const _ of [0, 1]) {
    const node = new Node({ redis: { url }, env: trust(authority) });
    cluster.nodes.push(node);
    await node.start();
  }
  return cluster;
}

/** A start with this address ends by itself in good time, with an exit code and with words that say why; resolves to these. */
async function isRefused(t, url, env = trust(authority), deadlineMs = REFUSED_MS) {
  const node = new Node({ redis: { url }, env });
  t.after(() => node.close());
  const started = performance.now();
  await within(assert.rejects(node.start(), 'the start succeeded'), 'the start ends', deadlineMs);
  const ms = performance.now() - started;
  assert.ok(node.ended, 'the process has ended');
  assert.equal(node.ended.signal, null);
  assert.ok(node.ended.code > 0, `exit code ${node.ended.code}`);
  const words = node.log.split('\n').filter((line) => line.startsWith('roundtable: ')).join('\n');
  assert.match(words, /cannot use rediss?(-cluster)?:\/\/127\.0\.0\.1/, node.log);
  assert.ok(!node.log.includes('hunter2'), 'the password is in the log');
  t.diagnostic(`after ${ms.toFixed(0)} ms: ${words}`);
  return words;
}

describe('over TLS', { concurrency: 2 }, () => {
  test(`ten writers on two nodes are heard once and in one order by all, also while their connections are ended (SEED=${SEED})`, async (t) => {
    const redis = await startTls(t);
    const cluster = await startNodes(t, redis);
    const crowd = await Crowd.gather(t, cluster, { writers: 10, seed: SEED });
    await crowd.act(pause(1_000));
    assert.deepEqual(failures([crowd]).slice(0, 1), []);
    const killed = await actAll([crowd], breakLines({ redis, nodes: [] }, new Chance(SEED), 2_000));
    t.diagnostic(`${killed} connections killed; ${tally([crowd])}`);
    assert.ok(killed > 5, 'hardly any connection was killed');
    await allIsWell(cluster, [crowd]);
  });

  test(`a Redis that is killed comes back with everything (SEED=${SEED})`, async (t) => {
    const redis = await startTls(t, { appendonly: true });
    const cluster = await startNodes(t, redis);
    const crowd = await Crowd.gather(t, cluster, { writers: 6, seed: SEED });
    await crowd.act(pause(400).then(() => redis.restart('SIGKILL')).then(() => pause(400)));
    await allIsWell(cluster, [crowd]);
  });

  test(`who has a name and a password is let in with them (SEED=${SEED})`, async (t) => {
    const redis = await startTls(t);
    await redis.admitOnly('ann', PASSWORD);
    const cluster = await startNodes(t, redis, redis.urlFor('ann', PASSWORD));
    const crowd = await Crowd.gather(t, cluster, { writers: 4, seed: SEED });
    await crowd.act(pause(400));
    assert.deepEqual(failures([crowd]).slice(0, 1), []);
    await allIsWell(cluster, [crowd]);
    for (const node of cluster.nodes) assert.ok(!node.log.includes('hunter2'), 'the password is in the log');
  });

  test('who has a password alone is let in with it, and nobody else is', async (t) => {
    const redis = await startTls(t, { flags: [...authority.serve(), '--loglevel', 'notice'] });
    await redis.cli('CONFIG', 'SET', 'requirepass', PASSWORD);
    await startNodes(t, redis, redis.urlFor('', PASSWORD));
    assert.match(await isRefused(t, redis.url), /NOAUTH|[Aa]uthentication/);
    assert.match(await isRefused(t, redis.urlFor('', 'hunter2 of old')), /WRONGPASS|[Pp]assword|[Aa]uthentication/);
    assert.match(await isRefused(t, redis.urlFor('bob', PASSWORD)), /WRONGPASS|[Pp]assword|[Aa]uthentication/);
  });
});

describe('a start is refused with a reason', { concurrency: 3 }, () => {
  test('if the server was vouched for by somebody who is not trusted', async (t) => {
    const redis = await startTls(t);
    assert.match(await isRefused(t, redis.url, trust(stranger)), /certificate|UnknownIssuer/i);
  });

  test('if nobody but the system vouches, who does not know the server', async (t) => {
    const redis = await startTls(t);
    assert.match(await isRefused(t, redis.url, {}), /certificate|UnknownIssuer/i);
  });

  test('if the server is another than the one that was vouched for', async (t) => {
    const redis = await startTls(t, { flags: authority.serve('DNS:redis.example') });
    assert.match(await isRefused(t, redis.url), /certificate|NotValidForName/i);
  });

  test('if those who are trusted are in no file', async (t) => {
    const redis = await startTls(t);
    assert.match(await isRefused(t, redis.url, { SSL_CERT_FILE: '/nowhere/ca.crt' }), /'\/nowhere\/ca.crt'/);
  });

  test('if only one of both speaks TLS', async (t) => {
    const plain = await new Redis().start();
    t.after(() => plain.close());
    const redis = await startTls(t);
    // A Redis without TLS says nothing to a greeting that it does not understand.
    await isRefused(t, plain.url.replace('redis:', 'rediss:'), trust(authority), SILENT_REFUSED_MS);
    await isRefused(t, redis.url.replace('rediss:', 'redis:'));
  });
});

describe('over TLS to a Redis cluster of three masters', () => {
  const flags = ['--tls-cluster', 'yes', '--tls-replication', 'yes'];
  const make = (how) => new TlsRedis({ ...how, flags: [...how.flags, ...authority.serve()] });

  test(`writers on two nodes are heard once and in one order by all (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t, { make, flags, env: trust(authority) });
    assert.match(cluster.redis.url, /^rediss-cluster:/);
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 6 });
    await actAll(crowds, pause(1_500));
    t.diagnostic(tally(crowds));
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    await allIsWell(cluster, crowds);
  });

  test('a start is refused if the servers were vouched for by somebody who is not trusted', async (t) => {
    const cluster = await startShards(t, { nodes: 0, masters: 1, make, flags });
    assert.match(await isRefused(t, cluster.redis.url, trust(stranger)), /certificate|UnknownIssuer/i);
  });
});
