import { AVATARS, Meeting } from './meeting.js';
import { ok, Rest } from './rest.js';
import { PresenceLog } from './roster.js';
import { SignalBrowser } from './signal-browser.js';
import { SignalPerson } from './signal-person.js';
import { newUserId } from './signal-room.js';

/**
 * A session whose people are connected to several nodes. `cast` says who to which, and how: `{ Mira: { node } }`;
 * Mira is the host, and there is always a Mira, connected or not. Resolves to everybody under his name in lower case,
 * each with a log of what he is told of the others.
 */
export async function gather(t, node, cast, { body } = {}) {
  const meeting = await Meeting.open(node, { body, attach: false });
  t.after(() => meeting.close());
  const people = { mira: meeting.host };
  for (const [name, how] of Object.entries(cast)) {
    const key = name.toLowerCase();
    people[key] ??= await meeting.join(name, { attach: false });
    await enter(people[key], how);
  }
  await fence(meeting, node);
  for (const { log } of meeting.people) log?.forget();
  return { meeting, ...people };
}

/** A change at this node behind everything that has happened so far; resolves when all official clients have heard of it. */
export async function fence(meeting, node) {
  const { host, clients } = meeting;
  const from = clients.map(({ history }) => history.length);
  host.avatar = AVATARS[(AVATARS.indexOf(host.avatar) + 1) % AVATARS.length];
  await ok(restAt(node, host).put(`/players/${host.playerId}`, { avatar: host.avatar }));
  const isFence = ({ player }) => player.id === host.playerId && player.avatar === host.avatar;
  await Promise.all(clients.map((client, index) => client.seen('player:updated', isFence, from[index])));
}

/** Opens a connection, by token and to this node. */
export async function enter(person, { node, auth = { token: person.token }, ...how }) {
  await person.attach({ url: node.url, auth, ...how });
  person.log = new PresenceLog(person.client);
  return person.client;
}

/** Joins over REST and connects, both at this node, for which no other has to be alive. */
export async function joinAt(node, meeting, playerName) {
  const { playerId, token } = await ok(new Rest(node.url).post(`${meeting.path}/join`, { playerName }));
  const client = meeting.connect({ sessionId: meeting.sessionId, playerId, token }, {}, node.url);
  const log = new PresenceLog(client);
  return { name: playerName, playerId, token, client, log, joined: await client.next('session:joined') };
}

/** Somebody with a page of the signal dialect joins at this node. */
export async function enterWithPage(t, node, { sessionId }, name) {
  const person = new SignalPerson({ server: node, sessionId }, { name, userId: newUserId(name) });
  await person.attach();
  t.after(() => person.client.vanish());
  const players = await ok(new Rest(node.url).get(`/sessions/${sessionId}/players`));
  person.playerId = players.find((player) => player.name === name).id;
  return person;
}

/** Somebody opens a page of the signal dialect that comes back by itself, by way of this node or of a door to it. */
export async function openPage(t, node, { sessionId }, userName) {
  const page = await SignalBrowser.open(node.url, sessionId, { userId: newUserId(userName), userName });
  t.after(() => page.close());
  const players = await ok(new Rest(node.url).get(`/sessions/${sessionId}/players`));
  page.playerId = players.find((player) => player.name === userName).id;
  return page;
}

/** What somebody does over REST at another node than the one where the session was made. */
export function restAt(node, person) {
  return new Rest(node.url, { token: person.token });
}
