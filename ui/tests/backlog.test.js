import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHONE, shot, startBrowser } from './lib/browser.js';
import { gather } from './lib/person.js';
import { startSite } from './lib/site.js';

const JIRA = `Summary,Issue key,Issue id,Status,Description
"Invoice, as PDF",SHOP-7,100,Open,"One page
per order"
Refund,SHOP-8,101,Open,
`;

async function pair(t, options) {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team } = await gather(browser, site.url, ['Mira', 'Jonas'], options);
  return { mira: team[0], jonas: team[1] };
}

async function add(person, title) {
  await person.page.getByPlaceholder('Add a story').fill(title);
  await person.page.keyboard.press('Enter');
  await person.page.locator('.story').filter({ hasText: title }).waitFor();
}

/** Waits until a person sees these stories, in this order. */
async function seesStories(person, titles) {
  await person.page.waitForFunction((expected) => {
    const shown = [...document.querySelectorAll('.story .story-title')].map(({ textContent }) => textContent.replace(/ – edit$/, ''));
    return JSON.stringify(shown) === JSON.stringify(expected);
  }, titles).catch(async (error) => {
    assert.deepEqual(await person.stories(), titles);
    throw error;
  });
}

test('a story that is added waits its turn', async (t) => {
  const { mira, jonas } = await pair(t);
  await mira.vote('5');
  await add(mira, 'Refund');
  await add(mira, 'Invoice');
  await seesStories(jonas, ['Pay by card', 'Refund', 'Invoice']);
  await mira.heading('Pay by card').waitFor();
  await mira.sees('1 of 2 voted');
  assert.equal(await jonas.page.getByPlaceholder('Add a story').count(), 0, 'only the host adds');
  await mira.reveal();
  await mira.button('Next: Refund').click();
  await jonas.heading('Refund').waitFor();
  await jonas.page.locator('.story.done').filter({ hasText: 'Pay by card' }).filter({ hasText: '5' }).waitFor();
});

test('a pasted list becomes stories, and an export of Jira does', async (t) => {
  const { mira, jonas } = await pair(t, { story: null });
  await mira.button('Import stories').click();
  await mira.dialog().getByLabel('Stories').fill('- Login\n- Logout, everywhere\n\n3. Password reset');
  await mira.sees('3 stories, one per line');
  await shot(mira.page, 'backlog-import');
  await mira.button('Add 3 stories').click();
  await jonas.heading('Login').waitFor();
  await seesStories(jonas, ['Login', 'Logout, everywhere', 'Password reset']);
  await mira.button('Import', { exact: true }).click();
  await mira.page.getByLabel('Or choose a file').setInputFiles({ name: 'jira.csv', mimeType: 'text/csv', buffer: Buffer.from(JIRA) });
  await mira.sees('2 stories from a table');
  await mira.button('Add 2 stories').click();
  await seesStories(jonas, ['Login', 'Logout, everywhere', 'Password reset', 'SHOP-7 Invoice, as PDF', 'SHOP-8 Refund']);
  await mira.page.locator('.story').filter({ hasText: 'SHOP-7' }).getByRole('button', { name: /^Estimate now/ }).click();
  await jonas.sees(/One page\s+per order/);
  mira.hadNoTrouble();
});

test('three hundred stories come in one go', async (t) => {
  const { mira, jonas } = await pair(t, { story: null });
  await mira.button('Import stories').click();
  const titles = Array.from({ length: 300 }, (_, index) => `Story number ${index + 1}`);
  await mira.dialog().getByLabel('Stories').fill(titles.join('\n'));
  await mira.button('Add 300 stories').click();
  await mira.sees('300 stories added');
  await seesStories(jonas, titles);
});

test('a story is typed while the server has not answered for the last one', async (t) => {
  const { mira, jonas } = await pair(t);
  await mira.page.route('**/stories/import', async (route) => {
    // The story is everybody's long before whoever added it gets the answer.
    const response = await route.fetch();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.fulfill({ response });
  });
  await add(mira, 'Refund');
  await add(mira, 'Invoice');
  await seesStories(jonas, ['Pay by card', 'Refund', 'Invoice']);
});

