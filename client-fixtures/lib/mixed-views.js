import { onPage } from './mixed-model.js';
import { isCalled } from './signal-person.js';

/**
 * Views are what can be seen in a form that can be compared, with first names for ids: of a page, of the screen of a
 * Socket.IO client, and of a model.
 */

const SOMEBODY = 'somebody whom this page has never seen';
const sorted = (list) => [...list].sort();
const byName = (entries) => Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
/** Sums of the same numbers in another order. */
const rounded = (number) => (typeof number === 'number' ? Number(number.toFixed(9)) : undefined);

/** What is on somebody's page. */
export function pageView(me, people) {
  const { session, mode, result, broken, fireworks } = me.page;
  const nameOf = (id) => me.personOf(id, people)?.key ?? SOMEBODY;
  const round = session.currentVote;
  return {
    broken,
    mode,
    name: session.name,
    facilitator: nameOf(session.facilitator),
    votingSystem: session.votingSystem,
    settings: { ...session.settings, whoCanReveal: namesIn(session.settings.whoCanReveal, nameOf) },
    players: sorted(session.players.map((player) => named(player, nameOf, people))),
    voted: sorted(session.players.filter((player) => player.hasVoted).map(({ id }) => nameOf(id))),
    round: roundOn(round, nameOf),
    average: mode === 'Results' ? rounded(result?.average) : undefined,
    fireworks,
    history: session.history.map((past) => pastRound(past, nameOf)),
  };
}

function namesIn(rule, nameOf) {
  return Array.isArray(rule) ? sorted(rule.map(nameOf)) : rule;
}

/** A player under a name that is not his is not himself. */
function named({ id, name }, nameOf, people) {
  const key = nameOf(id);
  const person = people.find((other) => other.key === key);
  return person && isCalled({ name: person.name }, name) ? key : `${key} called ${name}`;
}

function roundOn(round, nameOf) {
  if (!round) return undefined;
  if (!round.isRevealed) return { issueName: round.issueName, phase: 'open' };
  const cards = byName(Object.entries(round.votes).map(([id, vote]) => [nameOf(id), vote]));
  return { issueName: round.issueName, phase: 'revealed', cards };
}

function pastRound({ issueName, votes, average, hasAgreement }, nameOf) {
  const cards = sorted(Object.entries(votes).map(([id, vote]) => `${nameOf(id)}: ${vote}`));
  return { issueName, cards, average: rounded(average), hasAgreement: hasAgreement ?? undefined };
}

/** What must be on somebody's page. */
export function expectedPage(model, me, people) {
  const known = (name) => (me.knows(people.find(({ key }) => key === name)) ? name : SOMEBODY);
  const { round } = model;
  return {
    broken: false,
    mode: round ? (model.isOpen ? 'Voting' : 'Results') : 'not Voting',
    name: model.name,
    facilitator: known(model.host),
    votingSystem: model.votingSystem,
    settings: { ...model.settings, whoCanReveal: namesIn(model.settings.whoCanReveal, known) },
    players: sorted(model.listedFor(me.key)),
    voted: sorted(model.counted.map(([name]) => name)),
    round: round && expectedRound(model, known),
    average: model.isRevealed ? rounded(round.result.average) : undefined,
    fireworks: model.isRevealed && round.result.hasAgreement === true,
    history: model.history.map((past) => ({
      issueName: past.issueName,
      cards: sorted([...past.cards].map(([name, card]) => `${known(name)}: ${onPage(card)}`)),
      average: rounded(past.average),
      hasAgreement: past.hasAgreement,
    })),
  };
}

function expectedRound(model, known) {
  const { issueName, round, isOpen } = model;
  if (isOpen) return { issueName, phase: 'open' };
  return { issueName, phase: 'revealed', cards: byName([...round.cards].map(([name, card]) => [known(name), onPage(card)])) };
}

/** What is on the screen of a Socket.IO client. */
export function boardView(board, people) {
  const nameOf = (id) => people.find(({ playerId }) => playerId === id)?.key ?? id;
  const rows = [...board.players.values()];
  return {
    host: rows.filter(({ isHost }) => isHost).map(({ id }) => nameOf(id)).join(),
    players: byName(rows.map((player) => [named(player, nameOf, people), standing(player)])),
    stories: [...board.stories.values()].map(({ title, finalEstimate, isActive }) => ({ title, finalEstimate, isActive })),
    round: board.active === undefined ? undefined : {
      title: board.stories.get(board.active).title,
      revealed: board.revealed,
      cards: byName([...board.cards].map(([id, value]) => [nameOf(id), value])),
      average: rounded(board.average),
    },
  };
}

