/** The two ways to a seat: making a session, and joining one. */
import { API } from '../base.ts';
import type { Config, SessionInfo } from './protocol.ts';
import { Rest } from './rest.ts';
import { takeSeat, type Seat } from './seats.ts';

export interface NewSession {
  name: string;
  hostName: string;
  hostAvatar: string;
  password?: string;
  config: Partial<Config>;
}

export interface Joining {
  playerName: string;
  avatar: string;
  asSpectator: boolean;
  password?: string;
}

const rest = new Rest(API);

export async function createSession(request: NewSession): Promise<Seat> {
  const { session, hostToken } = await rest.post<{ session: SessionInfo; hostToken: string }>('sessions', request);
  return seated(session.id, session.hostId, hostToken, session.name);
}

export async function joinSession(info: SessionInfo, request: Joining): Promise<Seat> {
  const path = `sessions/${info.id}/join`;
  const { playerId, token } = await rest.post<{ playerId: string; token: string }>(path, request);
  return seated(info.id, playerId, token, info.name);
}

export function lookUp(sessionId: string): Promise<SessionInfo> {
  return rest.get<SessionInfo>(`sessions/${sessionId}`);
}

function seated(sessionId: string, playerId: string, token: string, sessionName: string): Seat {
  const seat = { sessionId, playerId, token, sessionName, takenAt: Date.now() };
  takeSeat(seat);
  return seat;
}
