import assert from 'node:assert/strict';
import { match } from './match.js';
import { ok } from './rest.js';
import { knock } from './signal-person.js';
import { within } from './wait.js';

/**
 * How each kind of step is done by the clients. A deed sees the model as it is before the step, and is over when the
 * server is done with everything the deed has sent.
 */
export const DEEDS = {
  async join(world, { who, dialect, spectator, way }) {
    const { mixed } = world;
    if (dialect === 'signal') return void await mixed.join(who);
    const person = way === 'REST' ? await mixed.joinPoker(who, { asSpectator: spectator }) : await mixed.appear(who);
    person.isSpectator = spectator;
  },

  async leave(world, { who, words }) {
    const person = world.person(who);
    if (words === '') return void await world.mixed.leave(person);
    world.mixed.forget(person);
    if (words === 'session:leave') return leaveBySocket(person);
    for (const word of words.split(' ')) {
      if (word === 'leave') person.client.send({ type: 'leave' });
      else person.client.emit(word, { playerId: person.userId });
    }
    await hangUp(person);
  },

  lose: (world, { who }) => world.mixed.lose(world.person(who)),

  comeBack(world, { who, page }) {
    const person = world.person(who);
    return world.mixed.comeBack(person, page === 'kept' && person.page ? { page: person.page } : undefined);
  },

  reload: (world, { who }) => freshLine(world.person(who)),

  async remove(world, { who, target: name, way }) {
    const [host, target] = [world.person(who), world.person(name)];
    const isOnline = world.model.people.get(name).online;
    const from = target.client.history.length;
    world.mixed.forget(target);
    if (way === 'REST') await ok(host.rest.delete(`/players/${target.playerId}`));
    else await done(host.client.call('player:remove', { playerId: target.playerId }));
    if (!isOnline) return;
    if (target.userId === undefined) return void await target.client.seen('disconnect', () => true, from);
    await target.client.seen('session_not_found', ({ message }) => message === 'You have been removed from the session', from);
    await hangUp(target);
  },

  async promote(world, { who, target: name, way }) {
    const [host, target] = [world.person(who), world.person(name)];
    if (host.userId !== undefined) return configure(host, { facilitator: host.idOf(target) });
    if (way === 'REST') await ok(host.rest.post(`/players/${target.playerId}/promote`));
    else await done(host.client.call('player:promote', { playerId: target.playerId }));
  },

  rename(world, { who, newName, way }) {
    const person = world.person(who);
    person.formerNames = [...(person.formerNames ?? []), person.name];
    person.name = newName;
    return change(person, { name: newName }, way);
  },

  async spectate(world, { who, spectator, way }) {
    const person = world.person(who);
    await change(person, { isSpectator: spectator }, way);
    person.isSpectator = spectator;
  },

  /** The page shows the round before the server has said a word. */
  start(world, { who, title }) {
    const person = world.person(who);
    person.look().startRound(title);
    return person.start(title);
  },

  async vote(world, { who, card, way }) {
    const { model } = world;
    await vote(world, who, card, way);
    const isLast = model.voters.every(({ name }) => name === who || model.round.votes.has(name));
    // A page reveals by itself, too, and its message comes behind what the server has done.
    if (isLast && model.settings.autoReveal && world.person(who).userId !== undefined) await tellReveal(world.person(who));
  },

  everybodyVotes: (world, { votes }) => Promise.all(votes.map(([who, card]) => vote(world, who, card, 'REST'))),

  async reveal(world, { who, way }) {
    const person = world.person(who);
    if (person.userId !== undefined) return revealOnPage(person);
    if (way === 'socket') return void match(await person.client.call('cards:reveal', {}), { ok: world.model.mayReveal(who) });
    const { status, text } = await person.reveal();
    const possible = world.model.mayReveal(who) ? [200] : [400, 403];
    assert.ok(possible.includes(status), `the reveal of ${who} is answered ${status} ${text}`);
  },

  /** The pages' own ideas are left out: of those who are too late, nobody puts the fireworks right. */
  async everybodyReveals(world, { everybody }) {
    const people = everybody.map((name) => world.person(name));
    for (const person of people) if (person.userId !== undefined) await unusedLine(person);
    await Promise.all(people.map((person) => (person.userId === undefined ? ok(person.reveal()) : sendReveal(person))));
  },

  async countdown(world, { who, overtakenBy, title }) {
    const person = world.person(who);
    const pages = world.model.mayReveal(who) ? world.mixed.signals : [];
    const heard = pages.map(({ client }) => client.seen('COUNTDOWN_STARTED', () => true, client.history.length));
    await person.emit('COUNTDOWN_STARTED', {});
    await Promise.all(heard);
    if (overtakenBy) await startUnderCountdown(world, overtakenBy, title);
    person.look().countDown();
    await Promise.all((pages.length > 0 ? pages : [person]).map(endCountdown));
  },

  async reset(world, { who, way }) {
    const person = world.person(who);
    const isAllowed = world.model.mayReset(who);
    if (way === 'socket') return void match(await person.client.call('game:reset', {}), { ok: isAllowed });
    await answered(person.resetVoting(), isAllowed ? 200 : 403);
  },

  async create(world, { who, title, way }) {
    const person = world.person(who);
    const isAllowed = world.model.mayManage(who);
    if (way === 'socket') return void match(await person.client.call('story:create', { title }), { ok: isAllowed });
    await answered(person.addStory(title), isAllowed ? 201 : 403);
  },

  activate: (world, { who, story }) => onStory(world, who, story, (rest, { id }) =>
    ok(rest.put(`${world.mixed.path}/stories/${id}/activate`))),

  delete(world, { who, story }) {
    const status = world.model.mayDelete(story) ? 200 : 400;
    return onStory(world, who, story, (rest, { id }) => answered(rest.delete(`/stories/${id}`), status));
  },

  complete: (world, { who, story, estimate }) => onStory(world, who, story, (rest, { id }) =>
    ok(rest.put(`/stories/${id}/complete`, { finalEstimate: estimate }))),

  retitle: (world, { who, story, title }) => onStory(world, who, story, (rest, { id }) => ok(rest.put(`/stories/${id}`, { title }))),

  next: (world, { who, title }) => ok(world.person(who).rest.post(`${world.mixed.path}/reset`, title ? { newStory: { title } } : {})),

  toggle: (world, { who, key, value }) => configure(world.person(who), { settings: { [key]: value } }),

  hostToggle: (world, { who, value }) => ok(world.person(who).rest.put(world.mixed.path, { config: { autoRevealCards: value } })),

  name(world, { who, name }) {
    const person = world.person(who);
    return person.userId === undefined ? ok(person.rest.put(world.mixed.path, { name })) : configure(person, { name });
  },

  view: (world, { who, votingSystem }) => configure(world.person(who), { votingSystem }),

  deck: (world, { who, cards }) => ok(world.person(who).rest.put(world.mixed.path, { config: { cardValues: cards } })),

  rights(world, { who, change: { whoCanReveal: rule, ...others } }) {
    const person = world.person(who);
    const idsOf = (names) => names.map((name) => person.idOf(world.person(name)));
    const settings = rule === undefined ? others : { whoCanReveal: Array.isArray(rule) ? idsOf(rule) : rule };
    return configure(person, { settings });
  },

  usurp: (world, { who }) => configure(world.person(who), { facilitator: world.person(who).userId }),

  async emoji(world, { who, target: name }) {
    const [person, target] = [world.person(who), world.person(name)];
    const listeners = world.model.settings.enableFunFeatures ? world.mixed.signals : [];
    const heard = listeners.map((me) => me.client.seen('EMOJI_SENT', ({ fromPlayerId, toPlayerId }) =>
      fromPlayerId === me.idOf(person) && toPlayerId === me.idOf(target), me.client.history.length));
    const from = person.client.history.length;
    await person.emit('EMOJI_SENT', { fromPlayerId: person.userId, toPlayerId: person.idOf(target), emoji: '🙏' });
    await Promise.all(heard);
    const echoes = person.client.history.slice(from).filter(({ kind }) => kind === 'EMOJI_SENT');
    assert.equal(echoes.length, listeners.length > 0 ? 1 : 0, 'echoes of the emoji');
  },

  async knock(world, { who }) {
    const answers = await knock(world.mixed, { userId: world.person(who).userId, userName: who });
    assert.deepEqual(answers, [['session_not_found', 'You have been removed from the session']]);
  },

  misdeed(world, { who, what, target: name }) {
    const [person, target] = [world.person(who), world.person(name)];
    const forged = { ...structuredClone(person.page.session), name: 'forged', history: [] };
    return person.emit(...{
      'votes for another': ['VOTE_SUBMITTED', { playerId: person.idOf(target), vote: 1 }],
      'votes 99': ['VOTE_SUBMITTED', { playerId: person.userId, vote: 99 }],
      'votes an object': ['VOTE_SUBMITTED', { playerId: person.userId, vote: { toString: 'no' } }],
      'throws another out': ['PLAYER_LEFT', { playerId: person.idOf(target) }],
      'forges a snapshot': ['SESSION_UPDATED', { session: forged }],
    }[what]);
  },

  async trespass(world, { who, what, target: name }) {
    const [person, target] = [world.person(who), world.person(name)];
    if (what === 'removes') return answered(person.rest.delete(`/players/${target.playerId}`), 403);
    if (what === 'promotes') return answered(person.rest.post(`/players/${target.playerId}/promote`), 403);
    if (what === 'ends the session') return answered(person.rest.delete(world.mixed.path), 403);
    const { poker, sessionId } = world.mixed;
    const double = poker.forget(poker.connect({ sessionId, playerName: name }));
    await double.next('session:error', ({ code }) => code === 'CONNECTION_FAILED');
    await double.next('disconnect');
  },
};

