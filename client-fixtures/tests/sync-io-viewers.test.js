import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Chance } from '../lib/chance.js';
import { ok, syncServer } from '../lib/sync.js';
import { IoGame, watcher } from '../lib/sync-io.js';
import { assertUnbroken } from '../lib/sync-model.js';
import { watch } from '../lib/sync-viewer.js';

const server = await syncServer();
after(() => server.close());

const PLANS = Number(process.env.PLANS ?? 8);
const SEEDS = process.env.SEED ? [process.env.SEED] : Array.from({ length: PLANS }, (_, index) => `${Date.now() % 1_000_000}-${index}`);
const STEPS = 60;

const COMMANDS = { switch: 10, pause: 3, resume: 4, start: 3, complete: 1, create: 1 };

/** How a command may be given, and how to know whether it was taken. */
const WAYS = {
  rest: async (game, command) => [200, 201].includes((await game.overHttp()[command]()).status),
  io: async (game, command) => (await game[command]()).ok,
  poller: async (game, command) => (await new IoGame(game.base, game.poller, game.session)[command]()).ok,
  silent: async (game, command) => {
    const before = await game.get();
    game.hand.emit(`sync:${command}`, command === 'create' ? game.session : { sessionId: game.id });
    return !isDeepStrictEqual((await game.get()).state, before.state);
  },
};

const KINDS = [
  async (t, id) => new Raw((await watch(t, server.sync, id))[0]),
  (t, id) => Io.join(t, id, { mode: 'websocket' }),
  (t, id) => Io.join(t, id, { mode: 'polling' }),
  (t, id) => Io.join(t, id, { mode: 'upgrade' }),
  (t, id) => Io.join(t, id, { version: '2.5', mode: 'polling' }),
  (t, id) => Io.join(t, id, { version: '3.1', mode: 'upgrade' }),
  (t, id) => Io.join(t, id, { version: '4.0', mode: 'websocket', auth: { sessionId: id } }),
];

/** Somebody who sees a session change, one class for each kind of connection. */
class Raw {
  constructor(viewer) {
    this.viewer = viewer;
    this.name = viewer.name;
  }

  saw(state) {
    return this.viewer.seen('STATE_UPDATE', (told) => isDeepStrictEqual(told.state, state), 0);
  }

  states() {
    return this.viewer.updates();
  }

  leave() {
    return this.viewer.close();
  }
}

class Io {
  constructor(client, id) {
    Object.assign(this, { client, id, name: client.name });
  }

  /** What the handshake shows at once is not counted as a change. */
  static async join(t, id, how) {
    const client = await watcher(t, server.sync, how);
    if (how.auth) await client.update(id);
    await client.join(id);
    client.mark();
    return new Io(client, id);
  }

  saw(state) {
    return this.client.seen('sync:state', (told) => isDeepStrictEqual(told.state, state), 0);
  }

  states() {
    return this.client.updates(this.id);
  }

  leave() {
    return this.client.act('leave', { sessionId: this.id });
  }
}

/** Plays a random plan, during which viewers come and go; resolves to them and to the states that each must have seen. */
async function play(t, chance) {
  const game = new IoGame(server.sync, await watcher(t, server.sync), undefined);
  game.poller = await watcher(t, server.sync, { mode: 'polling', version: chance.pick(['2.5', '4.8']) });
  const stored = [];
  const audience = [];
  const come = async (kind) => audience.push({ viewer: await kind(t, game.id), from: stored.length });
  await ok(game.overHttp().create(), 201);
  for (const kind of KINDS) await come(kind);
  for (let turn = 0; turn < STEPS; turn += 1) {
    if (chance.happens(0.05)) await come(chance.pick(KINDS));
    if (chance.happens(0.05)) await go(chance.pick(audience), stored);
    const isTaken = await WAYS[chance.pick(Object.keys(WAYS))](game, chance.weighed(COMMANDS));
    if (isTaken) stored.push(await game.state());
  }
  await ok(game.overHttp().complete());
  stored.push(await game.state());
  return { audience, stored };
}

async function go(member, stored) {
  if (member.to !== undefined) return;
  if (stored.length > member.from) await member.viewer.saw(stored.at(-1));
  await member.viewer.leave();
  member.to = stored.length;
}

/** Each state follows from the one before by one command, or is that of a new clock. */
function assertLives(states) {
  const births = states.flatMap(({ version }, index) => (version === 1 ? [index] : []));
  const lives = [0, ...births].map((from, index) => states.slice(from, births[index] ?? states.length));
  for (const life of lives) assertUnbroken(life);
}

describe('viewers of every kind', { concurrency: 2 }, () => {
  for (const seed of SEEDS) {
    test(`see every change of a random plan once, complete and in order, SEED=${seed}`, async (t) => {
      const { audience, stored } = await play(t, new Chance(seed));
      assertLives(stored);
      for (const { viewer, from, to = stored.length } of audience) {
        if (to === stored.length) await viewer.saw(stored.at(-1));
        const versions = viewer.states().map(({ version }) => version);
        assert.deepEqual(versions, stored.slice(from, to).map(({ version }) => version), `SEED=${seed}: ${viewer.name}`);
        assert.deepEqual(viewer.states(), stored.slice(from, to), `SEED=${seed}: ${viewer.name}`);
      }
    });
  }
});
