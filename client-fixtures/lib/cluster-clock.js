import assert from 'node:assert/strict';
import { aSession, Game, ok } from './sync.js';
import { IoGame, watcher } from './sync-io.js';
import { assertUnbroken } from './sync-model.js';
import { watch } from './sync-viewer.js';

export const taken = (answers) => answers.filter(({ status }) => status === 200).length;
export const statuses = (answers) => answers.map(({ status }) => status).sort();
export const turns = ({ participants }) => participants.reduce((sum, { cycle_count: count }) => sum + count, 0);
export const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** One turn clock on all nodes: on each somebody who commands it over REST, a raw viewer and a Socket.IO one. */
export class SharedClock {
  static async open(t, cluster, fields, ...commands) {
    const clock = new SharedClock();
    const session = aSession(fields);
    clock.id = session.session_id;
    clock.games = cluster.nodes.map(({ url }) => new Game(url, session));
    const raw = await Promise.all(cluster.nodes.map(async ({ url }) => (await watch(t, url, clock.id))[0]));
    const hands = await Promise.all(cluster.nodes.map(({ url }) => watcher(t, url, { join: [clock.id] })));
    clock.raw = raw;
    clock.hands = hands.map((hand, index) => new IoGame(cluster.nodes[index].url, hand, session));
    clock.viewers = [...raw.map(rawViewer), ...hands.map((hand, index) => ioViewer(hand, clock.id, index))];
    await ok(clock.games[0].create(), 201);
    for (const command of commands) await ok(clock.games[0].command(command));
    clock.known = await clock.games[0].state();
    await Promise.all(clock.viewers.map((viewer) => viewer.reaches(clock.known.version)));
    for (const viewer of clock.viewers) viewer.mark();
    return clock;
  }

  /** The commands to the node of this turn, if they go to all nodes in turn. */
  game(turn) {
    return this.games[turn % this.games.length];
  }

  /** What every node says now, which must be the same. */
  async state() {
    const [first, ...others] = await Promise.all(this.games.map((game) => game.state()));
    for (const other of others) assert.deepEqual(other, first, 'two nodes say different things');
    return first;
  }

  /** Since the last time every viewer on every node saw each version once, in order, each the only consequence of the one before. */
  async everybodySaw(after) {
    const before = this.known;
    await Promise.all(this.viewers.map((viewer) => viewer.reaches(after.version)));
    for (const viewer of this.viewers) {
      await viewer.settle();
      const states = viewer.updates();
      assert.deepEqual(states.map(({ version }) => version), numbers(before.version + 1, after.version), `the versions that ${viewer.name} saw`);
      assertUnbroken([before, ...states]);
      assert.deepEqual(states.at(-1) ?? before, after, `the state that ${viewer.name} saw last`);
      viewer.mark();
    }
    this.known = after;
  }
}

function rawViewer(viewer, node) {
  return {
    name: `the raw viewer on node ${node}`,
    reaches: (version) => viewer.seen('STATE_UPDATE', ({ state }) => state.version === version, viewer.marked),
    settle: () => viewer.settle(),
    updates: () => viewer.updates(),
    mark: () => viewer.mark(),
  };
}

function ioViewer(hand, id, node) {
  return {
    name: `the Socket.IO viewer on node ${node}`,
    reaches: (version) => hand.seen('sync:state', ({ sessionId, state }) => sessionId === id && state.version === version, hand.marked),
    settle: () => hand.settle(),
    updates: () => hand.updates(id),
    mark: () => hand.mark(),
  };
}
