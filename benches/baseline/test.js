import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTable, connect, post, progress, url } from './testing.js';

test('it is healthy', async () => {
  const answer = await fetch(`${url}/api/health`);
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).status, 'ok');
});

test('a session, a player and a story are made over REST', async () => {
  const opened = await post('/sessions', { name: ' Sprint ', hostName: 'Mira' });
  const { session, hostToken } = opened.data;
  assert.equal(opened.status, 201);
  assert.deepEqual([session.name, session.players[0].id, session.playerCount], ['Sprint', session.hostId, 1]);
  const joined = await post(`/sessions/${session.id}/join`, { playerName: 'Jonas' });
  assert.deepEqual([joined.status, joined.data.sessionId], [200, session.id]);
  const added = await post(`/sessions/${session.id}/stories`, { title: 'CSV' }, hostToken);
  assert.deepEqual([added.status, added.data.isActive, added.data.orderIndex], [201, true, 1]);
});

test('bad requests are refused with the texts of the protocol', async () => {
  const { session, guest } = await aTable();
  const stories = `/sessions/${session.id}/stories`;
  const noName = await post('/sessions', { name: 'Sprint' });
  assert.deepEqual(noName.details, [{ field: 'body.hostName', message: 'Required', code: 'invalid_type' }]);
  assert.deepEqual(await post(stories, { title: 'CSV' }, guest.token), { success: false, error: 'Host authorization required', status: 403 });
  assert.equal((await post(stories, { title: 'CSV' })).status, 401);
  assert.equal((await post('/nowhere', {})).message, 'Resource not found');
  assert.equal((await post('/sessions', { name: 'x'.repeat(200_000) })).status, 413);
});

test('sockets that may not enter get a connect_error', async () => {
  const { session, ids } = await aTable();
  const other = await aTable();
  const message = async (auth) => (await connect(auth)).state.message;
  assert.equal(await message({}), 'Session ID required');
  assert.equal(await message({ sessionId: 'nonsense' }), 'Session not found or inactive');
  assert.equal(await message({ sessionId: session.id, playerId: ids[0], token: other.hostToken }), 'Authentication failed');
  assert.equal(await message({ sessionId: session.id, playerId: other.ids[0] }), 'Player not found in session');
});

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`players get the whole state, and votes follow (${transports})`, async () => {
    const { mira, jonas, first, story, ids } = await aTable({ transports });
    assert.deepEqual(first, [['player:reconnected', 'session:joined'], ['player:reconnected', 'session:joined']]);
    const { player, players, currentStory, voteCount, totalPlayers, votesRevealed } = jonas.state;
    assert.deepEqual([player.name, players.map(({ name }) => name)], ['Jonas', ['Mira', 'Jonas']]);
    assert.deepEqual([currentStory.id, voteCount, totalPlayers, votesRevealed], [story.id, 0, 2, false]);
    assert.deepEqual(await mira.emit('vote:submit', { value: '5' }), { ok: true });
    assert.deepEqual(await jonas.emit('vote:submit', { value: '8', storyId: story.id, confidence: 3 }), { ok: true });
    assert.deepEqual(await mira.news(), [progress(ids[0], 1, 2), progress(ids[1], 2, 2)]);
    assert.deepEqual(await jonas.news(), [progress(ids[0], 1, 2), progress(ids[1], 2, 2)]);
  });
}

test('an unchanged vote tells nobody, a changed one does', async () => {
  const { mira, jonas, ids } = await aTable();
  for (const value of ['5', '5', '8']) assert.deepEqual(await mira.emit('vote:submit', { value }), { ok: true });
  assert.deepEqual(await jonas.news(), [progress(ids[0], 1, 2), progress(ids[0], 1, 2)]);
});

test('votes that break a rule are refused and tell nobody', async () => {
  const { session, mira, jonas } = await aTable();
  const code = async (client, payload) => (await client.emit('vote:submit', payload)).code;
  for (const payload of [null, 5, 'x', [], {}, { value: '99' }, { value: '5', confidence: 6 }, { value: '5', storyId: 1 }]) {
    assert.equal(await code(mira, payload), 'INVALID_PAYLOAD');
  }
  assert.equal(await code(mira, { value: '5', storyId: 'another' }), 'STORY_NOT_ACTIVE');
  const watcher = await connect({ sessionId: session.id });
  assert.deepEqual([watcher.state.player, await code(watcher, { value: '5' })], [null, 'NO_PLAYER']);
  const spectator = await connect({ sessionId: session.id, playerName: 'Ines', isSpectator: true });
  assert.equal(await code(spectator, { value: '5' }), 'SPECTATOR');
  mira.socket.emit('vote:submit', { value: '99' });
  assert.deepEqual((await mira.news()).at(-1), ['connection:error', { error: 'Failed to submit vote', code: 'INVALID_PAYLOAD' }]);
  assert.deepEqual(await jonas.events(), ['player:joined']);
});

test('cards are revealed once, with consensus and statistics, and closed for votes', async () => {
  const { mira, jonas, story, ids } = await aTable();
  assert.equal((await mira.emit('cards:reveal')).code, 'NO_VOTES');
  await mira.emit('vote:submit', { value: '8', confidence: 3 });
  assert.equal((await jonas.emit('cards:reveal', {})).code, 'FORBIDDEN');
  await jonas.emit('vote:submit', { value: '3' });
  for (const client of [jonas, mira]) assert.deepEqual(await client.emit('cards:reveal', { storyId: story.id }), { ok: true });
  assert.equal((await mira.emit('vote:submit', { value: '3' })).code, 'ALREADY_REVEALED');
  const votes = [{ playerId: ids[0], playerName: 'Mira', value: '8', confidence: 3 }, { playerId: ids[1], playerName: 'Jonas', value: '3' }];
  const consensus = {
    hasConsensus: false, suggestedValue: '3', averageValue: 5.5, deviation: 2.5, value: '3', agreement: 0.5, average: 5.5,
    distribution: { 3: 1, 8: 1 }, totalVotes: 2,
  };
  const statistics = { min: 3, max: 8, median: 8, standardDeviation: 2.5, confidenceAverage: 3 };
  assert.deepEqual((await jonas.news()).slice(2), [['cards:revealed', { storyId: story.id, votes, consensus, statistics }]]);
});

