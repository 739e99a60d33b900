import { HANDLERS } from './handlers.js';
import { arrive, depart, newcomer } from './presence.js';
import { NO_PLAYER, SILENT_NO_PLAYER } from './refusals.js';
import { joinedView, playerView, progressView, rosterView, stateView } from './views.js';

const OK = { ok: true };
const AVATAR = 'avatar-1';
/** Events that need no player. */
const FOR_ALL = new Set(['heartbeat']);

/** What happens when a socket has been let in. Nothing in it waits, so no event comes too early. */
export function connection(io, store) {
  return (socket) => {
    const { seat: { session, player }, wish } = socket.data;
    // As Socket.IO's documentation advises: nobody reads it any more, and it would stay in memory.
    socket.conn.request = null;
    if (player || !wish.playerName) return settle(io, socket, session, player);
    const { avatar, isSpectator } = wish;
    const name = wish.playerName.trim();
    const reason = flaw(session, name, isSpectator);
    if (reason) {
      socket.emit('session:error', { error: 'Failed to join session', code: 'CONNECTION_FAILED', reason });
      return socket.disconnect();
    }
    const created = session.add(name, isAvatar(avatar) ? avatar : AVATAR, isSpectator);
    newcomer(io, session, created);
    settle(io, socket, session, created, store.issue(session, created));
  };
}

function flaw(session, name, isSpectator) {
  if (name.length < 1 || name.length > 50) return 'Player name must be 1 to 50 characters';
  if (isSpectator && !session.config.allowSpectators) return 'Spectators are not allowed in this session';
  const taken = session.roster().some((player) => player.name === name);
  return taken ? 'Player name already exists in session' : undefined;
}

function isAvatar(text) {
  return text !== undefined && text.length <= 50;
}

/** Takes a watcher or a player into the room; a new player has a token. */
function settle(io, socket, session, player, token) {
  if (player) arrive(io, session, player);
  socket.join(session.room);
  install(io, socket, session, player);
  const shown = player && playerView(session, player);
  const state = stateView(session, rosterView(session));
  if (player && !token) socket.emit('player:reconnected', { player: shown, sessionState: state });
  socket.emit('session:joined', joinedView(session, shown, state, token));
  catchUp(socket, session);
}

/** What has happened in this round. */
function catchUp(socket, session) {
  if (session.result) return socket.emit('cards:revealed', session.result);
  for (const { playerId } of session.countedVotes()) socket.emit('vote:submitted', progressView(session, playerId));
}

function install(io, socket, session, player) {
  const seat = { io, socket, session, player };
  for (const [event, handler] of HANDLERS) {
    const allowed = player !== null || FOR_ALL.has(event);
    socket.on(event, (...args) => answer(socket, args, allowed ? handler(seat, args[0]) : NO_PLAYER));
  }
  let gone = false;
  const leave = (onPurpose) => {
    if (gone || player === null) return;
    gone = true;
    depart(io, session, player, onPurpose);
  };
  socket.on('session:leave', (...args) => {
    if (player === null) return answer(socket, args, SILENT_NO_PLAYER);
    socket.leave(session.room);
    leave(true);
    answer(socket, args);
    socket.disconnect();
  });
  socket.on('disconnect', (reason) => leave(reason === 'client namespace disconnect'));
}

function answer(socket, args, refusal) {
  const last = args[args.length - 1];
  if (typeof last === 'function') last(refusal ? refusal.answer : OK);
  else if (refusal?.channel) socket.emit(refusal.channel, { error: refusal.answer.error, code: refusal.answer.code });
}
