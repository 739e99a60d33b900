/** What the page and the server say to each other, as docs/poker.md has it. */
import type { ServerEvents } from './wire.ts';

/** The server's part is made from the server's own types. */
export type {
  Acknowledgement,
  AddedStory,
  Config,
  Consensus,
  CreatedSession,
  Estimate,
  JoinedSession,
  JoinRequest,
  NewSession,
  NewStory,
  NewVote,
  Player,
  PlayerChange,
  Round,
  ServerEvents,
  Session,
  SessionChange,
  SessionJoined,
  Statistics,
  Story,
  StoryChange,
  StoryList,
  Timer,
  Vote,
  VoteReceipt,
} from './wire.ts';

export type ServerEvent = {
  [Name in keyof ServerEvents]: { name: Name; payload: ServerEvents[Name] };
}[keyof ServerEvents];

/** What the page sends over the socket. By hand: the server takes any payload and reads it field by field. */
export interface ClientEvents {
  heartbeat: { timestamp: number };
  'reaction:send': { emoji: string };
  'session:leave': object;
  'story:move': { storyId: string; toIndex: number };
  'timer:start': { duration: number; mode: 'countdown' };
  'timer:stop': object;
}
