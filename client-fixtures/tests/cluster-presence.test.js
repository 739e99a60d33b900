import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCluster } from '../lib/cluster.js';
import { enter, enterWithPage, fence, gather, joinAt } from '../lib/gathering.js';
import { everybody, rosterAt, rosterBecomes, rosterOf } from '../lib/roster.js';
import { expected, PageTabs, play, SocketTabs } from '../lib/tabs.js';
import { until } from '../lib/wait.js';

/** How long a player of a dead node may seem to be there, with the default lease of 10 s. */
const GHOST_LIMIT_MS = 15_000;
const GRACE_MS = 3_000;
/** For tests that are about something else, and how long they allow a node to be taken for dead. */
const SHORT_LEASE = ['--node-lease-ms', '1500'];
const NOTICED_MS = 6_000;

const moment = (at) => new Promise((resolve) => { setTimeout(resolve, at - performance.now()); });

describe('when a node is killed', { concurrency: true }, () => {
  test('its players are offline within 15 s for whoever looks, and leave after the grace', async (t) => {
    const { nodes: [a, b, c] } = await startCluster(t, { nodes: 3, env: { POKER_DISCONNECT_GRACE_MS: String(GRACE_MS) } });
    const watched = await gather(t, a, {
      Mira: { node: b }, Kim: { node: c, mode: 'polling' }, Jonas: { node: a }, Ada: { node: a, mode: 'polling' },
    });
    watched.alice = await enterWithPage(t, b, watched.meeting, 'Alice');
    watched.bob = await enterWithPage(t, a, watched.meeting, 'Bob');
    const early = await gather(t, a, { Mira: { node: a }, Jonas: { node: a, mode: 'polling' } });
    const late = await gather(t, a, { Mira: { node: a }, Jonas: { node: a } });
    const unseen = await gather(t, a, { Mira: { node: a }, Jonas: { node: a } });
    const { sessionId } = watched.meeting;
    await rosterBecomes([a, b, c], sessionId, everybody([...watched.meeting.people, watched.alice, watched.bob]));
    await watched.alice.client.next('PLAYER_JOINED', ({ player }) => player.name === 'Bob');
    watched.alice.client.mark();
    await fence(watched.meeting, b);
    for (const { client, log } of [watched.mira, watched.kim]) {
      client.mark();
      log.forget();
    }

    await a.stop('SIGKILL');
    const killedAt = performance.now();
    await Promise.all([
      theOthersAreTold(t, [b, c], watched, killedAt),
      whoJoinsAtOnceIsTold(t, b, early, killedAt),
      whoJoinsLaterSeesNoGhosts(t, b, late, killedAt),
      whoAsksLaterIsToldOfNoGhosts(b, unseen, killedAt),
    ]);
  });

  test('and restarted at once, whoever does not come back to it is offline all the same', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { flags: SHORT_LEASE });
    const { meeting, mira, jonas, ada } = await gather(t, a, { Mira: { node: b }, Jonas: { node: a }, Ada: { node: a } });
    jonas.client.socket.io.reconnection(false);
    await a.restart('SIGKILL');
    await mira.log.told(jonas, 'offline', NOTICED_MS);
    await until(() => ada.client.connected, 'whoever comes back is back');
    await rosterBecomes([a, b], meeting.sessionId, { Mira: 'online', Jonas: 'offline', Ada: 'online' });
    assert.deepEqual(mira.log.eventsOf(jonas), ['offline']);
    assert.ok(['', 'offline,online'].includes(String(mira.log.eventsOf(ada))), `of Ada was told ${mira.log.eventsOf(ada)}`);
    assert.deepEqual(mira.log.eventsOf(mira), []);
  });

  test('together with all others, there are no ghosts on the node that is started afterwards', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { flags: SHORT_LEASE });
    const { meeting, mira, jonas } = await gather(t, a, { Mira: { node: a }, Jonas: { node: b } });
    await Promise.all([a.stop('SIGKILL'), b.stop('SIGKILL')]);
    for (const { client } of [mira, jonas]) client.close();
    await b.start();
    await rosterBecomes([b], meeting.sessionId, everybody([mira, jonas], 'offline'), NOTICED_MS);
  });

  test('a player with a second tab on another node is not missed until that one is closed', async (t) => {
    const { nodes: [a, b] } = await startCluster(t, { flags: SHORT_LEASE });
    const { meeting, mira, jonas, ada } = await gather(t, a, { Mira: { node: b }, Jonas: { node: a }, Ada: { node: a } });
    await enter(jonas, { node: b });
    await a.stop('SIGKILL');
    await mira.log.told(ada, 'offline', NOTICED_MS);
    assert.deepEqual(await rosterAt(b, meeting.sessionId), { Mira: 'online', Jonas: 'online', Ada: 'offline' });
    jonas.client.vanish();
    await mira.log.told(jonas, 'offline');
    meeting.clients = [mira.client];
    await fence(meeting, b);
    assert.deepEqual(mira.log.eventsOf(jonas), ['offline']);
  });
});

