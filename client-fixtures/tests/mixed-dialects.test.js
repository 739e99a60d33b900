import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { absent, match } from '../lib/match.js';
import { scenario } from '../lib/meeting.js';
import { MixedMeeting } from '../lib/mixed.js';
import { Agreement } from '../lib/mixed-agreement.js';
import { Model } from '../lib/mixed-model.js';
import { Secrets } from '../lib/mixed-secrets.js';
import { cast, entered, gone, presence, promoted } from '../lib/mixed-shapes.js';
import { ok, refused } from '../lib/rest.js';
import { Server } from '../lib/server.js';
import { submitted } from '../lib/shapes.js';
import {
  countingDown, disconnected, facilitatorChanged, joined, left, openRound, revealed, roundGone, settingsChanged, snapshot, started, voted,
  votedHere,
} from '../lib/signal-shapes.js';
import { within } from '../lib/wait.js';

const FLAGS = ['--rate-limits', 'off', '--ping-interval-ms', '1000', '--ping-timeout-ms', '2000'];
const PATIENT = { POKER_DISCONNECT_GRACE_MS: '3600000', POKER_JOIN_GRACE_MS: '3600000', POKER_HOST_HANDOVER_MS: '0' };

/** Each meeting has a server of its own, which is killed. */
const servers = await Promise.all([1, 2].map(() => new Server({ flags: FLAGS, env: PATIENT }).start()));
after(() => Promise.all(servers.map((server) => server.close())));

/** A meeting that is compared with its model after everything that happens in it. */
class Scene {
  constructor(mixed, made) {
    this.mixed = mixed;
    this.model = Model.opening(made);
    this.agreement = new Agreement(mixed, this.model);
    this.secrets = new Secrets(mixed);
  }

  /** `action` makes everybody hear exactly this, and then all four see what `effect` did to the model. */
  async step(heard, action, effect) {
    const result = await this.mixed.everyoneHears(heard, action);
    effect?.(this.model);
    this.secrets.opened(this.model);
    await this.agree();
    return result;
  }

  async agree() {
    await this.agreement.check();
    this.secrets.check(this.model);
  }

  /** Somebody puts a card that nobody sees. */
  async vote(person, card, [count, total]) {
    this.secrets.closed(String(card));
    const signal = (me) => [me === person ? votedHere(me, person, card) : voted(me, person)];
    const effect = (model) => model.vote(person.key, String(card));
    await this.step({ poker: [submitted(person, count, total)], signal }, () => cast(person, card), effect);
  }
}

async function scene(t, server, { made, ...how }) {
  const mixed = await (made === 'signal' ? MixedMeeting.fromSignal(server, { how }) : MixedMeeting.fromPoker(server, { how }));
  t.after(() => mixed.close());
  await mixed.fence();
  const it = new Scene(mixed, made);
  await it.agree();
  return it;
}

const created = [['story:created', {}], ['story:activated', {}]];
const opened = (averageValue) => ['cards:revealed', { consensus: { averageValue } }];
/** The page of whoever reveals without a countdown is led back into the round first. */
const withWayBack = (me, revealer, title, result) => [...(me === revealer ? [started(title)] : []), ...revealed(me, { title, ...result })];

describe('two pages and two Socket.IO clients in one meeting', { concurrency: 2 }, () => {
  test('that was made by a page', (t) => madeHere(t));
  test('that was made over REST', (t) => madeThere(t));
});

