import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { between, match } from '../lib/match.js';
import { Meeting } from '../lib/meeting.js';
import { ok } from '../lib/rest.js';
import { Server } from '../lib/server.js';

/** The limits are on by default, so this server gets no flag about them. */
const server = await new Server({ env: { POKER_DISCONNECT_GRACE_MS: '120000' } }).start();
after(() => server.close());

const DEFAULT_LIMIT = 30;
const CEILING = 300;

/** Event, how often it is treated in 60 s, and a payload that is treated. */
const LIMITS = [
  ['vote:submit', 10, (turn) => ({ value: String(turn) })],
  ['vote:change', 15, (turn) => ({ value: String(turn) })],
  ['story:create', 3, (turn) => ({ title: `Story ${turn}` })],
  ['story:update', 5, (turn) => ({ title: `Title ${turn}` })],
  ['story:delete', 3, () => ({ storyId: '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20' })],
  ['player:update', 5, (turn) => ({ name: `Name ${turn}` })],
  ['cards:reveal', 5, () => ({})],
  ['game:reset', 5, () => ({})],
  ['timer:start', 10, (turn) => ({ duration: turn + 1 })],
  ['timer:stop', 10, () => ({})],
  ['session:join', 3, (_, { sessionId }) => ({ sessionId })],
  ['heartbeat', 120, (turn) => ({ timestamp: turn })],
  ['story:activate', DEFAULT_LIMIT, (_, __, story) => ({ storyId: story.id })],
  ['player:promote', DEFAULT_LIMIT, (_, { host }) => ({ playerId: host.playerId })],
  ['player:activity', DEFAULT_LIMIT, () => ({})],
  ['player:remove', DEFAULT_LIMIT, () => ({ playerId: '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20' })],
  ['wave', DEFAULT_LIMIT, () => ({})],
];

const refusal = (event) => ({ event, retryAfter: between(1, 60) });

async function twoAtTheTable(t, how = {}) {
  const meeting = await Meeting.open(server, { how });
  t.after(() => meeting.close());
  const jonas = await meeting.join('Jonas');
  const story = await ok(meeting.host.addStory('Now'), 201);
  await meeting.fence();
  return { meeting, mira: meeting.host, jonas, story };
}

const refusals = (client) => client.history.filter(({ event }) => event === 'rate:limit').map(({ args }) => args[0]);

/** The next refusal proves that everything emitted before it was treated: events of one socket keep their order. */
async function oneTooMany(client, event, payload) {
  const from = client.history.length;
  client.emit(event, payload);
  await client.seen('rate:limit', () => true, from);
}

