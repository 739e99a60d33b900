import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Proxy } from '../lib/proxy.js';
import { Game, ok, syncServer } from '../lib/sync.js';
import { watcher } from '../lib/sync-io.js';
import { watch } from '../lib/sync-viewer.js';

const WRITE_TIMEOUT_SECS = 2;
const server = await syncServer({ flags: ['--socket-buffer-packets', '232'] });
const hasty = await syncServer({ flags: ['--socket-buffer-packets', '232', '--write-timeout-secs', String(WRITE_TIMEOUT_SECS)] });
after(() => Promise.all([server.close(), hasty.close()]));

/** More states than fit into the buffer of a socket, and such that networks hold but a few. */
const CROWD = Array(300).fill(60_000);
const SWITCHES = 320;
const LAST = 2 + SWITCHES;

/** What the server measures has to pass; nothing is waited for. */
const pass = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const versions = (client, id) => client.updates(id).map(({ version }) => version);
const numbers = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A big clock, somebody whose network freezes while it is switched again and again, and others. */
async function frozen(t, base, how) {
  const game = await Game.open(base.sync, { times: CROWD }, 'start');
  const proxy = await Proxy.before(base);
  t.after(() => proxy.close());
  const slow = await watcher(t, proxy.url, { ...how, join: [game.id] });
  const other = await watcher(t, base.sync, { join: [game.id] });
  const [viewer] = await watch(t, base.sync, game.id);
  proxy.freeze();
  for (let turn = 0; turn < SWITCHES; turn += 1) await ok(game.switch());
  const stored = await game.state();
  assert.equal(stored.version, LAST);
  assert.deepEqual(await other.reached(game.id, LAST), stored);
  assert.deepEqual(await viewer.version(LAST), stored);
  assert.deepEqual(versions(other, game.id), numbers(3, LAST));
  return { game, proxy, slow, stored };
}

describe('a viewer who does not read for a while', { concurrency: 2 }, () => {
  for (const [version, mode] of [['4.8', 'websocket'], ['4.8', 'polling'], ['2.5', 'websocket']]) {
    test(`costs the others nothing, may skip states and is brought up to date, with ${version} over ${mode}`, async (t) => {
      const { game, proxy, slow, stored } = await frozen(t, server, { version, mode });
      proxy.mend();
      assert.deepEqual(await slow.reached(game.id, LAST), stored);
      await ok(game.pause());
      assert.deepEqual(await slow.update(game.id), await game.state());
      const seen = versions(slow, game.id);
      assert.ok(seen.length < SWITCHES, 'it skipped some');
      assert.ok(seen.every((version, index) => index === 0 || version > seen[index - 1]), String(seen));
      assert.deepEqual(seen.slice(-2), [LAST, LAST + 1]);
      assert.equal(slow.history.some(({ event }) => event === 'disconnect'), false);
    });
  }

  test('for too long is cut, and sees the present state when it joins again', async (t) => {
    const { game, proxy, slow, stored } = await frozen(t, hasty, {});
    await pass((WRITE_TIMEOUT_SECS + 1) * 1000);
    proxy.mend();
    await slow.next('disconnect');
    await slow.next('connect');
    assert.deepEqual(await slow.join(game.id), stored);
    await ok(game.pause());
    assert.equal((await slow.update(game.id)).version, LAST + 1);
  });
});
