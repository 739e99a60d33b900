import assert from 'node:assert/strict';
import { Client } from './clients.js';
import { pause } from './cluster-chaos.js';
import { SharedClock } from './cluster-clock.js';
import { Crowd } from './cluster-crowd.js';
import { Pages } from './cluster-pages.js';
import { ok, Rest } from './rest.js';
import { SignalClient } from './signal.js';
import { newUserId } from './signal-room.js';
import { ask, aSession } from './sync.js';
import { until, within } from './wait.js';

/** Whoever has no answer then is left in silence; how soon it has to come is another question. */
const SILENCE_MS = 30_000;
/** Nobody works while there is nothing to do. */
const CPU_SHARE = 0.1;

/** A session of each kind on two nodes, with people in front of both. */
export class Company {
  /** How many switches were refused, which may have been taken all the same. */
  #refusedSwitches = 0;

  static async gather(t, cluster, seed) {
    const company = new Company();
    const crowd = await Crowd.gather(t, cluster, { writers: 6, seed });
    const pages = await Pages.open(t, cluster, crowd.meeting.sessionId);
    const clock = await SharedClock.open(t, cluster, { times: [60_000, 60_000, 60_000] }, 'start');
    Object.assign(company, { t, cluster, crowd, pages, clock });
    await crowd.begin();
    return company;
  }

  get nodes() {
    return this.cluster.nodes;
  }

  /** A while of ordinary life, after which cards may be played. */
  async lives(durationMs) {
    await this.crowd.act(pause(durationMs));
    await this.crowd.do(this.crowd.host, 'vote', 'REST');
    await this.crowd.do(this.crowd.host, 'reset', 'REST');
  }

