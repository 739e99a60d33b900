import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold, opened } from './fold.ts';
import type { Player, ServerEvent, SessionJoined, Story, Vote } from './protocol.ts';
import { activeStory, everyoneVoted, mayReset, mayReveal, nextStory, onlineCount, type Room } from './room.ts';

const NOON = '2026-11-20T12:00:00.000Z';
const player = (name: string, avatar: string, isSpectator = false): Player => ({
  id: name.toLowerCase(),
  name,
  avatar,
  isSpectator,
  isActive: true,
  isHost: name === 'Mira',
  isOnline: true,
  joinedAt: NOON,
  lastSeenAt: NOON,
  votedInCurrentRound: false,
});
const story = (title: string, orderIndex: number): Story => ({
  id: title.toLowerCase(),
  title,
  orderIndex,
  isActive: orderIndex === 1,
  createdAt: NOON,
});
const MIRA = player('Mira', '🦊');
const JONAS = player('Jonas', '🐼');
const ADA = player('Ada', '🦉', true);
const FIRST = story('First', 1);
const SECOND = story('Second', 2);
const THIRD = story('Third', 3);

const snapshot = (change: Partial<SessionJoined> = {}): SessionJoined => ({
  sessionId: 'session',
  player: MIRA,
  players: [MIRA, JONAS, ADA],
  stories: [FIRST, SECOND, THIRD],
  config: { cardValues: ['1', '2', '3', '5', '8', '?'], allowSpectators: true, autoRevealCards: false, timerSeconds: 60 },
  votesRevealed: false,
  hostId: 'mira',
  voteCount: 0,
  totalPlayers: 2,
  ...change,
});

const given = (change: Partial<SessionJoined> = {}, me = 'mira') => opened(snapshot(change), me);
const when = (room: Room, ...events: ServerEvent[]) => events.reduce(fold, room);
const voted = (playerId: string, voteCount: number): ServerEvent => ({
  name: 'vote:submitted',
  payload: { playerId, voteCount, totalPlayers: 2 },
});
const vote = (playerId: string, value: string): Vote => ({ playerId, playerName: playerId, value });
const revealed = (...votes: Vote[]): ServerEvent => ({
  name: 'cards:revealed',
  payload: { storyId: 'first', votes, consensus: { hasConsensus: false, agreement: 0.5, distribution: {}, totalVotes: 2 } },
});
const ids = (room: Room) => room.stories.map(({ id }) => id).join(' ');

test('votes are counted as the server counts them', () => {
  const room = when(given(), voted('jonas', 1));
  assert.equal(room.voteCount, 1);
  assert.equal(room.players.find(({ id }) => id === 'jonas')?.votedInCurrentRound, true);
  assert.equal(everyoneVoted(room), false);
  assert.equal(everyoneVoted(when(room, voted('mira', 2))), true);
});

test('cards turned before the eyes of a player are live, those that lay open are not', () => {
  assert.equal(when(given(), revealed(vote('mira', '5'))).revealed?.live, true);
  const late = when(given({ votesRevealed: true }), revealed(vote('mira', '5')));
  assert.equal(late.revealed?.live, false);
  assert.equal(late.revealed?.votes.length, 1);
});

test('being told again of the same open cards does not turn them again', () => {
  const seen = when(given({ votesRevealed: true }), revealed(vote('mira', '5')), revealed(vote('mira', '5')));
  assert.equal(seen.revealed?.live, false);
});

test('a new deck leaves the open cards on the table', () => {
  const config = { ...snapshot().config, cardValues: ['S', 'M'] };
  const room = when(given(), revealed(vote('mira', '5')), {
    name: 'session:joined',
    payload: snapshot({ votesRevealed: true, config }),
  });
  assert.equal(room.revealed?.votes.length, 1);
  assert.deepEqual(room.config.cardValues, ['S', 'M']);
});

test('a snapshot of another story forgets the old round', () => {
  const before = when(given(), revealed(vote('mira', '5')));
  const stories = [{ ...FIRST, isActive: false }, { ...SECOND, isActive: true }];
  const room = when(before, { name: 'session:joined', payload: snapshot({ stories }) });
  assert.equal(room.revealed, undefined);
  assert.notEqual(room.round, before.round);
});

test('a story that is finished takes its cards off the table', () => {
  const before = when(given(), voted('jonas', 1), revealed(vote('jonas', '3')));
  const room = when(before, { name: 'story:updated', payload: { story: { ...FIRST, isActive: false, completedAt: NOON } } });
  assert.equal(room.revealed, undefined);
  assert.equal(room.votesRevealed, false);
  assert.equal(room.players.some(({ votedInCurrentRound }) => votedInCurrentRound), false);
});

test('a reset begins a new round on the same story', () => {
  const before = when(given(), voted('jonas', 1), revealed(vote('jonas', '3')));
  const room = when(before, { name: 'game:reset', payload: { storyId: 'first' } });
  assert.equal(room.voteCount, 0);
  assert.equal(room.votesRevealed, false);
  assert.equal(room.revealed, undefined);
  assert.equal(room.round, before.round + 1);
  assert.equal(room.players.some(({ votedInCurrentRound }) => votedInCurrentRound), false);
  assert.equal(activeStory(room)?.id, 'first');
});

