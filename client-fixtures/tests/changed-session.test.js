import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { Cluster } from '../lib/cluster.js';
import { match } from '../lib/match.js';
import { Meeting } from '../lib/meeting.js';
import { ok } from '../lib/rest.js';

const cluster = await Cluster.start();
after(() => cluster.close());
const [here, there] = cluster.nodes;

/** Mira and a watcher on one node, Jonas on the other. */
async function scene(t, version) {
  const how = { version };
  const meeting = await Meeting.open(here, { how });
  t.after(() => meeting.close());
  const jonas = await meeting.join('Jonas', { attach: false });
  await jonas.attach({ ...how, url: there.url });
  const watcher = await meeting.watch();
  await meeting.fence();
  const clients = [meeting.host.client, jonas.client, watcher];
  clients.forEach((client) => client.mark());
  return { meeting, mira: meeting.host, jonas, clients };
}

const heard = (client) => client.heard().map(({ event }) => event);

describe('a session that is changed over REST', () => {
  for (const version of VERSIONS) {
    test(`shows its name and settings to everybody on all nodes, once, with ${version}`, async (t) => {
      const { meeting, mira, clients } = await scene(t, version);
      const change = { name: 'Sprint 42', config: { autoRevealCards: true, timerSeconds: 90 } };
      const changed = await ok(mira.rest.put(meeting.path, change));
      await meeting.fence();
      for (const client of clients) {
        const [{ event, args: [{ session }] }, ...more] = client.heard();
        assert.equal(event, 'session:updated');
        assert.deepEqual(more, []);
        match(session, {
          id: meeting.sessionId, name: 'Sprint 42', hostId: mira.playerId, hasPassword: false, players: { length: 2 },
          config: { autoRevealCards: true, timerSeconds: 90, allowSpectators: true },
        });
        assert.deepEqual(session.config, changed.config);
      }
    });
  }

  test('shows another deck before it shows everything anew', async (t) => {
    const { meeting, mira, clients } = await scene(t);
    await ok(mira.rest.put(meeting.path, { config: { cardValues: ['S', 'M', 'L'] } }));
    await meeting.fence();
    for (const client of clients) assert.deepEqual(heard(client), ['session:updated', 'session:joined']);
  });

  test('says nothing of a change that changes nothing', async (t) => {
    const { meeting, mira, clients } = await scene(t);
    await ok(mira.rest.put(meeting.path, { name: 'Planning Poker Session', config: { autoRevealCards: false } }));
    await meeting.fence();
    for (const client of clients) assert.deepEqual(heard(client), []);
  });
});

describe('the own card', () => {
  for (const version of VERSIONS) {
    test(`is told to its player alone, on any node, for the token, with ${version}`, async (t) => {
      const { meeting, mira, jonas } = await scene(t, version);
      await ok(mira.addStory('Now'), 201);
      await ok(jonas.vote('q3x', { confidence: 2 }));
      const auth = { sessionId: meeting.sessionId, playerId: jonas.playerId };
      const back = meeting.connect({ ...auth, token: jonas.token }, { version });
      match(await back.next('vote:restored'), { value: 'q3x', confidence: 2 });
      const told = back.history.map(({ event }) => event);
      assert.deepEqual(told.slice(-2), ['vote:submitted', 'vote:restored']);

      const stranger = meeting.connect(auth, { version });
      await stranger.next('vote:submitted');
      await meeting.fence();
      const others = meeting.clients.filter((client) => client !== back);
      for (const { frames } of others) assert.ok(!frames.some((frame) => String(frame).includes('q3x')));
    });
  }
});