  /** Whatever is asked of these nodes now is refused with a reason. Resolves to how long each refusal took, by what was asked. */
  async isRefused(nodes = this.nodes) {
    const refusals = nodes.flatMap((node) => {
      const index = this.nodes.indexOf(node);
      const [writer, other] = this.crowd.writers.filter((_, turn) => this.cluster.nodeOf(turn) === node);
      this.#refusedSwitches += 2;
      return [
        ['a name over REST', this.#fails(this.crowd.do(writer, 'rename', 'REST'))],
        ['a vote over a socket', this.#fails(this.crowd.do(other, 'vote', 'socket'))],
        ['a card on a page', this.#isShownAgain(this.pages.actors[index])],
        ['a switch over REST', refused(this.clock.game(index).switch(), 'INTERNAL_ERROR')],
        ['a switch over a socket', refused(this.#switchBySocket(index), 'INTERNAL_ERROR')],
        ['a new session', refused(new Rest(node.url).post('/sessions', { name: 'New', hostName: 'Mira' }), 'Failed to create session')],
        ['a new clock', refused(ask(node.url, 'POST', '/v1/sessions', { body: aSession() }), 'INTERNAL_ERROR')],
      ];
    });
    return timed(refusals);
  }

  /** Who comes now is told that he cannot come in. Resolves to how long that took. */
  async isClosed(nodes = this.nodes) {
    return timed(nodes.flatMap((node) => [
      ['a newcomer with a socket', this.#isSentAway(node)], ['a newcomer with a page', this.#isHungUpOn(node)],
    ]));
  }

  /** What nodes without Redis say of themselves, and what they know. Resolves to how long each read took. */
  async isKnown(nodes = this.nodes) {
    const reads = nodes.flatMap((node) => ['', '/players', '/stories', '/votes'].map((what) => (
      [`GET ${this.crowd.path}${what}`, ok(new Rest(node.url).get(this.crowd.path + what))]
    )));
    const took = timed(reads);
    took.catch(() => {});
    for (const node of nodes) {
      assert.equal(await node.probe('/livez'), 200);
      assert.equal((await ask(node.url, 'GET', '/sync/health')).status, 200);
      await until(async () => (await node.probe('/readyz')) === 503, 'the node is not ready');
      assert.equal((await ask(node.url, 'GET', '/sync/ready')).status, 503);
    }
    return took;
  }

  /** Nobody works much until the outage is over, which begins now and takes so long at least. */
  async outlasts(durationMs, action) {
    const before = this.nodes.map((node) => node.cpuMs());
    const started = performance.now();
    await Promise.all([action(), pause(durationMs)]);
    const lasted = performance.now() - started;
    const spent = this.nodes.map((node, index) => node.cpuMs() - before[index]);
    this.t.diagnostic(`the nodes worked ${spent.join(' and ')} ms in an outage of ${lasted.toFixed(0)} ms`);
    for (const ms of spent) assert.ok(ms < CPU_SHARE * lasted, `a node worked ${ms} ms in an outage of ${lasted.toFixed(0)} ms`);
  }

  /** Everything goes on on all nodes by itself, everybody is there, and nobody has another story to tell. */
  async isWell() {
    for (const node of this.nodes) {
      await node.isReadyAgain();
      assert.equal(node.ended, undefined, 'a node has ended');
    }
    for (const writer of this.crowd.writers) {
      await until(async () => (await this.crowd.do(writer, 'rename', 'socket')).outcome === 'done', `${writer.client.told} is renamed`);
    }
    await this.#everybodyIsOnline();
    await this.crowd.fence();
    await this.crowd.account(this.crowd.sequence(), await this.crowd.agreement());
    await this.#clockIsRight();
  }

  async #fails(doing) {
    const { outcome, because } = await doing;
    assert.equal(outcome, 'failed', `what was asked was ${outcome}: ${because}`);
  }

  #switchBySocket(index) {
    const { socket } = this.clock.hands[index].hand;
    return new Promise((resolve) => { socket.emit('sync:switch', { sessionId: this.clock.id }, resolve); });
  }

  /** A page has no other way to hear of a refusal than to be shown what is. */
  async #isShownAgain(page) {
    const from = page.history.length;
    page.vote(3);
    await page.seen('SESSION_UPDATED', () => true, from, SILENCE_MS);
  }

  async #isSentAway(node) {
    const auth = { sessionId: this.crowd.meeting.sessionId, playerName: 'Newcomer' };
    const client = new Client(node.url, { auth, options: { reconnection: false } }).open();
    this.t.after(() => client.close());
    const answers = ['refused', 'session:error'];
    await until(() => client.history.some(({ event }) => answers.includes(event)), 'the newcomer is told that he cannot come in', SILENCE_MS);
    assert.ok(!client.history.some(({ event }) => event === 'session:joined'), 'a newcomer came in without Redis');
  }

  async #isHungUpOn(node) {
    const page = await SignalClient.open(node.url, { userId: newUserId('Newcomer'), userName: 'Newcomer' });
    page.send({ type: 'join', sessionId: this.crowd.meeting.sessionId, userId: page.userId, userName: 'Newcomer' });
    const { code } = await within(page.closed, 'the connection of a page that cannot come in is closed', SILENCE_MS);
    assert.notEqual(code, 1000, 'the page would come back at once');
    assert.ok(!page.history.some(({ kind }) => kind === 'joined'), 'a page came in without Redis');
  }

  async #everybodyIsOnline() {
    const isComplete = (players) => this.crowd.writers.every(({ id }) => players.find((player) => player.id === id)?.isOnline);
    for (const { url } of this.nodes) {
      const rest = new Rest(url);
      await until(async () => isComplete(await ok(rest.get(`${this.crowd.path}/players`))), 'everybody is online');
    }
  }

  async #clockIsRight() {
    const { clock } = this;
    await until(async () => (await clock.games[0].switch()).status === 200, 'the clock is switched again');
    const state = await clock.state();
    const [least, most] = [clock.known.version + 1, clock.known.version + 1 + this.#refusedSwitches];
    assert.ok(least <= state.version && state.version <= most, `version ${state.version} of the clock, expected ${least} to ${most}`);
    await clock.everybodySaw(state);
    this.#refusedSwitches = 0;
  }
}

/** Resolves to `[what, ms]` for each. */
function timed(all) {
  const asked = performance.now();
  return Promise.all(all.map(async ([what, answer]) => {
    await within(answer, `an answer to ${what}`, SILENCE_MS);
    return [what, performance.now() - asked];
  }));
}

async function refused(call, reason) {
  const answer = await call;
  const isRefusal = answer.status === undefined ? answer.ok === false : answer.status >= 500;
  const { code, error } = answer.body ?? answer;
  assert.ok(isRefusal && (code ?? error?.code ?? error) === reason, answer.text ?? JSON.stringify(answer));
}
