import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { VERSIONS } from '../lib/clients.js';
import { absent, isString, match } from '../lib/match.js';
import { heardExactly, Meeting } from '../lib/meeting.js';
import { DeafSocket, RawPolling, RawSocket } from '../lib/raw.js';
import { ok } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { submitted } from '../lib/shapes.js';
import { until, within } from '../lib/wait.js';

const WRITE_TIMEOUT_SECS = 2;
const server = await startServer({
  flags: ['--write-timeout-secs', String(WRITE_TIMEOUT_SECS)],
  env: { POKER_DISCONNECT_GRACE_MS: '120000' },
});
after(() => server.close());

/** Just below the message limit of 1,000,000 bytes, so that it reaches the handlers. */
const HUGE = 'x'.repeat(990_000);
const OVERSIZED = 'x'.repeat(1_000_001);
const LONG = (length) => 'x'.repeat(length);

/** Emitting nothing at all and these are what "missing or of a wrong type" means for a whole payload. */
const MISSING = [[], [null]];
const WRONG = [[7], ['text'], [['a']], [true], [HUGE]];
const NEVER_A_PAYLOAD = [...MISSING, ...WRONG];
const UNKNOWN_ID = '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20';

const EVENTS = [
  'vote:submit', 'vote:change', 'cards:reveal', 'game:reset', 'story:create', 'story:update', 'story:delete', 'story:activate',
  'player:update', 'player:remove', 'player:promote', 'player:activity', 'timer:start', 'timer:stop', 'heartbeat', 'session:join',
];

const BAD_VOTES = [
  {}, { value: 7 }, { value: null }, { value: ['5'] }, { value: '' }, { value: LONG(11) }, { value: '5', storyId: 7 },
  { value: '5', confidence: 0 }, { value: '5', confidence: 6 }, { value: '5', confidence: 2.5 }, { value: '5', confidence: '3' },
];

/** What the rightful sender of a bad payload is told: event, channel, text, payloads. */
const REFUSALS = [
  ['vote:submit', 'connection:error', 'Failed to submit vote', [...NEVER_A_PAYLOAD, ...one(BAD_VOTES)]],
  ['vote:change', 'connection:error', 'Failed to submit vote', [...NEVER_A_PAYLOAD, ...one(BAD_VOTES)]],
  ['cards:reveal', 'connection:error', 'Failed to reveal cards', [...WRONG, ...one([{ storyId: 7 }, { storyId: {} }])]],
  ['game:reset', 'connection:error', 'Failed to reset game', [...WRONG, ...one([{ storyId: 7 }, { storyId: {} }])]],
  ['story:create', 'connection:error', 'Failed to create story', [...NEVER_A_PAYLOAD, ...one([
    {}, { title: 7 }, { title: null }, { title: '' }, { title: LONG(256) }, { title: 'ok', description: 7 }, { title: 'ok', description: LONG(1001) },
  ])]],
  ['story:update', 'connection:error', 'Failed to update story', [...WRONG, ...one([
    { title: 7 }, { title: '' }, { title: LONG(256) }, { description: 7 }, { description: LONG(1001) }, { finalEstimate: 5 },
    { finalEstimate: LONG(11) }, { storyId: 7, title: 'ok' },
  ])]],
  ['story:delete', 'connection:error', 'Failed to delete story', [...NEVER_A_PAYLOAD, ...one([{ storyId: 7 }, { storyId: {} }])]],
  ['story:activate', 'connection:error', 'Failed to activate story', [...NEVER_A_PAYLOAD, ...one([{ storyId: 7 }, { storyId: {} }])]],
  ['player:update', 'connection:error', 'Failed to update player', [...NEVER_A_PAYLOAD, ...one([
    {}, { name: 7 }, { name: '' }, { name: '   ' }, { name: LONG(51) }, { avatar: 7 }, { avatar: 'no blanks' }, { isSpectator: 'yes' },
  ])]],
  ['player:remove', 'session:error', 'Failed to remove player', [...NEVER_A_PAYLOAD, ...one([{}, { playerId: 7 }, { playerId: null }])]],
  ['player:promote', 'session:error', 'Failed to promote player', [...NEVER_A_PAYLOAD, ...one([{}, { playerId: 7 }, { playerId: null }])]],
  ['timer:start', 'connection:error', 'Failed to start timer', [...NEVER_A_PAYLOAD, ...one([
    {}, { duration: '60' }, { duration: -1 }, { duration: 86_401 }, { duration: null },
  ])]],
];

