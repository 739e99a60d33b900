import { absent, isString, isTimestamp, isUuid } from './match.js';

/** Who is who on the wire. Everything a shape does not name may be anything. */
export function playerShape(person, differences = {}) {
  return {
    id: person.playerId,
    name: person.name,
    avatar: person.keepsFences ? isString : person.avatar,
    isSpectator: person.isSpectator,
    isActive: true,
    isHost: false,
    joinedAt: isTimestamp,
    lastSeenAt: isTimestamp,
    isOnline: true,
    votedInCurrentRound: false,
    ...differences,
  };
}

/** A story as it was just created: no estimate, never completed. */
export function storyShape(differences = {}) {
  return {
    id: isUuid,
    description: absent,
    finalEstimate: absent,
    isActive: true,
    createdAt: isTimestamp,
    completedAt: absent,
    ...differences,
  };
}

export const DEFAULT_CONFIG = {
  cardValues: ['1', '2', '3', '5', '8', '13', '?'],
  allowSpectators: true,
  autoRevealCards: false,
  timerSeconds: 60,
};

export const STOPPED_TIMER = { isRunning: false, duration: 0, remainingTime: 0, startedAt: absent };

export function submitted(person, voteCount, totalPlayers) {
  const payload = { playerId: person.playerId, hasVoted: true, voteCount, totalPlayers, value: absent, confidence: absent };
  return ['vote:submitted', payload];
}
