import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, fitsTheScreen, targetsAreLarge } from './lib/axe.js';
import { PHONE, shot, startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { ownPort } from './lib/port.js';
import { startSite } from './lib/site.js';

const TOKEN = 'open sesame 4711';

async function operate(t, { options, flags = ['--ops-token', TOKEN] } = {}) {
  const port = await ownPort();
  const site = await startSite(t, { flags: ['--ops-listen', `127.0.0.1:${port}`, ...flags] });
  const browser = await startBrowser(t);
  const operator = await Person.come(browser, 'Olga', options);
  return { site, browser, operator, url: `http://127.0.0.1:${port}/dashboard` };
}

/** The number that a chart writes beside its name. */
function now({ page }, title) {
  return page.locator('.plot').filter({ has: page.getByRole('heading', { name: title, exact: true }) }).locator('strong');
}

function rowOf({ page }, id) {
  return page.getByRole('row').filter({ hasText: id });
}

const sessionOf = (link) => link.split('/').at(-1);

test('an operator sees what the server does, and no name and no card', async (t) => {
  const { site, browser, operator, url } = await operate(t);
  await operator.page.goto(url);
  await operator.sees('No session is in memory.');
  const { team: [mira, jonas], link } = await gather(browser, site.url, ['Mira', 'Jonas'], { session: 'Sprint 41' });
  await mira.vote('5');
  await jonas.vote('13');
  await rowOf(operator, sessionOf(link)).filter({ hasText: '2 of 2 online' }).waitFor();
  await now(operator, 'Connections').filter({ hasText: /^2$/ }).waitFor();
  await now(operator, 'Durable append, ms').filter({ hasText: /p50 [\d.,]+ · p99 [\d.,]+/ }).waitFor();
  await operator.page.locator('.plot-line.connections').waitFor({ state: 'attached' });
  assert.match(await operator.page.getByRole('img', { name: /^Connections: now 2/ }).getAttribute('aria-label'), /at most 2/);
  for (const state of ['Ready', 'sqlite, up']) await operator.sees(state);
  assert.doesNotMatch(await operator.page.locator('body').innerText(), /Mira|Jonas|Sprint 41|Pay by card/);
  await shot(operator.page, 'dashboard');
  await accessible(operator, 'the dashboard');
  await targetsAreLarge(operator, 'the dashboard');
  operator.hadNoTrouble();
});

test('an operator with the token removes a player, and closes the session', async (t) => {
  const { site, browser, operator, url } = await operate(t);
  const { team: [mira, jonas], link } = await gather(browser, site.url, ['Mira', 'Jonas']);
  const id = sessionOf(link);
  const { data: players } = await fetch(`${site.url}api/sessions/${id}/players`).then((answer) => answer.json());
  await operator.page.goto(url);
  await operator.button(`Remove a player from session ${id}`).click();
  const dialog = operator.dialog();
  await accessible(operator, 'the question for the token');
  const remove = async (name) => {
    await dialog.getByLabel('Id of the player').fill(players.find((player) => player.name === name).id);
    await dialog.getByRole('button', { name: 'Remove a player' }).click();
  };
  await dialog.getByLabel('Operator token').fill('open barley');
  await remove('Jonas');
  await dialog.getByText('This token is wrong.').waitFor();
  await dialog.getByLabel('Operator token').fill(TOKEN);
  await remove('Mira');
  await dialog.getByText('The host cannot be removed.').waitFor();
  await remove('Jonas');
  await operator.sees('The player has been removed.');
  await jonas.heading('You were removed').waitFor();
  await operator.button(`Close session ${id}`).click();
  assert.equal(await dialog.getByLabel('Operator token').count(), 0, 'asked once');
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  await operator.sees(`Session ${id} is closed.`);
  await mira.heading('This session is over').waitFor();
  assert.equal(await operator.page.evaluate((token) => JSON.stringify(localStorage).includes(token), TOKEN), false);
  await operator.button('Forget the token').click();
  assert.equal(await operator.button('Forget the token').count(), 0);
});

test('without a token on the server nobody closes anything', async (t) => {
  const { site, browser, operator, url } = await operate(t, { flags: [] });
  const { team: [mira], link } = await gather(browser, site.url, ['Mira']);
  await operator.page.goto(url);
  await operator.button(`Close session ${sessionOf(link)}`).click();
  await operator.dialog().getByLabel('Operator token').fill('guessed');
  await operator.dialog().getByRole('button', { name: 'Close', exact: true }).click();
  await operator.sees('The server was started without an operator token');
  await operator.dialog().getByRole('button', { name: 'Cancel' }).click();
  await operator.dialog().waitFor({ state: 'hidden' });
  await mira.status('1 online');
});

test('a server that does not answer is seen, and so is its return', async (t) => {
  const { site, operator, url } = await operate(t);
  await operator.page.goto(url);
  await operator.sees('Live');
  await site.server.stop('SIGKILL');
  await operator.page.getByRole('alert').filter({ hasText: 'Connection lost' }).waitFor();
  await operator.sees('Old');
  await shot(operator.page, 'dashboard-lost');
  await accessible(operator, 'the dashboard without a server');
  await site.server.start();
  await operator.sees('Live');
  assert.equal(await operator.page.getByRole('alert').count(), 0);
});

test('the dashboard speaks German, in the dark, on a phone', async (t) => {
  const options = { locale: 'de-DE', colorScheme: 'dark', viewport: PHONE };
  const { site, browser, operator, url } = await operate(t, { options });
  await gather(browser, site.url, ['Mira']);
  await operator.page.goto(url);
  await operator.sees('1 von 1 online');
  assert.equal(await operator.page.locator('html').getAttribute('lang'), 'de');
  await fitsTheScreen(operator, 'the German dashboard');
  await accessible(operator, 'the German dashboard');
  await shot(operator.page, 'dashboard-german');
  await operator.page.getByLabel('Sprache').selectOption('English');
  await operator.sees('Sessions in memory');
  await operator.page.getByLabel('Colours').selectOption('Light');
  await accessible(operator, 'the light dashboard');
});
