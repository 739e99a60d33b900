import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startServer } from '../lib/server.js';
import { play, Room } from '../lib/signal-room.js';
import { countingDown, openRound, revealed, started, voted, votedHere } from '../lib/signal-shapes.js';

const server = await startServer({ env: { POKER_DISCONNECT_GRACE_MS: '120000' } });
after(() => server.close());

/** A page's firings are taken for one within 0.8 s, so whoever wants to be heard again lets a little more pass. */
const NO_DOUBLE_FIRING_MS = 900;
const FALLBACK_DEADLINE_MS = 14_000;

const countDown = (person) => person.emit('COUNTDOWN_STARTED', {});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Alice has 1 and Bob 4 on the table. */
async function twoHaveVoted(t, names = ['Alice', 'Bob']) {
  const cast = await Room.open(t, server, names);
  const { room, alice, bob } = cast;
  await play(alice, 'ABC-1', [[alice, 1], [bob, 4]]);
  const result = { title: 'ABC-1', votes: [[alice, 1], [bob, 4]], players: [...room.people], average: 2.5, hasAgreement: false };
  return { ...cast, result };
}

describe('a countdown', { concurrency: 6 }, () => {
  test('brings everybody the values before it begins, its sender too, and nothing else', async (t) => {
    const { room, bob, result } = await twoHaveVoted(t, ['Alice', 'Bob', 'Carol']);
    await room.tab(bob);
    await room.everyoneHears((me) => countingDown(me, result), () => countDown(bob));
  });

  test('ends at each page by itself, with the session as the only answer however often it reports', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await countDown(alice);
    const unchanged = (me) => revealed(me, result)[2];
    await room.aloneHears(bob, [unchanged(bob)], () => bob.reveal());
    await room.aloneHears(alice, [unchanged(alice), unchanged(alice)], async () => {
      await alice.reveal();
      await alice.reveal();
    });
    await room.aloneHears(bob, [unchanged(bob)], () => bob.reveal());
  });

  test('decides the round at once: no vote and no second countdown is taken', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await countDown(alice);
    await room.aloneHears(bob, [revealed(bob, result)[2]], () => bob.vote(5));
    await room.nobodyHears(() => countDown(bob));
    await room.nobodyHears(() => countDown(alice));
  });

  test('is over for whoever joins while it runs', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await countDown(alice);
    const carol = await room.join('Carol');
    const everybody = { ...result, players: [alice, bob, carol] };
    await room.fence();
    carol.heardExactly([['joined', { session: { id: room.sessionId } }], started('ABC-1'), ...revealed(carol, everybody)]);
    await room.aloneHears(carol, [revealed(carol, everybody)[2]], () => carol.reveal());
  });

  test('without votes is neither told nor answered, and its end is refused', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await alice.start('Empty');
    await room.nobodyHears(() => countDown(bob));
    await room.aloneHears(bob, [started('Empty'), openRound(bob, { title: 'Empty', players: [alice, bob] })], () => bob.reveal());
  });

  test('by somebody who may not reveal is neither told nor answered, and its end is refused', async (t) => {
    const { room, alice, bob, carol, result } = await twoHaveVoted(t, ['Alice', 'Bob', 'Carol']);
    await alice.emit('SETTINGS_UPDATED', { settings: { whoCanReveal: 'facilitator' } });
    await room.nobodyHears(() => countDown(bob));
    const open = openRound(bob, { title: 'ABC-1', voters: [alice, bob], players: [alice, bob, carol] });
    await room.aloneHears(bob, [started('ABC-1'), open], () => bob.reveal());
    await room.everyoneHears((me) => countingDown(me, result), () => countDown(alice));
  });

  test('that is left over from an earlier round reveals no later one, however often its page fires', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    await countDown(alice);
    await play(alice, 'ABC-2', [[alice, 5]]);
    const open = (me) => [started('ABC-2'), openRound(me, { title: 'ABC-2', voters: [alice], players: [alice, bob] })];
    await room.aloneHears(bob, [...open(bob), ...open(bob)], async () => {
      await bob.reveal();
      await bob.reveal();
    });
    await room.aloneHears(alice, open(alice), () => alice.reveal());
    await pause(NO_DOUBLE_FIRING_MS);
    const result = { title: 'ABC-2', votes: [[alice, 5]], players: [alice, bob], average: 5, hasAgreement: true, roundsBefore: 1 };
    await room.everyoneHears((me) => [...(me === bob ? [started('ABC-2')] : []), ...revealed(me, result)], () => bob.reveal());
  });

  test('that a page has reported is forgotten, so the page may reveal the next round', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    await countDown(alice);
    await bob.reveal();
    await play(alice, 'ABC-2', [[bob, 5]]);
    await pause(NO_DOUBLE_FIRING_MS);
    const result = { title: 'ABC-2', votes: [[bob, 5]], players: [alice, bob], average: 5, hasAgreement: true, roundsBefore: 1 };
    await room.everyoneHears((me) => [...(me === bob ? [started('ABC-2')] : []), ...revealed(me, result)], () => bob.reveal());
  });

  test('can follow a countdown', async (t) => {
    const { room, alice, bob } = await twoHaveVoted(t);
    await countDown(alice);
    await Promise.all([alice.reveal(), bob.reveal()]);
    const votes = [[alice, 2], [bob, 2]];
    await play(bob, 'ABC-2', votes);
    const result = { title: 'ABC-2', votes, players: [alice, bob], average: 2, hasAgreement: true, roundsBefore: 1 };
    await room.everyoneHears((me) => countingDown(me, result), () => countDown(bob));
  });

  test('survives the loss of a line: who comes back is brought to the result and reports as if nothing had been', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await countDown(alice);
    await room.lose(bob);
    await room.enter(bob);
    await room.fence();
    bob.heardExactly([['joined', { session: { id: room.sessionId } }], started('ABC-1'), ...revealed(bob, result)]);
    await room.aloneHears(bob, [revealed(bob, result)[2]], () => bob.reveal());
  });

  test('is ended by the server after ten seconds where no page reports, unless there is a new round', async (t) => {
    const { room: elsewhere, alice: other } = await twoHaveVoted(t);
    await countDown(other);
    await play(other, 'ABC-2', [[other, 3]]);
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await countDown(alice);
    const began = Date.now();
    await alice.reveal();
    const carol = await room.join('Carol');
    await room.fence();
    const [, ...late] = revealed(bob, { ...result, players: [alice, bob, carol] });
    const end = () => bob.client.next('VOTES_REVEALED', () => true, FALLBACK_DEADLINE_MS);
    await elsewhere.nobodyHears(() => room.aloneHears(bob, late, end));
    assert.ok(Date.now() - began > 9_000, `ended after ${Date.now() - began} ms`);
    await room.aloneHears(bob, [late.at(-1)], () => bob.reveal());
  });
});

