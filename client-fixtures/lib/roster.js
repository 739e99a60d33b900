import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { ok, Rest } from './rest.js';
import { until } from './wait.js';

/** Who is on the roster as a node tells it over REST: `{ Mira: 'online' }`; somebody listed twice is an error. */
export async function rosterAt(node, sessionId) {
  return rosterOf(await ok(new Rest(node.url).get(`/sessions/${sessionId}/players`)));
}

export function rosterOf(players) {
  const roster = Object.fromEntries(players.map(({ name, isOnline }) => [name, isOnline ? 'online' : 'offline']));
  assert.equal(players.length, Object.keys(roster).length, `somebody is listed twice: ${JSON.stringify(players)}`);
  return roster;
}

/** Waits until each of these nodes tells exactly this roster. */
export async function rosterBecomes(nodes, sessionId, expected, deadlineMs) {
  await Promise.all(nodes.map(async (node) => {
    let last;
    const isSame = async () => {
      last = await rosterAt(node, sessionId);
      return isDeepStrictEqual(last, expected);
    };
    await until(isSame, 'the roster', deadlineMs).catch((error) => {
      if (last) assert.deepEqual(last, expected, `the roster that ${node.url} tells`);
      throw error;
    });
  }));
}

export function everybody(people, presence = 'online') {
  return Object.fromEntries(people.map(({ name }) => [name, presence]));
}

/** When an official client was told what of whom: `{ event, playerId, at }`, in order. */
export class PresenceLog {
  entries = [];

  constructor({ socket }) {
    const note = (event, playerId) => this.entries.push({ event, playerId, at: performance.now() });
    socket.on('player:status_changed', ({ playerId, isOnline }) => note(isOnline ? 'online' : 'offline', playerId));
    socket.on('player:joined', ({ player }) => note('joined', player.id));
    for (const event of ['left', 'removed']) socket.on(`player:${event}`, ({ playerId }) => note(event, playerId));
  }

  /** What was told of this player. */
  of({ playerId }) {
    return this.entries.filter((entry) => entry.playerId === playerId);
  }

  eventsOf(person) {
    return this.of(person).map(({ event }) => event);
  }

  /** Resolves to the moment at which this was told of this player first. */
  async told(person, event, deadlineMs) {
    const find = () => this.of(person).find((entry) => entry.event === event);
    await until(find, 'the news', deadlineMs).catch(() => {});
    assert.ok(find(), `of ${person.name} should be told ${event}, was told ${this.eventsOf(person).join(', ') || 'nothing'}`);
    return find().at;
  }

  forget() {
    this.entries = [];
  }
}