test('stories are put in order by their buttons', async (t) => {
  const { mira, jonas } = await pair(t);
  await add(mira, 'Refund');
  await add(mira, 'Invoice');
  await mira.button('Move up: Invoice').focus();
  await mira.page.keyboard.press('Enter');
  await seesStories(jonas, ['Pay by card', 'Invoice', 'Refund']);
  await mira.page.keyboard.press('Enter');
  await seesStories(jonas, ['Invoice', 'Pay by card', 'Refund']);
  await mira.button('Move down: Pay by card').click();
  await seesStories(jonas, ['Invoice', 'Refund', 'Pay by card']);
  await seesStories(mira, ['Invoice', 'Refund', 'Pay by card']);
});

test('stories are put in order by dragging, and Escape puts them back', async (t) => {
  const { mira, jonas } = await pair(t);
  await add(mira, 'Refund');
  await add(mira, 'Invoice');
  await drag(mira, 'Invoice', 'Pay by card', { drop: false });
  await mira.page.keyboard.press('Escape');
  await mira.page.mouse.up();
  await seesStories(mira, ['Pay by card', 'Refund', 'Invoice']);
  await drag(mira, 'Invoice', 'Pay by card');
  await seesStories(jonas, ['Invoice', 'Pay by card', 'Refund']);
  mira.hadNoTrouble();
});

test('a finger drags, too', async (t) => {
  const { mira } = await pair(t, { looks: { Mira: { viewport: PHONE, hasTouch: true, isMobile: true } } });
  await mira.page.locator('.panes').getByRole('button', { name: 'Stories' }).tap();
  await add(mira, 'Refund');
  const finger = await mira.context.newCDPSession(mira.page);
  const touch = (type, points) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  const from = await mira.page.locator('.story').nth(1).locator('.grip').boundingBox();
  const to = await mira.page.locator('.story').nth(0).locator('.grip').boundingBox();
  const x = from.x + from.width / 2;
  await touch('touchStart', [{ x, y: from.y + from.height / 2 }]);
  await touch('touchMove', [{ x, y: from.y }]);
  await touch('touchMove', [{ x, y: to.y + to.height / 2 - 6 }]);
  await touch('touchEnd', []);
  await seesStories(mira, ['Refund', 'Pay by card']);
});

async function drag({ page }, title, onto, { drop = true } = {}) {
  const boxOf = (text, part) => page.locator('.story').filter({ hasText: text }).locator(part).boundingBox();
  const grip = await boxOf(title, '.grip');
  const target = await boxOf(onto, '.grip');
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(target.x + 5, target.y + target.height / 2 - 4, { steps: 6 });
  await page.locator('.story.dragged').waitFor();
  if (!drop) return;
  await shot(page, 'backlog-dragging');
  await page.mouse.up();
}

test('a story is edited, estimated by hand, and deleted', async (t) => {
  const { mira, jonas } = await pair(t);
  await add(mira, 'Refund');
  await mira.button('Refund – edit').click();
  await mira.dialog().getByLabel('Story', { exact: true }).fill('Refund, partly');
  await mira.dialog().getByLabel('Description').fill('Up to the price');
  await mira.dialog().getByLabel('Estimate', { exact: true }).fill('8');
  await shot(mira.page, 'backlog-story');
  await mira.button('Save').click();
  await seesStories(jonas, ['Pay by card', 'Refund, partly']);
  await jonas.page.locator('.story').filter({ hasText: 'Refund, partly' }).filter({ hasText: '8' }).waitFor();
  await mira.sees('2 stories, 1 estimated');
  await mira.button('Refund, partly – edit').click();
  await mira.button('Delete', { exact: true }).click();
  await seesStories(jonas, ['Pay by card']);
});

test('a story that was voted on is not deleted, and the reason is told', async (t) => {
  const { mira } = await pair(t);
  await mira.vote('5');
  await mira.sees('1 of 2 voted');
  await mira.button('Pay by card – edit').click();
  await mira.button('Delete', { exact: true }).click();
  await mira.dialog().getByText('Stories that were voted on cannot be deleted.').waitFor();
  await mira.dialog().getByRole('status').getByRole('button', { name: 'Close' }).click();
  await mira.dialog().getByText('cannot be deleted').waitFor({ state: 'detached' });
});
