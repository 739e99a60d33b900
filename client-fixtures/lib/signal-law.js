import assert from 'node:assert/strict';

/** What no message to a connection of the signal dialect may ever break, whatever happens. */

const FIELDS = {
  joined: ['session'],
  sync_event: ['event'],
  heartbeat_ack: [],
  error: ['message'],
  session_not_found: ['message'],
};

const EVENTS = [
  'PLAYER_JOINED', 'PLAYER_LEFT', 'PLAYER_DISCONNECTED', 'VOTE_SUBMITTED', 'VOTING_STARTED', 'VOTES_REVEALED', 'COUNTDOWN_STARTED',
  'SETTINGS_UPDATED', 'EMOJI_SENT', 'SESSION_UPDATED',
];

/** Any other error would disable a page for nothing. */
const ERRORS = ['Invalid message format', 'Unknown message type', 'Missing required fields for join'];

/** Looks at what came since the last look. */
export function assertLawful(client) {
  const news = client.history.slice(client.inspected ?? 0);
  client.inspected = client.history.length;
  for (const { message } of news) {
    const where = `${client.name} was sent ${JSON.stringify(message)}`;
    wellFormed(message, where);
    const { session } = message.event?.payload ?? message;
    if (session) {
      closedCards(session, where);
      ownEntry(session, client.userId, where);
    }
    if (message.event?.type === 'VOTE_SUBMITTED' && 'vote' in message.event.payload) {
      assert.equal(message.event.payload.playerId, client.userId, `somebody else's value: ${where}`);
    }
  }
}

function wellFormed(message, where) {
  assert.ok(Object.hasOwn(FIELDS, message.type), where);
  assert.deepEqual(Object.keys(message).sort(), ['type', 'timestamp', ...FIELDS[message.type]].sort(), where);
  assert.ok(Number.isSafeInteger(message.timestamp) && Math.abs(message.timestamp - Date.now()) < 600_000, where);
  if (message.type === 'error') assert.ok(ERRORS.includes(message.message), where);
  if (message.type !== 'sync_event') return;
  assert.deepEqual(Object.keys(message.event).sort(), ['payload', 'type'], where);
  assert.ok(EVENTS.includes(message.event.type), where);
  assert.ok(typeof message.event.payload === 'object' && !Array.isArray(message.event.payload), where);
}

/** While a round is open, snapshots tell who has voted and nothing more. */
function closedCards({ players, currentVote }, where) {
  if (currentVote?.isRevealed) return;
  assert.deepEqual(currentVote?.votes ?? {}, {}, where);
  for (const player of players) assert.equal('vote' in player, false, where);
}

/** A page that does not find itself in a snapshot forgets its name. */
function ownEntry({ players }, userId, where) {
  assert.equal(new Set(players.map(({ id }) => id)).size, players.length, `two players with one id: ${where}`);
  for (const { id, isCurrentUser } of players) assert.equal(isCurrentUser, id === userId ? true : undefined, where);
  assert.ok(players.some(({ id }) => id === userId), `the own entry is missing: ${where}`);
}
