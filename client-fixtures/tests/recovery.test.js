import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { absent, isTimestamp, isToken, match } from '../lib/match.js';
import { heardExactly, Meeting } from '../lib/meeting.js';
import { Proxy } from '../lib/proxy.js';
import { ok, refused } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { playerShape, storyShape, submitted } from '../lib/shapes.js';
import { until } from '../lib/wait.js';

const HASTY = { POKER_DISCONNECT_GRACE_MS: '400', POKER_JOIN_GRACE_MS: '700', POKER_HOST_HANDOVER_MS: '900' };
const PATIENT = { POKER_DISCONNECT_GRACE_MS: '120000', POKER_JOIN_GRACE_MS: '120000', POKER_HOST_HANDOVER_MS: '0' };

const patient = await startServer({ env: PATIENT });
const hasty = await startServer({ env: HASTY });
/** A poller that vanishes between two requests is missed by nothing but the ping. */
const attentive = await startServer({ flags: ['--ping-interval-ms', '500', '--ping-timeout-ms', '2500'], env: PATIENT });
after(() => Promise.all([patient.close(), hasty.close(), attentive.close()]));

const offline = (person) => ['player:status_changed', { playerId: person.playerId, isOnline: false, lastSeenAt: isTimestamp }];
const online = (person) => ['player:status_changed', { playerId: person.playerId, isOnline: true, lastSeenAt: isTimestamp }];
const left = (person, playerCount) => ['player:left', { playerId: person.playerId, playerCount }];

/** What happens while the player is away, and what he must be told when he returns. */
const ABSENCES = [
  {
    meanwhile: 'nothing happens',
    act: async () => {},
    catchUp: ({ jonas }) => [submitted(jonas, 1, 3)],
  },
  {
    meanwhile: 'two others vote',
    act: async ({ mira, ada }) => {
      await ok(mira.vote('q8x'));
      await ok(ada.vote('q5x'));
    },
    catchUp: ({ jonas, mira, ada }) => [submitted(jonas, 3, 3), submitted(mira, 3, 3), submitted(ada, 3, 3)],
  },
  {
    meanwhile: 'the round is reset and voting starts again',
    act: async ({ mira, ada }) => {
      await ok(mira.resetVoting());
      await ok(ada.vote('q5x'));
    },
    catchUp: ({ story, ada }) => [['game:reset', { storyId: story.id }], submitted(ada, 1, 3)],
  },
  {
    meanwhile: 'another story becomes active',
    act: async (cast) => {
      cast.next = await ok(cast.mira.addStory('Next'), 201);
      await ok(cast.mira.vote('q8x'));
    },
    catchUp: ({ next, mira }) => [['story:activated', { story: storyShape({ id: next.id, title: 'Next' }) }], submitted(mira, 1, 3)],
  },
  {
    meanwhile: 'the cards are revealed',
    act: async ({ mira }) => {
      await ok(mira.reveal());
    },
    catchUp: ({ story, jonas }) => [['cards:revealed', {
      storyId: story.id, votes: [{ playerId: jonas.playerId, value: 'q3x' }], consensus: { suggestedValue: 'q3x' },
    }]],
  },
  {
    meanwhile: 'the active story is completed',
    act: async ({ mira, story }) => {
      await ok(mira.rest.put(`/stories/${story.id}/complete`, { finalEstimate: '5' }));
    },
    catchUp: () => [],
  },
];

describe('a player whose network breaks', { concurrency: 3 }, () => {
  for (const version of VERSIONS) {
    for (const { meanwhile, act, catchUp } of ABSENCES) {
      test(`returns to the right screen with ${version} after ${meanwhile}`, (t) => absence(t, { server: patient, version, act, catchUp }));
    }
  }

  for (const mode of ['polling', 'upgrade']) {
    const { act, catchUp } = ABSENCES[1];
    test(`returns to the right screen over ${mode}`, (t) => absence(t, { server: attentive, version: '4.8', mode, act, catchUp }));
  }
});

