/**
 * Section 8 of the contract, done the way the browser client does it: actions over REST, listening on the
 * socket, and repeating three of the actions on the socket as an echo. Its items 16, 18 and 19 and the long
 * absences of 9 and 11 have files of their own (hostile, limits, recovery).
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isTimestamp, match, near } from '../lib/match.js';
import { heardExactly, Meeting } from '../lib/meeting.js';
import { ok, refused } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { playerShape, STOPPED_TIMER, storyShape, submitted } from '../lib/shapes.js';

const server = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '300', CLIENT_URL: 'https://cards.example' } });
after(() => server.close());

const DECK = ['1', '2', '3', '5', '8', '13', '?', '☕'];

async function miraAndJonas(t, body = {}) {
  const meeting = await Meeting.open(server, { body: { hostAvatar: '🦊', config: { cardValues: DECK }, ...body } });
  t.after(() => meeting.close());
  const jonas = await meeting.join('Jonas', { avatar: '🚀' });
  return { meeting, mira: meeting.host, jonas };
}

describe('in a session of a host and a guest', { concurrency: 3 }, () => {
  test('1: both see both, Mira as host, and the deck of the session', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const both = [playerShape(mira, { isHost: true }), playerShape(jonas)];
    match(meeting.created.joinUrl, `https://cards.example/game/${meeting.sessionId}`);
    match(jonas.joined, { players: both, config: { cardValues: DECK }, hostId: mira.playerId });
    match(await mira.client.next('player:joined'), { player: playerShape(jonas), playerCount: 2 });
    assert.deepEqual(mira.client.history.slice(0, 3).map(({ event }) => event), ['connect', 'player:reconnected', 'session:joined']);
    match(await ok(jonas.rest.get(meeting.path)), {
      id: meeting.sessionId, hostId: mira.playerId, cardsRevealed: false, playerCount: 2, isActive: true,
      players: [{ id: mira.playerId }, { id: jonas.playerId }], config: { cardValues: DECK },
    });
  });

  test('2: a story added by a guest is refused and appears nowhere', async (t) => {
    const { meeting, jonas } = await miraAndJonas(t);
    await meeting.nobodyHears(() => refused(jonas.addStory('Mine'), 403, 'Host authorization required'));
    assert.deepEqual(await ok(jonas.rest.get(`${meeting.path}/stories`)), []);
  });

  test('4 and 5: votes are counted, changed in secret, and two reveals at once give one result', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t, { config: { cardValues: ['q8x', 'q3x'] } });
    const story = await ok(mira.addStory('Now'), 201);
    // The deck itself holds the cards, so the scan uses a card that is in no deck.
    await meeting.everyoneHears([submitted(mira, 1, 2), submitted(mira, 1, 2)], async () => {
      const first = await ok(mira.vote('q4x', { storyId: story.id, confidence: 5 }));
      const second = await ok(mira.vote('q7x', { storyId: story.id, confidence: 3 }));
      assert.deepEqual(second, first, 'a changed vote keeps its id and the time of the first');
    });
    await meeting.everyoneHears([submitted(jonas, 2, 2)], () => ok(jonas.vote('q9x', { storyId: story.id })));
    match(await ok(jonas.rest.get(`${meeting.path}/votes?storyId=${story.id}`)), { votes: [{ value: null }, { value: null }] });
    meeting.assertSecret('q4x', 'q7x', 'q9x');
    const votes = [{ playerId: mira.playerId, value: 'q7x', confidence: 3 }, { playerId: jonas.playerId, value: 'q9x', confidence: absent }];
    const [one, two] = await meeting.everyoneHears(
      [['cards:revealed', { storyId: story.id, votes, consensus: { hasConsensus: false, suggestedValue: 'q7x', totalVotes: 2 } }]],
      () => Promise.all([ok(mira.reveal()), ok(jonas.reveal())]),
    );
    assert.deepEqual(one, two);
    match(one, { votes: votes.map((vote) => ({ ...vote, id: Boolean, timestamp: isTimestamp })), statistics: null });
    match(await ok(jonas.rest.get(`${meeting.path}/votes`)), { votes, revealed: true, consensus: { value: 'q7x', agreement: 0.5 } });
  });

  test('5: statistics accompany numeric votes', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const ada = await meeting.join('Ada');
    const omar = await meeting.join('Omar');
    await ok(mira.addStory('Now'), 201);
    const hands = [[mira, '1', 1], [jonas, '3', 4], [ada, '5'], [omar, '8']];
    for (const [person, value, confidence] of hands) await ok(person.vote(value, { confidence }));
    const statistics = { min: 1, max: 8, median: 5, standardDeviation: near(Math.sqrt(6.6875)), confidenceAverage: 2.5 };
    const revealed = ['cards:revealed', { statistics, consensus: { averageValue: 4.25, average: 4.25, suggestedValue: '1' } }];
    match(await meeting.everyoneHears([revealed], () => ok(omar.reveal())), { statistics });
  });

  test('6: after the reveal votes are closed, a guest may reset, and nothing earlier', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const story = await ok(mira.addStory('Now'), 201);
    await meeting.nobodyHears(() => refused(mira.reveal(), 400, 'No votes to reveal'));
    await ok(mira.vote('5'));
    await meeting.nobodyHears(() => refused(jonas.reveal(), 403, 'Host authorization required'));
    await meeting.nobodyHears(() => refused(jonas.resetVoting(), 403, 'Host authorization required'));
    await ok(mira.reveal());
    await meeting.nobodyHears(() => refused(jonas.vote('8'), 400, 'Voting closed - cards already revealed'));
    const answer = await meeting.everyoneHears([['game:reset', { storyId: story.id }]], () => ok(jonas.resetVoting()));
    assert.deepEqual(answer, { message: 'Voting reset successfully' });
    await meeting.everyoneHears([submitted(jonas, 1, 2)], () => ok(jonas.vote('8')));
  });

  test('7 and 8: an estimate comes before the cards, and the next story takes votes at once', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const story = await ok(mira.addStory('One'), 201);
    await ok(mira.vote('5'));
    await ok(jonas.vote('5'));
    await meeting.everyoneHears([
      ['story:updated', { story: storyShape({ id: story.id, finalEstimate: '5' }) }],
      ['cards:revealed', { storyId: story.id, consensus: { hasConsensus: true, suggestedValue: '5' }, statistics: { median: 5 } }],
    ], () => ok(jonas.reveal()));
    await meeting.everyoneHears(({ id }) => [
      ['story:created', { story: storyShape({ id, orderIndex: 2 }) }],
      ['story:activated', { story: storyShape({ id }), previousActiveStoryId: story.id }],
    ], () => ok(mira.addStory('Two'), 201));
    await meeting.everyoneHears([submitted(jonas, 1, 2)], () => ok(jonas.vote('3')));
    match(await ok(jonas.rest.get(meeting.path)), { cardsRevealed: false });
  });

  test('9: a third player who leaves corrects the totals, and the round can be finished', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    await ok(mira.addStory('Now'), 201);
    await ok(mira.vote('5'));
    const ada = await meeting.everyoneHears(
      (person) => [['player:joined', { player: playerShape(person), playerCount: 3 }], submitted(mira, 1, 3)],
      () => meeting.join('Ada', { attach: false }),
    );
    await ada.attach();
    await ok(jonas.vote('8'));
    await meeting.everyoneHears([['player:left', { playerId: ada.playerId, playerCount: 2 }], submitted(jonas, 2, 2)], async () => {
      meeting.forget(ada.client).socket.disconnect();
      await mira.client.next('vote:submitted', ({ totalPlayers, voteCount }) => totalPlayers === 2 && voteCount === 2);
    });
    match(await ok(jonas.reveal()), { votes: { length: 2 } });
  });

  test('9: the votes of somebody who left are neither counted nor shown until he returns', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const ada = await meeting.join('Ada');
    await ok(mira.addStory('Now'), 201);
    await ok(ada.vote('13'));
    await ok(jonas.vote('8'));
    await meeting.everyoneHears([['player:left', { playerId: ada.playerId, playerCount: 2 }], submitted(jonas, 1, 2)], async () => {
      meeting.forget(ada.client).socket.disconnect();
      await mira.client.next('vote:submitted', ({ totalPlayers, voteCount }) => totalPlayers === 2 && voteCount === 1);
    });
    const back = playerShape(ada, { votedInCurrentRound: true });
    await meeting.everyoneHears([['player:joined', { player: back, playerCount: 3 }], submitted(jonas, 2, 3)], () => ada.attach());
    match(await ok(mira.reveal()), { votes: [{ playerId: ada.playerId, value: '13' }, { playerId: jonas.playerId, value: '8' }] });
  });

  test('12: a second tab neither joins nor leaves in front of the others', async (t) => {
    const { meeting, jonas } = await miraAndJonas(t);
    const tab = jonas.client;
    await meeting.nobodyHears(async () => {
      await jonas.attach();
      meeting.forget(tab).socket.disconnect();
      await jonas.client.settle();
    });
    match(await ok(jonas.rest.get(`${meeting.path}/players`)), [{ isHost: true }, { id: jonas.playerId, isOnline: true }]);
  });

  test('13: the timer is the host\'s, and whoever joins later gets it running', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    await meeting.everyoneHears(
      [['timer:updated', { timer: { isRunning: true, duration: 90, remainingTime: 90, startedAt: isTimestamp } }]],
      () => mira.client.call('timer:start', { duration: 90 }),
    );
    const ada = await meeting.join('Ada');
    match(ada.joined.timer, { isRunning: true, duration: 90, remainingTime: (left) => left > 60 && left <= 90, startedAt: isTimestamp });
    await meeting.nobodyHears(async () => match(await jonas.client.call('timer:start', { duration: 5 }), {
      ok: false, error: 'Host authorization required', code: 'FORBIDDEN',
    }));
    await meeting.everyoneHears([['timer:updated', { timer: STOPPED_TIMER }]], () => mira.client.call('timer:stop', {}));
  });

  test('14: the echoes of the browser client are heard by nobody', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    const one = await ok(mira.addStory('One'), 201);
    const two = await ok(mira.addStory('Two'), 201);
    await meeting.everyoneHears([['story:activated', { story: storyShape({ id: one.id }), previousActiveStoryId: two.id }]], async () => {
      await ok(mira.rest.put(`${meeting.path}/stories/${one.id}/activate`));
      mira.client.emit('story:activate', { storyId: one.id });
      await mira.client.settle();
    });
    await meeting.everyoneHears([['story:updated', { story: storyShape({ id: one.id, title: 'First', description: 'why' }) }]], async () => {
      await ok(mira.rest.put(`/stories/${one.id}`, { title: 'First', description: 'why' }));
      mira.client.emit('story:update', { storyId: one.id, title: 'First', description: 'why' });
      await mira.client.settle();
    });
    await meeting.everyoneHears([['story:deleted', { storyId: two.id }]], async () => {
      assert.deepEqual(await ok(mira.rest.delete(`/stories/${two.id}`)), { message: 'Story deleted successfully' });
      mira.client.emit('story:delete', { storyId: two.id });
      await mira.client.settle();
    });
    await meeting.nobodyHears(() => ok(mira.rest.put(`${meeting.path}/stories/${one.id}/activate`)));
  });

  test('14: deleting the active story moves everybody to the open story with the lowest index', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const done = await ok(mira.addStory('Done'), 201);
    await ok(mira.rest.put(`/stories/${done.id}/complete`, { finalEstimate: '3' }));
    const next = await ok(mira.addStory('Next'), 201);
    const last = await ok(mira.addStory('Last'), 201);
    await meeting.everyoneHears([
      ['story:deleted', { storyId: last.id }],
      ['story:activated', { story: storyShape({ id: next.id }) }],
    ], () => ok(mira.rest.delete(`/stories/${last.id}`)));
    await ok(jonas.vote('5', { storyId: next.id }));
    await ok(jonas.rest.get(`${meeting.path}/stories`)).then((stories) => match(stories, [{ id: done.id, isActive: false }, { id: next.id, isActive: true }]));
  });

  test('14: deleting the last open story leaves none active and corrects the screens', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    const done = await ok(mira.addStory('Done'), 201);
    await ok(mira.rest.put(`/stories/${done.id}/complete`, { finalEstimate: '3' }));
    const last = await ok(mira.addStory('Last'), 201);
    await meeting.everyoneHears([
      ['story:deleted', { storyId: last.id }],
      ['story:updated', { story: storyShape({ id: done.id, isActive: false, finalEstimate: '3', completedAt: isTimestamp }) }],
    ], () => ok(mira.rest.delete(`/stories/${last.id}`)));
    await refused(mira.vote('5'), 400, 'Invalid or completed story');
    await refused(mira.reveal(), 400, 'No active story found');
  });

  test('15: after a promotion the old token is as good as the new role', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const ada = await meeting.join('Ada');
    const roles = { newHost: playerShape(jonas, { isHost: true }), previousHost: playerShape(mira) };
    const answer = await meeting.everyoneHears([['player:promoted', roles]], () =>
      ok(mira.rest.post(`/players/${jonas.playerId}/promote`)));
    match(answer, roles);
    await ok(jonas.addStory('His'), 201);
    await refused(mira.addStory('Hers'), 403, 'Host authorization required');
    await ok(ada.vote('5'));
    await meeting.everyoneHears([['player:removed', { playerId: ada.playerId, removedBy: jonas.playerId, playerCount: 2 }]], async () => {
      assert.deepEqual(await ok(jonas.rest.delete(`/players/${ada.playerId}`)), { message: 'Player removed' });
      assert.equal(await ada.client.next('disconnect'), 'io server disconnect');
      meeting.forget(ada.client);
    });
    assert.deepEqual((await ok(jonas.rest.get(`${meeting.path}/players`))).map(({ name }) => name), ['Mira', 'Jonas']);
    match(await ok(jonas.rest.get(`${meeting.path}/votes`)), { votes: [] });
    await refused(ada.rest.put(`/players/${ada.playerId}/activity`), 401, 'Player no longer exists in session');
    const back = meeting.forget(meeting.connect({ sessionId: meeting.sessionId, playerId: ada.playerId }));
    t.after(() => back.close());
    assert.equal(await back.next('refused'), 'You have been removed from the session');
    const newAda = await meeting.join('Ada');
    assert.notEqual(newAda.playerId, ada.playerId);
  });

  test('a reset with a new story tells everybody everything', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    const old = await ok(mira.addStory('Old'), 201);
    await refused(jonas.rest.post(`${meeting.path}/reset`, { newStory: { title: 'New' } }), 403, 'Host authorization required');
    await meeting.everyoneHears(
      [
        ['story:updated', { story: { id: old.id, isActive: false, completedAt: isTimestamp } }],
        ['story:created', { story: storyShape({ title: 'New', description: 'more' }) }],
        ['story:activated', { story: storyShape({ title: 'New', description: 'more' }) }],
        ['game:reset', { storyId: (id) => id !== old.id && id !== '' }],
      ],
      () => ok(mira.rest.post(`${meeting.path}/reset`, { newStory: { title: 'New', description: 'more' } })),
    );
    await meeting.everyoneHears(
      [['story:updated', { story: { isActive: false, completedAt: isTimestamp } }], ['game:reset', { storyId: '' }]],
      () => ok(mira.rest.post(`${meeting.path}/reset`)),
    );
  });

  test('a promotion of oneself and unknown targets change nothing', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    await meeting.nobodyHears(async () => {
      mira.client.emit('player:promote', { playerId: mira.playerId });
      await mira.client.settle();
    });
    await meeting.nobodyHears(async () => {
      mira.client.emit('player:remove', { playerId: mira.playerId });
      mira.client.emit('player:remove', { playerId: meeting.sessionId });
      mira.client.emit('player:promote', { playerId: meeting.sessionId });
      await mira.client.settle();
    }, { except: mira.client });
    heardExactly(mira.client, [
      ['session:error', { error: 'Cannot remove yourself as host' }],
      ['session:error', { error: 'Target player not found in session', code: 'NOT_FOUND' }],
      ['session:error', { error: 'Target player not found in session', code: 'NOT_FOUND' }],
    ]);
  });

  test('a player who becomes a spectator changes the totals of a running round', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    await ok(mira.addStory('Now'), 201);
    await ok(mira.vote('5'));
    await meeting.everyoneHears(
      [['player:updated', { player: playerShape(jonas, { isSpectator: true }) }], submitted(mira, 1, 1)],
      () => ok(jonas.rest.put(`/players/${jonas.playerId}`, { isSpectator: true })),
    );
  });

  test('an activity is told at most once in five seconds', async (t) => {
    const { meeting, jonas } = await miraAndJonas(t);
    await meeting.everyoneHears([['player:status_changed', { playerId: jonas.playerId, isOnline: true, lastSeenAt: isTimestamp }]], async () => {
      for (let repeat = 0; repeat < 5; repeat += 1) jonas.client.emit('player:activity', {});
      await jonas.client.settle();
    });
  });

  test('a heartbeat brings back its own timestamp', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    const before = Date.now();
    mira.client.emit('heartbeat', { timestamp: 1732104000000 });
    const answer = await mira.client.next('heartbeat:response');
    assert.equal(answer.timestamp, 1732104000000);
    assert.ok(Number.isInteger(answer.serverTime) && Math.abs(answer.serverTime - before) < 60_000);
    mira.client.emit('heartbeat');
    match(await mira.client.next('heartbeat:response'), { timestamp: absent, serverTime: Number.isInteger });
    await meeting.fence();
  });

  test('a changed story list is the same for whoever joins late', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    const one = await ok(mira.addStory('One'), 201);
    const two = await ok(mira.addStory('Two'), 201);
    await ok(mira.rest.put(`/stories/${one.id}`, { finalEstimate: '8' }));
    const ada = await meeting.join('Ada');
    match(ada.joined, {
      stories: [
        storyShape({ id: one.id, isActive: false, finalEstimate: '8', completedAt: isTimestamp, orderIndex: 1 }),
        storyShape({ id: two.id, orderIndex: 2 }),
      ],
      currentStory: storyShape({ id: two.id }),
    });
  });
});

describe('joining over the socket alone (section 6)', { concurrency: 3 }, () => {
  test('session:join by name makes a player of an anonymous socket', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    const watcher = await meeting.watch();
    meeting.forget(watcher);
    await meeting.everyoneHears([['player:joined', { player: { name: 'Ada', isHost: false }, playerCount: 3 }]], async () => {
      watcher.emit('session:join', { sessionId: meeting.sessionId, playerName: 'Ada', avatar: 'avatar-3' });
      match(await watcher.next('session:joined', ({ player }) => player !== null), { player: { name: 'Ada', avatar: 'avatar-3' } });
    });
    await ok(mira.addStory('Now'), 201);
    match(await watcher.call('vote:submit', { value: '5' }), { ok: true });
  });

  test('session:join by id attaches, and once more refreshes the state for nobody else', async (t) => {
    const { meeting, jonas } = await miraAndJonas(t);
    const tab = meeting.forget(await meeting.watch());
    await meeting.nobodyHears(async () => {
      tab.emit('session:join', { sessionId: meeting.sessionId, playerId: jonas.playerId });
      match(await tab.next('session:joined', ({ player }) => player !== null), { player: { id: jonas.playerId } });
      tab.emit('session:join', { sessionId: meeting.sessionId });
      match(await tab.next('session:joined'), { player: { id: jonas.playerId } });
    });
    tab.close();
  });

  test('session:join is refused with the texts of the handshake and leaves the socket open', async (t) => {
    const { meeting } = await miraAndJonas(t);
    const watcher = meeting.forget(await meeting.watch());
    t.after(() => watcher.close());
    const other = await Meeting.open(server, { attach: false });
    await meeting.nobodyHears(async () => {
      watcher.emit('session:join', { sessionId: meeting.sessionId, playerId: other.host.playerId });
      match(await watcher.next('session:error'), { error: 'Player not found in session', code: 'CONNECTION_FAILED' });
      watcher.emit('session:join', { sessionId: other.sessionId, playerName: 'Eve' });
      match(await watcher.next('session:error'), { error: 'Session not found' });
      await watcher.settle();
    });
    assert.equal(watcher.connected, true);
  });

  test('session:leave is a farewell, after which the server closes the socket', async (t) => {
    const { meeting, jonas } = await miraAndJonas(t);
    await meeting.everyoneHears([['player:left', { playerId: jonas.playerId, playerCount: 1 }]], async () => {
      meeting.forget(jonas.client).emit('session:leave');
      assert.equal(await jonas.client.next('disconnect'), 'io server disconnect');
    });
  });

  test('names differ by case, and a socket-only host of a story-less session updates one into being', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    const lower = await meeting.appear('jonas');
    assert.equal(lower.joined.player.name, 'jonas');
    const story = storyShape({ title: 'From nothing' });
    await meeting.everyoneHears(
      [['story:created', { story }], ['story:activated', { story }], ['story:updated', { story }]],
      () => mira.client.call('story:update', { title: 'From nothing' }),
    );
  });

  test('a socket with a copied playerId and no proof is limited to listening', async (t) => {
    const { meeting, mira } = await miraAndJonas(t);
    await ok(mira.addStory('Now'), 201);
    const ada = await meeting.appear('Ada');
    const stranger = meeting.connect({ sessionId: meeting.sessionId, playerId: ada.playerId });
    await stranger.next('session:joined');
    await meeting.nobodyHears(async () => {
      stranger.emit('vote:submit', { value: '5' });
      stranger.emit('player:update', { name: 'Eve' });
      await stranger.settle();
      match(await stranger.call('vote:submit', { value: '5' }), { ok: false, code: 'FORBIDDEN' });
    });
    const proven = meeting.connect({ sessionId: meeting.sessionId, playerId: ada.playerId, token: ada.token });
    await proven.next('session:joined');
    await meeting.everyoneHears([submitted(ada, 1, 3)], () => proven.call('vote:submit', { value: '5' }));
    await ok(ada.rest.put(`/players/${ada.playerId}/activity`));
    await meeting.everyoneHears([submitted(ada, 1, 3)], () => stranger.call('vote:submit', { value: '8' }));
  });
});

describe('a refused handshake', { concurrency: 3 }, () => {
  const cases = [
    ['no session id', () => ({}), 'Session ID required'],
    ['an empty session id', () => ({ sessionId: '' }), 'Session ID required'],
    ['a session id that is a number', () => ({ sessionId: 7 }), 'Session ID required'],
    ['a malformed session id', () => ({ sessionId: 'abc' }), 'Session not found or inactive'],
    ['an unknown session id', () => ({ sessionId: '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20' }), 'Session not found or inactive'],
    ['an unknown player', ({ sessionId }) => ({ sessionId, playerId: sessionId }), 'Player not found in session'],
    ['a bad token', ({ sessionId, host }) => ({ sessionId, playerId: host.playerId, token: 'x.y.z' }), 'Authentication failed'],
    ['the token of somebody else', ({ sessionId, host, jonas }) => ({ sessionId, playerId: host.playerId, token: jonas.token }), 'Authentication failed'],
  ];
  for (const version of ['2.5', '3.1', '4.0', '4.8']) {
    // 2.x has no auth; its query can carry no number.
    for (const [what, auth, message] of cases.filter(([name]) => version !== '2.5' || !name.includes('number'))) {
      test(`with ${what} names the reason to ${version}`, async (t) => {
        const meeting = await Meeting.open(server, { attach: false });
        const jonas = await meeting.join('Jonas', { attach: false });
        const client = meeting.connect(auth({ sessionId: meeting.sessionId, host: meeting.host, jonas }), { version });
        t.after(() => client.close());
        assert.equal(await client.next('refused'), message);
        assert.deepEqual(client.heardNames(), []);
      });
    }
  }

  test('of a deleted session says that it is not there, and its open sockets are told', async (t) => {
    const { meeting, mira, jonas } = await miraAndJonas(t);
    assert.deepEqual(await ok(mira.rest.delete(meeting.path)), { message: 'Session deleted successfully' });
    for (const { client } of [mira, jonas]) {
      match(await client.next('session:error'), { error: 'Session has been deleted', code: 'SESSION_DELETED' });
      assert.equal(await client.next('disconnect'), 'io server disconnect');
    }
    const late = meeting.connect({ sessionId: meeting.sessionId });
    assert.equal(await late.next('refused'), 'Session not found or inactive');
  });
});

describe('a protected session', { concurrency: 3 }, () => {
  const locked = async (t) => {
    const meeting = await Meeting.open(server, { body: { password: 'open sesame' } });
    t.after(() => meeting.close());
    return meeting;
  };

  test('asks a new or anonymous socket for the password', async (t) => {
    const meeting = await locked(t);
    const { sessionId } = meeting;
    const attempts = [
      [{ playerName: 'Eve' }, 'Password required'],
      [{ playerName: 'Eve', password: 'guess' }, 'Invalid password'],
      [{}, 'Password required'],
      [{ password: 'guess' }, 'Invalid password'],
    ];
    await meeting.nobodyHears(async () => {
      for (const [auth, message] of attempts) {
        const eve = meeting.forget(meeting.connect({ sessionId, ...auth }));
        assert.equal(await eve.next('refused'), message);
        eve.close();
      }
    });
    await meeting.appear('Ada', { password: 'open sesame' });
    const watcher = meeting.connect({ sessionId, password: 'open sesame' });
    match(await watcher.next('session:joined'), { player: null });
  });

  test('asks a REST join for the password', async (t) => {
    const { path, rest } = await locked(t);
    await refused(rest.post(`${path}/join`, { playerName: 'Eve' }), 401, 'Password required');
    await refused(rest.post(`${path}/join`, { playerName: 'Eve', password: 'guess' }), 401, 'Invalid password');
    await ok(rest.post(`${path}/join`, { playerName: 'Ada', password: 'open sesame' }));
  });

  test('shows votes, players and stories to its members only', async (t) => {
    const meeting = await locked(t);
    const other = await Meeting.open(server, { attach: false });
    for (const part of ['votes', 'players', 'stories']) {
      const strangers = [await meeting.rest.get(`${meeting.path}/${part}`), await other.host.rest.get(`${meeting.path}/${part}`)];
      assert.deepEqual(strangers.map(({ status }) => status), [401, 403], part);
      await ok(meeting.host.rest.get(`${meeting.path}/${part}`));
    }
  });
});
