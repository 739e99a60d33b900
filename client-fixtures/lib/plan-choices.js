import { POKER_DECK } from './mixed-model.js';
import { DECKS } from './signal-shapes.js';

/** He keeps the fences, so he is always there and always a voter. */
export const KEEPER = 'Jonas';
const MOST_PEOPLE = 7;
const TITLES = ['ABC-1', 'ABC-2', 'ABC-3', 'ABC-4'];
const POKER_DECKS = [POKER_DECK, ['XS', 'S', 'M', 'L'], ['0', '½', '1', '2', '3'], ['4', '5', '6'], DECKS.simple, DECKS.extended];

const WAYS = ['REST', 'socket'];
const GOODBYES = { signal: ['PLAYER_LEFT leave', 'leave', 'PLAYER_LEFT'], poker: ['', 'session:leave'] };
const MISDEEDS = ['votes for another', 'votes 99', 'throws another out', 'forges a snapshot', 'votes an object'];
const namesOf = (people) => people.map(({ name }) => name);
const online = (model, dialect) => namesOf(model.present.filter((one) => one.online && one.dialect === dialect));
const pages = (model) => online(model, 'signal');
const sockets = (model) => online(model, 'poker');
const pokerVoters = (model) => sockets(model).filter((name) => !model.people.get(name).spectator);
const activeVoters = (model) => namesOf(model.voters.filter((voter) => voter.online));
const pokerHost = (model) => sockets(model).find((name) => name === model.host);
const hostIsThere = (model) => model.people.get(model.host).online;
/** Who is there and may go: somebody must always be left in front of a page. */
const dispensable = (model) => [...(pages(model).length > 1 ? pages(model) : []), ...sockets(model).filter((name) => name !== KEEPER)];

const one = (chance, list, make) => (list.length > 0 ? make(chance.pick(list)) : undefined);

/** Nobody says what comes first when the last one missing becomes a spectator, so that does not happen. */
function completesByWatching(model, name) {
  const rest = model.voters.filter((voter) => voter.name !== name);
  return model.settings.autoReveal && model.isOpen && rest.every((voter) => model.round.votes.has(voter.name));
}

function cardFor(model, chance, name, serial) {
  const before = model.round.votes.get(name);
  const isFree = model.people.get(name).dialect === 'poker' && chance.happens(0.5);
  // A tilde is in no token and in no id, so this text is nowhere by chance.
  const cards = isFree ? [`q~${serial}~`, '?', '0.5', '13'] : DECKS[model.votingSystem];
  const card = isFree && chance.happens(0.7) ? cards[0] : chance.pick(cards);
  return card === before ? undefined : card;
}

/**
 * What may happen next: `weight` is how often it is tried, `choose` makes a step of it or nothing if it is not its time,
 * `apply` says what it means. The steps `refused` mean nothing at all.
 */
