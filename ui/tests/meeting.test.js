import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shot, startBrowser } from './lib/browser.js';
import { gather, Person } from './lib/person.js';
import { startSite } from './lib/site.js';

test('a team of four estimates two stories', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira, jonas, ada], link } = await gather(browser, site.url, ['Mira', 'Jonas', 'Ada']);
  const sven = await Person.come(browser, 'Sven');

  await t.test('a spectator watches, and has no cards', async () => {
    await sven.join(link, { watching: true });
    await sven.sees('You are watching.');
    assert.equal(await sven.page.locator('.deck').count(), 0);
    await mira.page.locator('.watching').getByText('Sven').waitFor();
    await mira.status('4 online');
  });

  await t.test('votes are counted, and lie face down', async () => {
    await mira.vote('5');
    await jonas.vote('5');
    for (const person of [mira, jonas, ada, sven]) await person.sees('2 of 3 voted');
    await ada.seatSays('Mira', 'has voted');
    assert.equal(await ada.seat('Mira').locator('.table-card-face').textContent(), '–');
    assert.equal(await mira.card('5').getAttribute('aria-pressed'), 'true');
    assert.equal(await jonas.button('Reveal cards').count(), 0, 'only the host may reveal early');
    await shot(mira.page, 'meeting-voting');
  });

  await t.test('a changed mind replaces the card', async () => {
    await jonas.vote('8');
    await jonas.vote('13');
    assert.equal(await jonas.page.locator('.deck [aria-pressed=true]').count(), 1);
    await mira.sees('2 of 3 voted');
  });

  await t.test('whoever voted last may reveal, and everybody sees the same', async () => {
    await ada.vote('5');
    await ada.sees('Everybody has voted');
    await ada.reveal();
    for (const person of [mira, jonas, ada, sven]) {
      await person.heading('Let’s talk').waitFor();
      await person.seatSays('Jonas', '13');
      await person.page.getByRole('img', { name: 'Votes: 5: 2 votes, 13: 1 vote' }).waitFor();
    }
  });

  await t.test('the numbers are right, and who is far off is named', async () => {
    const numbers = await mira.page.locator('.numbers div').allTextContents();
    assert.deepEqual(numbers, ['Average7.7', 'Median5', 'Agreement67%']);
    await mira.sees('What makes it bigger, Jonas (13)?');
    await mira.seatSays('Jonas', 'high');
    await shot(mira.page, 'meeting-results');
  });

  await t.test('a member may ask for another round', async () => {
    await jonas.button('Vote again').click();
    for (const person of [mira, jonas, ada]) {
      await person.heading('Choose your card').waitFor();
      assert.equal(await person.page.locator('.deck [aria-pressed=true]').count(), 0);
    }
  });

  await t.test('a team that agrees has its estimate at once', async () => {
    for (const person of [mira, jonas, ada]) await person.vote('8');
    await mira.reveal();
    for (const person of [mira, sven]) await person.heading('Agreed').waitFor();
    await sven.sees('Estimate: 8');
  });

  await t.test('the host may decide otherwise', async () => {
    await mira.page.locator('.decision').getByRole('radio', { name: '13', exact: true }).check();
    await jonas.sees('Estimate: 13');
    await mira.button('Finish this story').click();
    await jonas.heading('All stories are estimated').waitFor();
    await jonas.page.locator('.story.done').filter({ hasText: '13' }).waitFor();
  });

  await t.test('the next story comes to everybody', async () => {
    await mira.beginStory('Refund');
    for (const person of [jonas, ada, sven]) await person.heading('Refund').waitFor();
    await mira.sees('Story 2 of 2');
    await mira.sees('0 of 3 voted');
  });

  for (const person of [mira, jonas, ada, sven]) person.hadNoTrouble();
});

test('confidence goes with the card, and is seen with it', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira, jonas] } = await gather(browser, site.url, ['Mira', 'Jonas']);
  await mira.vote('3');
  const told = mira.page.waitForResponse((answer) => answer.request().postDataJSON()?.confidence === 4);
  await mira.page.getByRole('radio', { name: 'Confidence 4 of 5' }).check();
  await told;
  await jonas.vote('3');
  assert.equal(await jonas.seat('Mira').getByText('Confidence 4 of 5').count(), 0, 'not before the reveal');
  await mira.reveal();
  await jonas.seatSays('Mira', 'Confidence 4 of 5');
  await jonas.page.locator('.numbers').getByText('4 / 5').waitFor();
});

test('with auto-reveal the last card turns them all', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const mira = await Person.come(browser, 'Mira');
  const link = await mira.open(site.url, {
    before: async () => {
      await mira.page.getByText('More options').click();
      await mira.page.getByLabel('Reveal by itself').check();
      await mira.page.getByLabel('Deck').selectOption('T-shirt sizes');
    },
  });
  const jonas = await Person.come(browser, 'Jonas');
  await jonas.join(link);
  await mira.vote('M');
  await jonas.card('XL').click();
  for (const person of [mira, jonas]) {
    await person.heading('Let’s talk').waitFor();
    await person.page.getByRole('img', { name: 'Votes: M: 1 vote, XL: 1 vote' }).waitFor();
  }
  assert.deepEqual(await mira.page.locator('.numbers dt').allTextContents(), ['Median', 'Agreement']);
});

test('the countdown runs before the cards are seen, and can be skipped', async (t) => {
  const site = await startSite(t);
  const browser = await startBrowser(t);
  const { team: [mira, jonas] } = await gather(browser, site.url, ['Mira', 'Jonas'], {
    looks: { Mira: { reducedMotion: 'no-preference' }, Jonas: { reducedMotion: 'no-preference' } },
  });
  await mira.vote('5');
  await mira.reveal();
  await jonas.page.locator('.countdown').waitFor();
  assert.equal(await jonas.heading('Let’s talk').count() + await jonas.heading('Agreed').count(), 0);
  await jonas.button('Skip', { exact: true }).click();
  await jonas.heading('Agreed').waitFor({ timeout: 900 });
  await mira.heading('Agreed').waitFor();
  await mira.page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelector('.countdown')) window.countedDown = true;
    }).observe(document, { childList: true, subtree: true });
  });
  await mira.page.reload();
  await mira.heading('Agreed').waitFor();
  assert.equal(await mira.page.evaluate(() => window.countedDown), undefined, 'not for cards that lay open');
});
