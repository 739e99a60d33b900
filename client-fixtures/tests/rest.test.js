import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, isTimestamp, isToken, isUuid, match } from '../lib/match.js';
import { AVATARS, Meeting } from '../lib/meeting.js';
import { failed, invalid, ok, ORIGIN, refused, Rest } from '../lib/rest.js';
import { startServer } from '../lib/server.js';
import { DEFAULT_CONFIG, playerShape, storyShape } from '../lib/shapes.js';
import { claims, sign } from '../lib/tokens.js';

const SECRET = 'a secret of this test run';
const server = await startServer({ env: { JWT_SECRET: SECRET, CORS_ORIGIN: ORIGIN, NODE_ENV: 'production' } });
after(() => server.close());

const rest = new Rest(server.url);
const UNKNOWN = '3f6d0c1e-8a2b-4c57-9a3e-5a0c6d9b1f20';
const LONG = (length) => 'x'.repeat(length);
const JSON_TYPE = { 'content-type': 'application/json' };
const LIFE_SECS = 48 * 3600;

/** What a wrong type says; a missing field says `Required`. */
const wrong = (expected, received) => [`Expected ${expected}, received ${received}`, 'invalid_type'];
const REQUIRED = ['Required', 'invalid_type'];
const NOT_AN_EMOJI = ['Avatar must be a single emoji', 'invalid_string'];
const BAD_SESSION_ID = ['Invalid session ID format', 'invalid_string'];
const BAD_STORY_ID = ['Invalid story ID format', 'invalid_string'];

/** Host and guest, over REST alone. */
async function team(body = {}) {
  const meeting = await Meeting.open(server, { attach: false, body });
  const jonas = await meeting.join('Jonas', { attach: false });
  return { meeting, path: meeting.path, mira: meeting.host, jonas };
}

describe('creating a session', { concurrency: 4 }, () => {
  test('answers with the session, its host, a link and a token', async () => {
    const data = await ok(rest.post('/sessions', { name: '  Sprint 41 ', hostName: ' Mira ', hostAvatar: '🦊', unknown: 1 }), 201);
    match(data, {
      session: {
        id: isUuid, name: 'Sprint 41', hostId: isUuid, config: DEFAULT_CONFIG, isActive: true, createdAt: isTimestamp, expiresAt: isTimestamp,
        players: [{ id: data.session.hostId, name: 'Mira', avatar: '🦊', isSpectator: false, isActive: true, joinedAt: isTimestamp, lastSeenAt: isTimestamp }],
        playerCount: 1,
      },
      joinUrl: `http://localhost:5173/game/${data.session.id}`,
      hostToken: isToken,
    });
    const life = Date.parse(data.session.expiresAt) - Date.parse(data.session.createdAt);
    assert.ok(Math.abs(life - LIFE_SECS * 1000) < 2_000, `${life} ms of life`);
  });

  test('keeps every setting it is given', async () => {
    const config = { cardValues: ['XS', 'XS', '☕', '½'], allowSpectators: false, autoRevealCards: true, timerSeconds: 0 };
    match(await ok(rest.post('/sessions', { name: 'S', hostName: 'M', config }), 201), { session: { config, players: [{ avatar: '👤' }] } });
  });

  const base = { name: 'S', hostName: 'M' };
  const deck = (length) => Array.from({ length }, (_, index) => String(index));
  const cases = [
    ['nothing at all', {}, { 'body.name': REQUIRED, 'body.hostName': REQUIRED }],
    ['wrong types', { name: 7, hostName: null }, { 'body.name': wrong('string', 'number'), 'body.hostName': wrong('string', 'null') }],
    ['names of blanks', { name: '  ', hostName: ' ' }, {
      'body.name': ['Session name is required', 'too_small'], 'body.hostName': ['Host name is required', 'too_small'],
    }],
    ['names that are too long', { name: LONG(101), hostName: LONG(51) }, {
      'body.name': ['Session name must be 100 characters or less', 'too_big'],
      'body.hostName': ['Host name must be 50 characters or less', 'too_big'],
    }],
    ['a text for an avatar', { ...base, hostAvatar: 'abc🚀' }, { 'body.hostAvatar': NOT_AN_EMOJI }],
    ['a short password', { ...base, password: 'abc' }, { 'body.password': ['Password must be at least 4 characters', 'too_small'] }],
    ['a long password', { ...base, password: LONG(51) }, { 'body.password': ['Password must be 50 characters or less', 'too_big'] }],
    ['a null config', { ...base, config: null }, { 'body.config': wrong('object', 'null') }],
    ['a list for a config', { ...base, config: [] }, { 'body.config': wrong('object', 'array') }],
    ['one card', { ...base, config: { cardValues: ['1'] } }, { 'body.config.cardValues': ['At least 2 card values required', 'too_small'] }],
    ['21 cards', { ...base, config: { cardValues: deck(21) } }, { 'body.config.cardValues': ['Maximum 20 card values allowed', 'too_big'] }],
    ['a number as a card', { ...base, config: { cardValues: ['1', 2] } }, { 'body.config.cardValues.1': wrong('string', 'number') }],
    ['a text as a switch', { ...base, config: { autoRevealCards: 'yes', allowSpectators: 1 } }, {
      'body.config.autoRevealCards': wrong('boolean', 'string'), 'body.config.allowSpectators': wrong('boolean', 'number'),
    }],
    ['a negative timer', { ...base, config: { timerSeconds: -1 } }, { 'body.config.timerSeconds': ['Timer cannot be negative', 'too_small'] }],
    ['a timer of a day', { ...base, config: { timerSeconds: 3601 } }, { 'body.config.timerSeconds': ['Timer cannot exceed 1 hour', 'too_big'] }],
  ];
  for (const [what, body, fields] of cases) {
    test(`with ${what} names each wrong field`, () => invalid(rest.post('/sessions', body), fields));
  }

  test('accepts the greatest lengths', async () => {
    const body = { name: LONG(100), hostName: '🚀'.repeat(25), password: LONG(50), config: { cardValues: deck(20), timerSeconds: 3600 } };
    match(await ok(rest.post('/sessions', body), 201), { session: { name: LONG(100), players: [{ name: '🚀'.repeat(25) }] } });
    await invalid(rest.post('/sessions', { name: 'S', hostName: `${'🚀'.repeat(25)}x` }), {
      'body.hostName': ['Host name must be 50 characters or less', 'too_big'],
    });
  });
});

