/** The seats this browser holds, one per session. All its tabs share them. */
import type { Ballot } from './ballot.ts';

export interface Seat {
  sessionId: string;
  playerId: string;
  token: string;
  /** For the list of sessions to come back to. */
  sessionName: string;
  takenAt: number;
}

const PREFIX = 'roundtable:';
const LIFE_MS = 48 * 60 * 60 * 1000;

export function seatIn(sessionId: string): Seat | undefined {
  return read<Seat>(seatKey(sessionId));
}

export function takeSeat(seat: Seat): void {
  write(seatKey(seat.sessionId), seat);
}

export function leaveSeat(sessionId: string): void {
  write(seatKey(sessionId), undefined);
  write(ballotKey(sessionId), undefined);
}

/** Seats in sessions that may still be alive, the latest first. */
export function heldSeats(now: number): Seat[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(`${PREFIX}seat:`))
    .map((key) => read<Seat>(key))
    .filter((seat) => seat !== undefined)
    .filter((seat) => now - seat.takenAt < LIFE_MS)
    .sort((a, b) => b.takenAt - a.takenAt);
}

export function keptBallot(sessionId: string): Ballot | undefined {
  return read<Ballot>(ballotKey(sessionId));
}

export function keepBallot(sessionId: string, ballot: Ballot | undefined): void {
  write(ballotKey(sessionId), ballot);
}

/** Calls back when another tab changed the seat or the ballot of this session. */
export function onOtherTab(sessionId: string, changed: () => void): () => void {
  const listener = ({ key }: StorageEvent) => {
    if (key === null || key === seatKey(sessionId) || key === ballotKey(sessionId)) changed();
  };
  addEventListener('storage', listener);
  return () => removeEventListener('storage', listener);
}

function seatKey(sessionId: string): string {
  return `${PREFIX}seat:${sessionId}`;
}

function ballotKey(sessionId: string): string {
  return `${PREFIX}vote:${sessionId}`;
}

function read<T>(key: string): T | undefined {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: unknown): void {
  if (value === undefined) localStorage.removeItem(key);
  else localStorage.setItem(key, JSON.stringify(value));
}
