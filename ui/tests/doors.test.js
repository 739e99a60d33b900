import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rightEverywhere } from './lib/axe.js';
import { startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { startSite } from './lib/site.js';

const PASSCODE = 'blue heron';

test('every shut door is right on every screen', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira, jonas, ada, sven], link } = await gather(browser, site.url, ['Mira', 'Jonas', 'Ada', 'Sven']);
  await ada.menu('Leave the session');
  await ada.heading('Estimate together, without the noise.').waitFor();
  await mira.button(/^Sven/).click();
  await mira.button('Remove').click();
  await sven.heading('You were removed').waitFor();
  await rightEverywhere(sven, 'door-removed');
  await mira.menu('Delete the session');
  await mira.button('Delete for good').click();
  await jonas.heading('This session is over').waitFor();
  await rightEverywhere(jonas, 'door-over');
  await jonas.page.goto(link);
  await jonas.heading('Nothing here').waitFor();
  await rightEverywhere(jonas, 'door-missing');
  for (const person of [mira, jonas, ada, sven]) person.hadNoTrouble();
});

test('an expired session says so, right on every screen', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira], link } = await gather(browser, site.url, ['Mira']);
  // Nobody waits two days for it: the server's words are put into its mouth.
  await mira.page.routeWebSocket(/socket\.io/, (line) => {
    const server = line.connectToServer();
    server.onMessage((message) => {
      line.send(message);
      if (!String(message).startsWith('42["session:joined"')) return;
      line.send('42["session:error",{"error":"Session has expired","code":"SESSION_EXPIRED"}]');
    });
  });
  await mira.page.goto(link);
  await mira.heading('This session has expired').waitFor();
  await rightEverywhere(mira, 'door-expired');
});

test('the way into a protected session is right on every screen, and so is a wrong passcode', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const mira = await Person.come(browser, 'Mira');
  const link = await mira.open(site.url, {
    before: async () => {
      await mira.page.getByText('More options').click();
      await mira.page.getByLabel('Passcode').fill(PASSCODE);
    },
  });
  const jonas = await Person.come(browser, 'Jonas');
  await jonas.page.goto(link);
  await jonas.page.getByLabel('Passcode').waitFor();
  await rightEverywhere(jonas, 'door-passcode');
  await jonas.page.getByLabel('Your name').fill('Jonas');
  await jonas.page.getByLabel('Passcode').fill('red heron');
  await jonas.button('Take a seat').click();
  await jonas.sees('This is not the passcode.');
  await rightEverywhere(jonas, 'door-wrong-passcode');
});

test('a server that is away is right on every screen', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira] } = await gather(browser, site.url, ['Mira']);
  await site.server.stop('SIGKILL');
  await mira.status('Reconnecting');
  await mira.vote('5');
  await rightEverywhere(mira, 'reconnecting');
});

test('the countdown is right on every screen', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira, jonas] } = await gather(browser, site.url, ['Mira', 'Jonas']);
  // It would be over before everything is looked at.
  await jonas.page.evaluate(() => {
    const { setTimeout } = window;
    window.setTimeout = (call, delay, ...values) => setTimeout(call, delay === 550 ? 600_000 : delay, ...values);
  });
  await jonas.page.emulateMedia({ reducedMotion: 'no-preference' });
  await mira.vote('5');
  await mira.reveal();
  await jonas.page.locator('.countdown').waitFor();
  assert.equal(await jonas.page.locator('.estimate').count(), 0, 'the result is not told before the cards');
  await rightEverywhere(jonas, 'countdown');
  await jonas.button('Skip', { exact: true }).click();
  await jonas.heading('Agreed').waitFor();
});