async function absence(t, { server, version, mode = 'websocket', act, catchUp }) {
  const how = { version, mode };
  const meeting = await Meeting.open(server, { how });
  const proxy = await Proxy.before(server);
  t.after(() => proxy.close());
  t.after(() => meeting.close());
  const { host: mira } = meeting;
  const ada = await meeting.join('Ada');
  const jonas = await meeting.join('Jonas', { how: { ...how, url: proxy.url } });
  const story = await ok(mira.addStory('Now'), 201);
  await ok(jonas.vote('q3x'));
  await meeting.fence();
  meeting.forget(jonas.client);

  await meeting.everyoneHears([offline(jonas)], async () => {
    proxy.cut();
    await mira.client.next('player:status_changed');
  });
  const cast = { mira, ada, jonas, story };
  await act(cast);
  jonas.client.mark();
  await meeting.everyoneHears([online(jonas)], async () => {
    proxy.mend();
    await jonas.client.next('session:joined');
    meeting.clients.push(jonas.client);
  });
  heardExactly(jonas.client, [['player:reconnected', {}], ['session:joined', { players: { length: 3 } }], ...catchUp(cast)]);
}

describe('presence', { concurrency: 3 }, () => {
  test('a player who joins in mid-round is told the running votes', async (t) => {
    const meeting = await Meeting.open(patient);
    t.after(() => meeting.close());
    const { host: mira } = meeting;
    const jonas = await meeting.join('Jonas');
    await ok(mira.addStory('Now'), 201);
    await ok(jonas.vote('q5x'));
    await ok(mira.vote('q8x'));
    const ada = await meeting.everyoneHears(
      (person) => [['player:joined', { player: playerShape(person), playerCount: 3 }], submitted(mira, 2, 3)],
      () => meeting.join('Ada', { attach: false }),
    );
    await meeting.nobodyHears(() => ada.attach());
    await meeting.fence();
    const opening = [['player:reconnected', {}], ['session:joined', { voteCount: 2, totalPlayers: 3, votesRevealed: false }]];
    heardExactly(ada.client, [...opening, submitted(jonas, 2, 3), submitted(mira, 2, 3)]);
    meeting.assertSecret('q5x', 'q8x');
  });

  test('a player who vanishes is offline at once, gone after the grace, and the totals follow', async (t) => {
    const meeting = await Meeting.open(hasty);
    t.after(() => meeting.close());
    const { host: mira } = meeting;
    const jonas = await meeting.join('Jonas');
    await ok(mira.addStory('Now'), 201);
    await ok(mira.vote('5'));
    meeting.forget(jonas.client);
    await meeting.everyoneHears([offline(jonas), left(jonas, 1), submitted(mira, 1, 1)], async () => {
      jonas.client.vanish();
      await mira.client.next('vote:submitted');
    });
    match(await ok(mira.reveal()), { votes: [{ playerId: mira.playerId, value: '5' }] });
  });

  test('a player who comes back after the grace is announced as joining, with his vote', async (t) => {
    const meeting = await Meeting.open(hasty);
    t.after(() => meeting.close());
    const { host: mira } = meeting;
    const proxy = await Proxy.before(hasty);
    t.after(() => proxy.close());
    const jonas = await meeting.join('Jonas', { how: { url: proxy.url } });
    await ok(mira.addStory('Now'), 201);
    await ok(jonas.vote('5'));
    meeting.forget(jonas.client);
    await meeting.everyoneHears([offline(jonas), left(jonas, 1)], async () => {
      proxy.cut();
      await mira.client.next('player:left');
    });
    const back = playerShape(jonas, { votedInCurrentRound: true });
    await meeting.everyoneHears([['player:joined', { player: back, playerCount: 2 }], submitted(jonas, 1, 2)], async () => {
      proxy.mend();
      await mira.client.next('vote:submitted');
    });
  });

  test('a player who joined over REST and never connects is gone after the join grace', async (t) => {
    const meeting = await Meeting.open(hasty);
    t.after(() => meeting.close());
    const ghost = await meeting.join('Ghost', { attach: false });
    await meeting.everyoneHears([left(ghost, 1)], () => meeting.host.client.next('player:left'));
    match(await ok(meeting.rest.get(meeting.path)), { playerCount: 1, players: [{ id: meeting.host.playerId }] });
  });

  test('an authenticated REST call brings back a player who had left', async (t) => {
    const meeting = await Meeting.open(hasty);
    t.after(() => meeting.close());
    const ghost = await meeting.join('Ghost', { attach: false });
    await meeting.host.client.next('player:left');
    await ok(ghost.rest.put(`/players/${ghost.playerId}/activity`));
    match(await meeting.host.client.next('player:joined', ({ player }) => player.id === ghost.playerId), {
      player: playerShape(ghost), playerCount: 2,
    });
  });

  test('a host who stays away hands over to the longest-joined player online', async (t) => {
    const meeting = await Meeting.open(hasty);
    t.after(() => meeting.close());
    const { host: mira } = meeting;
    const sven = await meeting.join('Sven', { asSpectator: true });
    const jonas = await meeting.join('Jonas');
    await meeting.join('Ada');
    meeting.keepFences(jonas);
    meeting.forget(mira.client).vanish();
    const { newHost } = await sven.client.next('player:promoted');
    match(newHost, playerShape(jonas, { isHost: true }));
    await ok(jonas.addStory('Still going'), 201);
  });

  test('a host who returns after leaving is announced with his role', async (t) => {
    const meeting = await Meeting.open(hasty, { body: { hostName: 'Solo' } });
    t.after(() => meeting.close());
    const { host } = meeting;
    const watcher = await meeting.watch();
    meeting.forget(host.client).socket.disconnect();
    await watcher.next('player:left');
    await host.attach();
    assert.equal((await watcher.next('player:joined')).player.id, host.playerId);
    match(await watcher.next('player:updated'), { player: { id: host.playerId, isHost: true } });
  });

  test('of three sockets of one player only the last one counts, however the others end', async (t) => {
    const server = await startServer({ env: PATIENT });
    t.after(() => server.close());
    const meeting = await Meeting.open(server);
    t.after(() => meeting.close());
    const jonas = await meeting.join('Jonas');
    const tabs = [jonas.client];
    for (let tab = 0; tab < 2; tab += 1) {
      await meeting.nobodyHears(() => jonas.attach());
      tabs.push(jonas.client);
    }
    const [lost, closed, last] = tabs;
    const sockets = async () => (await meeting.rest.get('/websocket/stats')).body.websocket.server.connectedSockets;
    assert.equal(await sockets(), 4);
    await meeting.nobodyHears(async () => {
      meeting.forget(lost).vanish();
      meeting.forget(closed).socket.disconnect();
      await until(async () => (await sockets()) === 2, 'the server knows that two sockets are gone');
    });
    await meeting.everyoneHears([left(jonas, 1)], async () => {
      meeting.forget(last).socket.disconnect();
      await meeting.host.client.next('player:left');
    });
  });

  test('a frozen connection is noticed by the ping and recovered', async (t) => {
    const server = await startServer({ flags: ['--ping-interval-ms', '300', '--ping-timeout-ms', '300'], env: PATIENT });
    t.after(() => server.close());
    const meeting = await Meeting.open(server);
    t.after(() => meeting.close());
    const proxy = await Proxy.before(server);
    t.after(() => proxy.close());
    const jonas = await meeting.join('Jonas', { how: { url: proxy.url } });
    meeting.forget(jonas.client);
    await meeting.everyoneHears([offline(jonas)], async () => {
      proxy.freeze();
      await meeting.host.client.next('player:status_changed', ({ isOnline }) => !isOnline);
    });
    jonas.client.mark();
    await meeting.everyoneHears([online(jonas)], async () => {
      proxy.cut();
      proxy.mend();
      await jonas.client.next('session:joined');
    });
  });
});

