/** What the server says, as docs/poker.md names it. Only fields that the page reads. */

export interface Player {
  id: string;
  name: string;
  avatar: string;
  isSpectator: boolean;
  isActive?: boolean;
  isHost?: boolean;
  isOnline?: boolean;
  lastSeenAt?: string;
  votedInCurrentRound?: boolean;
}

export interface Story {
  id: string;
  title: string;
  description?: string;
  finalEstimate?: string;
  orderIndex: number;
  isActive: boolean;
  completedAt?: string;
}

export interface Timer {
  isRunning: boolean;
  duration: number;
  remainingTime: number;
  startedAt?: string;
}

export interface Config {
  cardValues: string[];
  allowSpectators: boolean;
  autoRevealCards: boolean;
  timerSeconds: number;
}

export interface Vote {
  playerId: string;
  playerName: string;
  value: string;
  confidence?: number;
}

export interface Consensus {
  hasConsensus: boolean;
  suggestedValue?: string;
  agreement: number;
  average?: number;
  distribution: Record<string, number>;
  totalVotes: number;
}

export interface Statistics {
  min: number;
  max: number;
  median: number;
  standardDeviation: number;
  confidenceAverage: number;
}

export interface Snapshot {
  sessionId: string;
  player: Player | null;
  players: Player[];
  stories: Story[];
  currentStory?: Story;
  timer?: Timer;
  config: Config;
  votesRevealed: boolean;
  hostId: string;
  voteCount: number;
  totalPlayers: number;
}

/** The public face of a session, as `GET /sessions/:id` shows it. */
export interface SessionInfo {
  id: string;
  name: string;
  hostId: string;
  config: Config;
  createdAt: string;
  expiresAt: string;
  players: Player[];
  hasPassword?: boolean;
}

export interface Round {
  number: number;
  storyId?: string;
  title?: string;
  startedAt: string;
  revealedAt: string;
  votes: Vote[];
  consensus: Consensus;
  statistics?: Statistics | null;
}

/** Events by name; those the page does not know are ignored. */
export interface ServerEvents {
  'session:joined': Snapshot;
  'player:joined': { player: Player };
  'player:left': { playerId: string };
  'player:updated': { player: Player };
  'player:removed': { playerId: string };
  'player:promoted': { newHost: Player; previousHost: Player };
  'player:status_changed': { playerId: string; isOnline: boolean; lastSeenAt?: string };
  'vote:submitted': { playerId: string; voteCount: number; totalPlayers: number };
  'cards:revealed': { storyId: string; votes: Vote[]; consensus: Consensus; statistics?: Statistics };
  'game:reset': { storyId: string };
  'story:created': { story: Story };
  'story:updated': { story: Story };
  'story:deleted': { storyId: string };
  'story:activated': { story: Story; previousActiveStoryId?: string };
  'story:reordered': { storyIds: string[] };
  'timer:updated': { timer: Timer };
  'session:error': { error: string; code: string };
}

export type ServerEvent = {
  [Name in keyof ServerEvents]: { name: Name; payload: ServerEvents[Name] };
}[keyof ServerEvents];

export interface Ack {
  ok: boolean;
  error?: string;
  code?: string;
}
