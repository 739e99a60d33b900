import { describe, test } from 'node:test';
import { gatherOnAll, newsIsPrompt, startShards } from '../lib/cluster-shards.js';
import { Pages } from '../lib/cluster-pages.js';
import { ok } from '../lib/rest.js';
import { until } from '../lib/wait.js';

/** On three masters at least two of them share one. */
const SESSIONS = 4;

/** What happens to a Redis cluster in ordinary life, after which nothing is lost. */
const EVENTS = {
  'has lost every connection once': async ({ redis }) => {
    for (const kind of ['normal', 'pubsub']) await redis.cli('CLIENT', 'KILL', 'TYPE', kind);
  },
  'has moved the slots of all sessions': async ({ redis }, crowds) => {
    for (const { slot, master } of crowds) {
      const masters = await redis.masters();
      await redis.move(slot, masters[(masters.indexOf(master) + 1) % masters.length]);
    }
  },
  'has restarted all its servers one after the other': async ({ redis }) => {
    for (const server of redis.servers) {
      await server.restart();
      await redis.isSound();
    }
  },
};

const SIZES = { 'of one master': 1, 'of three masters': 3 };

/** All nodes serve again and have looked at their sessions, so that only hints can tell what comes now. */
async function everythingWorks({ nodes }, crowds) {
  for (const node of nodes) await node.isReadyAgain(15_000);
  await Promise.all(crowds.map(async (crowd) => {
    const rename = () => crowd.host.rest.put(`/players/${crowd.host.id}`, { name: 'Anew' });
    await until(async () => (await rename()).status === 200, 'the host is renamed');
    await crowd.fence();
  }));
}

for (const [size, masters] of Object.entries(SIZES)) {
  describe(`when a Redis cluster ${size}`, { concurrency: 2 }, () => {
    for (const [what, happens] of Object.entries(EVENTS).filter((_, index) => masters > 1 || index !== 1)) {
      test(`${what}, news of each session still reaches the other node at once`, async (t) => {
        const cluster = await startShards(t, { masters, appendonly: true });
        const crowds = await gatherOnAll(t, cluster, { seed: 'hints', writers: 2, least: SESSIONS });
        t.diagnostic(`news took at most ${await newsIsPrompt(crowds, 'at first')} ms at first`);
        await happens(cluster, crowds);
        await everythingWorks(cluster, crowds);
        t.diagnostic(`and at most ${await newsIsPrompt(crowds, `when it ${what}`)} ms then`);
      });
    }
  });
}

test('when a Redis cluster has moved the slot of a session, an emoji still reaches the pages on the other node', async (t) => {
  const cluster = await startShards(t);
  const { redis } = cluster;
  const [crowd] = await gatherOnAll(t, cluster, { seed: 'emoji', writers: 2 });
  const pages = await Pages.open(t, cluster, crowd.meeting.sessionId);
  await pages.fence('before');
  const thrown = async (when) => {
    const [page] = pages.actors;
    const [from, target] = [pages.watchers[1].history.length, Pages.idOf(page, 'Actor 1')];
    page.emit('EMOJI_SENT', { fromPlayerId: page.userId, toPlayerId: target, emoji: '🙏' });
    await pages.watchers[1].seen('EMOJI_SENT', ({ toPlayerId }) => toPlayerId === target, from).catch((error) => {
      throw new Error(`${when}: ${error.message}`);
    });
  };
  await thrown('before the move');
  await redis.move(crowd.slot, (await redis.masters()).find((master) => master !== crowd.master));
  // A change that all have heard of: both nodes have found the session at its new place.
  await ok(crowd.host.rest.put(`/players/${crowd.host.id}`, { name: 'Moved' }));
  await pages.fence('behind');
  await thrown('behind the move');
});