async function madeHere(t) {
  const it = await scene(t, servers[0], { made: 'signal', version: '4.8' });
  const { mixed, model } = it;
  const { alice, bob, mira, jonas } = mixed;
  let carl;

  await scenario(t, [
    ['a page starts a round', () =>
      it.step({ poker: created, signal: [started('ABC-1')] }, () => alice.start('ABC-1'), () => model.start('Alice', 'ABC-1'))],

    ['votes are counted in front of all and shown to nobody', async () => {
      await it.vote(alice, 3, [1, 4]);
      await it.vote(mira, 'q~17~', [2, 4]);
      await it.vote(bob, 5, [3, 4]);
      await it.vote(bob, 4, [3, 4]);
    }],

    ['a latecomer finds the open round and no value', async () => {
      carl = await it.step(
        { poker: (person) => [entered(person, 5), submitted(bob, 3, 5)], signal: (me, person) => [joined(me, person)] },
        () => mixed.join('Carl'),
        () => model.join('Carl', { dialect: 'signal' }),
      );
      const found = openRound(carl, { title: 'ABC-1', voters: [alice, mira, bob], players: mixed.people });
      carl.heardExactly([['joined', {}], started('ABC-1'), found]);
    }],

    ['whoever leaves takes his card along, and comes back without it', async () => {
      await it.vote(carl, 1, [4, 5]);
      await it.step(
        { poker: [gone(carl, 4), submitted(bob, 3, 4)], signal: (me) => [left(me, carl)] },
        () => mixed.leave(carl),
        () => model.leave('Carl'),
      );
      await it.step(
        { poker: [entered(carl, 5), submitted(bob, 3, 5)], signal: (me) => [joined(me, carl)] },
        () => mixed.comeBack(carl),
        () => model.comeBack('Carl'),
      );
      await it.step(
        { poker: [gone(carl, 4), submitted(bob, 3, 4)], signal: (me) => [left(me, carl)] },
        () => mixed.leave(carl),
        () => model.leave('Carl'),
      );
    }],

    ['whoever loses the line leaves his card on the table', async () => {
      for (const person of [bob, mira]) {
        await it.step(
          { poker: [presence(person, false)], signal: (me) => [disconnected(me, person)] },
          () => mixed.lose(person),
          () => model.lose(person.key),
        );
        await it.step(
          { poker: [presence(person, true)], signal: (me) => [joined(me, person, { hasVoted: true })] },
          () => mixed.comeBack(person, person === bob ? { page: bob.page } : undefined),
          () => model.comeBack(person.key),
        );
      }
    }],

    ['a page reveals, and all see the same average', async () => {
      const result = { votes: [[alice, 3], [bob, 4], [mira, 'q~17~']], players: present(mixed), average: 3.5, hasAgreement: false };
      bob.look().reveal();
      await it.step(
        { poker: [opened(3.5)], signal: (me) => withWayBack(me, bob, 'ABC-1', result) },
        () => bob.reveal(),
        () => model.reveal(),
      );
      assert.deepEqual([alice, bob].map(({ page }) => page.result.average), [3.5, 3.5]);
    }],

    ['a poker player resets, and the next round is on the same story', async () => {
      await it.step({ poker: [['game:reset', {}]], signal: [started('ABC-1')] }, () => ok(jonas.resetVoting()), () => model.reset());
      await it.vote(jonas, '5', [1, 4]);
    }],

    ['a poker player reveals, and the pages have two rounds in their history', async () => {
      const result = { title: 'ABC-1', votes: [[jonas, 5]], players: present(mixed), average: 5, hasAgreement: true, roundsBefore: 1 };
      await it.step(
        { poker: [['story:updated', {}], opened(5)], signal: (me) => revealed(me, result) },
        () => ok(jonas.reveal()),
        () => model.reveal(),
      );
      assert.deepEqual(alice.page.session.history.map(({ issueName, average }) => [issueName, average]), [['ABC-1', 3.5], ['ABC-1', 5]]);
    }],

    ['settings of either side are seen on the pages', async () => {
      const set = (person, change) => person.emit('SETTINGS_UPDATED', { settings: {}, ...change });
      const hidden = { settings: { showAverage: false } };
      await it.step({ signal: [['SETTINGS_UPDATED', hidden]] }, () => set(bob, hidden), () => model.set({ showAverage: false }));
      await it.step(
        { poker: [promoted(mira)], signal: (me) => [facilitatorChanged(me, mira)] },
        () => set(alice, { facilitator: alice.idOf(mira) }),
        () => { model.host = 'Mira'; },
      );
      await it.step({ signal: [settingsChanged({ name: 'Sprint 2' })] }, () => ok(mira.rest.put(mixed.path, { name: 'Sprint 2' })), () => {
        model.name = 'Sprint 2';
      });
    }],

    ['the next story is a poker player\'s', async () => {
      await it.step({ poker: created, signal: [started('Export')] }, () => ok(mira.addStory('Export'), 201), () => model.create('Export'));
      await it.vote(bob, 2, [1, 4]);
      await it.vote(jonas, 'q~18~', [2, 4]);
    }],

    ['the server is killed in mid-round, and after the return everybody has what he had', async () => {
      await killed(it);
      await it.agree();
      assert.equal(alice.page.session.history.length, 2);
    }],

    ['the round goes on, and a countdown ends it for the poker room at once', async () => {
      await it.vote(alice, 4, [3, 4]);
      const result = {
        title: 'Export', votes: [[bob, 2], [jonas, 'q~18~'], [alice, 4]], players: present(mixed), average: 3, hasAgreement: false,
        roundsBefore: 2,
      };
      await mixed.everyoneHears({ poker: [opened(3)], signal: (me) => countingDown(me, result) }, () =>
        alice.emit('COUNTDOWN_STARTED', {}));
      model.reveal();
      it.secrets.opened(model);
      for (const person of [alice, bob]) {
        person.look().endCountdown();
        await mixed.everyoneHears({ signal: (me) => (me === person ? [snapshot({ history: { length: 3 } })] : []) }, () => person.reveal());
      }
      await it.agree();
    }],

    ['a facilitator who leaves hands over, and comes back as anybody', async () => {
      await it.step(
        {
          poker: [gone(mira, 3), promoted(alice, { votedInCurrentRound: true })],
          signal: (me) => [left(me, mira), facilitatorChanged(me, alice)],
        },
        () => mixed.leave(mira),
        () => model.leave('Mira'),
      );
      await it.step(
        { poker: [entered(mira, 4)], signal: (me) => [joined(me, mira)] },
        () => mixed.comeBack(mira),
        () => model.comeBack('Mira'),
      );
      await mixed.nobodyHears(() => refused(mira.addStory('Hers'), 403, 'Host authorization required'));
    }],

    ['nobody was ever told who somebody else is to the server', () => mixed.assertCredentialsSecret()],
  ]);
}