function standing({ isOnline, isSpectator }) {
  return `${isOnline ? 'online' : 'offline'}${isSpectator ? ' spectator' : ''}`;
}

/** What must be on the screen of every Socket.IO client. */
export function expectedBoard(model) {
  const { active, round, isRevealed } = model;
  const shown = isRevealed ? [...round.cards] : model.counted.map(([name]) => [name, 'closed']);
  return {
    host: model.host,
    players: byName(model.present.map((person) => [person.name, standing({ isOnline: person.online, isSpectator: person.spectator })])),
    stories: model.stories.map((story) => ({ title: story.title, finalEstimate: story.estimate, isActive: story === active })),
    round: active && {
      title: active.title,
      revealed: isRevealed,
      cards: byName(shown),
      average: isRevealed ? rounded(round.result.average) : undefined,
    },
  };
}

/**
 * A view of a page without what the contract leaves open. Before the next snapshot a page may miss or still show people
 * who are away, and a round that is over.
 */
export function certainPage(view, model, { beforeSnapshot = false } = {}) {
  const away = beforeSnapshot ? model.voters.filter(({ online }) => !online).map(({ name }) => name) : [];
  const isThere = (name) => !away.includes(name);
  const { round, isOpen } = model;
  const isOver = round === undefined && beforeSnapshot && view.round?.phase === 'revealed';
  const isCertain = round !== undefined && !isDisturbed(model);
  return {
    ...view,
    mode: round || view.mode === 'Voting' ? view.mode : 'not Voting',
    players: view.players.filter(isThere),
    voted: isOpen ? view.voted.filter(isThere) : undefined,
    round: isOver ? undefined : certainRound(view.round, model, isThere),
    average: isCertain ? view.average : undefined,
    fireworks: isCertain ? view.fireworks : undefined,
  };
}

export function certainBoard(view, model) {
  if (!isDisturbed(model)) return view;
  return { ...view, round: { ...certainRound(view.round, model), average: undefined } };
}

/** Where people have come and gone since the reveal, the cards of those who were there all the time are certain. */
function certainRound(round, model, isThere = () => true) {
  if (!round?.cards) return round;
  const stayed = new Set(model.voters.map(({ name }) => name).filter((name) => !model.round?.moved?.has(name)));
  const isCertain = ([name]) => isThere(name) && (!isDisturbed(model) || stayed.has(name));
  return { ...round, cards: Object.fromEntries(Object.entries(round.cards).filter(isCertain)) };
}

function isDisturbed({ round }) {
  return round?.moved?.size > 0;
}

/** What pages and the screens of Socket.IO clients have in common, which is not people who are away nor a host nobody has met. */
export function commonOfBoard({ host, players, round }) {
  const online = Object.keys(players).filter((name) => players[name] === 'online');
  const cards = Object.entries(round?.cards ?? {}).filter(([name]) => online.includes(name));
  return {
    host,
    players: online,
    phase: phaseOf(round && round.revealed),
    issueName: round?.title.startsWith('Vote #') ? undefined : round?.title,
    voted: round && !round.revealed ? sorted(cards.map(([name]) => name)) : undefined,
    cards: round?.revealed ? byName(cards.map(([name, card]) => [name, onPage(card)])) : undefined,
    average: round?.average,
  };
}

export function commonOfPage({ facilitator, players, voted, round, average }, { host, players: online }) {
  const isThere = (name) => online.includes(name);
  const cards = round?.cards && Object.entries(round.cards).filter(([name]) => isThere(name));
  return {
    host: facilitator === SOMEBODY ? host : facilitator,
    players: players.filter((name) => isThere(name) || name.includes(' ')),
    phase: phaseOf(round && round.phase === 'revealed'),
    issueName: round?.issueName,
    voted: round?.phase === 'open' ? voted.filter(isThere) : undefined,
    cards: cards && byName(cards),
    average: cards && average,
  };
}

function phaseOf(revealed) {
  return { undefined: 'no round', true: 'revealed', false: 'open' }[revealed];
}
