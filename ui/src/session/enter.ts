/** The two ways to a seat: making a session, and joining one. */
import { API } from '../base.ts';
import type { CreatedSession, JoinedSession, JoinRequest, NewSession, Session } from './protocol.ts';
import { Rest } from './rest.ts';
import { takeSeat, type Seat } from './seats.ts';

const rest = new Rest(API);

export async function createSession(request: NewSession): Promise<Seat> {
  const { session, hostToken } = await rest.post<CreatedSession>('sessions', request);
  return seated(session.id, session.hostId!, hostToken, session.name);
}

export async function joinSession(info: Session, request: JoinRequest): Promise<Seat> {
  const path = `sessions/${info.id}/join`;
  const { playerId, token } = await rest.post<JoinedSession>(path, request);
  return seated(info.id, playerId, token, info.name);
}

export function lookUp(sessionId: string): Promise<Session> {
  return rest.get<Session>(`sessions/${sessionId}`);
}

function seated(sessionId: string, playerId: string, token: string, sessionName: string): Seat {
  const seat = { sessionId, playerId, token, sessionName, takenAt: Date.now() };
  takeSeat(seat);
  return seat;
}
