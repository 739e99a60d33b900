import assert from 'node:assert/strict';
import { Cluster, Node } from './cluster.js';
import { Crowd } from './cluster-crowd.js';
import { ok } from './rest.js';
import { RedisCluster } from './redis-cluster.js';

/** Rounds of bad luck are rarer than one in a hundred thousand: each session is on any of three masters. */
const MOST_SESSIONS = 30;
/** A node that no hint reaches finds news by itself only after five seconds and more. */
const PROMPT_MS = 1_500;
/** Redis servers need some seconds to agree that one of them is dead, or alive again. */
const READY_MS = 15_000;

/** Some nodes over a Redis cluster; both are gone when the test is over. */
export async function startShards(t, { nodes: count = 2, env, ...how } = {}) {
  const cluster = new Cluster(await RedisCluster.start(how), []);
  t.after(() => cluster.close());
  for (let index = 0; index < count; index += 1) {
    const node = new Node({ redis: cluster.redis, env });
    cluster.nodes.push(node);
    await node.start();
  }
  return cluster;
}

/** Crowds until every master has the session of one of them, which then has its `master` and its `slot`. */
export async function gatherOnAll(t, cluster, { seed, writers, least = 3 }) {
  const { redis } = cluster;
  const masters = await redis.masters();
  const crowds = [];
  const isComplete = () => masters.every((master) => crowds.some((crowd) => crowd.master === master));
  while (crowds.length < least || !isComplete()) {
    assert.ok(crowds.length < MOST_SESSIONS, 'the sessions are not on all masters');
    const crowd = await Crowd.gather(t, cluster, { writers, seed: `${seed}/session ${crowds.length}` });
    crowd.slot = await redis.slotOf(crowd.meeting.sessionId);
    crowd.master = await redis.masterOf(crowd.slot);
    crowds.push(crowd);
  }
  return crowds;
}

/** All crowds act at the same time until this is over. */
export async function actAll(crowds, over) {
  await Promise.all(crowds.map((crowd) => crowd.act(over)));
  return over;
}

/** Every crowd has one story to tell, which has everything in it that was answered with success. */
export async function allIsWell(cluster, crowds) {
  for (const node of cluster.nodes) {
    await node.isReadyAgain(READY_MS);
    assert.equal(node.ended, undefined, 'a node has ended');
  }
  await Promise.all(crowds.map((crowd) => crowd.fence()));
  for (const crowd of crowds) await crowd.account(crowd.sequence(), await crowd.agreement());
}

/** From now on counts what happens now. */
export async function beginAnew(crowds) {
  await Promise.all(crowds.map((crowd) => crowd.begin()));
  for (const crowd of crowds) crowd.deeds.length = 0;
}

/** Nobody waits for news from another node: hints arrive. Resolves to how long the slowest took. */
export async function newsIsPrompt(crowds, when) {
  const took = await Promise.all(crowds.map(async (crowd) => {
    const { client } = crowd.observers.at(-1);
    let slowest = 0;
    for (let turn = 0; turn < 5; turn += 1) {
      const [from, name] = [client.history.length, `Prompt ${turn}`];
      const asked = performance.now();
      const seen = () => client.seen('player:updated', ({ player }) => player.name === name, from, PROMPT_MS);
      await Promise.all([seen(), ok(crowd.host.rest.put(`/players/${crowd.host.id}`, { name }))]);
      slowest = Math.max(slowest, performance.now() - asked);
    }
    return slowest;
  }).map((promise) => promise.catch((error) => error)));
  const late = took.filter((it) => it instanceof Error);
  assert.equal(late.length, 0, `${when} news comes late in ${late.length} of ${crowds.length} sessions: ${late[0]?.message}`);
  return Math.max(...took).toFixed(0);
}

/** What became of what was asked, in words. */
export function tally(crowds) {
  const deeds = crowds.flatMap((crowd) => crowd.deeds);
  const counts = ['done', 'refused', 'failed'].map((outcome) => `${deeds.filter((deed) => deed.outcome === outcome).length} ${outcome}`);
  const slowest = Math.max(0, ...deeds.map(({ ms }) => ms));
  return `${crowds.length} sessions; deeds: ${counts.join(', ')}; slowest answer ${slowest.toFixed(0)} ms`;
}

export function failures(crowds) {
  return crowds.flatMap((crowd) => crowd.deeds).filter(({ outcome }) => outcome === 'failed');
}
