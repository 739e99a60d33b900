/** The room as one player sees it. Made only by `fold`, never changed in place. */
import type { Config, Consensus, Player, Statistics, Story, Timer, Vote } from './protocol.ts';

export interface Revealed {
  storyId: string;
  votes: Vote[];
  consensus: Consensus;
  statistics?: Statistics | null;
  /** Whether the cards were turned before this player's eyes, and not before they came. */
  live: boolean;
}

export type Ending = 'removed' | 'deleted' | 'expired';

export interface Room {
  sessionId: string;
  me: string;
  hostId: string;
  players: Player[];
  stories: Story[];
  config: Config;
  timer?: Timer;
  voteCount: number;
  totalPlayers: number;
  votesRevealed: boolean;
  revealed?: Revealed;
  /** Counts the rounds this page has seen, so that what belongs to one round ends with it. */
  round: number;
  ending?: Ending;
}

export function self(room: Room): Player | undefined {
  return room.players.find((player) => player.id === room.me);
}

export function amHost(room: Room): boolean {
  return room.hostId === room.me;
}

export function activeStory(room: Room): Story | undefined {
  return room.stories.find((story) => story.isActive);
}

export function voters(room: Room): Player[] {
  return room.players.filter((player) => !player.isSpectator);
}

export function spectators(room: Room): Player[] {
  return room.players.filter((player) => player.isSpectator);
}

export function onlineCount(room: Room): number {
  return room.players.filter((player) => player.isOnline !== false).length;
}

export function everyoneVoted(room: Room): boolean {
  return room.totalPlayers > 0 && room.voteCount >= room.totalPlayers;
}

export function mayReveal(room: Room): boolean {
  if (room.votesRevealed || room.voteCount === 0 || !activeStory(room)) return false;
  return amHost(room) || everyoneVoted(room);
}

/** Any member may start over once the cards are open; the host always. */
export function mayReset(room: Room): boolean {
  return activeStory(room) !== undefined && (room.votesRevealed || (amHost(room) && room.voteCount > 0));
}

/** What may be seen before the cards are: not the estimate that follows from them. */
export function withoutResult(room: Room): Room {
  const stories = room.stories.map((story) => (story.isActive ? { ...story, finalEstimate: undefined } : story));
  return { ...room, stories };
}

/** The story that follows the active one: the next without an estimate, from there on and then from the top. */
export function nextStory(room: Room): Story | undefined {
  const at = room.stories.findIndex((story) => story.isActive);
  const ahead = [...room.stories.slice(at + 1), ...room.stories.slice(0, Math.max(at, 0))];
  return ahead.find((story) => !story.completedAt && !story.finalEstimate);
}