describe('a page reload', { concurrency: 3 }, () => {
  test('gives a player his old identity, and others see one of him', async (t) => {
    const meeting = await Meeting.open(patient);
    t.after(() => meeting.close());
    const { host: mira } = meeting;
    const jonas = await meeting.join('Jonas');
    await ok(mira.addStory('Now'), 201);
    await ok(jonas.vote('q5x'));
    await unload(meeting, jonas, mira.client);

    const from = mira.client.history.length;
    const again = await ok(jonas.rest.post(`${meeting.path}/join`, { playerName: ' jONAS ', avatar: '🚀' }));
    match(again, { playerId: jonas.playerId, sessionId: meeting.sessionId, token: isToken });
    const { player } = mira.client.history[await mira.client.seen('player:updated', () => true, from)].args[0];
    match(player, { id: jonas.playerId, name: 'jONAS', avatar: '🚀', votedInCurrentRound: true });
    jonas.rest = jonas.rest.withToken(again.token);
    await jonas.attach();
    match(jonas.joined, { player: { id: jonas.playerId, isOnline: true }, players: { length: 2 }, voteCount: 1 });
    await meeting.fence();
    const seen = mira.client.history.slice(from).map(({ event, args }) => presenceIn(event, args[0], jonas.playerId));
    assert.equal(seen.filter((it) => it !== undefined).at(-1), true, 'the others see him online');
    match(await ok(jonas.vote('q8x')), { timestamp: isTimestamp });
  });

  test('keeps the host in charge', async (t) => {
    const meeting = await Meeting.open(patient);
    t.after(() => meeting.close());
    const { host: mira } = meeting;
    const jonas = await meeting.join('Jonas');
    await unload(meeting, mira, jonas.client);
    const again = await ok(mira.rest.post(`${meeting.path}/join`, { playerName: 'Mira', avatar: '🦊' }));
    assert.equal(again.playerId, mira.playerId);
    mira.rest = mira.rest.withToken(again.token);
    await mira.attach();
    match(mira.joined, { hostId: mira.playerId, player: { isHost: true } });
    await ok(mira.addStory('Mine'), 201);
  });

  test('of somebody who is still connected, or under another name, makes a new player', async (t) => {
    const meeting = await Meeting.open(patient);
    t.after(() => meeting.close());
    const jonas = await meeting.join('Jonas');
    const second = await ok(jonas.rest.post(`${meeting.path}/join`, { playerName: 'Jonas' }));
    assert.notEqual(second.playerId, jonas.playerId);
    await unload(meeting, jonas, meeting.host.client);
    const renamed = await ok(jonas.rest.post(`${meeting.path}/join`, { playerName: 'Johannes' }));
    assert.ok(![jonas.playerId, second.playerId].includes(renamed.playerId));
  });
});

