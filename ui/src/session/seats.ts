/** The seats this browser holds, one per session. All its tabs share them. */
import { keep, kept, keptNames, onKept } from '../storage.ts';
import type { Ballot } from './ballot.ts';

export interface Seat {
  sessionId: string;
  playerId: string;
  token: string;
  /** For the list of sessions to come back to. */
  sessionName: string;
  takenAt: number;
}

const LIFE_MS = 48 * 60 * 60 * 1000;

export function seatIn(sessionId: string): Seat | undefined {
  return read<Seat>(seatKey(sessionId));
}

export function takeSeat(seat: Seat): void {
  keep(seatKey(seat.sessionId), JSON.stringify(seat));
}

export function leaveSeat(sessionId: string): void {
  keep(seatKey(sessionId), undefined);
  keep(ballotKey(sessionId), undefined);
}

/** Seats in sessions that may still be alive, the latest first. */
export function heldSeats(now: number): Seat[] {
  return keptNames('seat:')
    .map((name) => read<Seat>(name))
    .filter((seat) => seat !== undefined)
    .filter((seat) => now - seat.takenAt < LIFE_MS)
    .sort((a, b) => b.takenAt - a.takenAt);
}

export function keptBallot(sessionId: string): Ballot | undefined {
  return read<Ballot>(ballotKey(sessionId));
}

export function keepBallot(sessionId: string, ballot: Ballot | undefined): void {
  keep(ballotKey(sessionId), ballot && JSON.stringify(ballot));
}

/** Calls back when another tab changed the seat or the ballot of this session. */
export function onOtherTab(sessionId: string, changed: () => void): () => void {
  return onKept((name) => {
    if (name === undefined || name === seatKey(sessionId) || name === ballotKey(sessionId)) changed();
  });
}

function seatKey(sessionId: string): string {
  return `seat:${sessionId}`;
}

function ballotKey(sessionId: string): string {
  return `vote:${sessionId}`;
}

/** What somebody else wrote there counts as nothing. */
function read<T>(name: string): T | undefined {
  try {
    return JSON.parse(kept(name) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}
