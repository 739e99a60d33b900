// Made by `make types` from what the server says of itself in src/wire/poker/ and src/http/poker/; not to be edited.
// Times are ISO-8601 texts, ids are UUIDs. An optional field without a value is absent, never `null`.

export type Acknowledgement = { ok: boolean, error?: string, code?: string, };

export type AddedStory = { title: string, description?: string, 
/**
 * If false, another story that is active stays so.
 */
activate?: boolean, };

export type CardsRevealed = { storyId: string, votes: Array<Vote>, consensus: Consensus, statistics?: Statistics, };

export type Config = { cardValues: Array<string>, allowSpectators: boolean, autoRevealCards: boolean, timerSeconds: number, };

export type ConnectionError = Trouble;

export type Consensus = { hasConsensus: boolean, suggestedValue?: string, averageValue?: number, deviation?: number, value?: string, agreement?: number, average?: number, distribution?: Record<string, number>, totalVotes?: number, };

export type CreatedSession = { session: Session, joinUrl: string, hostToken: string, };

export type Estimate = { finalEstimate: string, };

export type GameReset = { storyId: string, };

export type HeartbeatResponse = { serverTime: number, timestamp?: number, };

export type JoinRequest = { playerName: string, 
/**
 * A single emoji.
 */
avatar?: string, password?: string, asSpectator?: boolean, };

export type JoinedSession = { playerId: string, sessionId: string, token: string, };

export type NewConfig = { cardValues?: Array<string>, allowSpectators?: boolean, autoRevealCards?: boolean, timerSeconds?: number, };

export type NewSession = { name: string, hostName: string, 
/**
 * A single emoji.
 */
hostAvatar?: string, password?: string, config?: NewConfig, };

export type NewStory = { title: string, description?: string, };

export type NewVote = { 
/**
 * Up to 10 characters, unless it is a longer card of the deck.
 */
value: string, 
/**
 * The active story unless given. A text that is no id is answered like a completed story.
 */
storyId?: string, 
/**
 * If given, the caller's own.
 */
playerId?: string, confidence?: number, };

export type NextRound = { newStory?: NextStory, };

export type NextStory = { title: string, description?: string, };

export type Place = { 
/**
 * How many stories are before it then; the end, if there are not so many.
 */
toIndex: number, };

export type Player = { id: string, name: string, avatar: string, isSpectator: boolean, isActive: boolean, isHost: boolean, joinedAt: string, lastSeenAt: string, isOnline: boolean, votedInCurrentRound: boolean, };

export type PlayerChange = { name?: string, 
/**
 * A single emoji.
 */
avatar?: string, isSpectator?: boolean, };

export type PlayerJoined = { player: Player, playerCount: number, };

export type PlayerLeft = { playerId: string, playerCount: number, };

export type PlayerPromoted = { newHost: Player, previousHost?: Player, };

export type PlayerReconnected = { player: Player, sessionState: SessionState, };

export type PlayerRemoved = { playerId: string, removedBy: string, playerCount: number, };

export type PlayerStatusChanged = { playerId: string, isOnline: boolean, lastSeenAt: string, };

export type PlayerUpdated = { player: Player, };

export type RateLimit = { event: string, retryAfter: number, retryAfterMs: number, };

export type ReactionSent = { playerId: string, emoji: string, };

export type Round = { number: number, storyId?: string, title?: string, startedAt: string, revealedAt: string, votes: Array<Vote>, consensus: Consensus, statistics?: Statistics, };

export type Session = { id: string, name: string, hostId: string | null, config: Config, isActive: boolean, createdAt: string, expiresAt: string, players: Array<Player>, playerCount: number, cardsRevealed: boolean, hasPassword: boolean, };

export type SessionChange = { name?: string, config?: NewConfig, };

export type SessionError = Trouble;

export type SessionJoined = { sessionId: string, player: Player | null, hostId?: string, voteCount: number, totalPlayers: number, token?: string, players: Array<Player>, stories: Array<Story>, currentStory?: Story, timer?: Timer, config: Config, votesRevealed: boolean, };

export type SessionState = { players: Array<Player>, stories: Array<Story>, currentStory?: Story, timer?: Timer, config: Config, votesRevealed: boolean, };

export type Statistics = { min: number, max: number, median: number, standardDeviation: number, confidenceAverage: number, };

export type Story = { id: string, title: string, description?: string, finalEstimate?: string, orderIndex: number, isActive: boolean, createdAt: string, completedAt?: string, };

export type StoryActivated = { story: Story, previousActiveStoryId?: string, };

export type StoryChange = { title?: string, description?: string, isActive?: boolean, 
/**
 * Completes the story, unless the same request makes it active.
 */
finalEstimate?: string, };

export type StoryCreated = { story: Story, };

export type StoryDeleted = { storyId: string, };

export type StoryList = { stories: Array<NewStory>, };

export type StoryReordered = { storyIds: Array<string>, };

export type StoryUpdated = { story: Story, };

export type Timer = { isRunning: boolean, duration: number, remainingTime: number, startedAt?: string, mode?: TimerMode, settings?: TimerSettings, };

export type TimerMode = "countdown" | "stopwatch" | "none";

export type TimerSettings = { 
/**
 * Reveal when time is up.
 */
autoReveal?: boolean, 
/**
 * Go on when time is up.
 */
autoSkip?: boolean, 
/**
 * Make a sound.
 */
audioEnabled?: boolean, 
/**
 * Seconds left at which to warn.
 */
warningAt?: Array<number>, };

export type TimerUpdated = { timer: Timer, };

export type Trouble = { error: string, code: string, reason?: string, };

export type Vote = { playerId: string, playerName: string, value: string, confidence?: number, };

export type VoteChanged = { playerId: string, hasVoted: boolean, };

export type VoteReceipt = { voteId: string, timestamp: string, };

export type VoteSubmitted = { playerId: string, hasVoted: boolean, voteCount: number, totalPlayers: number, };

/** Payloads by event. */
export interface ServerEvents {
  'session:joined': SessionJoined;
  'session:error': SessionError;
  'connection:error': ConnectionError;
  'rate:limit': RateLimit;
  'heartbeat:response': HeartbeatResponse;
  'player:reconnected': PlayerReconnected;
  'player:joined': PlayerJoined;
  'player:left': PlayerLeft;
  'player:updated': PlayerUpdated;
  'player:removed': PlayerRemoved;
  'player:promoted': PlayerPromoted;
  'player:status_changed': PlayerStatusChanged;
  'story:created': StoryCreated;
  'story:updated': StoryUpdated;
  'story:deleted': StoryDeleted;
  'story:activated': StoryActivated;
  'story:reordered': StoryReordered;
  'vote:submitted': VoteSubmitted;
  'vote:changed': VoteChanged;
  'cards:revealed': CardsRevealed;
  'game:reset': GameReset;
  'timer:updated': TimerUpdated;
  'reaction:sent': ReactionSent;
}