describe('avatars', { concurrency: 4 }, () => {
  for (const avatar of [...AVATARS, '👤']) {
    test(`${avatar} passes on every route`, async () => {
      const { meeting, mira } = await team({ hostAvatar: avatar });
      const ada = await meeting.join('Ada', { attach: false, avatar });
      await ok(mira.rest.put(`/players/${mira.playerId}`, { avatar: '🎲' }));
      match(await ok(ada.rest.put(`/players/${ada.playerId}`, { avatar })), { avatar });
    });
  }

  for (const avatar of ['a', '7', '', '🇩🇪', '👍🏽', 'abc🚀', '🚀🚀', '🚀 ', 'avatar-1']) {
    test(`'${avatar}' passes on no route`, async () => {
      const { path, jonas } = await team();
      await invalid(rest.post('/sessions', { name: 'S', hostName: 'M', hostAvatar: avatar }), { 'body.hostAvatar': NOT_AN_EMOJI });
      await invalid(rest.post(`${path}/join`, { playerName: 'Ada', avatar }), { 'body.avatar': NOT_AN_EMOJI });
      await invalid(jonas.rest.put(`/players/${jonas.playerId}`, { avatar }), { 'body.avatar': NOT_AN_EMOJI });
    });
  }
});

describe('reading a session', { concurrency: 4 }, () => {
  test('answers its roster by the order of joining', async () => {
    const { meeting, path, mira, jonas } = await team();
    match(await ok(rest.get(path)), {
      id: meeting.sessionId, hostId: mira.playerId, cardsRevealed: false, config: DEFAULT_CONFIG, playerCount: 2,
      players: [{ id: mira.playerId }, { id: jonas.playerId }],
    });
  });

  test('shows open cards', async () => {
    const { path, mira } = await team();
    await ok(mira.addStory('Now'), 201);
    await ok(mira.vote('5'));
    await ok(mira.reveal());
    match(await ok(rest.get(path)), { cardsRevealed: true });
  });

  test('of an unknown one is a 404, of a malformed one a 400', async () => {
    await refused(rest.get(`/sessions/${UNKNOWN}`), 404, 'Session not found or has expired');
    await invalid(rest.get('/sessions/not-an-id'), { 'params.id': BAD_SESSION_ID });
  });

  test('ignores the case of the path and of the id, and one slash at the end', async () => {
    const { meeting } = await team();
    match(await ok(rest.get(`/Sessions/${meeting.sessionId.toUpperCase()}/`)), { id: meeting.sessionId });
  });

  test('ignores a token of another session or of none', async () => {
    const { path } = await team();
    const other = await team();
    match(await ok(other.mira.rest.get(path)), { playerCount: 2 });
    match(await ok(rest.withToken('rubbish').get(path)), { playerCount: 2 });
    match(await ok(other.mira.rest.post(`${path}/join`, { playerName: 'Mira' })), { playerId: (id) => id !== other.mira.playerId });
  });

  test('with HEAD answers the headers alone', async () => {
    const { path } = await team();
    const answer = await rest.raw('HEAD', path);
    assert.deepEqual([answer.status, answer.text], [200, '']);
    assert.equal((await rest.raw('HEAD', `/sessions/${UNKNOWN}`)).status, 404);
  });
});