/** A payload alone, as the argument list of `emit`. */
function one(payloads) {
  return payloads.map((payload) => [payload]);
}

async function threeAtTheTable(t, how = {}) {
  const meeting = await Meeting.open(server, { how });
  t.after(() => meeting.close());
  const jonas = await meeting.join('Jonas');
  const ada = await meeting.join('Ada', { how: { version: '2.5', mode: 'polling' } });
  const story = await ok(meeting.host.addStory('Now'), 201);
  await meeting.fence();
  return { meeting, mira: meeting.host, jonas, ada, story };
}

describe('bad payloads', { concurrency: 2 }, () => {
  for (const [event, channel, error, payloads] of REFUSALS) {
    test(`of ${event} are refused as "${error}" to their sender alone`, async (t) => {
      const { meeting, mira } = await threeAtTheTable(t);
      await meeting.nobodyHears(async () => {
        for (const payload of payloads) mira.client.emit(event, ...payload);
        await mira.client.settle();
      }, { except: mira.client });
      heardExactly(mira.client, payloads.map(() => [channel, { error, code: 'INVALID_PAYLOAD' }]));
    });

    test(`of ${event} are refused in the acknowledgement and nowhere else`, async (t) => {
      const { meeting, mira } = await threeAtTheTable(t);
      const [payload] = payloads.at(-1);
      const answer = await meeting.nobodyHears(() => mira.client.call(event, payload));
      match(answer, { ok: false, error, code: 'INVALID_PAYLOAD' });
    });
  }

  for (const version of VERSIONS) {
    test(`from a member with ${version} reach nobody else, whatever the event`, async (t) => {
      const { meeting, jonas } = await threeAtTheTable(t, { version });
      await meeting.nobodyHears(async () => {
        for (const event of EVENTS.filter((name) => name !== 'player:activity')) {
          for (const payload of NEVER_A_PAYLOAD) jonas.client.emit(event, ...payload);
        }
        await jonas.client.settle();
      }, { except: jonas.client });
      assert.equal(jonas.client.connected, true);
    });
  }

  test('of player:activity are an activity, of timer:stop a stop, of heartbeat a heartbeat', async (t) => {
    const { meeting, mira } = await threeAtTheTable(t);
    await meeting.everyoneHears([['player:status_changed', { playerId: mira.playerId, isOnline: true }]], async () => {
      for (const payload of NEVER_A_PAYLOAD) mira.client.emit('player:activity', ...payload);
      await mira.client.settle();
    });
    await meeting.everyoneHears(NEVER_A_PAYLOAD.map(() => ['timer:updated', { timer: { isRunning: false, duration: 0 } }]), async () => {
      for (const payload of NEVER_A_PAYLOAD) mira.client.emit('timer:stop', ...payload);
      await mira.client.settle();
    });
    const from = mira.client.history.length;
    for (const payload of NEVER_A_PAYLOAD) mira.client.emit('heartbeat', ...payload);
    await mira.client.settle();
    const answers = mira.client.history.slice(from).filter(({ event }) => event === 'heartbeat:response').slice(0, -1);
    assert.equal(answers.length, NEVER_A_PAYLOAD.length);
    for (const { args } of answers) match(args[0], { timestamp: absent, serverTime: Number.isInteger });
  });

  test('a missing payload of cards:reveal and game:reset means the active story, and never another session', async (t) => {
    const { meeting, mira, jonas, story } = await threeAtTheTable(t);
    const bystanders = await threeAtTheTable(t);
    await ok(bystanders.jonas.vote('q5x'));
    await bystanders.meeting.nobodyHears(async () => {
      await meeting.nobodyHears(async () => {
        mira.client.emit('cards:reveal').emit('cards:reveal', null).emit('cards:reveal', {});
        await mira.client.settle();
        match(await mira.client.call('cards:reveal', {}), { ok: false, error: isString, code: 'NO_VOTES' });
      });
      await ok(jonas.vote('?'));
      await meeting.everyoneHears([['cards:revealed', { storyId: story.id, votes: [{ playerId: jonas.playerId, value: '?' }] }]],
        async () => {
          mira.client.emit('cards:reveal', null);
          await mira.client.settle();
        });
      await meeting.everyoneHears(Array(4).fill(['game:reset', { storyId: story.id }]), async () => {
        mira.client.emit('game:reset').emit('game:reset', null).emit('game:reset', {}).emit('game:reset', { storyId: meeting.sessionId });
        await mira.client.settle();
      });
    });
    match(await ok(bystanders.mira.rest.get(`${bystanders.meeting.path}/votes`)), { votes: [{ hasVoted: true, value: null }] });
  });

  test('stories that are not active or not there are refused by name', async (t) => {
    const { meeting, mira, jonas, story: old } = await threeAtTheTable(t);
    await ok(jonas.vote('5'));
    await ok(mira.addStory('Newer'), 201);
    await meeting.nobodyHears(async () => {
      for (const storyId of [old.id, UNKNOWN_ID]) {
        mira.client.emit('cards:reveal', { storyId });
        mira.client.emit('game:reset', { storyId });
        mira.client.emit('vote:submit', { value: '5', storyId });
      }
      mira.client.emit('story:activate', { storyId: UNKNOWN_ID });
      mira.client.emit('story:update', { storyId: UNKNOWN_ID, title: 'Ghost' });
      mira.client.emit('story:delete', { storyId: old.id });
      mira.client.emit('story:delete', { storyId: UNKNOWN_ID });
      await mira.client.settle();
    }, { except: mira.client });
    const naming = [
      ['connection:error', { error: 'Failed to reveal cards', code: 'STORY_NOT_ACTIVE' }],
      ['connection:error', { error: 'Failed to reset game', code: 'STORY_NOT_ACTIVE' }],
      ['connection:error', { error: 'Invalid or completed story' }],
    ];
    heardExactly(mira.client, [
      ...naming,
      ...naming,
      ['connection:error', { error: 'Failed to activate story', code: 'STORY_NOT_FOUND' }],
      ['connection:error', { error: 'Failed to update story', code: 'STORY_NOT_FOUND' }],
      ['connection:error', { error: 'Failed to delete story' }],
    ]);
  });
});

