// What an event is refused with: in the acknowledgement, or, without one, as an event named by the channel, if any.

const refusal = (error, code, channel = 'connection:error') => ({ channel, answer: { ok: false, error, code } });

export const NO_PLAYER = refusal('Player ID required', 'NO_PLAYER');
export const SILENT_NO_PLAYER = refusal('Player ID required', 'NO_PLAYER', null);
export const BAD_VOTE = refusal('Failed to submit vote', 'INVALID_PAYLOAD');
export const NOT_ACTIVE = refusal('Invalid or completed story', 'STORY_NOT_ACTIVE');
export const CLOSED = refusal('Voting closed - cards already revealed', 'ALREADY_REVEALED');
export const SPECTATOR = refusal('Spectators cannot vote', 'SPECTATOR');
export const BAD_REVEAL = refusal('Failed to reveal cards', 'INVALID_PAYLOAD');
export const REVEAL_ELSEWHERE = refusal('Failed to reveal cards', 'STORY_NOT_ACTIVE');
export const NOTHING_TO_REVEAL = refusal('Failed to reveal cards', 'NO_VOTES', null);
export const TOO_EARLY = refusal('Failed to reveal cards', 'FORBIDDEN', null);
export const BAD_RESET = refusal('Failed to reset game', 'INVALID_PAYLOAD');
export const RESET_ELSEWHERE = refusal('Failed to reset game', 'STORY_NOT_ACTIVE');
export const HOST_ONLY = refusal('Host authorization required', 'FORBIDDEN', 'session:error');
export const BAD_REACTION = refusal('Failed to send reaction', 'INVALID_PAYLOAD');