describe('joining', { concurrency: 4 }, () => {
  test('answers an identity and its token, whose claims say who it is', async () => {
    const { meeting, path } = await team();
    const data = await ok(rest.post(`${path}/join`, { playerName: ' Ada ' }));
    match(data, { playerId: isUuid, sessionId: meeting.sessionId, token: isToken });
    const said = claims(data.token);
    match(said, { sessionId: meeting.sessionId, playerId: data.playerId, isHost: false, iss: 'planning-poker-api', exp: said.iat + LIFE_SECS });
    assert.equal(claims(meeting.host.token).isHost, true);
  });

  test('allows a name twice', async () => {
    const { path } = await team();
    await ok(rest.post(`${path}/join`, { playerName: 'Jonas' }));
    match(await ok(rest.get(path)), { playerCount: 3 });
  });

  const cases = [
    ['no name', {}, { 'body.playerName': REQUIRED }],
    ['a blank name', { playerName: ' ' }, { 'body.playerName': ['Player name is required', 'too_small'] }],
    ['a long name', { playerName: LONG(51) }, { 'body.playerName': ['Player name must be 50 characters or less', 'too_big'] }],
    ['wrong types', { playerName: [], asSpectator: 'yes', avatar: {} }, {
      'body.playerName': wrong('string', 'array'), 'body.asSpectator': wrong('boolean', 'string'), 'body.avatar': wrong('string', 'object'),
    }],
    ['a short password', { playerName: 'Ada', password: 'abc' }, { 'body.password': ['Password must be at least 4 characters', 'too_small'] }],
  ];
  for (const [what, body, fields] of cases) {
    test(`with ${what} names each wrong field`, async () => {
      const { path } = await team();
      await invalid(rest.post(`${path}/join`, body), fields);
    });
  }

  test('an unknown session is a 404, a malformed id a 400', async () => {
    await refused(rest.post(`/sessions/${UNKNOWN}/join`, { playerName: 'Ada' }), 404, 'Session not found or inactive');
    await invalid(rest.post('/sessions/not-an-id/join', { playerName: 'Ada' }), { 'params.id': BAD_SESSION_ID });
  });

  test('as a spectator is refused where spectators are not allowed, by an update too', async () => {
    const { path, jonas } = await team({ config: { allowSpectators: false } });
    const text = 'Spectators are not allowed in this session';
    await refused(rest.post(`${path}/join`, { playerName: 'Sven', asSpectator: true }), 403, text);
    await refused(jonas.rest.put(`/players/${jonas.playerId}`, { isSpectator: true }), 403, text);
  });
});

describe('tokens', { concurrency: 4 }, () => {
  const now = () => Math.floor(Date.now() / 1000);
  const attempts = [
    ['without a header', undefined, 'Authentication token required'],
    ['with another scheme', 'Basic abc', 'Authentication token required'],
    ['with the scheme alone', 'Bearer', 'Authentication token required'],
    ['with rubbish', 'Bearer rubbish', 'Invalid or expired token'],
  ];
  for (const [what, authorization, error] of attempts) {
    test(`a call ${what} is a 401 "${error}"`, async () => {
      const { path } = await team();
      const headers = authorization === undefined ? JSON_TYPE : { ...JSON_TYPE, authorization };
      await refused(rest.raw('POST', `${path}/vote`, { headers, body: '{"value":"5"}' }), 401, error);
    });
  }

  const forgeries = [
    ['signed with another key', (body) => sign(body, 'another key')],
    ['that is unsigned', (body) => sign(body, '', { alg: 'none', typ: 'JWT' })],
    ['of another algorithm', (body) => sign(body, SECRET, { alg: 'HS512', typ: 'JWT' })],
    ['that has expired', (body) => sign({ ...body, iat: now() - 100, exp: now() - 50 }, SECRET)],
  ];
  for (const [what, forge] of forgeries) {
    test(`a token ${what} is a 401`, async () => {
      const { path, mira } = await team();
      await refused(rest.withToken(forge(claims(mira.token))).post(`${path}/stories`, { title: 'Forged' }), 401, 'Invalid or expired token');
    });
  }

  test('a token signed with JWT_SECRET is good, and its isHost claim is not asked', async () => {
    const { path, mira, jonas } = await team();
    await ok(rest.withToken(sign({ ...claims(mira.token), isHost: false }, SECRET)).post(`${path}/stories`, { title: 'Mine' }), 201);
    const pretender = rest.withToken(sign({ ...claims(jonas.token), isHost: true }, SECRET));
    await refused(pretender.post(`${path}/stories`, { title: 'Mine' }), 403, 'Host authorization required');
  });

  test('a token of nobody, of no session and of a deleted session is a 401', async () => {
    const { path, mira } = await team();
    const said = claims(mira.token);
    const call = (body) => rest.withToken(sign({ ...said, ...body }, SECRET)).post(`${path}/stories`, { title: 'Lost' });
    await refused(call({ sessionId: UNKNOWN }), 401, 'Session no longer exists');
    await refused(call({ playerId: UNKNOWN }), 401, 'Player no longer exists in session');
    await ok(mira.rest.delete(path));
    await refused(mira.addStory('Late'), 401, 'Session no longer exists');
  });
});

