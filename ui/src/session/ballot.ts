/**
 * A player's own card. The page remembers it while the line is down, when it waits to be sent; whenever the line is back,
 * the server says which card it has of this player. It never outlives its round.
 */
import type { ServerEvent, VoteRestored } from './protocol.ts';
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
  if (event.name === 'vote:restored') return restored(ballot, event.payload);
  if (!ballot) return undefined;
  if (event.name === 'game:reset' || event.name === 'story:activated') return undefined;
  return belongs(ballot, room) ? ballot : undefined;
}

function belongs(ballot: Ballot, room: Room): boolean {
  if (room.votesRevealed || activeStory(room)?.id !== ballot.storyId) return false;
  const me = self(room);
  if (!me || me.isSpectator) return false;
  return !ballot.sent || me.votedInCurrentRound !== false;
}

/** What the server has, unless this page has chosen again in the same round since. */
function restored(ballot: Ballot | undefined, { timestamp, ...vote }: VoteRestored): Ballot {
  const waits = ballot && !ballot.sent && ballot.storyId === vote.storyId;
  if (waits && (!ballot.takenAt || ballot.takenAt === timestamp)) return { ...ballot, takenAt: timestamp };
  return { ...vote, sent: true, takenAt: timestamp };
}
