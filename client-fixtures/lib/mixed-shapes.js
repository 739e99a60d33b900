import { isTimestamp, match } from './match.js';
import { ok } from './rest.js';
import { playerShape } from './shapes.js';

/** What the poker room hears of people, whatever dialect they speak. */
export const gone = (person, playerCount) => ['player:left', { playerId: person.playerId, playerCount }];
export const entered = (person, playerCount, differences) => ['player:joined', { player: playerShape(person, differences), playerCount }];
export const presence = (person, isOnline) => ['player:status_changed', { playerId: person.playerId, isOnline, lastSeenAt: isTimestamp }];
export const promoted = (person, differences) => ['player:promoted', { newHost: playerShape(person, { isHost: true, ...differences }) }];

/** A vote in the dialect of the voter. */
export function cast(person, vote) {
  return person.userId === undefined ? ok(person.vote(String(vote))) : person.vote(Number(vote));
}

/** Both ways in which a Socket.IO client may do something: a REST call, and an event with what `payload` makes of it. */
export function bothWays(rest, event, payload = () => ({})) {
  const overSocket = async (person, what) => match(await person.client.call(event, payload(what)), { ok: true });
  return Object.entries({ 'over REST': rest, 'over the socket': overSocket });
}
