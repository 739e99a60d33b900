import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Chance } from '../lib/chance.js';
import { pause } from '../lib/cluster-chaos.js';
import { actAll, allIsWell, failures, gatherOnAll, startShards, tally } from '../lib/cluster-shards.js';

const SEED = process.env.SEED ?? String(Date.now() % 1_000_000);
const CHAOS_MS = 3_000;
/** Between the steps of a slow move: a pause before each key, which are two or three, and one behind. */
const SLOW_MS = 750;
/** A good third of what a master has. */
const RESHARDED = 2_000;
/** What all sessions share. */
const INDEXES = ['rt:logs:poker', 'rt:forget', 'rt:due:poker', 'rt:nodes', 'rt:probe'];

/** Of both kinds each time, for a connection is of one or the other as long as somebody listens on it. */
async function endConnections(redis, chance) {
  const end = performance.now() + CHAOS_MS;
  let ended = 0;
  while (performance.now() < end) {
    await pause(chance.between(20, 200));
    for (const kind of ['normal', 'pubsub']) ended += await redis.cli('CLIENT', 'KILL', 'TYPE', kind);
  }
  return ended;
}

/** A master that is not this one. */
async function other(redis, master, chance) {
  return chance.pick((await redis.masters()).filter((it) => it !== master));
}

describe('while a Redis cluster of three masters', { concurrency: 2 }, () => {
  test(`has every connection ended again and again, writers lose and double nothing, and all hear the same (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t);
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 10 });
    const chaos = endConnections(cluster.redis, new Chance(`${SEED}/chaos`));
    const killed = await actAll(crowds, chaos);
    t.diagnostic(`${killed} connections killed; ${tally(crowds)}`);
    assert.ok(killed > 10, 'hardly any connection was killed');
    await allIsWell(cluster, crowds);
  });

  test(`has the slots of sessions and of indexes moved key by key, nothing is refused, lost or doubled (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t);
    const { redis } = cluster;
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 6 });
    const chance = new Chance(`${SEED}/moves`);
    const moves = (async () => {
      const slots = [...crowds.map(({ slot }) => slot), ...await Promise.all(INDEXES.map((key) => redis.slotOf(key)))];
      await pause(300);
      for (const slot of slots) await redis.move(slot, await other(redis, await redis.masterOf(slot), chance), { pauseMs: chance.between(10, 60) });
      await pause(300);
      return slots.length;
    })();
    const moved = await actAll(crowds, moves);
    t.diagnostic(`${moved} slots moved; ${tally(crowds)}`);
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    await allIsWell(cluster, crowds);
  });

  test(`takes three seconds to move the slot of a session, nothing is refused, lost or doubled (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t);
    const { redis } = cluster;
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 4 });
    const [{ slot, master }] = crowds;
    const target = await other(redis, master, new Chance(SEED));
    const move = pause(300).then(() => redis.move(slot, target, { pauseMs: SLOW_MS })).then(() => pause(300));
    await actAll(crowds, move);
    t.diagnostic(tally(crowds));
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    await allIsWell(cluster, crowds);
  });

  test(`is resharded by an operator, nothing is refused, lost or doubled (SEED=${SEED})`, async (t) => {
    const cluster = await startShards(t);
    const { redis } = cluster;
    const crowds = await gatherOnAll(t, cluster, { seed: SEED, writers: 4 });
    const [from, to] = await redis.masters();
    const moved = await actAll(crowds, redis.reshard(from, to, RESHARDED));
    t.diagnostic(`${moved} slots moved; ${tally(crowds)}`);
    assert.deepEqual(failures(crowds).slice(0, 1), []);
    await allIsWell(cluster, crowds);
  });
});
