import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shot, startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { startSite } from './lib/site.js';

async function team(t, names, options) {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  return { site, browser, ...(await gather(browser, site.url, names, options)) };
}

test('a new name and face are seen by everybody', async (t) => {
  const { team: [mira, jonas] } = await team(t, ['Mira', 'Jonas']);
  await jonas.button(/^Jonas/).click();
  await jonas.dialog().getByLabel('Your name').fill('Jonas B.');
  await jonas.dialog().getByRole('radio', { name: '🦄' }).check();
  await shot(jonas.page, 'people-profile');
  await jonas.button('Save').click();
  await mira.seat('Jonas B.').filter({ hasText: '🦄' }).waitFor();
  jonas.hadNoTrouble();
});

test('a voter becomes a spectator and comes back', async (t) => {
  const { team: [mira, jonas] } = await team(t, ['Mira', 'Jonas']);
  await jonas.menu('You: name and avatar');
  await jonas.dialog().getByLabel('Watch only').check();
  await jonas.button('Save').click();
  await jonas.sees('You are watching.');
  await mira.sees('0 of 1 voted');
  await jonas.button('Vote, too').click();
  await jonas.heading('Choose your card').waitFor();
  await mira.sees('0 of 2 voted');
});

test('the host hands the table over', async (t) => {
  const { team: [mira, jonas] } = await team(t, ['Mira', 'Jonas']);
  await mira.button(/^Jonas/).click();
  await mira.button('Make host').click();
  await jonas.button('Reveal cards').waitFor();
  await jonas.seatSays('Jonas', 'host');
  assert.equal(await mira.button('Reveal cards').count(), 0);
});

test('whoever is removed is told, and may come again as somebody new', async (t) => {
  const { team: [mira, jonas] } = await team(t, ['Mira', 'Jonas']);
  await mira.button(/^Jonas/).click();
  await shot(mira.page, 'people-player');
  await mira.button('Remove').click();
  await jonas.heading('You were removed').waitFor();
  await shot(jonas.page, 'people-removed');
  await mira.page.waitForFunction(() => document.querySelectorAll('.seat').length === 1);
  await jonas.button('Join again').click();
  await jonas.button('Take a seat').click();
  await jonas.heading('Choose your card').waitFor();
  await mira.seat('Jonas').waitFor();
  jonas.hadNoTrouble();
});

test('whoever leaves is gone at once, and the start page forgets the seat', async (t) => {
  const { site, team: [mira, jonas] } = await team(t, ['Mira', 'Jonas']);
  await jonas.menu('Leave the session');
  await jonas.heading('Estimate together, without the noise.').waitFor();
  await mira.page.waitForFunction(() => document.querySelectorAll('.seat').length === 1);
  assert.equal(await jonas.page.getByText('Back to your seat').count(), 0);
  await mira.page.goto(site.url);
  await mira.page.getByRole('link', { name: 'Sprint 41' }).click();
  await mira.heading('Choose your card').waitFor();
});

test('a deleted session is over for everybody', async (t) => {
  const { team: [mira, jonas], link } = await team(t, ['Mira', 'Jonas']);
  await mira.menu('Delete the session');
  await mira.button('Delete for good').click();
  for (const person of [mira, jonas]) await person.heading('This session is over').waitFor();
  await shot(jonas.page, 'people-over');
  await jonas.page.goto(link);
  await jonas.heading('Nothing here').waitFor();
  await jonas.button('To the start page').click();
  await jonas.heading('New session').waitFor();
});

test('a passcode keeps strangers out', async (t) => {
  const passcode = 'blue heron';
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const mira = await Person.come(browser, 'Mira');
  const link = await mira.open(site.url, {
    before: async () => {
      await mira.page.getByText('More options').click();
      await mira.page.getByLabel('Passcode').fill(passcode);
    },
  });
  const jonas = await Person.come(browser, 'Jonas');
  await jonas.page.goto(link);
  await jonas.page.getByLabel('Your name').fill('Jonas');
  // A server that tells of the passcode beforehand shows its field at once; any other after the first try.
  if (!(await jonas.page.getByLabel('Passcode').isVisible())) {
    await jonas.button('Take a seat').click();
    await jonas.sees('This session has a passcode.');
  }
  await jonas.page.getByLabel('Passcode').fill('red heron');
  await jonas.button('Take a seat').click();
  await jonas.sees('This is not the passcode.');
  await shot(jonas.page, 'people-passcode');
  await jonas.page.getByLabel('Passcode').fill(passcode);
  await jonas.button('Take a seat').click();
  await jonas.heading('Choose your card').waitFor();
  await jonas.page.reload();
  await jonas.heading('Choose your card').waitFor();
});

test('a session is joined by its link, its code, or a sentence around it', async (t) => {
  const { site, browser, link } = await team(t, ['Mira']);
  const code = link.split('/').at(-1);
  const jonas = await Person.come(browser, 'Jonas');
  for (const text of [link, code, `Come to ${link.toUpperCase().replace(/^HTTP.*\/S\//, 'X/')} now!`]) {
    await jonas.page.goto(site.url);
    await jonas.page.getByLabel('Link or code').fill(text);
    await jonas.button('Join', { exact: true }).click();
    await jonas.heading('Sprint 41').waitFor();
  }
  await jonas.page.goto(site.url);
  await jonas.page.getByLabel('Link or code').fill('nonsense');
  await jonas.button('Join', { exact: true }).click();
  await jonas.sees('There is no session code in this text.');
});

test('settings hold at once for the host who has changed them', async (t) => {
  const { team: [mira] } = await team(t, ['Mira', 'Jonas']);
  await mira.menu('Session settings');
  await mira.dialog().getByLabel('Session', { exact: true }).fill('Sprint 42');
  await mira.dialog().getByLabel('Allow spectators').uncheck();
  await mira.button('Save').click();
  await mira.dialog().waitFor({ state: 'detached' });
  await mira.heading('Sprint 42').waitFor();
  await mira.menu('You: name and avatar');
  await mira.dialog().getByLabel('Name').waitFor();
  assert.equal(await mira.dialog().getByLabel('Watch only').count(), 0);
});

test('the host changes the deck in the middle of a round', async (t) => {
  const { team: [mira, jonas] } = await team(t, ['Mira', 'Jonas']);
  await mira.menu('Session settings');
  await mira.dialog().getByLabel('Deck').selectOption('Custom');
  await mira.dialog().getByLabel('Cards', { exact: true }).fill('1 2 many');
  await mira.dialog().getByLabel('Session', { exact: true }).fill('Sprint 42');
  await shot(mira.page, 'people-settings');
  await mira.button('Save').click();
  await jonas.card('many').click();
  await mira.sees('1 of 2 voted');
  await mira.heading('Sprint 42').waitFor();
  assert.equal(await jonas.page.locator('.deck button').count(), 3);
});
