import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterEvent, chosen, sameRound, type Ballot } from './ballot.ts';
import { fold } from './fold.ts';
import type { Player, ServerEvent, Story } from './protocol.ts';
import type { Room } from './room.ts';

const NOON = '2026-11-20T12:00:00.000Z';
const ME: Player = {
  id: 'me',
  name: 'Me',
  avatar: '🦊',
  isSpectator: false,
  isActive: true,
  isHost: true,
  isOnline: true,
  joinedAt: NOON,
  lastSeenAt: NOON,
  votedInCurrentRound: false,
};
const STORY: Story = { id: 'story', title: 'Story', orderIndex: 1, isActive: true, createdAt: NOON };
const ROOM: Room = {
  sessionId: 'session',
  me: 'me',
  hostId: 'me',
  players: [ME],
  stories: [STORY],
  config: { cardValues: ['1', '2'], allowSpectators: true, autoRevealCards: false, timerSeconds: 60 },
  voteCount: 0,
  totalPlayers: 1,
  votesRevealed: false,
  round: 1,
};
const SENT: Ballot = { storyId: 'story', value: '2', sent: true, takenAt: '2026-11-20T12:18:45.612Z' };
const QUEUED: Ballot = { storyId: 'story', value: '2', sent: false };

const after = (ballot: Ballot, event: ServerEvent, room = ROOM) => afterEvent(ballot, fold(room, event), event);
const snapshot = (change: Partial<Room>): ServerEvent => ({
  name: 'session:joined',
  payload: { ...ROOM, ...change, player: ME } as never,
});

test('a chosen card waits to be sent', () => {
  assert.deepEqual(chosen(ROOM, undefined, { value: '1' }), { value: '1', storyId: 'story', takenAt: undefined, sent: false });
});

test('the same card again is not sent again', () => {
  assert.equal(chosen(ROOM, SENT, { value: '2' }), SENT);
  assert.equal(chosen(ROOM, SENT, { value: '2', confidence: 4 })?.sent, false);
});

test('the last card chosen is the one that waits', () => {
  const last = chosen(ROOM, chosen(ROOM, undefined, { value: '1' }), { value: '2' });
  assert.equal(last?.value, '2');
  assert.equal(last?.sent, false);
});

test('there is nothing to choose without a story, and when the cards are open', () => {
  assert.equal(chosen({ ...ROOM, stories: [] }, undefined, { value: '1' }), undefined);
  assert.equal(chosen({ ...ROOM, votesRevealed: true }, undefined, { value: '1' }), undefined);
});

test('a card outlives a reload and an outage', () => {
  assert.equal(after(QUEUED, snapshot({})), QUEUED);
  assert.equal(after(SENT, snapshot({ players: [{ ...ME, votedInCurrentRound: true }] })), SENT);
});

test('a card ends with its round', () => {
  assert.equal(after(QUEUED, { name: 'game:reset', payload: { storyId: 'story' } }), undefined);
  assert.equal(after(QUEUED, { name: 'story:activated', payload: { story: { ...STORY, id: 'next' } } }), undefined);
  assert.equal(after(QUEUED, snapshot({ stories: [{ ...STORY, id: 'next' }] })), undefined);
  assert.equal(after(QUEUED, snapshot({ votesRevealed: true })), undefined);
  assert.equal(after(SENT, snapshot({})), undefined, 'the server does not have it any more');
});

test('a card ends when its player only watches', () => {
  assert.equal(after(SENT, { name: 'player:updated', payload: { player: { ...ME, isSpectator: true } } }), undefined);
});

test('a resynchronisation leaves the card where it is', () => {
  const voted = { players: [{ ...ME, votedInCurrentRound: true }] };
  const events: ServerEvent[] = [
    snapshot(voted),
    { name: 'story:activated', payload: { story: STORY } },
    { name: 'vote:submitted', payload: { playerId: 'jonas', hasVoted: true, voteCount: 1, totalPlayers: 2 } },
    { name: 'vote:submitted', payload: { playerId: ME.id, hasVoted: true, voteCount: 2, totalPlayers: 2 } },
  ];
  let room = ROOM;
  let ballot: Ballot | undefined = SENT;
  for (const event of events) {
    room = fold(room, event);
    ballot = afterEvent(ballot, room, event);
  }
  assert.equal(ballot, SENT);
});

test('the time of the own vote tells rounds on one story apart', () => {
  assert.equal(sameRound(SENT, SENT.takenAt), true);
  assert.equal(sameRound(SENT, '2026-11-20T12:20:00.000Z'), false);
  assert.equal(sameRound(SENT, undefined), false);
  assert.equal(sameRound(QUEUED, undefined), true);
});
