import { SignalClient } from './signal.js';
import { newUserId } from './signal-room.js';
import { assertOneSequence, piecesOf } from './sequence.js';

const WATCHER = /^Watcher /;

/**
 * Pages of the signal dialect in a session on all nodes of a cluster: on each node somebody who acts and somebody who
 * only watches.
 */
export class Pages {
  static async open(t, cluster, sessionId) {
    const pages = new Pages();
    const join = (kind) => Promise.all(cluster.nodes.map(async ({ url }, node) => {
      const userName = `${kind} ${node}`;
      const page = await SignalClient.join(url, sessionId, { userId: newUserId(kind), userName, name: `the page of ${userName}` });
      t.after(() => page.vanish());
      return page;
    }));
    pages.actors = await join('Actor');
    pages.watchers = await join('Watcher');
    pages.sessionId = sessionId;
    return pages;
  }

  /** A name of the session that all pages have heard of, so they have heard of everything before it. Marks it. */
  async fence(name) {
    const all = [...this.actors, ...this.watchers];
    const from = all.map(({ history }) => history.length);
    this.actors[0].emit('SETTINGS_UPDATED', { settings: {}, name });
    await Promise.all(all.map((page, index) => page.seen('SETTINGS_UPDATED', (change) => change.name === name, from[index])));
  }

  /** How a page calls somebody else of this name. */
  static idOf(page, name) {
    const told = page.history.flatMap(({ body }) => body?.session?.players ?? [body?.player]);
    return told.find((player) => player?.name === name).id;
  }

  mark() {
    for (const page of this.watchers) page.mark();
  }

  /** What all watchers have heard since the mark, which must be one sequence. */
  sequence() {
    return assertOneSequence(this.watchers.map((page) => ({ name: page.name, pieces: piecesOf(page, page.marked).map((piece) => piece.map(withoutWatchers)) })));
  }
}

/** Only to himself a watcher is who he is. */
function withoutWatchers(text) {
  const [kind, body] = JSON.parse(text);
  if (!body?.session) return text;
  const players = body.session.players.filter(({ name }) => !WATCHER.test(name));
  return JSON.stringify([kind, { ...body, session: { ...body.session, players } }]);
}
