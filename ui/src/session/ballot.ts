/**
 * A player's own card. The server shows it to nobody before the reveal, its voter included, so the page remembers it -
 * across reloads, and while the line is down, when it waits to be sent. It never outlives its round.
 */
import type { ServerEvent } from './protocol.ts';
import { activeStory, self, type Room } from './room.ts';

export interface Ballot {
  storyId: string;
  value: string;
  confidence?: number;
  /** Whether the server has it; the last card chosen is what waits. */
  sent: boolean;
  /** When the server took this player's first vote of the round: the same as long as the round is. */
  takenAt?: string;
}

export function chosen(room: Room, before: Ballot | undefined, choice: Pick<Ballot, 'value' | 'confidence'>) {
  const story = activeStory(room);
  if (!story || room.votesRevealed) return before;
  if (before?.value === choice.value && before.confidence === choice.confidence) return before;
  return { ...choice, storyId: story.id, takenAt: before?.takenAt, sent: false } satisfies Ballot;
}

/** What is left of the ballot after `event` made `room`. */
export function afterEvent(ballot: Ballot | undefined, room: Room, event: ServerEvent): Ballot | undefined {
  if (!ballot) return undefined;
  if (event.name === 'game:reset') return undefined;
  // A resynchronisation activates the story that is active already; the votes follow.
  if (event.name === 'story:activated') return event.payload.story.id === ballot.storyId ? ballot : undefined;
  if (!belongs(ballot, room)) return undefined;
  const lost = event.name === 'session:joined' && ballot.sent && self(room)?.votedInCurrentRound === false;
  return lost ? undefined : ballot;
}

function belongs(ballot: Ballot, room: Room): boolean {
  if (room.votesRevealed || activeStory(room)?.id !== ballot.storyId) return false;
  const me = self(room);
  return me !== undefined && !me.isSpectator;
}

/** Whether the vote the server has is this one's, and not one of a later round on the same story. */
export function sameRound(ballot: Ballot, takenAt: string | undefined): boolean {
  return !ballot.takenAt || ballot.takenAt === takenAt;
}