/** What a closing page does to its connection: no goodbye, and no return by itself. */
async function unload(meeting, person, observer) {
  const from = observer.history.length;
  meeting.forget(person.client).vanish();
  await observer.seen('player:status_changed', ({ playerId, isOnline }) => playerId === person.playerId && !isOnline, from);
}

function presenceIn(event, payload, playerId) {
  if (event === 'player:status_changed' && payload.playerId === playerId) return payload.isOnline;
  if (['player:updated', 'player:joined'].includes(event) && payload.player.id === playerId) return payload.player.isOnline;
  return undefined;
}

describe('a restart of the server', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    test(`after ${signal} brings every client back by itself with all the votes`, (t) => restart(t, { signal, env: PATIENT }));
  }

  test('with POKER_SHUTDOWN_NOTICE=on tells the clients first', async (t) => {
    const clients = await restart(t, { signal: 'SIGTERM', env: { ...PATIENT, POKER_SHUTDOWN_NOTICE: 'on' } });
    for (const client of clients) {
      const notice = client.history.findIndex(({ event }) => event === 'connection:error');
      match(client.history[notice], { args: [{ error: 'Server shutting down', code: 'SERVER_SHUTDOWN' }] });
      assert.equal(client.history[notice + 1].event, 'disconnect');
    }
  });

  test('with POKER_SHUTDOWN_NOTICE=off shows the clients a lost transport and nothing else', async (t) => {
    const clients = await restart(t, { signal: 'SIGTERM', env: { ...PATIENT, POKER_SHUTDOWN_NOTICE: 'off' } });
    for (const client of clients) {
      assert.deepEqual(client.history.filter(({ event }) => event.endsWith(':error')), []);
    }
  });
});

