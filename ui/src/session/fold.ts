/** Folds what the server says into the room. Pure: the same events always make the same room. */
import type { Player, ServerEvent, ServerEvents, SessionJoined, Story } from './protocol.ts';
import { activeStory, type Room } from './room.ts';

type Fold = { [Name in keyof ServerEvents]?: (room: Room, payload: ServerEvents[Name]) => Room };

/** The room after the first snapshot. */
export function opened(snapshot: SessionJoined, me: string): Room {
  return {
    ...taken(snapshot),
    me,
    round: 1,
    revealed: undefined,
  };
}

export function fold(room: Room, event: ServerEvent): Room {
  const step = FOLD[event.name] as ((room: Room, payload: unknown) => Room) | undefined;
  return step ? step(room, event.payload) : room;
}

const FOLD: Fold = {
  'session:joined': (room, snapshot) => resumed(room, snapshot),
  'player:joined': (room, { player }) => withPlayer(room, player),
  'player:updated': (room, { player }) => withPlayer(room, player),
  'player:left': (room, { playerId }) => without(room, playerId),
  'player:removed': (room, { playerId }) =>
    playerId === room.me ? { ...room, ending: 'removed' } : without(room, playerId),
  'player:promoted': (room, { newHost, previousHost }) => promoted(room, newHost, previousHost),
  'player:status_changed': (room, { playerId, isOnline, lastSeenAt }) =>
    patched(room, playerId, { isOnline, lastSeenAt }),
  'vote:submitted': (room, { playerId, voteCount, totalPlayers }) => ({
    ...patched(room, playerId, { votedInCurrentRound: true }),
    voteCount,
    totalPlayers,
  }),
  'cards:revealed': (room, payload) => ({
    ...room,
    votesRevealed: true,
    voteCount: payload.votes.length,
    revealed: { ...payload, live: room.revealed?.live ?? !room.votesRevealed },
  }),
  'game:reset': (room, { storyId }) => newRound({ ...room, stories: activated(room.stories, storyId) }),
  'story:created': (room, { story }) => ({ ...room, stories: placed(room.stories, story) }),
  'story:updated': (room, { story }) => withStories(room, placed(room.stories, story)),
  'story:deleted': (room, { storyId }) => withStories(room, room.stories.filter(({ id }) => id !== storyId)),
  'story:activated': (room, { story }) =>
    newRound({ ...room, stories: activated(placed(room.stories, story), story.id) }),
  'story:reordered': (room, { storyIds }) => ({ ...room, stories: reordered(room.stories, storyIds) }),
  'timer:updated': (room, { timer }) => ({ ...room, timer }),
  'session:error': (room, { code }) => {
    if (code === 'SESSION_DELETED') return { ...room, ending: 'deleted' };
    if (code === 'SESSION_EXPIRED') return { ...room, ending: 'expired' };
    return room;
  },
};

function taken(snapshot: SessionJoined): Omit<Room, 'me' | 'round' | 'revealed'> {
  return {
    sessionId: snapshot.sessionId,
    hostId: snapshot.hostId ?? '',
    players: snapshot.players,
    stories: snapshot.stories,
    config: snapshot.config,
    timer: snapshot.timer,
    voteCount: snapshot.voteCount,
    totalPlayers: snapshot.totalPlayers,
    votesRevealed: snapshot.votesRevealed,
  };
}

/** A later snapshot replaces everything, but open cards that are still open stay on the table. */
function resumed(room: Room, snapshot: SessionJoined): Room {
  const active = (stories: Story[]) => stories.find((story) => story.isActive)?.id;
  const same = active(room.stories) === active(snapshot.stories) && room.votesRevealed === snapshot.votesRevealed;
  return {
    ...taken(snapshot),
    me: room.me,
    round: same ? room.round : room.round + 1,
    revealed: same ? room.revealed : undefined,
  };
}

/** The story on the table takes its cards with it. */
function withStories(before: Room, stories: Story[]): Room {
  const room = { ...before, stories };
  return activeStory(before) && !activeStory(room) ? newRound(room) : room;
}

function newRound(room: Room): Room {
  return {
    ...room,
    players: room.players.map((player) => ({ ...player, votedInCurrentRound: false })),
    voteCount: 0,
    votesRevealed: false,
    revealed: undefined,
    round: room.round + 1,
  };
}

function withPlayer(room: Room, player: Player): Room {
  const known = room.players.some(({ id }) => id === player.id);
  const players = known
    ? room.players.map((one) => (one.id === player.id ? { ...one, ...player } : one))
    : [...room.players, player];
  return { ...room, players, totalPlayers: players.filter((one) => !one.isSpectator).length };
}

function without(room: Room, playerId: string): Room {
  const players = room.players.filter(({ id }) => id !== playerId);
  const totalPlayers = players.filter((one) => !one.isSpectator).length;
  const voted = players.filter((one) => !one.isSpectator && one.votedInCurrentRound).length;
  return { ...room, players, totalPlayers, voteCount: room.votesRevealed ? room.voteCount : voted };
}

function promoted(room: Room, newHost: Player, previousHost?: Player): Room {
  const players = room.players.map((player) => {
    if (player.id === newHost.id) return { ...player, ...newHost };
    return player.id === previousHost?.id ? { ...player, ...previousHost } : player;
  });
  return { ...room, players, hostId: newHost.id };
}

function patched(room: Room, playerId: string, change: Partial<Player>): Room {
  return {
    ...room,
    players: room.players.map((player) => (player.id === playerId ? { ...player, ...change } : player)),
  };
}

function placed(stories: Story[], story: Story): Story[] {
  const others = stories.filter(({ id }) => id !== story.id);
  return [...others, story].sort((a, b) => a.orderIndex - b.orderIndex);
}

function activated(stories: Story[], storyId: string): Story[] {
  return stories.map((story) => {
    if (story.id === storyId) return { ...story, isActive: true, completedAt: undefined };
    return story.isActive ? { ...story, isActive: false } : story;
  });
}

/** `orderIndex` becomes 1..n; a story the list does not name keeps its place behind the others. */
function reordered(stories: Story[], storyIds: string[]): Story[] {
  const place = new Map(storyIds.map((id, index) => [id, index]));
  const rank = (story: Story) => place.get(story.id) ?? storyIds.length + story.orderIndex;
  return [...stories].sort((a, b) => rank(a) - rank(b)).map((story, index) => ({ ...story, orderIndex: index + 1 }));
}