describe('people without the right', { concurrency: 2 }, () => {
  test('a guest is refused every host action, and nobody else notices', async (t) => {
    const { meeting, jonas, ada, story } = await threeAtTheTable(t);
    const idle = await ok(meeting.host.addStory('Second'), 201);
    const actions = [
      ['story:create', { title: 'Mine' }], ['story:update', { storyId: story.id, title: 'Mine' }], ['story:delete', { storyId: idle.id }],
      ['story:activate', { storyId: story.id }], ['timer:start', { duration: 5 }], ['timer:stop', {}],
    ];
    await meeting.nobodyHears(async () => {
      for (const action of actions) jonas.client.emit(...action);
      jonas.client.emit('player:remove', { playerId: ada.playerId });
      jonas.client.emit('player:promote', { playerId: jonas.playerId });
      await jonas.client.settle();
    }, { except: jonas.client });
    heardExactly(jonas.client, [
      ...actions.map(() => ['session:error', { error: 'Host authorization required', code: 'FORBIDDEN' }]),
      ['session:error', { error: 'Only session host can remove players', code: 'FORBIDDEN' }],
      ['session:error', { error: 'Only session host can promote players', code: 'FORBIDDEN' }],
    ]);
  });

  for (const version of VERSIONS) {
    test(`an anonymous watcher with ${version} listens and nothing else`, async (t) => {
      const { meeting, ada, story } = await threeAtTheTable(t);
      const watcher = await meeting.watch({ version });
      const spoken = [
        ['vote:submit', { value: '5' }], ['vote:change', { value: '5' }], ['cards:reveal', {}], ['game:reset', {}], ['story:create', { title: 'Mine' }],
        ['story:update', { storyId: story.id, title: 'Mine' }], ['story:delete', { storyId: story.id }], ['story:activate', { storyId: story.id }],
        ['timer:start', { duration: 5 }], ['timer:stop', {}],
      ];
      const silent = [['player:activity', {}], ['player:update', { name: 'Eve' }], ['session:leave', {}], ['wave', {}]];
      await meeting.nobodyHears(async () => {
        for (const action of [...spoken, ...silent]) watcher.emit(...action);
        watcher.emit('player:remove', { playerId: ada.playerId });
        watcher.emit('player:promote', { playerId: ada.playerId });
        await watcher.settle();
      }, { except: watcher });
      heardExactly(watcher, [
        ...spoken.map(() => ['connection:error', { error: 'Player ID required', code: 'NO_PLAYER' }]),
        ['session:error', { error: 'Player ID required for player removal', code: 'NO_PLAYER' }],
        ['session:error', { error: 'Player ID required for player promotion', code: 'NO_PLAYER' }],
      ]);
      match(await watcher.call('vote:submit', { value: '5' }), { ok: false, error: 'Player ID required', code: 'NO_PLAYER' });
    });
  }

  test('a removed player does nothing more in the moment before he is disconnected', async (t) => {
    const { meeting, mira, jonas } = await threeAtTheTable(t);
    const { client } = jonas;
    client.socket.on('player:removed', () => {
      client.emit('vote:submit', { value: '5' }).emit('player:update', { name: 'Ghost' }).emit('player:activity', {});
    });
    await meeting.everyoneHears([['player:removed', { playerId: jonas.playerId, removedBy: mira.playerId, playerCount: 2 }]], async () => {
      mira.client.emit('player:remove', { playerId: jonas.playerId });
      assert.equal(await client.next('disconnect'), 'io server disconnect');
      meeting.forget(client);
    });
    match(await ok(mira.rest.get(`${meeting.path}/votes`)), { votes: [] });
  });

  test('unknown events are ignored, whatever they carry', async (t) => {
    const { meeting, jonas } = await threeAtTheTable(t);
    await meeting.nobodyHears(async () => {
      for (const payload of NEVER_A_PAYLOAD) jonas.client.emit('wave', ...payload);
      for (const name of ['', 'constructor', '__proto__', 'session:joined', 'player:left', LONG(5000)]) jonas.client.emit(name, {});
      await jonas.client.settle();
    });
  });

  test('nobody is told the connection ids of the others', async (t) => {
    const { meeting, mira, jonas, ada } = await threeAtTheTable(t);
    await ok(mira.vote('5'));
    await meeting.fence();
    const secrets = [mira, jonas, ada].flatMap(({ client }) => [client.socket.id, client.socket.io.engine.id]);
    for (const { client } of [mira, jonas, ada]) {
      const own = [client.socket.id, client.socket.io.engine.id];
      const foreign = secrets.filter((id) => !own.includes(id));
      for (const text of [...client.frames, ...meeting.answers]) for (const id of foreign) assert.ok(!text.includes(id), text);
    }
  });
});

