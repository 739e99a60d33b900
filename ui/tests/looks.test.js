import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible, fitsTheScreen } from './lib/axe.js';
import { PHONE, shot, startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { startSite } from './lib/site.js';

test('a German browser gets German, and may switch', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { link } = await gather(browser, site.url, ['Mira']);
  const jonas = await Person.come(browser, 'Jonas', { locale: 'de-CH', viewport: PHONE });
  await jonas.page.goto(link);
  await jonas.page.getByLabel('Dein Name').fill('Jonas');
  assert.equal(await jonas.page.locator('html').getAttribute('lang'), 'de');
  await accessible(jonas, 'the German door');
  await jonas.button('Platz nehmen').click();
  await jonas.heading('Wähle deine Karte').waitFor();
  await jonas.card('8').click();
  await jonas.sees('1 von 2 haben gewählt');
  await shot(jonas.page, 'looks-german');
  await fitsTheScreen(jonas, 'the German room');
  await accessible(jonas, 'the German room');
  await jonas.button('Menü').click();
  await jonas.dialog().getByLabel('Sprache').selectOption('English');
  await jonas.heading('Your card: 8').waitFor();
  await jonas.page.reload();
  await jonas.heading('Your card: 8').waitFor();
  assert.equal(await jonas.page.locator('html').getAttribute('lang'), 'en');
});

test('colours follow the device unless somebody chose', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const mira = await Person.come(browser, 'Mira', { colorScheme: 'dark' });
  const ground = () => mira.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await mira.page.goto(site.url);
  await mira.heading('New session').waitFor();
  const dark = await ground();
  await mira.page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  assert.notEqual(dark, light);
  await mira.page.getByLabel('Colours').selectOption('Dark');
  assert.equal(await ground(), dark);
  await mira.page.reload();
  await mira.heading('New session').waitFor();
  assert.equal(await ground(), dark);
});

test('the page lives under any path', async (t) => {
  const site = await startSite(t, { base: '/tools/poker/' });
  const browser = await startBrowser(t);
  const { team: [mira, jonas], link } = await gather(browser, site.url, ['Mira', 'Jonas']);
  assert.match(new URL(link).pathname, /^\/tools\/poker\/s\/[0-9a-f-]{36}$/);
  await jonas.vote('5');
  await mira.sees('1 of 2 voted');
  await mira.button('Invite').click();
  assert.equal(await mira.page.getByLabel('Link', { exact: true }).inputValue(), link);
  await mira.page.keyboard.press('Escape');
  await jonas.page.reload();
  await jonas.heading('Your card: 5').waitFor();
  for (const person of [mira, jonas]) person.hadNoTrouble();
});

test('nothing is fetched from anywhere else, and nothing breaks the content policy', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const mira = await Person.come(browser, 'Mira');
  const elsewhere = [];
  mira.page.on('request', (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith('blob:')) elsewhere.push(request.url());
  });
  await mira.open(site.url);
  await mira.vote('5');
  await mira.reveal();
  await mira.heading('Agreed').waitFor();
  await mira.button('Invite').click();
  await mira.page.getByRole('img', { name: 'QR code of the link' }).waitFor();
  assert.deepEqual(elsewhere, []);
  mira.hadNoTrouble();
});

test('turning the cards moves none of them', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira] } = await gather(browser, site.url, ['Mira', 'Jonas', 'Ada']);
  await mira.vote('5');
  const places = () => mira.page.locator('.seat').evaluateAll((seats) => seats.map((seat) => {
    const { x, y, width } = seat.getBoundingClientRect();
    return [x, y, width].map(Math.round).join(' ');
  }));
  const before = await places();
  await mira.reveal();
  await mira.heading('Agreed').waitFor();
  assert.deepEqual(await places(), before);
});

test('the way to the first vote is short', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { link } = await gather(browser, site.url, ['Mira']);
  const jonas = await Person.come(browser, 'Jonas', { viewport: PHONE });
  await jonas.join(link);
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const from = Date.now();
    await jonas.page.reload({ waitUntil: 'commit' });
    await jonas.page.locator('.deck button:enabled').first().waitFor();
    times.push(Date.now() - from);
  }
  t.diagnostic(`from reload to the first possible vote, ms: ${times.join(', ')}`);
});
