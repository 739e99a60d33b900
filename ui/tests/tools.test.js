import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { shot, startBrowser } from './lib/browser.js';
import { gather } from './lib/person.js';
import { readQr } from './lib/qr.js';
import { startSite } from './lib/site.js';

async function pair(t, options) {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team, link } = await gather(browser, site.url, ['Mira', 'Jonas'], options);
  return { mira: team[0], jonas: team[1], link };
}

test('the timer runs for everybody, and stops for everybody', async (t) => {
  const { mira, jonas } = await pair(t);
  await mira.button('Timer').click();
  await mira.dialog().getByRole('radio', { name: '2:00' }).check();
  await shot(mira.page, 'tools-timer');
  await mira.button('Start', { exact: true }).click();
  await jonas.page.getByRole('timer').filter({ hasText: /1:5\d/ }).waitFor();
  await mira.page.locator('.bar').getByText(/1:5\d/).waitFor();
  await jonas.page.reload();
  await jonas.page.getByRole('timer').filter({ hasText: /1:[45]\d/ }).waitFor();
  await mira.page.locator('button.timer').click();
  await mira.button('Stop').click();
  await jonas.page.getByRole('timer').waitFor({ state: 'detached' });
});

test('time that is up says so', async (t) => {
  const { mira, jonas } = await pair(t);
  // No preset is short enough to wait for; the clocks of the browsers are moved on instead.
  await jonas.page.clock.install();
  await mira.button('Timer').click();
  await mira.dialog().getByRole('radio', { name: '0:30' }).check();
  await mira.button('Start', { exact: true }).click();
  await jonas.page.getByRole('timer').filter({ hasText: /0:[23]\d/ }).waitFor();
  await jonas.page.clock.fastForward(31_000);
  await jonas.page.getByRole('timer').filter({ hasText: '0:00' }).waitFor();
  await jonas.page.clock.fastForward(500);
  await jonas.page.getByRole('status', { name: 'Announcements' }).filter({ hasText: 'Time is up' }).waitFor();
});

for (const silenced of [false, true]) {
  test(`the end of the timer ${silenced ? 'is silent for whoever silenced it' : 'sounds'}`, async (t) => {
    const { jonas, mira } = await pair(t);
    if (silenced) {
      await jonas.button('Menu', { exact: true }).click();
      await jonas.dialog().getByLabel('A sound when time is up').uncheck();
      await jonas.page.keyboard.press('Escape');
      await jonas.page.reload();
      await jonas.heading('Choose your card').click();
    }
    await jonas.page.clock.install();
    await jonas.page.evaluate(() => {
      const { start } = OscillatorNode.prototype;
      window.tones = 0;
      OscillatorNode.prototype.start = function startCounted(...when) {
        window.tones += 1;
        return start.apply(this, when);
      };
    });
    await mira.button('Timer').click();
    await mira.dialog().getByRole('radio', { name: '0:30' }).check();
    await mira.button('Start', { exact: true }).click();
    await jonas.page.getByRole('timer').filter({ hasText: /0:[23]\d/ }).waitFor();
    await jonas.page.clock.fastForward(31_000);
    await jonas.page.getByRole('timer').filter({ hasText: '0:00' }).waitFor();
    if (!silenced) await jonas.page.waitForFunction(() => window.tones === 3);
    await jonas.page.clock.fastForward(5_000);
    assert.equal(await jonas.page.evaluate(() => window.tones), silenced ? 0 : 3);
    jonas.hadNoTrouble();
  });
}

test('a reaction flies over every table', async (t) => {
  const { mira, jonas } = await pair(t);
  await jonas.button('Reactions').click();
  await jonas.button('React with 🎉').click();
  for (const person of [mira, jonas]) await person.page.locator('.flying').filter({ hasText: '🎉' }).waitFor();
  await shot(mira.page, 'tools-reaction');
  await mira.page.locator('.flying').waitFor({ state: 'detached' });
  jonas.hadNoTrouble();
});

test('the invitation is the link, as text and as a code to scan', async (t) => {
  const { mira, link } = await pair(t);
  await mira.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await mira.button('Invite').click();
  assert.equal(await mira.page.getByLabel('Link', { exact: true }).inputValue(), link);
  assert.equal(await readQr(mira.page), link);
  await shot(mira.page, 'tools-share');
  await mira.button('Copy').click();
  await mira.sees('Link copied');
  assert.equal(await mira.page.evaluate(() => navigator.clipboard.readText()), link);
  mira.hadNoTrouble();
});

test('the history has every round, the latest first', async (t) => {
  const { mira, jonas } = await pair(t);
  await mira.vote('3');
  await jonas.vote('5');
  await mira.reveal();
  await mira.button('Vote again').click();
  await mira.vote('5');
  await jonas.vote('5');
  await mira.reveal();
  await jonas.heading('Agreed').waitFor();
  await jonas.button('History').click();
  await jonas.sees('Round 2');
  const rounds = await jonas.page.locator('.rounds > li').allTextContents();
  assert.equal(rounds.length, 2);
  assert.match(rounds[0], /Pay by card.*Mira5Jonas5.*Round 2 · Agreement 100% · Average 5/s);
  assert.match(rounds[1], /Pay by card.*Mira3Jonas5.*Round 1 · Agreement 50% · Average 4/s);
  await shot(jonas.page, 'tools-history');
});

test('the session can be taken away as CSV and as JSON', async (t) => {
  const { mira } = await pair(t);
  await mira.vote('5');
  await mira.reveal();
  await mira.heading('Agreed').waitFor();
  await mira.button('History').click();
  assert.match(await downloaded(mira, 'CSV'), /Pay by card/);
  const json = JSON.parse(await downloaded(mira, 'JSON'));
  assert.match(JSON.stringify(json), /"Pay by card"/);
  mira.hadNoTrouble();
});

async function downloaded({ page }, format) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.history').getByRole('button', { name: `Export ${format}` }).click(),
  ]);
  assert.equal(download.suggestedFilename(), `Sprint 41.${format.toLowerCase()}`);
  return fs.readFileSync(await download.path(), 'utf8');
}
