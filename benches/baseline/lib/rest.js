import { broken, Failure, readJson, refused, send } from './http.js';
import { newcomer } from './presence.js';
import { Checker } from './validation.js';
import { sessionView } from './views.js';

const CLIENT_URL = 'http://localhost:5173';
const AVATAR = '👤';

/** The listener for the requests that Socket.IO leaves. */
export function answerer(io, store) {
  return async (request, response) => {
    try {
      await route(io, store, request, response);
    } catch (error) {
      const known = error instanceof Failure;
      if (!known) console.error(error);
      const { status, body } = known ? error : broken(500, 'Internal server error');
      send(response, status, body);
    }
  };
}

async function route(io, store, request, response) {
  const [path] = request.url.split('?', 1);
  const [, api, noun, id, verb, ...rest] = path.replace(/\/$/, '').split('/');
  if (api !== 'api' || rest.length > 0) throw broken(404, 'Resource not found');
  if (request.method === 'GET' && noun === 'health' && !id) return send(response, 200, health());
  if (request.method !== 'POST' || noun !== 'sessions') throw broken(404, 'Resource not found');
  const body = await readJson(request);
  const answer = (status, data) => send(response, status, { success: true, data });
  if (!id) return answer(201, openSession(store, body));
  if (verb === 'join') return answer(200, join(io, store, id, body));
  if (verb === 'stories') return answer(201, addStory(io, store, id, request.headers.authorization, body));
  throw broken(404, 'Resource not found');
}

function health() {
  const services = { database: { postgres: { status: 'up' }, redis: { status: 'up' } } };
  const environment = process.env.NODE_ENV ?? 'development';
  return { status: 'ok', timestamp: new Date().toISOString(), uptime: process.uptime(), environment, services };
}

function openSession(store, body) {
  const checker = new Checker(body);
  const name = checker.text('name', 'Session name', 100, { trim: true });
  const hostName = checker.text('hostName', 'Host name', 50, { trim: true });
  const hostAvatar = checker.text('hostAvatar', 'Avatar', 50, { fallback: AVATAR });
  const config = checker.config();
  checker.done();
  const session = store.open(name, config);
  const host = session.add(hostName, hostAvatar, false);
  return { session: sessionView(session), joinUrl: `${CLIENT_URL}/game/${session.id}`, hostToken: store.issue(session, host) };
}

function join(io, store, id, body) {
  const checker = new Checker(body);
  const name = checker.text('playerName', 'Player name', 50, { trim: true });
  const avatar = checker.text('avatar', 'Avatar', 50, { fallback: AVATAR });
  const asSpectator = checker.flag('asSpectator', false);
  checker.done();
  const session = store.session(id);
  if (!session) throw refused(404, 'Session not found or inactive');
  if (session.expired) throw refused(410, 'Session has expired');
  if (asSpectator && !session.config.allowSpectators) throw refused(403, 'Spectators are not allowed in this session');
  const player = session.add(name, avatar, asSpectator);
  newcomer(io, session, player);
  return { playerId: player.id, sessionId: session.id, token: store.issue(session, player) };
}

function addStory(io, store, id, authorization, body) {
  const session = hostsSession(store, id, authorization);
  const checker = new Checker(body);
  const title = checker.text('title', 'Title', 255);
  const description = checker.text('description', 'Description', 1000, { fallback: '' });
  checker.done();
  const { story, previous } = session.addStory(title, description || undefined);
  const room = io.to(session.room);
  room.emit('story:created', { story });
  room.emit('story:activated', { story, previousActiveStoryId: previous?.id });
  return { ...story, sessionId: session.id };
}

function hostsSession(store, id, authorization) {
  if (!authorization?.startsWith('Bearer ')) throw refused(401, 'Authentication token required');
  const seat = store.seat(authorization.slice('Bearer '.length));
  if (!seat) throw refused(401, 'Invalid or expired token');
  if (seat.session.expired) throw refused(401, 'Session no longer exists');
  const session = store.session(id);
  if (!session) throw refused(403, 'Session not found');
  if (session !== seat.session) throw refused(403, 'Not authorized to perform this action');
  if (!session.isHost(seat.player)) throw refused(403, 'Host authorization required');
  return session;
}
