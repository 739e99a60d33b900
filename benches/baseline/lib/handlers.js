// What clients ask for. A handler returns nothing, or why it refuses.

import { evaluate } from './consensus.js';
import * as refusals from './refusals.js';
import { progressView } from './views.js';

const NO_ESTIMATE = new Set(['?', '☕', 'coffee']);
const REACTION_MAX = 16;

function submitVote({ io, session, player }, payload) {
  if (!isVote(payload, session)) return refusals.BAD_VOTE;
  const { value, storyId, confidence } = payload;
  if (player.isSpectator) return refusals.SPECTATOR;
  if (!session.story || !session.isActive(storyId)) return refusals.NOT_ACTIVE;
  if (session.result) return refusals.CLOSED;
  if (session.vote(player, value, confidence)) io.to(session.room).emit('vote:submitted', progressView(session, player.id));
}

function isVote(payload, { deck }) {
  if (typeof payload !== 'object' || payload === null || !deck.has(payload.value) || !hasStoryId(payload)) return false;
  const { confidence } = payload;
  return confidence === undefined || (Number.isInteger(confidence) && confidence >= 1 && confidence <= 5);
}

function hasStoryId({ storyId }) {
  return storyId === undefined || storyId === null || typeof storyId === 'string';
}

function revealCards({ io, session, player }, payload) {
  if (!isRoundChoice(payload)) return refusals.BAD_REVEAL;
  if (!session.isActive(payload?.storyId)) return refusals.REVEAL_ELSEWHERE;
  if (session.result) return;
  const { story } = session;
  if (!story || session.voteCount === 0) return refusals.NOTHING_TO_REVEAL;
  if (!session.isHost(player) && !session.allHaveVoted) return refusals.TOO_EARLY;
  const votes = session.countedVotes();
  session.result = { storyId: story.id, votes, ...evaluate(votes) };
  const room = io.to(session.room);
  const { hasConsensus, value } = session.result.consensus;
  if (hasConsensus && !NO_ESTIMATE.has(value) && story.finalEstimate !== value) {
    story.finalEstimate = value;
    room.emit('story:updated', { story });
  }
  room.emit('cards:revealed', session.result);
}

function resetGame({ io, session, player }, payload) {
  if (!isRoundChoice(payload)) return refusals.BAD_RESET;
  if (!session.isActive(payload?.storyId)) return refusals.RESET_ELSEWHERE;
  if (!session.isHost(player) && !session.result) return refusals.HOST_ONLY;
  session.resetVoting();
  io.to(session.room).emit('game:reset', { storyId: session.story?.id ?? '' });
}

/** The payload of a reveal or a reset; there may be none, and then an acknowledgement is in its place. */
function isRoundChoice(payload) {
  if (payload === undefined || payload === null || typeof payload === 'function') return true;
  return typeof payload === 'object' && !Array.isArray(payload) && hasStoryId(payload);
}

function heartbeat({ socket }, payload) {
  const timestamp = typeof payload?.timestamp === 'number' ? payload.timestamp : undefined;
  socket.emit('heartbeat:response', { timestamp, serverTime: Date.now() });
}

function sendReaction({ io, session, player }, payload) {
  const emoji = payload?.emoji;
  if (typeof emoji !== 'string' || emoji.length < 1 || emoji.length > REACTION_MAX) return refusals.BAD_REACTION;
  io.to(session.room).emit('reaction:sent', { playerId: player.id, emoji });
}

export const HANDLERS = new Map([
  ['vote:submit', submitVote],
  ['cards:reveal', revealCards],
  ['game:reset', resetGame],
  ['heartbeat', heartbeat],
  ['reaction:send', sendReaction],
]);