describe('changing and deleting a session', { concurrency: 4 }, () => {
  test('merges the settings', async () => {
    const { path, mira } = await team();
    const changed = await ok(mira.rest.put(path, { name: ' New ', config: { timerSeconds: 5 } }));
    match(changed, { name: 'New', config: { ...DEFAULT_CONFIG, timerSeconds: 5 }, cardsRevealed: false });
    match(await ok(rest.get(path)), { name: 'New', config: { timerSeconds: 5 } });
  });

  test('needs at least one field and valid ones', async () => {
    const { path, mira } = await team();
    await invalid(mira.rest.put(path, {}), { body: ['At least one field must be provided for update', 'custom'] });
    await invalid(mira.rest.put(path, { unknown: 1 }), { body: ['At least one field must be provided for update', 'custom'] });
    await invalid(mira.rest.put(path, { name: '', config: { cardValues: [] } }), {
      'body.name': ['Session name is required', 'too_small'],
      'body.config.cardValues': ['At least 2 card values required', 'too_small'],
    });
  });

  test('is the host\'s alone', async () => {
    const { meeting, path, jonas, mira } = await team();
    const other = await team();
    await refused(jonas.rest.put(path, { name: 'Mine' }), 403, 'Host authorization required');
    await refused(jonas.rest.delete(path), 403, 'Host authorization required');
    await refused(other.mira.rest.put(path, { name: 'Mine' }), 403, 'Not authorized to perform this action');
    await refused(other.mira.rest.delete(path), 403, 'Not authorized to perform this action');
    await refused(mira.rest.put(`/sessions/${UNKNOWN}`, { name: 'Mine' }), 403, 'Session not found');
    await invalid(mira.rest.put('/sessions/not-an-id', { name: 'Mine' }), { 'params.id': BAD_SESSION_ID });
    match(await ok(rest.get(path)), { id: meeting.sessionId, name: 'Planning Poker Session' });
  });

  test('a deleted session is nowhere any more', async () => {
    const { path, mira } = await team();
    assert.deepEqual(await ok(mira.rest.delete(path)), { message: 'Session deleted successfully' });
    await refused(rest.get(path), 404, 'Session not found or has expired');
    await refused(rest.post(`${path}/join`, { playerName: 'Ada' }), 404, 'Session not found or inactive');
    assert.deepEqual(await ok(rest.get(`${path}/stories`)), []);
    assert.deepEqual(await ok(rest.get(`${path}/players`)), []);
  });
});

describe('stories', { concurrency: 4 }, () => {
  test('are numbered from one and listed in that order, the newest active', async () => {
    const { meeting, path, mira } = await team();
    const one = await ok(mira.addStory('One', { description: 'first', orderIndex: 77 }), 201);
    match(one, storyShape({ title: 'One', description: 'first', orderIndex: 1, sessionId: meeting.sessionId }));
    const two = await ok(mira.addStory('Two'), 201);
    match(await ok(rest.get(`${path}/stories`)), [
      storyShape({ id: one.id, isActive: false, description: 'first', sessionId: meeting.sessionId }),
      storyShape({ id: two.id, orderIndex: 2 }),
    ]);
    assert.deepEqual(await ok(rest.get(`/sessions/${UNKNOWN}/stories`)), []);
    await invalid(rest.get('/sessions/not-an-id/stories'), { 'params.sessionId': BAD_SESSION_ID });
  });

  test('need a title within bounds', async () => {
    const { path, mira } = await team();
    await invalid(mira.rest.post(`${path}/stories`, {}), { 'body.title': REQUIRED });
    await invalid(mira.rest.post(`${path}/stories`, { title: '', description: LONG(1001) }), {
      'body.title': ['Title is required', 'too_small'], 'body.description': ['Description must be less than 1000 characters', 'too_big'],
    });
    await invalid(mira.rest.post(`${path}/stories`, { title: LONG(256) }), { 'body.title': ['Title must be less than 255 characters', 'too_big'] });
    await ok(mira.rest.post(`${path}/stories`, { title: LONG(255), description: LONG(1000) }), 201);
  });

  test('can be edited, estimated, activated and completed by the host', async () => {
    const { path, mira } = await team();
    const one = await ok(mira.addStory('One'), 201);
    const two = await ok(mira.addStory('Two'), 201);
    match(await ok(mira.rest.put(`/stories/${two.id}`, { title: 'Zwei', description: 'd' })), storyShape({ id: two.id, title: 'Zwei', description: 'd' }));
    match(await ok(mira.rest.put(`/stories/${two.id}`, {})), { title: 'Zwei' });
    const estimated = storyShape({ id: one.id, isActive: false, finalEstimate: '8', completedAt: isTimestamp });
    match(await ok(mira.rest.put(`/stories/${one.id}`, { finalEstimate: '8' })), estimated);
    match(await ok(mira.rest.put(`${path}/stories/${one.id}/activate`)), storyShape({ id: one.id, finalEstimate: '8' }));
    match(await ok(mira.rest.put(`/stories/${two.id}`, { isActive: true })), { id: two.id, isActive: true });
    match(await ok(mira.rest.put(`/stories/${two.id}/complete`, { finalEstimate: '3' })), {
      id: two.id, isActive: false, finalEstimate: '3', completedAt: isTimestamp,
    });
    assert.deepEqual((await ok(rest.get(`${path}/stories`))).map(({ isActive }) => isActive), [false, false]);
  });

  test('are validated when they change', async () => {
    const { path, mira } = await team();
    const story = await ok(mira.addStory('One'), 201);
    await invalid(mira.rest.put(`/stories/${story.id}`, { title: '', isActive: 'yes', finalEstimate: LONG(11) }), {
      'body.title': ['Title cannot be empty', 'too_small'],
      'body.isActive': wrong('boolean', 'string'),
      'body.finalEstimate': ['Final estimate must be less than 10 characters', 'too_big'],
    });
    await invalid(mira.rest.put(`/stories/${story.id}/complete`, {}), { 'body.finalEstimate': REQUIRED });
    await invalid(mira.rest.put(`/stories/${story.id}/complete`, { finalEstimate: '' }), { 'body.finalEstimate': ['Final estimate is required', 'too_small'] });
    await invalid(mira.rest.put('/stories/not-an-id', {}), { 'params.storyId': BAD_STORY_ID });
    await invalid(mira.rest.put(`${path}/stories/not-an-id/activate`), { 'params.storyId': BAD_STORY_ID });
    await invalid(mira.rest.delete('/stories/not-an-id'), { 'params.storyId': BAD_STORY_ID });
  });

  test('that are not there are a 404', async () => {
    const { path, mira } = await team();
    await refused(mira.rest.put(`/stories/${UNKNOWN}`, { title: 'x' }), 404, 'Story not found');
    await refused(mira.rest.put(`/stories/${UNKNOWN}/complete`, { finalEstimate: '5' }), 404, 'Story not found');
    await refused(mira.rest.put(`${path}/stories/${UNKNOWN}/activate`), 404, 'Story not found');
    await refused(mira.rest.delete(`/stories/${UNKNOWN}`), 404, 'Story not found');
  });

  test('with votes of any round cannot be deleted', async () => {
    const { path, mira, jonas } = await team();
    const story = await ok(mira.addStory('One'), 201);
    await ok(jonas.vote('5'));
    await refused(mira.rest.delete(`/stories/${story.id}`), 400, 'Cannot delete story that has votes');
    await ok(mira.addStory('Two'), 201);
    await ok(mira.rest.put(`${path}/stories/${story.id}/activate`));
    match(await ok(jonas.rest.get(`${path}/votes`)), { votes: [] });
    await refused(mira.rest.delete(`/stories/${story.id}`), 400, 'Cannot delete story that has votes');
  });
});

