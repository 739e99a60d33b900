// Who is there, and what the room is told about it.

import { playerView, progressView, statusView } from './views.js';

/** A player has a socket (more). The room hears of it only if it thought otherwise. */
export function arrive(io, session, player) {
  const { isOnline, onRoster } = player;
  player.sockets += 1;
  player.lastSeenAt = Date.now();
  player.isOnline = true;
  if (!onRoster) {
    session.comeBack(player);
    newcomer(io, session, player);
  } else if (!isOnline) {
    io.to(session.room).emit('player:status_changed', statusView(player));
  }
}

/** A player has a socket less. After the last one he has left, or is offline if his line broke. */
export function depart(io, session, player, onPurpose) {
  player.sockets -= 1;
  if (player.sockets > 0) return;
  player.lastSeenAt = Date.now();
  const room = io.to(session.room);
  if (onPurpose) {
    session.leave(player);
    room.emit('player:left', { playerId: player.id, playerCount: session.playerCount });
    progress(io, session);
  } else {
    player.isOnline = false;
    room.emit('player:status_changed', statusView(player));
  }
}

/** A player is on the roster, for the first time or again. */
export function newcomer(io, session, player) {
  const room = io.to(session.room);
  const shown = playerView(session, player);
  room.emit('player:joined', { player: shown, playerCount: session.playerCount });
  if (shown.isHost) room.emit('player:updated', { player: shown });
  progress(io, session);
}

/** The totals have changed, though nobody voted. */
function progress(io, session) {
  if (session.result || session.voteCount === 0) return;
  const counted = session.countedVotes();
  const latest = counted.find(({ playerId }) => playerId === session.lastVoterId) ?? counted.at(-1);
  io.to(session.room).emit('vote:submitted', progressView(session, latest.playerId));
}