describe('a player in two tabs', () => {
  for (const [dialect, Tabs] of [['poker', SocketTabs], ['signal', PageTabs]]) {
    test(`of the ${dialect} dialect is one player, whether they are connected to one node or to two`, async (t) => {
      const { nodes: [a, b] } = await startCluster(t);
      const script = expected(Tabs);
      const alone = await play(t, Tabs, { nodes: [a, a], witness: a });
      assert.deepEqual(alone.lines, script, 'on one node');
      for (const witness of [a, b]) {
        const apart = await play(t, Tabs, { nodes: [a, b], witness });
        assert.deepEqual(apart.lines, alone.lines, 'on two nodes');
        assert.deepEqual(apart.standings, alone.standings);
      }
    });
  }
});

/** Of each of them once, although two nodes find out, and nothing of those who are connected to living nodes. */
async function theOthersAreTold(t, living, { meeting, mira, kim, alice, jonas, ada, bob }, killedAt) {
  const lost = [jonas, ada, bob];
  await Promise.all(lost.map(async (person) => {
    const offlineAt = await mira.log.told(person, 'offline', killedAt + GHOST_LIMIT_MS - performance.now());
    const leftAt = await mira.log.told(person, 'left', 2 * GRACE_MS);
    const [ghost, grace] = [offlineAt - killedAt, leftAt - offlineAt].map(Math.round);
    t.diagnostic(`${person.name} was seen offline ${ghost} ms after the kill and left ${grace} ms later (grace ${GRACE_MS} ms)`);
    assert.ok(grace > 0.8 * GRACE_MS, `${person.name} left after ${grace} ms`);
    await kim.log.told(person, 'left');
    await alice.client.seen('PLAYER_LEFT', ({ playerId }) => playerId === alice.idOf(person));
  }));
  for (const { log } of [mira, kim]) {
    for (const person of lost) assert.deepEqual(log.eventsOf(person), ['offline', 'left']);
    for (const person of [mira, kim, alice]) assert.deepEqual(log.eventsOf(person), []);
  }
  const told = alice.client.heard().filter(({ kind }) => kind.startsWith('PLAYER_')).map(({ kind, body }) => `${kind} ${body.playerId}`);
  assert.deepEqual(told.sort(), lost.flatMap((person) => ['DISCONNECTED', 'LEFT'].map((what) => `PLAYER_${what} ${alice.idOf(person)}`)).sort());
  for (const { client } of [mira, kim]) assert.ok(client.connected && !client.heardNames().includes('disconnect'), client.name);
  for (const node of living) assert.deepEqual(await rosterAt(node, meeting.sessionId), everybody([mira, kim, alice]));
}

/** Nobody was connected to the living node when the other died, and then somebody joins before the lease is over. */
async function whoJoinsAtOnceIsTold(t, b, { meeting, mira, jonas }, killedAt) {
  const zoe = await joinAt(b, meeting, 'Zoe');
  for (const person of [mira, jonas]) {
    const offlineAt = await zoe.log.told(person, 'offline', killedAt + GHOST_LIMIT_MS - performance.now());
    t.diagnostic(`who joined at once saw ${person.name} offline ${Math.round(offlineAt - killedAt)} ms after the kill`);
    await zoe.log.told(person, 'left', 2 * GRACE_MS);
    assert.deepEqual(zoe.log.eventsOf(person), ['offline', 'left']);
  }
  assert.deepEqual(await rosterAt(b, meeting.sessionId), everybody([zoe]));
}

/** Nobody was connected to the living node when the other died, and nobody came until its lease was over. */
async function whoJoinsLaterSeesNoGhosts(t, b, { meeting, mira, jonas }, killedAt) {
  await moment(killedAt + GHOST_LIMIT_MS);
  const zoe = await joinAt(b, meeting, 'Zoe');
  const { Zoe, ...others } = rosterOf(zoe.joined.players);
  assert.equal(Zoe, 'online');
  t.diagnostic(`who joined after ${GHOST_LIMIT_MS} ms saw ${JSON.stringify(others)}`);
  assert.ok(!Object.values(others).includes('online'), `ghosts: ${JSON.stringify(others)}`);
  await rosterBecomes([b], meeting.sessionId, everybody([zoe]), 2 * GRACE_MS);
  for (const person of [mira, jonas]) assert.ok(!zoe.log.eventsOf(person).includes('online'));
}

async function whoAsksLaterIsToldOfNoGhosts(b, { meeting }, killedAt) {
  await moment(killedAt + GHOST_LIMIT_MS);
  const roster = await rosterAt(b, meeting.sessionId);
  assert.ok(!Object.values(roster).includes('online'), `ghosts: ${JSON.stringify(roster)}`);
  await rosterBecomes([b], meeting.sessionId, {}, 2 * GRACE_MS);
}