export const KINDS = {
  join: {
    weight: 4,
    choose: (model, chance) => {
      if (model.present.length >= MOST_PEOPLE) return undefined;
      const dialect = chance.pick(['signal', 'poker']);
      const spectator = dialect === 'poker' && chance.happens(0.3);
      return { who: `P${model.people.size}`, dialect, spectator, way: spectator ? 'REST' : chance.pick(WAYS) };
    },
    apply: (model, { who, dialect, spectator }) => model.join(who, { dialect, spectator }),
  },
  leave: {
    weight: 3,
    choose: (model, chance) => one(chance, dispensable(model), (who) => ({
      who, words: chance.pick(GOODBYES[model.people.get(who).dialect]),
    })),
    apply: (model, { who }) => model.leave(who),
  },
  lose: {
    weight: 4,
    choose: (model, chance) => one(chance, dispensable(model), (who) => ({ who })),
    apply: (model, { who }) => model.lose(who),
  },
  comeBack: {
    weight: 9,
    choose: (model, chance) => one(chance, [...model.people.values()].filter((it) => !it.online && it.standing !== 'removed'), (it) => ({
      who: it.name, page: it.standing === 'present' && model.round && chance.happens(0.5) ? 'kept' : 'fresh',
    })),
    apply: (model, { who }) => model.comeBack(who),
  },
  reload: {
    weight: 2,
    choose: (model, chance) => one(chance, pages(model), (who) => ({ who })),
    apply: () => {},
  },
  remove: {
    weight: 3,
    choose: (model, chance) => {
      const away = namesOf(model.present.filter((one) => !one.online));
      const targets = [...dispensable(model), ...away].filter((name) => name !== model.host);
      return pokerHost(model) && one(chance, targets, (target) => ({ who: model.host, target, way: chance.pick(WAYS) }));
    },
    apply: (model, { target }) => model.remove(target),
  },
  promote: {
    weight: 3,
    choose: (model, chance) => hostIsThere(model) && one(chance, activeVoters(model).filter((name) => name !== model.host), (target) => ({
      who: model.host, target, way: chance.pick(WAYS),
    })),
    apply: (model, { target }) => { model.host = target; },
  },
  rename: {
    weight: 2,
    choose: (model, chance, serial) => one(chance, sockets(model).filter((name) => name !== KEEPER), (who) => ({
      who, newName: `${who} the ${serial}th`, way: chance.pick(WAYS),
    })),
    apply: () => {},
  },
  spectate: {
    weight: 3,
    choose: (model, chance) => {
      const candidates = sockets(model).filter((name) => name !== KEEPER && name !== model.host && !completesByWatching(model, name));
      return one(chance, candidates, (who) => ({ who, spectator: !model.people.get(who).spectator, way: chance.pick(WAYS) }));
    },
    apply: (model, { who, spectator }) => model.spectate(who, spectator),
  },
  start: {
    weight: 12,
    choose: (model, chance) => {
      if (model.isOpen && chance.happens(0.65)) return undefined;
      const starters = pages(model).filter((name) => model.startRight(name) !== 'refused' || chance.happens(0.2));
      return one(chance, starters, (who) => ({ who, title: titleFor(model, chance) }));
    },
    apply: (model, { who, title }) => model.start(who, title),
  },
  vote: {
    weight: 40,
    choose: (model, chance, serial) => model.isOpen && one(chance, activeVoters(model), (who) => {
      const card = cardFor(model, chance, who, serial);
      return card && { who, card, way: chance.pick(WAYS) };
    }),
    apply: (model, { who, card }) => model.vote(who, card),
  },
  everybodyVotes: {
    weight: 10,
    choose: (model, chance, serial) => {
      const missing = activeVoters(model).filter((name) => !model.round?.votes.has(name));
      if (!model.isOpen || missing.length < 2) return undefined;
      const same = chance.happens(0.3) && chance.pick(DECKS[model.votingSystem]);
      return { votes: missing.map((who, index) => [who, same || cardFor(model, chance, who, `${serial}${'abcdefg'[index]}`)]) };
    },
    apply: (model, { votes }) => votes.forEach(([who, card]) => model.vote(who, card)),
  },
  reveal: {
    weight: 14,
    choose: (model, chance) => model.isOpen && one(chance, [...pages(model), ...pokerVoters(model)], (who) => ({
      who, way: chance.pick(WAYS),
    })),
    apply: (model, { who }) => { if (model.mayReveal(who)) model.reveal(); },
  },
  everybodyReveals: {
    weight: 8,
    choose: (model) => {
      const everybody = [...pages(model), ...pokerVoters(model)];
      return model.isOpen && everybody.every((name) => model.mayReveal(name)) ? { everybody } : undefined;
    },
    apply: (model) => model.reveal(),
  },
  countdown: {
    weight: 7,
    choose: (model, chance) => model.isOpen && model.settings.showCountdown && one(chance, pages(model), (who) => {
      const isOvertaken = model.mayReveal(who) && chance.happens(0.3);
      return isOvertaken ? { who, overtakenBy: chance.pick(pages(model)), title: chance.pick(TITLES) } : { who };
    }),
    apply: (model, { who, overtakenBy, title }) => {
      if (!model.mayReveal(who)) return;
      model.reveal();
      if (overtakenBy) model.start(overtakenBy, title);
    },
  },
  reset: {
    weight: 7,
    choose: (model, chance) => model.round && one(chance, pokerVoters(model), (who) => ({ who, way: chance.pick(WAYS) })),
    apply: (model, { who }) => { if (model.mayReset(who)) model.reset(); },
  },
  create: {
    weight: 4,
    choose: (model, chance, serial) => one(chance, pokerVoters(model), (who) => ({ who, title: `Card ${serial}`, way: chance.pick(WAYS) })),
    apply: (model, { who, title }) => { if (model.mayManage(who)) model.create(title); },
  },
  activate: {
    weight: 6,
    choose: (model, chance) => storyOf(model, chance, (story) => story !== model.active),
    apply: (model, { story }) => model.activate(story),
  },
  delete: {
    weight: 4,
    choose: (model, chance) => storyOf(model, chance, () => true),
    apply: (model, { story }) => { if (model.mayDelete(story)) model.delete(story); },
  },
  complete: {
    weight: 4,
    choose: (model, chance) => storyOf(model, chance, (story) => !story.completed, { estimate: chance.pick(['1', '2', 'XL']) }),
    apply: (model, { story, estimate }) => model.complete(story, estimate),
  },
  // Whether the history follows the new title of a round that is open on the table, nobody says.
  retitle: {
    weight: 4,
    choose: (model, chance, serial) => {
      const isOpenOnTable = (story) => story === model.active && model.isRevealed;
      return storyOf(model, chance, (story) => !story.unnamed && !isOpenOnTable(story), { title: `Title ${serial}` });
    },
    apply: (model, { story, title }) => model.rename(story, title),
  },
  next: {
    weight: 2,
    choose: (model, chance, serial) => pokerHost(model) && { who: model.host, title: chance.happens(0.7) ? `Next ${serial}` : undefined },
    apply: (model, { title }) => model.next(title),
  },
  toggle: {
    weight: 3,
    choose: (model, chance) => one(chance, pages(model), (who) => {
      const key = chance.pick(['autoReveal', 'showAverage', 'showCountdown', 'enableFunFeatures']);
      const value = !model.settings[key];
      return key === 'autoReveal' && value && model.isComplete ? undefined : { who, key, value };
    }),
    apply: (model, { key, value }) => model.set({ [key]: value }),
  },
  hostToggle: {
    weight: 1,
    choose: (model) => pokerHost(model) && !model.isComplete && { who: model.host, value: !model.settings.autoReveal },
    apply: (model, { value }) => model.set({ autoReveal: value }),
  },
  name: {
    weight: 1,
    choose: (model, chance, serial) => one(chance, [...pages(model), pokerHost(model)].filter(Boolean), (who) => ({
      who, name: `Sprint ${serial}`,
    })),
    apply: (model, { name }) => { model.name = name; },
  },
  view: {
    weight: 2,
    choose: (model, chance) => !model.override && one(chance, pages(model), (who) => ({
      who, votingSystem: model.votingSystem === 'simple' ? 'extended' : 'simple',
    })),
    apply: (model, { votingSystem }) => model.choose(votingSystem),
  },
  deck: {
    weight: 2,
    choose: (model, chance) => pokerHost(model) && !model.override && { who: model.host, cards: chance.pick(POKER_DECKS) },
    apply: (model, { cards }) => { model.deck = cards; },
  },
  rights: {
    weight: 3,
    choose: (model, chance) => hostIsThere(model) && one(chance, pages(model), (who) => ({ who, change: rightsFor(model, chance) })),
    apply: (model, { who, change }) => { if (who === model.host) model.set(change); },
  },
  usurp: {
    weight: 1,
    choose: (model, chance) => hostIsThere(model) && one(chance, pages(model).filter((name) => name !== model.host), (who) => ({ who })),
    apply: () => {},
  },
  emoji: {
    weight: 1,
    choose: (model, chance) => one(chance, pages(model), (who) => ({
      who, target: chance.pick(activeVoters(model).filter((name) => name !== who)),
    })),
    apply: () => {},
  },
  knock: {
    weight: 4,
    choose: (model, chance) => {
      const removed = [...model.people.values()].filter(({ standing, dialect }) => standing === 'removed' && dialect === 'signal');
      return one(chance, namesOf(removed), (who) => ({ who }));
    },
    apply: () => {},
  },
  misdeed: {
    weight: 3,
    choose: (model, chance) => one(chance, pages(model), (who) => ({
      who, what: chance.pick(MISDEEDS), target: KEEPER,
    })),
    apply: () => {},
  },
  trespass: {
    weight: 2,
    choose: (model, chance) => one(chance, sockets(model).filter((name) => name !== model.host), (who) => ({
      who, what: chance.pick(['removes', 'promotes', 'ends the session', 'takes a name']), target: pages(model)[0],
    })),
    apply: () => {},
  },
};

/** A new one, one that is there already, or none. */
function titleFor(model, chance) {
  if (chance.happens(0.4)) return undefined;
  const known = model.stories.filter((story) => !story.unnamed).map(({ title }) => title);
  return chance.pick(known.length > 0 && chance.happens(0.4) ? known : TITLES);
}

function storyOf(model, chance, fits, more = {}) {
  const indexes = model.stories.flatMap((story, index) => (fits(story) ? [index] : []));
  return pokerHost(model) && one(chance, indexes, (story) => ({ who: model.host, story, ...more }));
}

function rightsFor(model, chance) {
  if (model.made === 'signal' && chance.happens(0.4)) {
    return { whoCanManageIssues: model.settings.whoCanManageIssues === 'everyone' ? 'facilitator' : 'everyone' };
  }
  const now = model.settings.whoCanReveal;
  const others = ['everyone', 'facilitator', activeVoters(model).slice(0, 2)].filter((rule) => String(rule) !== String(now));
  return { whoCanReveal: chance.pick(others) };
}