describe('players', { concurrency: 4 }, () => {
  test('are listed with their presence and whether they voted', async () => {
    const { path, mira, jonas } = await team();
    await ok(mira.addStory('Now'), 201);
    await ok(jonas.vote('5'));
    match(await ok(rest.get(`${path}/players`)), [
      { ...playerShape(mira, { isHost: true }), hasVoted: false },
      { ...playerShape(jonas, { votedInCurrentRound: true }), hasVoted: true },
    ]);
    assert.deepEqual(await ok(rest.get(`/sessions/${UNKNOWN}/players`)), []);
    await invalid(rest.get('/sessions/not-an-id/players'), { 'params.sessionId': BAD_SESSION_ID });
  });

  test('change themselves', async () => {
    const { jonas } = await team();
    const changed = await ok(jonas.rest.put(`/players/${jonas.playerId}`, { name: ' Jo ', isSpectator: true }));
    match(changed, { id: jonas.playerId, name: 'Jo', avatar: '👤', isSpectator: true, isActive: true, lastSeenAt: isTimestamp });
    assert.deepEqual(await ok(jonas.rest.put(`/players/${jonas.playerId}/activity`)), { message: 'Activity updated' });
    await invalid(jonas.rest.put(`/players/${jonas.playerId}`, {}), { body: ['At least one field must be provided for update', 'custom'] });
    await invalid(jonas.rest.put(`/players/${jonas.playerId}`, { isSpectator: 1 }), { 'body.isSpectator': wrong('boolean', 'number') });
  });

  test('do not change each other, and are told so before anything is validated', async () => {
    const { mira, jonas } = await team();
    await refused(jonas.rest.put(`/players/${mira.playerId}`, { name: 7 }), 403, 'Can only modify your own player data');
    await refused(jonas.rest.put(`/players/${mira.playerId}/activity`), 403, 'Cannot update other players activity');
  });

  test('are removed and promoted by their own host alone', async () => {
    const { meeting, path, mira, jonas } = await team();
    const other = await team();
    const ada = await meeting.join('Ada', { attach: false });
    const [remove, promote] = ['Only session host can remove players', 'Only session host can promote players'];
    await refused(jonas.rest.delete(`/players/${ada.playerId}`), 403, remove);
    await refused(jonas.rest.post(`/players/${ada.playerId}/promote`), 403, promote);
    await refused(mira.rest.delete(`/players/${mira.playerId}`), 403, remove);
    // To the host of another session she does not exist.
    await refused(other.mira.rest.delete(`/players/${ada.playerId}`), 404, 'Player not found');
    await refused(other.mira.rest.post(`/players/${ada.playerId}/promote`), 404, 'Player not found');
    await refused(mira.rest.delete(`/players/${UNKNOWN}`), 404, 'Player not found');
    await refused(mira.rest.post(`/players/${UNKNOWN}/promote`), 404, 'Player not found');
    assert.deepEqual(await ok(mira.rest.delete(`/players/${ada.playerId}`)), { message: 'Player removed' });
    match(await ok(rest.get(path)), { playerCount: 2 });
    match(await ok(mira.rest.post(`/players/${jonas.playerId}/promote`)), {
      newHost: playerShape(jonas, { isHost: true }), previousHost: playerShape(mira),
    });
    match(await ok(rest.get(path)), { hostId: jonas.playerId });
  });
});

