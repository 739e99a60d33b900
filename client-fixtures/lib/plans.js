import { Chance } from './chance.js';
import { VERSIONS } from './clients.js';
import { MixedMeeting } from './mixed.js';
import { Agreement } from './mixed-agreement.js';
import { Model } from './mixed-model.js';
import { Secrets } from './mixed-secrets.js';
import { KEEPER, KINDS } from './plan-choices.js';
import { DEEDS } from './plan-deeds.js';
import { makeRace, runRace } from './plan-race.js';

const WEIGHTS = Object.fromEntries(Object.entries(KINDS).map(([kind, { weight }]) => [kind, weight]));

/** The steps that this seed leads to; what is possible next is what the model allows. */
export function makePlan(seed) {
  const chance = new Chance(seed);
  const made = chance.pick(['signal', 'poker']);
  const version = chance.pick(VERSIONS);
  const model = Model.opening(made);
  const steps = [];
  const length = chance.between(15, 25);
  const opensWithRound = chance.happens(0.8);
  while (steps.length < length) {
    const kind = opensWithRound && steps.length === 0 ? (made === 'signal' ? 'start' : 'next') : chance.weighed(WEIGHTS);
    const choice = KINDS[kind].choose(model, chance, steps.length + 1);
    if (!choice) continue;
    const step = { kind, ...choice };
    KINDS[kind].apply(model, step);
    steps.push(step);
  }
  return { seed, made, version, steps, race: makeRace(model, chance) };
}

function cardsIn({ kind, card, votes }) {
  return { vote: () => [card], everybodyVotes: () => votes.map(([, each]) => each) }[kind]?.() ?? [];
}

/** A plan as it is printed, up to the step that went wrong. */
export function told({ seed, made, version, steps, race }, count = steps.length) {
  const line = ({ kind, ...what }, index) => `${String(index + 1).padStart(4)}. ${kind} ${JSON.stringify(what)}`;
  const lines = steps.slice(0, count).map(line);
  if (count > steps.length) lines.push('and at the same moment', ...race.map(line));
  return [`the plan of SEED=${seed}: a session made on the ${made} side, socket.io-client ${version}`, ...lines].join('\n');
}

/** Plays a plan on a server. What does not agree with the model fails with the seed and the steps so far. */
export async function playPlan(server, plan) {
  const world = new World(plan);
  try {
    await world.open(server);
    for (const step of plan.steps) await world.play(step);
    await world.race(plan.race);
  } catch (error) {
    error.message = `${told(plan, world.played)}\n${error.message}`;
    throw error;
  } finally {
    world.mixed?.close();
  }
}

class World {
  played = 0;

  constructor(plan) {
    this.plan = plan;
    this.model = Model.opening(plan.made);
  }

  async open(server) {
    const { made, version } = this.plan;
    const how = { version, mode: 'websocket' };
    this.mixed = await (made === 'signal' ? MixedMeeting.fromSignal(server, { how }) : MixedMeeting.fromPoker(server, { how }));
    this.mixed.keepFences(this.person(KEEPER));
    this.secrets = new Secrets(this.mixed);
    this.agreement = new Agreement(this.mixed, this.model);
    await this.#converge();
  }

  person(name) {
    return this.mixed.people.find(({ key }) => key === name);
  }

  async play(step) {
    this.played += 1;
    const { kind } = step;
    this.secrets.closed(...cardsIn(step));
    await DEEDS[kind](this, step);
    KINDS[kind].apply(this.model, step);
    this.secrets.opened(this.model);
    await this.#converge(kind === 'lose' ? { lost: step.who } : {});
  }

  /** In whatever order things have happened: everybody has seen the same one. */
  async race(actions) {
    if (actions.length === 0) return;
    this.played += 1;
    await runRace(this.mixed, actions);
    await this.mixed.fence();
    this.agreement.unison();
    this.secrets.forgetCards();
    this.secrets.check({ isRevealed: true });
  }

  /** Everybody has heard of everything, and sees what the model says. */
  async #converge(what) {
    await this.mixed.fence();
    await this.agreement.check(what);
    this.secrets.check(this.model);
  }
}