async function madeThere(t) {
  const it = await scene(t, servers[1], { made: 'poker', version: '2.5' });
  const { mixed, model } = it;
  const { alice, bob, mira, jonas } = mixed;
  let story;

  await scenario(t, [
    ['a page finds the start button without effect until there is a story', () =>
      it.step({ signal: (me) => (me === bob ? roundGone() : []) }, () => bob.start('ABC-1'))],

    ['the host adds a story', async () => {
      story = await it.step({ poker: created, signal: [started('Export')] }, () => ok(mira.addStory('Export'), 201), () =>
        model.create('Export'));
    }],

    ['a page cannot reveal before all have voted', async () => {
      await it.vote(mira, 'q~19~', [1, 4]);
      await it.vote(alice, 3, [2, 4]);
      const resync = [started('Export'), openRound(bob, { title: 'Export', voters: [mira, alice], players: mixed.people })];
      bob.look().reveal();
      await it.step({ signal: (me) => (me === bob ? resync : []) }, () => bob.reveal());
    }],

    ['the last vote is a page\'s, and then any page may reveal', async () => {
      await it.vote(jonas, '5', [3, 4]);
      await it.vote(bob, 5, [4, 4]);
      const votes = [[mira, 'q~19~'], [alice, 3], [jonas, 5], [bob, 5]];
      alice.look().reveal();
      await it.step(
        {
          poker: [opened(13 / 3)],
          signal: (me) => withWayBack(me, alice, 'Export', { votes, players: mixed.people, average: 13 / 3, hasAgreement: false }),
        },
        () => alice.reveal(),
        () => model.reveal(),
      );
    }],

    ['a page starts again, which is a reset of the host\'s story', () =>
      it.step({ poker: [['game:reset', { storyId: story.id }]], signal: [started('Export')] }, () => bob.start('ABC-1'), () =>
        model.reset())],

    ['the host promotes a page, which then starts what it likes', async () => {
      await it.step(
        { poker: [promoted(alice)], signal: (me) => [facilitatorChanged(me, alice)] },
        () => ok(mira.rest.post(`/players/${alice.playerId}/promote`)),
        () => { model.host = 'Alice'; },
      );
      await it.step({ poker: created, signal: [started('ABC-1')] }, () => alice.start('ABC-1'), () => model.start('Alice', 'ABC-1'));
      await it.step({ poker: created, signal: [started()] }, () => alice.start(), () => model.start('Alice'));
    }],

    ['the server is killed in mid-round, and after the return everybody has what he had', async () => {
      await it.vote(jonas, 'q~20~', [1, 4]);
      await it.vote(bob, 1, [2, 4]);
      await killed(it);
      await it.agree();
    }],

    ['the new host reveals a round that has no name on the pages', async () => {
      const result = { votes: [[jonas, 'q~20~'], [bob, 1]], players: mixed.people, average: 1, hasAgreement: true, roundsBefore: 1 };
      await it.step(
        { poker: [opened(1)], signal: (me) => withWayBack(me, alice, absent, result) },
        () => alice.reveal(),
        () => model.reveal(),
      );
    }],

    ['a host who gives it back can complete the story, which is no news on the pages', async () => {
      await it.step(
        { poker: [promoted(mira)], signal: (me) => [facilitatorChanged(me, mira)] },
        () => alice.emit('SETTINGS_UPDATED', { settings: {}, facilitator: alice.idOf(mira) }),
        () => { model.host = 'Mira'; },
      );
      const stories = await ok(mira.rest.get(`${mixed.path}/stories`));
      await it.step(
        { poker: [['story:updated', {}]] },
        () => ok(mira.rest.put(`/stories/${stories.at(-1).id}/complete`, { finalEstimate: '1' })),
        () => model.complete(stories.length - 1, '1'),
      );
    }],

    ['nobody was ever told who somebody else is to the server', () => mixed.assertCredentialsSecret()],
  ]);
}

function present({ people, signals, poker }) {
  return people.filter((person) => signals.includes(person) || poker.clients.includes(person.client));
}

/** No warning, no goodbye. Sockets come back by themselves, pages after what was to be five seconds. */
async function killed({ mixed }) {
  const { signals, server } = mixed;
  const sockets = mixed.poker.clients.map((client) => [client, client.history.length]);
  await server.stop('SIGKILL');
  for (const person of signals) await within(person.client.closed, `${person} notices that the server is gone`);
  await server.start();
  for (const person of signals) await person.attach({ page: person.page });
  await Promise.all(sockets.map(([client, from]) => client.seen('session:joined', () => true, from)));
  await mixed.fence();
}
