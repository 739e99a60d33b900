/** The middleware that lets sockets into the namespace, or refuses them with the texts of the protocol. */
export function admission(store) {
  return (socket, next) => {
    const wish = credentials(socket.handshake);
    const seat = find(store, wish);
    if (typeof seat === 'string') return next(new Error(seat));
    socket.data.seat = seat;
    socket.data.wish = wish;
    next();
  };
}

/** Clients of Engine.IO 3 have no `auth`, but a query. Empty texts and other types count as missing. */
function credentials({ auth, query }) {
  const given = auth && Object.keys(auth).length > 0 ? auth : query;
  return {
    sessionId: text(given.sessionId),
    playerId: text(given.playerId)?.toLowerCase(),
    token: text(given.token),
    playerName: text(given.playerName),
    avatar: text(given.avatar),
    isSpectator: given.isSpectator === true || given.isSpectator === 'true',
  };
}

/** The session and, unless he is new, the player; or the reason for a refusal. */
function find(store, { sessionId, playerId, token }) {
  if (!sessionId) return 'Session ID required';
  const session = store.session(sessionId);
  if (!session) return 'Session not found or inactive';
  if (session.expired) return 'Session has expired';
  if (token) {
    const seat = store.seat(token);
    const fits = seat?.session === session && (!playerId || seat.player.id === playerId);
    return fits ? seat : 'Authentication failed';
  }
  if (!playerId) return { session, player: null };
  const player = session.players.get(playerId);
  return player ? { session, player } : 'Player not found in session';
}

function text(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
