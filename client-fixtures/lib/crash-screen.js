import { ok } from './rest.js';

/** What REST says about a session. */
export async function readTruth(rest, sessionId) {
  const path = `/sessions/${sessionId}`;
  const [session, players, stories, votes] = await Promise.all([
    ok(rest.get(path)), ok(rest.get(`${path}/players`)), ok(rest.get(`${path}/stories`)), ok(rest.get(`${path}/votes`)),
  ]);
  return { session, players, stories, votes };
}

/** The screen that everybody should have in front of him. */
export function screenOf({ players, stories, votes }) {
  return {
    players: players.map(playerOnScreen),
    stories: stories.map(({ sessionId, ...story }) => story),
    activeStory: stories.find((story) => story.isActive)?.id,
    revealed: votes.revealed,
    voteCount: votes.votes.length,
    totalPlayers: players.filter((player) => !player.isSpectator).length,
    cards: Object.fromEntries(votes.votes.map((vote) => [vote.playerId, votes.revealed ? vote.value : 'closed'])),
    errors: [],
  };
}

const SCREEN_CHANGES = {
  'session:joined': (_, joined) => ({
    players: joined.players.map(playerOnScreen),
    stories: joined.stories,
    activeStory: joined.currentStory?.id,
    revealed: joined.votesRevealed,
    voteCount: joined.voteCount,
    totalPlayers: joined.totalPlayers,
    // The cards on the table come with the events behind it.
    cards: {},
    errors: [],
  }),
  'vote:submitted': (screen, { playerId, voteCount, totalPlayers }) => ({
    ...screen, voteCount, totalPlayers, cards: { ...screen.cards, [playerId]: 'closed' },
  }),
  'game:reset': (screen) => ({ ...screen, revealed: false, cards: {} }),
  'story:activated': (screen, { story }) => ({ ...screen, activeStory: story.id, revealed: false, cards: {} }),
  'cards:revealed': (screen, { votes }) => ({
    ...screen, revealed: true, cards: Object.fromEntries(votes.map((vote) => [vote.playerId, vote.value])),
  }),
  'session:error': withError,
  'connection:error': withError,
  disconnect: () => undefined,
};

/** The screen that a client has built from what it was told; `undefined` while it is not in the session. */
export function screenOn(client) {
  return client.history.reduce((screen, { event, args }) => {
    const change = SCREEN_CHANGES[event];
    return change && (screen || event === 'session:joined') ? change(screen, args[0]) : screen;
  }, undefined);
}

function withError(screen, error) {
  return { ...screen, errors: [...screen.errors, error] };
}

function playerOnScreen({ id, name, avatar, isSpectator, isActive, isHost, joinedAt, votedInCurrentRound }) {
  return { id, name, avatar, isSpectator, isActive, isHost, joinedAt, votedInCurrentRound };
}