describe('rate limits', { concurrency: 4 }, () => {
  for (const [event, limit, payload] of LIMITS) {
    test(`${event} is treated ${limit} times in a minute and refused once per further time`, async (t) => {
      const { meeting, mira, jonas, story } = await twoAtTheTable(t);
      for (let turn = 0; turn < limit; turn += 1) mira.client.emit(event, payload(turn, meeting, story));
      await oneTooMany(mira.client, event, payload(limit, meeting, story));
      await meeting.nobodyHears(() => oneTooMany(mira.client, event, payload(limit + 1, meeting, story)), { except: mira.client });
      const refused = refusals(mira.client);
      assert.equal(refused.length, 2, JSON.stringify(refused));
      for (const answer of refused) match(answer, refusal(event));
      assert.deepEqual(refusals(jonas.client), []);
    });
  }

  test('the last treated event has its effect and the first refused has none', async (t) => {
    const { meeting, mira } = await twoAtTheTable(t);
    for (let turn = 1; turn <= 5; turn += 1) mira.client.emit('story:update', { title: `Title ${turn}` });
    await oneTooMany(mira.client, 'story:update', { title: 'Title 6' });
    match(await ok(mira.rest.get(`${meeting.path}/stories`)), [{ title: 'Title 5' }]);
  });

  test('refused events count too', async (t) => {
    const { mira } = await twoAtTheTable(t);
    for (let turn = 0; turn < 3; turn += 1) mira.client.emit('story:create', { title: '' });
    await oneTooMany(mira.client, 'story:create', { title: 'Good at last' });
    match(refusals(mira.client), [refusal('story:create')]);
  });

  test('events have windows of their own', async (t) => {
    const { mira } = await twoAtTheTable(t);
    for (let turn = 0; turn < 5; turn += 1) mira.client.emit('cards:reveal', {});
    await oneTooMany(mira.client, 'cards:reveal', {});
    match(await mira.client.call('timer:start', { duration: 5 }), { ok: true });
    for (let turn = 0; turn < DEFAULT_LIMIT; turn += 1) mira.client.emit('wave', {});
    mira.client.emit('nod', {});
    await mira.client.settle();
    assert.equal(refusals(mira.client).length, 1);
  });

  for (const version of VERSIONS) {
    test(`neither a reconnection nor a second socket refills the window of a player with ${version}`, async (t) => {
      const { meeting, mira, jonas } = await twoAtTheTable(t, { version });
      for (let turn = 0; turn < 4; turn += 1) jonas.client.emit('vote:submit', { value: String(turn) });
      await jonas.client.settle();
      meeting.forget(jonas.client);
      jonas.client.mark();
      jonas.client.drop();
      await jonas.client.next('session:joined');
      for (let turn = 4; turn < 8; turn += 1) jonas.client.emit('vote:submit', { value: String(turn) });
      await jonas.client.settle();
      const first = jonas.client;
      await jonas.attach({ version });
      for (let turn = 8; turn < 10; turn += 1) jonas.client.emit('vote:submit', { value: String(turn) });
      await jonas.client.settle();
      assert.deepEqual([...refusals(first), ...refusals(jonas.client)], []);
      await oneTooMany(jonas.client, 'vote:submit', { value: '10' });
      await oneTooMany(first, 'vote:submit', { value: '11' });
      match([...refusals(first), ...refusals(jonas.client)], [refusal('vote:submit'), refusal('vote:submit')]);
      first.close();
      match(await mira.client.call('vote:submit', { value: '5' }), { ok: true });
    });
  }

  test('three hundred events of any kind in a minute are the ceiling of a socket', async (t) => {
    const { meeting, mira } = await twoAtTheTable(t);
    const kinds = LIMITS.filter(([event]) => event !== 'session:join' && event !== 'timer:stop');
    let sent = 0;
    for (const [event, limit, payload] of kinds) {
      for (let turn = 0; turn < limit && sent < CEILING; turn += 1, sent += 1) mira.client.emit(event, payload(turn, meeting, { id: meeting.sessionId }));
    }
    assert.equal(sent, CEILING);
    await oneTooMany(mira.client, 'timer:stop', {});
    match(refusals(mira.client), [refusal('timer:stop')]);
  });

  test('REST calls are not counted', async (t) => {
    const { meeting, mira, jonas } = await twoAtTheTable(t);
    for (let turn = 0; turn < 10; turn += 1) jonas.client.emit('vote:submit', { value: String(turn) });
    await oneTooMany(jonas.client, 'vote:submit', { value: '10' });
    for (let turn = 0; turn < 40; turn += 1) await ok(jonas.vote(`r${turn}`));
    for (let turn = 0; turn < 6; turn += 1) await ok(mira.addStory(`Story ${turn}`), 201);
    await ok(mira.vote('5'));
    await Promise.all(Array.from({ length: 30 }, () => ok(mira.reveal())));
    match(await ok(jonas.rest.get(`${meeting.path}/stories`)), { length: 7 });
    assert.equal(refusals(jonas.client).length, 1);
  });

  test('a watcher without a player is limited as a socket', async (t) => {
    const { meeting } = await twoAtTheTable(t);
    const watcher = await meeting.watch();
    for (let turn = 0; turn < 10; turn += 1) watcher.emit('vote:submit', { value: '5' });
    await oneTooMany(watcher, 'vote:submit', { value: '5' });
    match(refusals(watcher), [refusal('vote:submit')]);
  });
});
