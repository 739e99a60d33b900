import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shot, startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { startLine, startSite } from './lib/site.js';

/** Counts what a browser sends to the vote route from now on. */
function votesSent({ page }) {
  const sent = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/vote')) sent.push(request.postDataJSON().value);
  });
  return sent;
}

async function pair(t) {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team, link } = await gather(browser, site.url, ['Mira', 'Jonas']);
  return { site, mira: team[0], jonas: team[1], link };
}

/** From now on the browser gets what the page is made of as from a cache that asks once and does not ask again. */
async function keepPage({ page }) {
  const kept = new Map();
  await page.route(/\/(s|assets)\//, async (route) => {
    const url = route.request().url();
    if (!kept.has(url)) kept.set(url, await route.fetch());
    await route.fulfill({ response: kept.get(url) });
  });
}

test('a card chosen without a network is sent once, the last one', async (t) => {
  const { mira, jonas } = await pair(t);
  await jonas.context.setOffline(true);
  await jonas.status('Offline');
  await mira.seatSays('Jonas', 'away');
  const sent = votesSent(jonas);
  await jonas.vote('3');
  await jonas.vote('8');
  await jonas.sees('Sent when you are back online');
  await shot(jonas.page, 'outage-queued');
  await jonas.context.setOffline(false);
  await jonas.status('2 online');
  await mira.sees('1 of 2 voted');
  await mira.vote('8');
  await mira.reveal();
  await mira.seatSays('Jonas', '8');
  assert.deepEqual(sent, ['8']);
});

test('a card for a round that is over is not sent', async (t) => {
  const { mira, jonas } = await pair(t);
  await mira.vote('5');
  await jonas.context.setOffline(true);
  await jonas.status('Offline');
  const sent = votesSent(jonas);
  await jonas.vote('3');
  await mira.reveal();
  await mira.button('Vote again').click();
  await mira.heading('Choose your card').waitFor();
  await jonas.context.setOffline(false);
  await jonas.status('2 online');
  await jonas.heading('Choose your card').waitFor();
  await mira.vote('5');
  await jonas.sees('1 of 2 voted');
  assert.deepEqual(sent, []);
  assert.equal(await jonas.page.locator('.deck [aria-pressed=true]').count(), 0);
});

test('a card for another story is not sent', async (t) => {
  const { mira, jonas } = await pair(t);
  await jonas.context.setOffline(true);
  await jonas.status('Offline');
  const sent = votesSent(jonas);
  await jonas.vote('3');
  await mira.vote('5');
  await mira.reveal();
  await mira.button('Finish this story').click();
  await mira.beginStory('Refund');
  await jonas.context.setOffline(false);
  await jonas.heading('Refund').waitFor();
  await jonas.heading('Choose your card').waitFor();
  await mira.vote('1');
  await jonas.sees('1 of 2 voted');
  assert.deepEqual(sent, []);
});

test('a card survives a reload, and so does the seat', async (t) => {
  const { mira, jonas } = await pair(t);
  await jonas.vote('13');
  await mira.sees('1 of 2 voted');
  await jonas.page.reload();
  await jonas.heading('Your card: 13').waitFor();
  assert.equal(await jonas.card('13').getAttribute('aria-pressed'), 'true');
  await jonas.status('2 online');
  assert.equal(await mira.page.locator('.seat').count(), 2, 'nobody is there twice');
});

test('the card of the last round is not shown in this one after a reload', async (t) => {
  const { mira, jonas } = await pair(t);
  await jonas.vote('13');
  await mira.sees('1 of 2 voted');
  await jonas.page.goto('about:blank');
  await mira.seatSays('Jonas', 'away');
  await mira.button('Start over').click();
  await mira.sees('0 of 2 voted');
  await jonas.page.goBack();
  await jonas.heading('Choose your card').waitFor();
});

test('a server that is killed in mid-round costs nobody a card', async (t) => {
  const { site, mira, jonas } = await pair(t);
  await mira.vote('5');
  await site.server.stop('SIGKILL');
  for (const person of [mira, jonas]) await person.status('Reconnecting');
  await shot(mira.page, 'outage-reconnecting');
  await jonas.vote('8');
  await jonas.sees('Sent when you are back online');
  await site.server.start();
  for (const person of [mira, jonas]) {
    await person.status('2 online');
    await person.sees('Everybody has voted');
  }
  await mira.heading('Your card: 5').waitFor();
  await mira.reveal();
  for (const person of [mira, jonas]) {
    await person.seatSays('Mira', '5');
    await person.seatSays('Jonas', '8');
  }
});

test('a page that wakes up with a dead connection gets a new one', async (t) => {
  const site = await startSite(t);
  const line = await startLine(t, site);
  const browser = await startBrowser(t);
  const { team: [mira], link } = await gather(browser, site.url, ['Mira']);
  const jonas = await Person.come(browser, 'Jonas');
  await jonas.join(link.replace(site.url, line.url));
  await line.freeze();
  await mira.vote('5');
  await jonas.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await jonas.sees('1 of 2 voted');
  await jonas.status('2 online');
  assert.equal(await jonas.page.locator('.seat').count(), 2);
});

test('a page that comes while the server is away waits for it', async (t) => {
  const { site, mira, link } = await pair(t);
  await keepPage(mira);
  await mira.page.reload();
  await mira.status('2 online');
  await site.server.stop('SIGKILL');
  await mira.page.goto(link);
  await mira.sees('Connecting…');
  await site.server.start();
  await mira.status('2 online');
  await mira.heading('Choose your card').waitFor();
});

test('two tabs are one person', async (t) => {
  const { mira, jonas, link } = await pair(t);
  const second = await jonas.context.newPage();
  await second.goto(link);
  await second.getByRole('heading', { name: 'Choose your card' }).waitFor();
  await jonas.vote('21');
  await second.getByRole('heading', { name: 'Your card: 21' }).waitFor();
  assert.equal(await mira.page.locator('.seat').count(), 2);
  await mira.vote('1');
  await mira.sees('Everybody has voted');
  await jonas.menu('Leave the session');
  for (const page of [jonas.page, second]) {
    await page.getByRole('heading', { name: 'Estimate together, without the noise.' }).waitFor();
  }
  await mira.page.waitForFunction(() => document.querySelectorAll('.seat').length === 1);
});