describe('two reports of one connection within 0.8 s', { concurrency: 4 }, () => {
  test('reveal one round and not the one that was started in between', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    const first = (me) => [...(me === alice ? [started('ABC-1')] : []), ...revealed(me, result), started('ABC-2')];
    const open = [started('ABC-2'), openRound(alice, { title: 'ABC-2', voters: [alice], players: [alice, bob] })];
    const second = (me) => (me === alice ? [votedHere(me, alice, 3), ...open] : [voted(me, alice)]);
    await room.everyoneHears((me) => [...first(me), ...second(me)], async () => {
      alice.client.emit('VOTES_REVEALED').emit('VOTING_STARTED', { issueName: 'ABC-2' }).vote(3).emit('VOTES_REVEALED');
      await alice.client.settle();
    });
  });

  test('reveal nothing when the first was refused', async (t) => {
    const { room, alice, bob } = await Room.open(t, server);
    await alice.start('Early');
    const open = (voters) => [started('Early'), openRound(alice, { title: 'Early', voters, players: [alice, bob] })];
    const own = [...open([]), votedHere(alice, alice, 3), ...open([alice])];
    await room.everyoneHears((me) => (me === alice ? own : [voted(me, alice)]), async () => {
      alice.client.emit('VOTES_REVEALED').vote(3).emit('VOTES_REVEALED');
      await alice.client.settle();
    });
  });

  test('of two connections are two reports', async (t) => {
    const { room, alice, bob, result } = await twoHaveVoted(t);
    await room.everyoneHears((me) => [...(me === alice ? [started('ABC-1')] : []), ...revealed(me, result)], () => alice.reveal());
    await play(alice, 'ABC-2', [[bob, 2]]);
    const next = { title: 'ABC-2', votes: [[bob, 2]], players: [alice, bob], average: 2, hasAgreement: true, roundsBefore: 1 };
    await room.everyoneHears((me) => [...(me === bob ? [started('ABC-2')] : []), ...revealed(me, next)], () => bob.reveal());
  });
});
