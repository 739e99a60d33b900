import { absent, isTimestamp, near } from './match.js';
import { exactly } from './signal-person.js';

/**
 * What connections of the signal dialect must hear. Most of it depends on who hears it, because everybody has his own
 * id and only a voter's own connection gets his vote back; so these are functions of the person who hears.
 */

export const SIGNAL_SETTINGS = {
  autoReveal: false,
  showAverage: true,
  showCountdown: true,
  enableFunFeatures: true,
  whoCanReveal: 'everyone',
  whoCanManageIssues: 'facilitator',
};

export const DECKS = { simple: ['1', '2', '3', '4', '5'], extended: ['0', '1', '2', '3', '4', '5', '6'] };

export const started = (title = absent) => ['VOTING_STARTED', { issueName: title }];

export const removedFromSession = ['session_not_found', { message: 'You have been removed from the session' }];
export const sessionNotFound = ['session_not_found', { message: 'Session not found' }];

export function joined(me, person, differences = {}) {
  const player = { id: me.idOf(person), name: person.name, isOnline: true, vote: absent, ...differences };
  return ['PLAYER_JOINED', { player }];
}

export const left = (me, person) => ['PLAYER_LEFT', { playerId: me.idOf(person) }];
export const disconnected = (me, person) => ['PLAYER_DISCONNECTED', { playerId: me.idOf(person) }];

export const voted = (me, person) => ['VOTE_SUBMITTED', { playerId: me.idOf(person), vote: absent }];
export const votedHere = (me, person, vote) => ['VOTE_SUBMITTED', { playerId: me.idOf(person), vote }];

/** Only what changed is told; `settings` is always there. */
export const settingsChanged = (change) => ['SETTINGS_UPDATED', exactly({ settings: {}, ...change })];
export const facilitatorChanged = (me, person) => settingsChanged({ facilitator: me.idOf(person) });

export const snapshot = (session = {}) => ['SESSION_UPDATED', { session }];

/** A round that is open: who has voted is told, what is not. */
export function openRound(me, { title = absent, voters = [], players }) {
  return snapshot({
    currentVote: {
      issueName: title, votes: exactly({}), startTime: isTimestamp, endTime: absent, isRevealed: false,
      average: isNothing, hasAgreement: isNothing,
    },
    players: players.map((person) => entryOf(me, person, { hasVoted: hasVoted(voters.includes(person)), vote: absent })),
  });
}

/** `S*` `R` `S`: the values come first, then the reveal, then the history with the round in it. */
export function revealed(me, { title = absent, votes, players, average, hasAgreement, roundsBefore = 0 }) {
  const values = exactly(Object.fromEntries(votes.map(([person, vote]) => [me.idOf(person), vote])));
  const round = {
    issueName: title, votes: values, startTime: isTimestamp, endTime: isTimestamp, isRevealed: true,
    average: average === undefined ? isNothing : near(average), hasAgreement: hasAgreement ?? isNothing,
  };
  const cards = new Map(votes);
  const session = {
    currentVote: round,
    players: players.map((person) => entryOf(me, person, { hasVoted: hasVoted(cards.has(person)), vote: cards.get(person) ?? absent })),
  };
  return [
    snapshot({ ...session, history: ofLength(roundsBefore) }),
    ['VOTES_REVEALED', exactly({})],
    snapshot({ ...session, history: ofLength(roundsBefore + 1) }),
  ];
}

/** `S*` `C`: the countdown hides what has been decided already. */
export function countingDown(me, result) {
  return [revealed(me, result)[0], ['COUNTDOWN_STARTED', exactly({})]];
}

/** `S0` `R` `S`: leads a page out of a round that is gone, over a result screen without votes. */
export function roundGone({ rounds = 0 } = {}) {
  const history = ofLength(rounds);
  const invented = { votes: exactly({}), isRevealed: true };
  return [
    snapshot({ currentVote: invented, history }),
    ['VOTES_REVEALED', exactly({})],
    snapshot({ currentVote: isNothing, history }),
  ];
}

export function entryOf(me, person, differences = {}) {
  const own = me.idOf(person) === me.userId ? true : absent;
  return { id: me.idOf(person), name: person.name, isOnline: true, isCurrentUser: own, ...differences };
}

function ofLength(length) {
  return (list) => Array.isArray(list) && list.length === length;
}

function isNothing(it) {
  return it === undefined || it === null;
}

/** `hasVoted` may be left out for those who have not. */
function hasVoted(has) {
  return has ? true : (it) => it === false || it === undefined;
}