describe('broken wires', { concurrency: 2 }, () => {
  const malformed = [
    'garbage', '', '4', '9', '42', '42[', '42{}', '42{"a":1}', '42[]', '42[7]', '42[null]', '42["vote:submit"', '42["vote:submit",', '421[]', '43[]', '431[]',
    '44{}', '45-["x"]', '451-["x",{"_placeholder":true,"num":0}]', '451-["x"]', '40', '40{', '40,', '40/nowhere,', '42/nowhere,["x"]',
    '41/nowhere,', '46', '4999999999999999999999["x"]', '5', '6', '0{}', '1', '3probe', 'b4AAAA', '42["x",' + '['.repeat(20_000),
  ];
  for (const frame of malformed) {
    const shown = frame.length > 30 ? `${frame.slice(0, 30)}…` : frame;
    test(`the malformed frame '${shown}' harms only the connection it came on`, async (t) => {
      const { meeting } = await threeAtTheTable(t);
      const raw = await RawSocket.open(server);
      t.after(() => raw.close());
      await raw.join({ sessionId: meeting.sessionId });
      await meeting.nobodyHears(() => raw.send(frame).settle());
    });
  }

  test('a binary frame harms only the connection it came on', async (t) => {
    const { meeting } = await threeAtTheTable(t);
    const raw = await RawSocket.open(server);
    t.after(() => raw.close());
    await raw.join({ sessionId: meeting.sessionId });
    await meeting.nobodyHears(() => raw.send(Buffer.from([0, 255, 1, 2])).settle());
  });

  test('a second CONNECT makes no second player', async (t) => {
    const { meeting, mira } = await threeAtTheTable(t);
    const raw = await RawSocket.open(server);
    t.after(() => raw.close());
    const from = mira.client.history.length;
    const auth = { sessionId: meeting.sessionId, playerName: 'Twice' };
    raw.send(`40${JSON.stringify(auth)}`);
    await raw.join(auth);
    await raw.settle();
    await meeting.fence();
    const joins = mira.client.history.slice(from).filter(({ event }) => event === 'player:joined');
    assert.equal(joins.length, 1);
    const names = (await ok(mira.rest.get(`${meeting.path}/players`))).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name === 'Twice').length, 1);
  });

  test('a forged polling post without a known connection is refused', async (t) => {
    const { meeting } = await threeAtTheTable(t);
    const polling = await RawPolling.open(server);
    await meeting.nobodyHears(async () => {
      for (const sid of ['unknown', '', `${polling.sid}x`]) {
        const answer = await polling.post('42["game:reset",{}]', sid);
        assert.equal(answer.status, 400, await answer.text());
      }
      const garbage = await polling.post('\u0000garbage\u001e\u001e');
      await garbage.text();
      assert.ok([200, 400].includes(garbage.status), `${garbage.status}`);
    });
  });

  test('events before CONNECT are not obeyed', async (t) => {
    const { meeting } = await threeAtTheTable(t);
    const raw = await RawSocket.open(server);
    t.after(() => raw.close());
    await meeting.nobodyHears(async () => {
      raw.send('42["game:reset",{}]').send('42["story:create",{"title":"Ghost"}]');
      raw.send(`40${JSON.stringify({ sessionId: meeting.sessionId })}`);
      await Promise.race([raw.closed, raw.frame((text) => text.includes('"session:joined"'), 'session:joined or the end')]);
    });
  });

  test('an oversized WebSocket message ends its connection', async (t) => {
    const { meeting } = await threeAtTheTable(t);
    const raw = await RawSocket.open(server);
    t.after(() => raw.close());
    await raw.join({ sessionId: meeting.sessionId });
    await meeting.nobodyHears(async () => {
      raw.send(`42["wave","${OVERSIZED}"]`);
      await within(raw.closed, 'the server hangs up');
    });
  });

  test('an oversized polling post is refused', async (t) => {
    const { meeting } = await threeAtTheTable(t);
    const polling = await RawPolling.open(server);
    await meeting.nobodyHears(async () => {
      const answer = await polling.post(`42["wave","${OVERSIZED}"]`);
      assert.equal(answer.status, 413);
    });
  });

  test('a client that never reads slows nobody and is cut', async (t) => {
    const { meeting, mira, jonas } = await threeAtTheTable(t);
    const stan = await meeting.join('Stan', { attach: false });
    const deaf = await DeafSocket.join(server, { sessionId: meeting.sessionId, playerId: stan.playerId });
    t.after(() => deaf.close());
    const description = '界'.repeat(1000);
    const flood = 6000;
    const from = mira.client.history.length;
    for (let number = 1; number <= flood; number += 1) mira.client.emit('story:update', { title: `t${number}`, description });
    await jonas.client.seen('story:updated', ({ story }) => story.title === `t${flood}`, 0, 40_000);
    const cut = ({ playerId, isOnline }) => playerId === stan.playerId && !isOnline;
    await mira.client.seen('player:status_changed', cut, from, (WRITE_TIMEOUT_SECS + 20) * 1000);
    match(await ok(mira.rest.get(`${meeting.path}/players`)), { 3: { id: stan.playerId, isOnline: false } });
  });
});

