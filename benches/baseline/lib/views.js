// The objects of the protocol. What has no value is undefined, and so absent on the wire.

const iso = (time) => new Date(time).toISOString();

export function playerView(session, player) {
  return {
    id: player.id,
    name: player.name,
    avatar: player.avatar,
    isSpectator: player.isSpectator,
    isActive: true,
    isHost: session.isHost(player),
    joinedAt: iso(player.joinedAt),
    lastSeenAt: iso(player.lastSeenAt),
    isOnline: player.isOnline,
    votedInCurrentRound: session.votes.has(player.id),
  };
}

export function rosterView(session) {
  return session.roster().map((player) => playerView(session, player));
}

/** What `player:reconnected` and `session:joined` have in common. */
export function stateView(session, players) {
  return {
    players,
    stories: session.stories,
    currentStory: session.story ?? undefined,
    config: session.config,
    votesRevealed: session.result !== null,
  };
}

export function joinedView(session, player, state, token) {
  return {
    sessionId: session.id,
    player,
    ...state,
    hostId: session.hostId,
    voteCount: session.voteCount,
    totalPlayers: session.totalPlayers,
    token,
  };
}

export function statusView(player) {
  return { playerId: player.id, isOnline: player.isOnline, lastSeenAt: iso(player.lastSeenAt) };
}

export function progressView(session, playerId) {
  return { playerId, hasVoted: true, voteCount: session.voteCount, totalPlayers: session.totalPlayers };
}

/** The session as REST shows it. */
export function sessionView(session) {
  const { id, name, hostId, config, playerCount } = session;
  const players = session.roster().map((player) => {
    const { isHost, isOnline, votedInCurrentRound, ...rest } = playerView(session, player);
    return rest;
  });
  const { createdAt, expiresAt } = session;
  return { id, name, hostId, config, isActive: true, createdAt: iso(createdAt), expiresAt: iso(expiresAt), players, playerCount };
}