describe('voting', { concurrency: 4 }, () => {
  test('is validated', async () => {
    const { path, mira, jonas } = await team();
    await ok(mira.addStory('Now'), 201);
    const vote = (body) => jonas.rest.post(`${path}/vote`, body);
    await invalid(vote({}), { 'body.value': REQUIRED });
    await invalid(vote({ value: '' }), { 'body.value': ['Vote value is required', 'too_small'] });
    await invalid(vote({ value: LONG(11) }), { 'body.value': ['Vote value must be 10 characters or less', 'too_big'] });
    await invalid(vote({ value: 5 }), { 'body.value': wrong('string', 'number') });
    await invalid(vote({ value: '5', confidence: 0 }), { 'body.confidence': ['Confidence must be between 1-5', 'too_small'] });
    await invalid(vote({ value: '5', confidence: 6 }), { 'body.confidence': ['Confidence must be between 1-5', 'too_big'] });
    await invalid(jonas.rest.post('/sessions/not-an-id/vote', { value: '5' }), { 'params.sessionId': BAD_SESSION_ID });
    assert.equal((await vote({ value: '5', confidence: 2.5 })).status, 400);
  });

  test('accepts a long card of the deck and no other long value', async () => {
    const card = 'not before next year';
    const { mira, jonas } = await team({ config: { cardValues: ['1', card] } });
    await ok(mira.addStory('Now'), 201);
    await ok(jonas.vote(card));
    await invalid(jonas.vote(`${card}!`), { 'body.value': ['Vote value must be 10 characters or less', 'too_big'] });
    match(await ok(mira.reveal()), { votes: [{ value: card }] });
  });

  test('is for oneself and for the active story', async () => {
    const { path, mira, jonas } = await team();
    const other = await team();
    await refused(jonas.vote('5'), 400, 'Invalid or completed story');
    const story = await ok(mira.addStory('Now'), 201);
    const foreign = await ok(other.mira.addStory('Theirs'), 201);
    await refused(jonas.rest.post(`${path}/vote`, { value: '5', playerId: mira.playerId }), 403, 'Cannot vote for another player');
    for (const storyId of [UNKNOWN, foreign.id, 'default-story-17']) {
      await refused(jonas.vote('5', { storyId }), 400, 'Invalid or completed story');
    }
    await refused(other.mira.rest.post(`${path}/vote`, { value: '5' }), 403, 'Not authorized to perform this action');
    for (const storyId of [story.id, '', path.split('/').at(-1)]) await ok(jonas.rest.post(`${path}/vote`, { value: '5', storyId }));
    await ok(mira.rest.put(`/stories/${story.id}/complete`, { finalEstimate: '5' }));
    await refused(jonas.vote('5', { storyId: story.id }), 400, 'Invalid or completed story');
  });

  for (const route of ['vote', 'reveal', 'reset-voting', 'reset']) {
    test(`${route} asks for a token of a member`, async () => {
      const { path } = await team();
      const other = await team();
      await refused(rest.post(`${path}/${route}`, { value: '5' }), 401, 'Authentication token required');
      await refused(other.mira.rest.post(`${path}/${route}`, { value: '5' }), 403, 'Not authorized to perform this action');
    });
  }

  test('reset validates its new story', async () => {
    const { path, mira } = await team();
    const reset = (newStory) => mira.rest.post(`${path}/reset`, { newStory });
    await invalid(reset({ title: '' }), { 'body.newStory.title': ['Story title is required', 'too_small'] });
    await invalid(reset({ title: LONG(201) }), { 'body.newStory.title': ['Story title must be 200 characters or less', 'too_big'] });
    await invalid(reset({ title: 'x', description: LONG(1001) }), {
      'body.newStory.description': ['Story description must be 1000 characters or less', 'too_big'],
    });
    assert.deepEqual(await ok(mira.rest.post(`${path}/reset`, {})), { message: 'New round started' });
  });

  test('votes are readable by story, and only after the reveal', async () => {
    const { path, mira, jonas } = await team();
    assert.deepEqual(await ok(rest.get(`${path}/votes`)), { votes: [], revealed: false, consensus: null });
    const story = await ok(mira.addStory('Now'), 201);
    await ok(jonas.vote('5', { confidence: 4 }));
    await ok(mira.vote('5'));
    match(await ok(rest.get(`${path}/votes?storyId=${story.id}`)), { votes: [{ value: null, confidence: null }, { value: null, confidence: null }] });
    await ok(mira.reveal());
    const open = {
      votes: [
        { playerId: jonas.playerId, playerName: 'Jonas', hasVoted: true, value: '5', confidence: 4, timestamp: isTimestamp },
        { playerId: mira.playerId, value: '5', confidence: absent },
      ],
      revealed: true,
      consensus: { hasConsensus: true, value: '5', agreement: 1, average: 5, distribution: { 5: 2 }, totalVotes: 2 },
    };
    match(await ok(rest.get(`${path}/votes`)), open);
    await ok(mira.addStory('Next'), 201);
    match(await ok(rest.get(`${path}/votes?storyId=${story.id}`)), { votes: open.votes });
  });

  test('votes of a foreign story stay closed after opening one\'s own', async () => {
    const victims = await team();
    const secret = await ok(victims.mira.addStory('Secret'), 201);
    await ok(victims.jonas.vote('q9x'));
    const { path, mira } = await team();
    await ok(mira.addStory('Now'), 201);
    await ok(mira.vote('5'));
    await ok(mira.reveal());
    await refused(mira.rest.get(`${path}/votes?storyId=${secret.id}`), 404, 'Story not found');
    await refused(rest.get(`/sessions/${UNKNOWN}/votes`), 404, 'Session not found');
    assert.equal((await rest.get(`${path}/votes?storyId=not-an-id`)).status, 400);
  });

  test('votes of an unrevealed story stay closed when another is revealed', async () => {
    const { path, mira, jonas } = await team();
    const closed = await ok(mira.addStory('Closed'), 201);
    await ok(jonas.vote('q9x'));
    await ok(mira.addStory('Open'), 201);
    await ok(mira.vote('5'));
    await ok(mira.reveal());
    const answer = await rest.get(`${path}/votes?storyId=${closed.id}`);
    assert.ok(!answer.text.includes('q9x'), answer.text);
    match(await ok(answer), { votes: [{ hasVoted: true, value: null }] });
  });
});