async function answered(call, status) {
  const answer = await call;
  assert.equal(answer.status, status, `expected ${status}, got ${answer.status} ${answer.text}`);
}

async function done(call) {
  match(await call, { ok: true });
}

async function leaveBySocket(person) {
  const from = person.client.history.length;
  person.client.emit('session:leave', {});
  await person.client.seen('disconnect', () => true, from);
}

async function hangUp(person) {
  await person.client.settle();
  person.client.close(1000);
  await within(person.client.closed, `the connection of ${person} closes`);
}

async function change(person, fields, way) {
  if (way === 'REST') await ok(person.rest.put(`/players/${person.playerId}`, fields));
  else await done(person.client.call('player:update', fields));
}

function configure(person, { settings = {}, ...others }) {
  return person.emit('SETTINGS_UPDATED', { settings, ...others });
}

async function vote(world, who, card, way) {
  const person = world.person(who);
  if (person.userId !== undefined) {
    person.look().putCard(person.userId, Number(card));
    return person.vote(Number(card));
  }
  if (way === 'REST') await ok(person.vote(card));
  else await done(person.client.call('vote:submit', { value: card }));
}

/** A second reveal within 0.8 s on one connection is none, so whoever has revealed before does it on another one. */
async function unusedLine(person) {
  if (person.client.hasRevealed) await freshLine(person);
}

function freshLine(person) {
  return person.reload();
}

/** The page shows its own idea of the result before the server has said a word. */
async function revealOnPage(person) {
  await unusedLine(person);
  await tellReveal(person);
}

async function tellReveal(person) {
  person.look().reveal();
  await sendReveal(person);
}

async function sendReveal(person) {
  person.client.hasRevealed = true;
  await person.reveal();
}

async function endCountdown(person) {
  person.look().endCountdown();
  await sendReveal(person);
}

/** The next round begins while the countdown of the last one is still running on all pages. */
async function startUnderCountdown(world, name, title) {
  const heard = world.mixed.signals.map(({ client }) => client.seen('VOTING_STARTED', () => true, client.history.length));
  await world.person(name).start(title);
  await Promise.all(heard);
}

async function onStory(world, who, index, action) {
  const { rest } = world.person(who);
  const story = (await ok(rest.get(`${world.mixed.path}/stories`)))[index];
  assert.equal(story.title, world.model.stories[index].title, `story ${index}`);
  return action(rest, story);
}