describe('order and completeness', () => {
  for (const version of VERSIONS) {
    for (const mode of ['websocket', 'polling']) {
      test(`300 events in the moment of connecting are all treated, with ${version} over ${mode}`, async (t) => {
        const meeting = await Meeting.open(server, { attach: false });
        t.after(() => meeting.close());
        const early = meeting.connect({ sessionId: meeting.sessionId, playerId: meeting.host.playerId }, { version, mode });
        for (let stamp = 0; stamp < 150; stamp += 1) early.emit('heartbeat', { timestamp: stamp });
        early.socket.on('connect', () => {
          for (let stamp = 150; stamp < 300; stamp += 1) early.emit('heartbeat', { timestamp: stamp });
        });
        await until(() => answers().length >= 300, '300 answers');
        assert.deepEqual([...answers()].sort((a, b) => a - b), Array.from({ length: 300 }, (_, stamp) => stamp));
        const connectedFirst = answers().filter((stamp) => stamp >= 150);
        assert.deepEqual(connectedFirst, [...connectedFirst].sort((a, b) => a - b));

        function answers() {
          return early.history.filter(({ event }) => event === 'heartbeat:response').map(({ args }) => args[0].timestamp);
        }
      });
    }
  }

  test('20,000 events of one socket arrive in their order everywhere', { timeout: 120_000 }, async (t) => {
    const { meeting, mira } = await threeAtTheTable(t);
    await meeting.join('Tom', { how: { version: '3.1', mode: 'websocket' } });
    await meeting.join('Ulf', { how: { version: '4.0', mode: 'upgrade' } });
    await meeting.join('Vic', { how: { version: '4.8', mode: 'polling' } });
    await meeting.fence();
    const total = 20_000;
    const from = meeting.clients.map((client) => client.history.length);
    for (let number = 1; number <= total; number += 1) mira.client.emit('story:update', { title: String(number) });
    await Promise.all(meeting.clients.map((client, index) => arrived(client, from[index], total)));
    for (const [index, client] of meeting.clients.entries()) inOrder(client, client.history.slice(from[index]), total);
    match(await ok(mira.rest.get(`${meeting.path}/stories`)), [{ title: String(total) }]);
  });
});