test('17: the host of another session changes nothing here, whatever he calls', async () => {
  const { meeting, path, mira, jonas } = await team();
  const story = await ok(mira.addStory('Ours'), 201);
  await ok(jonas.vote('5'));
  const { mira: stranger } = await team();
  const before = await everything();
  const calls = [
    ['PUT', path, { name: 'Taken' }], ['POST', `${path}/stories`, { title: 'Taken' }], ['PUT', `${path}/stories/${story.id}/activate`, {}],
    ['PUT', `/stories/${story.id}`, { title: 'Taken' }], ['DELETE', `/stories/${story.id}`], ['PUT', `/stories/${story.id}/complete`, { finalEstimate: '1' }],
    ['PUT', `/players/${jonas.playerId}`, { name: 'Taken' }], ['PUT', `/players/${jonas.playerId}/activity`, {}], ['DELETE', `/players/${jonas.playerId}`],
    ['POST', `/players/${jonas.playerId}/promote`, {}], ['POST', `${path}/vote`, { value: '1', playerId: jonas.playerId }], ['POST', `${path}/reveal`, {}],
    ['POST', `${path}/reset-voting`, {}], ['POST', `${path}/reset`, { newStory: { title: 'Taken' } }], ['DELETE', path],
  ];
  for (const [method, route, body] of calls) {
    const answer = await stranger.rest.send(method, route, body);
    assert.ok([401, 403, 404].includes(answer.status), `${method} ${route}: ${answer.status} ${answer.text}`);
    assert.equal(answer.body.success, false);
  }
  assert.deepEqual(await everything(), before);

  function everything() {
    return Promise.all(['', '/stories', '/players', '/votes'].map((part) => ok(meeting.rest.get(`${path}${part}`))));
  }
});

describe('the envelope of everything else', { concurrency: 4 }, () => {
  test('a body that is not JSON by its type is a 400, also on unknown paths and without a body', async () => {
    for (const [method, path] of [['POST', '/sessions'], ['PUT', '/nowhere'], ['PATCH', '/sessions']]) {
      await failed(rest.raw(method, path, { headers: { 'content-type': 'text/plain' }, body: '{}' }), 400, 'Content-Type must be application/json');
      await failed(rest.raw(method, path), 400, 'Content-Type must be application/json');
    }
  });

  test('broken JSON is a 400, an empty body an empty object', async () => {
    const broken = await rest.raw('POST', '/sessions', { headers: JSON_TYPE, body: '{"name":' });
    assert.equal(broken.status, 400);
    match(broken.body, { status: 'error', message: (text) => typeof text === 'string' && text !== '' });
    await invalid(rest.raw('POST', '/sessions', { headers: JSON_TYPE }), { 'body.name': REQUIRED, 'body.hostName': REQUIRED });
    const charset = { 'content-type': 'application/json; charset=utf-8' };
    await ok(rest.raw('POST', '/sessions', { headers: charset, body: '{"name":"S","hostName":"M"}' }), 201);
  });

  test('a body over 100 kB is a 413', async () => {
    const body = JSON.stringify({ name: 'S', hostName: 'M', padding: LONG(110_000) });
    await failed(rest.raw('POST', '/sessions', { headers: JSON_TYPE, body }), 413, 'request entity too large');
  });

  test('an unknown route or method is a 404', async () => {
    const { path, mira } = await team();
    await failed(rest.get('/nowhere'), 404, 'Resource not found');
    await failed(mira.rest.delete(`${path}/stories`), 404, 'Resource not found');
    await failed(rest.raw('PATCH', path, { headers: JSON_TYPE, body: '{}' }), 404, 'Resource not found');
    await failed(rest.post('/auth/refresh'), 404, 'Resource not found');
  });
});

describe('CORS', { concurrency: 4 }, () => {
  test('answers the preflight of every call of the browser client', async () => {
    for (const path of ['/sessions', `/sessions/${UNKNOWN}/vote`, '/nowhere']) {
      const answer = await rest.raw('OPTIONS', path, { headers: {
        origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-request-id',
      } });
      assert.deepEqual([answer.status, answer.text], [204, '']);
      const header = (name) => answer.headers.get(name);
      assert.equal(header('access-control-allow-origin'), ORIGIN);
      assert.equal(header('access-control-allow-credentials'), 'true');
      assert.equal(header('access-control-allow-methods').replaceAll(' ', ''), 'GET,HEAD,PUT,PATCH,POST,DELETE');
      assert.equal(header('access-control-allow-headers').replaceAll(' ', '').toLowerCase(), 'authorization,content-type,x-request-id');
      assert.match(header('vary'), /origin/i);
    }
  });

  test('lets the browser read successes and errors', async () => {
    const { path } = await team();
    const answers = [
      await rest.get(path), await rest.get('/nowhere'), await rest.post('/sessions', {}), await rest.post(`${path}/vote`, {}),
      await rest.raw('POST', '/sessions', { headers: { origin: ORIGIN } }), await rest.raw('POST', '/sessions', { headers: { origin: ORIGIN, ...JSON_TYPE }, body: '{' }),
    ];
    assert.deepEqual(answers.map(({ status }) => status), [200, 404, 400, 401, 400, 400]);
    for (const { headers } of answers) assert.equal(headers.get('access-control-allow-origin'), ORIGIN);
  });

  test('covers Socket.IO polling as well', async () => {
    const answer = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: ORIGIN } });
    await answer.text();
    assert.equal(answer.headers.get('access-control-allow-origin'), ORIGIN);
    assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
  });
});