async function restart(t, { signal, env }) {
  const server = await startServer({ env });
  t.after(() => server.close());
  const meeting = await Meeting.open(server, { how: { version: '4.8', mode: 'websocket' } });
  t.after(() => meeting.close());
  const { host: mira } = meeting;
  const people = [mira];
  for (const version of VERSIONS) people.push(await meeting.join(`Guest ${version}`, { how: { version, mode: 'websocket' } }));
  people.push(await meeting.join('Poller', { how: { version: '4.8', mode: 'polling' } }));
  const story = await ok(mira.addStory('Survivor'), 201);
  for (const [index, person] of people.entries()) await ok(person.vote(`q${index}x`));
  await meeting.fence();
  for (const client of meeting.clients) client.mark();

  const how = await server.restart(signal);
  if (signal === 'SIGTERM') assert.deepEqual(how, { code: 0, signal: null });
  for (const client of meeting.clients) await backAgain(client, people.length, signal);

  const { votes } = await ok(mira.reveal());
  assert.deepEqual(votes.map(({ value }) => value), people.map((_, index) => `q${index}x`));
  for (const client of meeting.clients) await client.next('cards:revealed', ({ storyId }) => storyId === story.id);
  return meeting.clients;
}

async function backAgain(client, voters, signal) {
  const reason = await client.next('disconnect');
  assert.notEqual(reason, 'io server disconnect');
  // A killed process may reset its connections, which is an error rather than a close.
  if (client.mode === 'websocket' && signal === 'SIGTERM') assert.equal(reason, 'transport close');
  const from = client.cursor;
  match(await client.next('session:joined'), { voteCount: voters, totalPlayers: voters, players: { length: voters }, votesRevealed: false });
  const opening = client.history.slice(from).filter(({ event }) => ['player:reconnected', 'session:joined'].includes(event));
  assert.deepEqual(opening.map(({ event }) => event), ['player:reconnected', 'session:joined']);
  for (let vote = 0; vote < voters; vote += 1) match(await client.next('vote:submitted'), { voteCount: voters, totalPlayers: voters });
}

test('tokens and the identity of a session survive a restart without JWT_SECRET', async (t) => {
  const server = await startServer({ env: PATIENT });
  t.after(() => server.close());
  const meeting = await Meeting.open(server, { attach: false });
  const jonas = await meeting.join('Jonas', { attach: false });
  const story = await ok(meeting.host.addStory('Kept'), 201);
  await server.restart('SIGKILL');
  match(await ok(meeting.rest.get(meeting.path)), { id: meeting.sessionId, hostId: meeting.host.playerId });
  match(await ok(meeting.rest.get(`${meeting.path}/stories`)), [{ id: story.id, title: 'Kept', isActive: true, finalEstimate: absent }]);
  await ok(jonas.vote('5'));
  await ok(meeting.host.reveal());
});

test('a deleted session stays deleted after a restart', async (t) => {
  const server = await startServer({ env: PATIENT });
  t.after(() => server.close());
  const meeting = await Meeting.open(server, { attach: false });
  await ok(meeting.host.rest.delete(meeting.path));
  await server.restart('SIGKILL');
  await refused(meeting.rest.get(meeting.path), 404, 'Session not found or has expired');
  await refused(meeting.host.addStory('Late'), 401, 'Session no longer exists');
});

test('an offline queue that is replayed after the return changes nothing twice', async (t) => {
  const meeting = await Meeting.open(patient);
  t.after(() => meeting.close());
  const { host: mira } = meeting;
  const jonas = await meeting.join('Jonas');
  const old = await ok(mira.addStory('Old'), 201);
  await ok(jonas.vote('5'));
  jonas.client.drop();
  jonas.client.emit('vote:submit', { value: '5', storyId: old.id });
  jonas.client.emit('game:reset', { storyId: old.id });
  jonas.client.emit('cards:reveal', { storyId: old.id });
  const fresh = await ok(mira.addStory('Fresh'), 201);
  await ok(mira.vote('8'));
  await until(() => jonas.client.connected, 'the client is back');
  await jonas.client.settle();
  match(await ok(mira.rest.get(`${meeting.path}/votes`)), { votes: [{ playerId: mira.playerId }], revealed: false });
  match(await ok(mira.rest.get(`${meeting.path}/votes?storyId=${old.id}`)), { votes: [{ playerId: jonas.playerId, value: null }] });
  assert.equal(fresh.isActive, true);
});