/** A receiver that cannot follow gets a fresh state instead of the events it missed. */
function titleIn({ event, args }) {
  if (event === 'story:updated') return Number(args[0].story.title);
  if (event === 'session:joined') return Number(args[0].currentStory.title);
  return undefined;
}

function arrived(client, from, total) {
  return until(() => client.history.length > from && client.history.slice(-5).some((entry) => titleIn(entry) === total),
    `${client.name} is at ${total}`, 90_000);
}

function inOrder(client, history, total) {
  let last = 0;
  for (const entry of history) {
    const number = titleIn(entry);
    if (number === undefined) continue;
    if (entry.event === 'story:updated') assert.equal(number, last + 1, `${client.name}: ${number} came after ${last}`);
    else assert.ok(number >= last, `${client.name}: the state went back from ${last} to ${number}`);
    last = number;
  }
  assert.equal(last, total);
}

test('a vote is worth the same with any spelling of the active story', async (t) => {
  const { meeting, jonas, story } = await threeAtTheTable(t);
  for (const storyId of [undefined, '', meeting.sessionId, story.id, story.id.toUpperCase()]) {
    const payload = storyId === undefined ? {} : { storyId };
    await meeting.everyoneHears([submitted(jonas, 1, 3)], () => jonas.client.call('vote:submit', { value: '5', ...payload }));
    await ok(meeting.host.resetVoting());
  }
});