describe('the service routes', { concurrency: 4 }, () => {
  test('tell that the server is well', async () => {
    const up = { status: 'up' };
    const health = await rest.get('/health');
    assert.equal(health.status, 200);
    match(health.body, {
      status: 'ok', timestamp: isTimestamp, uptime: (it) => typeof it === 'number', environment: 'production',
      services: { database: { postgres: up, redis: up } },
    });
    const database = await rest.get('/health/db');
    assert.equal(database.status, 200);
    match(database.body, { postgres: true, redis: true, details: {} });
  });

  test('count sockets, sessions and players', async (t) => {
    const meeting = await Meeting.open(server);
    t.after(() => meeting.close());
    const count = (it) => Number.isInteger(it) && it >= 1;
    match((await rest.get('/websocket/stats')).body, {
      status: 'ok', timestamp: isTimestamp,
      websocket: { server: { connectedSockets: count, totalRooms: count }, redis: { totalConnections: count, activeSessions: count, onlinePlayers: count } },
    });
    match((await rest.get('/websocket/health')).body, { status: 'up', connectedSockets: count, activeSessions: count, onlinePlayers: count });
  });

  test('take error reports of any shape and size, and answer 200', async () => {
    const report = { message: 'boom', userAgent: 'x', url: 'http://x', timestamp: '2026-11-20T12:18:45.612Z', level: 'error' };
    const taken = await rest.post('/errors', [report, { ...report, level: 'warn' }]);
    assert.equal(taken.status, 200);
    assert.deepEqual(taken.body, { success: true, logged: 2 });
    assert.deepEqual((await rest.post('/errors', report)).body, { success: true, logged: 1 });
    const odd = ['', 'null', '7', '"text"', '[]', '{', '[[[', JSON.stringify({ ...report, message: LONG(200_000) }), LONG(2_000_000)];
    for (const body of odd) {
      const answer = await rest.raw('POST', '/errors', { headers: JSON_TYPE, body });
      assert.equal(answer.status, 200, `${body.slice(0, 20)}: ${answer.text}`);
      assert.equal(answer.body.success, true);
    }
    assert.equal((await rest.raw('POST', '/errors', { headers: { 'content-type': 'text/plain' }, body: 'x' })).status, 200);
    assert.equal((await rest.raw('POST', '/errors')).status, 200);
    const burst = await Promise.all(Array.from({ length: 200 }, () => rest.post('/errors', report)));
    assert.ok(burst.every(({ status }) => status === 200));
  });
});

describe('POKER_AUTH=open', () => {
  test('lets anybody vote, reveal and reset without a token', async (t) => {
    const open = await startServer({ env: { POKER_AUTH: 'open' } });
    t.after(() => open.close());
    const meeting = await Meeting.open(open, { attach: false });
    const { path, host } = meeting;
    const story = await ok(host.addStory('Now'), 201);
    const vote = { playerId: host.playerId, value: '5', storyId: story.id };
    match(await ok(meeting.rest.post(`${path}/vote`, vote)), { voteId: (id) => typeof id === 'string', timestamp: isTimestamp });
    match(await ok(meeting.rest.post(`${path}/reveal`)), { votes: [{ playerId: host.playerId, value: '5' }] });
    await ok(meeting.rest.post(`${path}/reset-voting`));
    await refused(meeting.rest.post(`${path}/stories`, { title: 'Mine' }), 401, 'Authentication token required');
  });
});

describe('CORS_ORIGIN', { concurrency: 2 }, () => {
  for (const [setting, asking, answer] of [
    ['https://a.example,https://b.example', 'https://b.example', 'https://b.example'],
    ['*', 'https://c.example', (it) => it === '*' || it === 'https://c.example'],
    ['https://a.example', 'https://evil.example', 'https://a.example'],
  ]) {
    test(`"${setting}" answers ${asking}`, async (t) => {
      const open = await startServer({ env: { CORS_ORIGIN: setting } });
      t.after(() => open.close());
      const { headers } = await new Rest(open.url).raw('GET', '/health', { headers: { origin: asking } });
      match(headers.get('access-control-allow-origin'), answer);
    });
  }

  test('as a list does not answer an origin that is not on it', async (t) => {
    const open = await startServer({ env: { CORS_ORIGIN: 'https://a.example,https://b.example' } });
    t.after(() => open.close());
    const { headers } = await new Rest(open.url).raw('GET', '/health', { headers: { origin: 'https://evil.example' } });
    assert.notEqual(headers.get('access-control-allow-origin'), 'https://evil.example');
  });
});