test('an agreement becomes the estimate, and a reset begins a new round', async () => {
  const { mira, jonas, story, ids } = await aTable();
  for (const client of [mira, jonas]) await client.emit('vote:submit', { value: '5' });
  assert.equal((await jonas.emit('game:reset')).code, 'FORBIDDEN');
  await jonas.emit('cards:reveal');
  assert.deepEqual(await jonas.emit('game:reset', {}), { ok: true });
  await jonas.emit('vote:submit', { value: '5' });
  const news = (await mira.news()).slice(2);
  assert.deepEqual(news.map(([event]) => event), ['story:updated', 'cards:revealed', 'game:reset', 'vote:submitted']);
  assert.equal(news[0][1].story.finalEstimate, '5');
  assert.deepEqual(news.slice(2), [['game:reset', { storyId: story.id }], progress(ids[1], 1, 2)]);
});

test('a new story is active, and its round is empty', async () => {
  const { session, hostToken, mira, jonas, story, ids } = await aTable();
  await mira.emit('vote:submit', { value: '5' });
  await post(`/sessions/${session.id}/stories`, { title: 'Import' }, hostToken);
  await jonas.emit('vote:submit', { value: '5' });
  const news = (await mira.news()).slice(1);
  assert.deepEqual(news.map(([event]) => event), ['story:created', 'story:activated', 'vote:submitted']);
  assert.equal(news[1][1].previousActiveStoryId, story.id);
  assert.deepEqual(news[2], progress(ids[1], 1, 2));
});

test('a heartbeat brings its timestamp back', async () => {
  const { mira } = await aTable();
  assert.deepEqual(await mira.emit('heartbeat', { timestamp: 17 }), { ok: true });
  const [, { timestamp, serverTime }] = mira.heard.at(-1);
  assert.deepEqual([timestamp, Math.abs(serverTime - Date.now()) < 5_000], [17, true]);
});

test('a reaction reaches everybody and changes nothing', async () => {
  const { session, mira, jonas, ids } = await aTable();
  assert.deepEqual(await mira.emit('reaction:send', { emoji: '👩‍💻' }), { ok: true });
  for (const emoji of [undefined, '', 7, 'x'.repeat(17)]) {
    assert.equal((await mira.emit('reaction:send', { emoji })).code, 'INVALID_PAYLOAD');
  }
  for (const client of [mira, jonas]) assert.deepEqual(await client.news(), [['reaction:sent', { playerId: ids[0], emoji: '👩‍💻' }]]);
  const watcher = await connect({ sessionId: session.id });
  assert.equal((await watcher.emit('reaction:send', { emoji: '🎉' })).code, 'NO_PLAYER');
});

test('a socket with a name becomes a player with a token, and the totals follow', async () => {
  const { session, mira, ids } = await aTable();
  await mira.emit('vote:submit', { value: '5' });
  const ines = await connect({ sessionId: session.id, playerName: 'Ines' });
  assert.deepEqual((await mira.news()).slice(1).map(([event]) => event), ['player:joined', 'vote:submitted']);
  assert.deepEqual(await ines.news().then((news) => news.slice(1)), [progress(ids[0], 1, 3)]);
  const again = await connect({ sessionId: session.id, token: ines.state.token });
  assert.equal(again.state.player.id, ines.state.player.id);
  const double = await connect({ sessionId: session.id, playerName: 'Ines' });
  assert.equal(double.state.reason, 'Player name already exists in session');
});

test('whoever leaves is gone with his vote, and has both again when he returns', async () => {
  const { session, mira, jonas, guest, ids } = await aTable();
  for (const client of [mira, jonas]) await client.emit('vote:submit', { value: '5' });
  await mira.news();
  assert.deepEqual(await jonas.emit('session:leave', {}), { ok: true });
  assert.deepEqual(await mira.news(), [['player:left', { playerId: ids[1], playerCount: 1 }], progress(ids[0], 1, 1)]);
  const back = await connect({ sessionId: session.id, playerId: ids[1], token: guest.token });
  assert.deepEqual([back.state.voteCount, back.state.totalPlayers, back.state.player.votedInCurrentRound], [2, 2, true]);
  const news = await mira.news();
  assert.deepEqual([news[0][0], news[1]], ['player:joined', progress(ids[1], 2, 2)]);
});

test('whose line breaks is offline until he is back, and only his last socket matters', async () => {
  const { session, mira, jonas, guest, ids } = await aTable();
  const auth = { sessionId: session.id, playerId: ids[1], token: guest.token };
  const tab = await connect(auth);
  tab.socket.disconnect();
  const offline = new Promise((resolve) => mira.socket.once('player:status_changed', resolve));
  jonas.socket.io.engine.close();
  assert.equal((await offline).isOnline, false);
  await connect(auth);
  const news = await mira.news();
  assert.deepEqual(news.map(([event, { isOnline }]) => [event, isOnline]), [['player:status_changed', false], ['player:status_changed', true]]);
});
