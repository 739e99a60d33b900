import assert from 'node:assert/strict';

/** What a connection hears for itself alone, and what tells of the connection and not of the session. */
const PRIVATE = new Set([
  'connect', 'disconnect', 'refused', 'heartbeat:response', 'player:reconnected', 'rate:limit',
  'heartbeat_ack', 'joined', 'CONNECTED', 'PONG', 'ack',
]);

/** A fresh snapshot instead of what was missed. */
const ANEW = new Set(['session:joined', 'STATE_SYNC']);

/**
 * What a client heard from a position on, one text for each event, in pieces: a piece ends where the server showed
 * everything anew.
 */
export function piecesOf(client, from = 0) {
  const pieces = [[]];
  for (const entry of client.history.slice(from)) {
    const kind = client.kindOf(entry);
    if (ANEW.has(kind)) pieces.push([]);
    else if (!PRIVATE.has(kind)) pieces.at(-1).push(JSON.stringify([kind, client.bodyOf(entry)]));
  }
  return pieces;
}

/**
 * All of them heard the same, each event once and in the same order. Who was shown everything anew has a gap there,
 * but each of his pieces is a piece of what the others heard, and they come in the same order. Returns what was heard.
 */
export function assertOneSequence(all) {
  const whole = all.find(({ pieces }) => pieces.length === 1);
  assert.ok(whole, `somebody heard everything without a gap: ${all.map(({ name, pieces }) => `${name} in ${pieces.length} pieces`)}`);
  const [sequence] = whole.pieces;
  for (const { name, pieces } of all) {
    if (pieces.length === 1) assertSame(pieces[0], sequence, `${name} and ${whole.name}`);
    else assertPieces(pieces, sequence, name);
  }
  return sequence.map((text) => JSON.parse(text));
}

function assertSame(heard, expected, names) {
  const length = Math.max(heard.length, expected.length);
  for (let index = 0; index < length; index += 1) {
    if (heard[index] === expected[index]) continue;
    const around = (list) => list.slice(Math.max(0, index - 3), index + 4).map((text) => `\n    ${text}`).join('');
    assert.fail(`${names} heard different things from event ${index} of ${length} on:${around(heard)}\n  and${around(expected)}`);
  }
}

function assertPieces(pieces, sequence, name) {
  let from = 0;
  for (const piece of pieces.filter(({ length }) => length > 0)) {
    const at = placeOf(piece, sequence, from);
    assert.ok(at >= 0, `${name} heard these out of order, doubled or with a gap: ${piece.slice(0, 20)}`);
    from = at + piece.length;
  }
}

function placeOf(piece, sequence, from) {
  for (let at = from; at + piece.length <= sequence.length; at += 1) {
    if (piece.every((text, index) => text === sequence[at + index])) return at;
  }
  return -1;
}
