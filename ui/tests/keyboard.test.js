import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { startSite } from './lib/site.js';

async function pair(t) {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team } = await gather(browser, site.url, ['Mira', 'Jonas']);
  return { mira: team[0], jonas: team[1] };
}

const focused = ({ page }) => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim());

/** Presses Tab until `name` has the focus, as somebody without a mouse would. */
async function tabTo(person, name, most = 40) {
  for (let presses = 0; presses < most; presses += 1) {
    if (name.test(await focused(person))) return;
    await person.page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not lead to ${name}`);
}

test('a session is opened and a round is played without a mouse', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const mira = await Person.come(browser, 'Mira');
  const { keyboard } = mira.page;
  await mira.page.goto(site.url);
  await mira.heading('New session').waitFor();
  for (let presses = 0; presses < 20; presses += 1) {
    await keyboard.press('Tab');
    if (await mira.page.getByLabel('Session', { exact: true }).evaluate((field) => field === document.activeElement)) break;
  }
  await keyboard.type('Sprint 41');
  await keyboard.press('Tab');
  await keyboard.type('Mira');
  await keyboard.press('Enter');
  await mira.heading('What shall we estimate?').waitFor();
  await tabTo(mira, /^Invite your team$/);
  await keyboard.press('Tab');
  await keyboard.type('Pay by card');
  await keyboard.press('Enter');
  await mira.heading('Choose your card').waitFor();
  await tabTo(mira, /^0$/);
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  await keyboard.press('Space');
  await mira.heading('Your card: 2').waitFor();
  await keyboard.press('End');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Enter');
  await mira.heading('Your card: ?').waitFor();
  await keyboard.press('Home');
  await keyboard.press('ArrowLeft');
  await keyboard.press('ArrowLeft');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Enter');
  await mira.heading('Your card: 34').waitFor();
  await tabTo(mira, /^Reveal cards$/);
  await keyboard.press('Enter');
  await mira.heading('Agreed').waitFor();
});

test('the last card chosen is on the table before its player opens it', async (t) => {
  const { mira, jonas } = await pair(t);
  await mira.page.route('**/vote', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  const { keyboard } = mira.page;
  await jonas.vote('5');
  await keyboard.press('8');
  await mira.counts('Everybody has voted');
  await keyboard.press('5');
  await mira.heading('Your card: 5').waitFor();
  await keyboard.press('r');
  await mira.heading('Agreed').waitFor();
});

test('single keys vote, reveal, vote again, and go on', async (t) => {
  const { mira, jonas } = await pair(t);
  const { keyboard } = mira.page;
  await keyboard.press('1');
  await keyboard.press('3');
  await mira.heading('Your card: 13').waitFor();
  await keyboard.press('1');
  await mira.heading('Your card: 1').waitFor();
  await keyboard.press('5');
  await mira.heading('Your card: 5').waitFor();
  await jonas.vote('5');
  await mira.counts('Everybody has voted');
  await keyboard.press('r');
  await mira.heading('Agreed').waitFor();
  await keyboard.press('v');
  await mira.heading('Choose your card').waitFor();
  await jonas.heading('Choose your card').waitFor();
  await mira.page.getByPlaceholder('Add a story').fill('Refund');
  await keyboard.press('Enter');
  await mira.page.locator('.story').nth(1).waitFor();
  await mira.button('Menu', { exact: true }).focus();
  await keyboard.press('8');
  await mira.counts('1 of 2 voted');
  await keyboard.press('r');
  await mira.heading('Agreed').waitFor();
  await keyboard.press('n');
  await jonas.heading('Refund').waitFor();
});

test('the question mark opens the help, which can switch the keys off', async (t) => {
  const { mira } = await pair(t);
  const { keyboard } = mira.page;
  await keyboard.press('?');
  await mira.dialog().getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  await keyboard.press('5');
  await mira.dialog().getByRole('switch').uncheck();
  await keyboard.press('Escape');
  await mira.dialog().waitFor({ state: 'detached' });
  await keyboard.press('5');
  await keyboard.press('?');
  assert.equal(await mira.dialog().count(), 0);
  await mira.heading('Choose your card').waitFor();
});

test('keys typed into a field stay there', async (t) => {
  const { mira } = await pair(t);
  await mira.page.getByPlaceholder('Add a story').pressSequentially('5 rooms? tv');
  assert.equal(await mira.page.getByPlaceholder('Add a story').inputValue(), '5 rooms? tv');
  assert.equal(await mira.dialog().count(), 0);
  await mira.heading('Choose your card').waitFor();
});

test('a dialog takes the focus, keeps it, and gives it back', async (t) => {
  const { mira } = await pair(t);
  const { keyboard } = mira.page;
  await mira.button('Invite').focus();
  await keyboard.press('Enter');
  await mira.page.getByRole('img', { name: 'QR code of the link' }).waitFor();
  assert.match(await focused(mira), /Copy/);
  for (let presses = 0; presses < 8; presses += 1) {
    await keyboard.press('Tab');
    const inside = await mira.page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement));
    assert.ok(inside, `after ${presses + 1} tabs the focus is in the dialog`);
  }
  await keyboard.press('Escape');
  await mira.dialog().waitFor({ state: 'detached' });
  assert.match(await focused(mira), /Invite/);
});

test('what happens is said aloud', async (t) => {
  const { mira, jonas } = await pair(t);
  const said = (words) => mira.page.getByRole('status', { name: 'Announcements' }).filter({ hasText: words }).waitFor();
  await jonas.vote('3');
  await said('1 of 2 voted');
  await mira.vote('5');
  await said('Everybody has voted');
  await mira.reveal();
  await said('Cards revealed. Jonas 3, Mira 5. Average 4. Agreement 50%.');
  await jonas.button('Vote again').click();
  await said('A new round begins.');
  await jonas.menu('Leave the session');
  await said('Jonas has left');
});

test('the first stop of the Tab key skips to the table', async (t) => {
  const { mira } = await pair(t);
  await mira.page.reload();
  await mira.heading('Choose your card').waitFor();
  await mira.page.keyboard.press('Tab');
  assert.equal(await focused(mira), 'Skip to the table');
  await mira.page.keyboard.press('Enter');
  assert.equal(await mira.page.evaluate(() => document.activeElement.id), 'stage');
});