test('a reset without a story clears the table', () => {
  assert.equal(activeStory(when(given(), { name: 'game:reset', payload: { storyId: '' } })), undefined);
});

test('only one story is active', () => {
  const room = when(given(), { name: 'story:activated', payload: { story: { ...SECOND, isActive: true } } });
  assert.deepEqual(room.stories.filter(({ isActive }) => isActive).map(({ id }) => id), ['second']);
});

test('a completed story leaves the table', () => {
  const done = { ...FIRST, isActive: false, finalEstimate: '5', completedAt: '2026-11-20T12:31:40.000Z' };
  const room = when(given(), { name: 'story:updated', payload: { story: done } });
  assert.equal(activeStory(room), undefined);
  assert.equal(nextStory(room)?.id, 'second');
});

test('stories take the order the server names, and later ones stay behind', () => {
  const fourth = { ...THIRD, id: 'fourth', orderIndex: 4 };
  const room = when(given({ stories: [FIRST, SECOND, THIRD, fourth] }), {
    name: 'story:reordered',
    payload: { storyIds: ['third', 'first', 'second'] },
  });
  assert.equal(ids(room), 'third first second fourth');
  assert.deepEqual(room.stories.map(({ orderIndex }) => orderIndex), [1, 2, 3, 4]);
});

test('a new story lies where its order says, and a deleted one is gone', () => {
  const between = { ...SECOND, id: 'between', orderIndex: 2 };
  const room = when(given({ stories: [FIRST, THIRD] }), { name: 'story:created', payload: { story: between } });
  assert.equal(ids(room), 'first between third');
  assert.equal(ids(when(room, { name: 'story:deleted', payload: { storyId: 'first' } })), 'between third');
});

test('the next story is the next without an estimate, from the active one on and around', () => {
  const stories = [SECOND, { ...FIRST, orderIndex: 3 }, { ...THIRD, finalEstimate: '3' }];
  assert.equal(nextStory(given({ stories }))?.id, 'second');
  assert.equal(nextStory(given({ stories: [FIRST, SECOND, THIRD] }))?.id, 'second');
  assert.equal(nextStory(given({ stories: [FIRST] })), undefined);
});

test('people come, change, leave and are counted', () => {
  const eve = { ...JONAS, id: 'eve', name: 'Eve' };
  const joined = when(given(), { name: 'player:joined', payload: { player: eve } });
  assert.equal(joined.totalPlayers, 3);
  const watching = when(joined, { name: 'player:updated', payload: { player: { ...eve, isSpectator: true } } });
  assert.equal(watching.totalPlayers, 2);
  const away = when(watching, { name: 'player:status_changed', payload: { playerId: 'eve', isOnline: false } });
  assert.equal(onlineCount(away), 3);
  assert.equal(when(away, { name: 'player:left', payload: { playerId: 'eve' } }).players.length, 3);
});

test('somebody who returns is not there twice', () => {
  const room = when(given(), { name: 'player:joined', payload: { player: JONAS } });
  assert.equal(room.players.filter(({ id }) => id === 'jonas').length, 1);
});

test('whoever leaves takes the card along', () => {
  const room = when(given(), voted('jonas', 1), { name: 'player:left', payload: { playerId: 'jonas' } });
  assert.equal(room.voteCount, 0);
});

test('a promotion moves the right to reveal', () => {
  const room = when(given(), voted('jonas', 1));
  assert.equal(mayReveal(room), true);
  const after = when(room, { name: 'player:promoted', payload: { newHost: JONAS, previousHost: MIRA } });
  assert.equal(mayReveal(after), false);
  assert.equal(mayReveal(when(after, voted('mira', 2))), true);
});

test('open cards may be cleared by anybody, closed ones by the host', () => {
  const room = when(given({}, 'jonas'), voted('jonas', 1));
  assert.equal(mayReset(room), false);
  assert.equal(mayReset(when(room, revealed(vote('jonas', '3')))), true);
  assert.equal(mayReset(when(given(), voted('jonas', 1))), true);
});

test('being removed is an ending, and so is the end of the session', () => {
  const removed: ServerEvent = { name: 'player:removed', payload: { playerId: 'jonas' } };
  assert.equal(when(given({}, 'jonas'), removed).ending, 'removed');
  assert.equal(when(given(), removed).ending, undefined);
  const over = (code: string): ServerEvent => ({ name: 'session:error', payload: { error: '', code } });
  assert.equal(when(given(), over('SESSION_DELETED')).ending, 'deleted');
  assert.equal(when(given(), over('SESSION_EXPIRED')).ending, 'expired');
  assert.equal(when(given(), over('FORBIDDEN')).ending, undefined);
});

test('events of a later server are ignored', () => {
  const room = given();
  assert.equal(fold(room, { name: 'poll:opened', payload: {} } as unknown as ServerEvent), room);
});

test('folding changes no room that was there before', () => {
  const room = given();
  const before = structuredClone(room);
  when(room, voted('jonas', 1), revealed(vote('jonas', '3')), { name: 'game:reset', payload: { storyId: 'first' } });
  assert.deepEqual(room, before);
});
