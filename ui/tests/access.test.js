import assert from 'node:assert/strict';
import { test } from 'node:test';
import { right } from './lib/axe.js';
import { LOOKS, PHONE, startBrowser } from './lib/browser.js';
import { Person } from './lib/person.js';
import { startSite } from './lib/site.js';

for (const [look, screen] of Object.entries(LOOKS)) {
  const phone = screen.viewport === PHONE;
  const options = { ...screen, hasTouch: phone, isMobile: phone };
  test(`every screen is accessible and fits: ${look}`, async (t) => {
    const site = await startSite(t);
    const browser = await startBrowser(t);
    const mira = await Person.come(browser, 'Mira', options);
    const check = (person, where) => right(person, `${look}-${where}`);
    const pane = (name) => mira.page.locator(phone ? '.panes' : '.side-tabs').getByRole('button', { name }).click();

    const link = await mira.open(site.url, {
      session: 'Checkout rework, sprint 41',
      story: null,
      before: async () => {
        await check(mira, 'start');
        await mira.page.getByText('More options').click();
        await mira.page.getByLabel('Deck').selectOption('Custom');
        await mira.page.getByLabel('Cards', { exact: true }).fill('1');
        await check(mira, 'start-more');
        await mira.page.getByLabel('Deck').selectOption('Modified Fibonacci');
      },
    });
    await check(mira, 'room-empty');
    await mira.beginStory('As a guest I can pay by card without opening an account first');
    const team = {};
    for (const [name, how] of [['Jonas', {}], ['Ada', {}], ['Maximiliane von Hohenstein', {}], ['Sven', { watching: true }]]) {
      team[name] = await Person.come(browser, name, options);
      if (name === 'Jonas') {
        await team[name].page.goto(link);
        await team[name].sees('at the table');
        await check(team[name], 'join');
      }
      await team[name].join(link, how);
    }
    await mira.vote('5');
    await check(mira, 'voting');
    await check(team.Sven, 'watching');
    await mira.page.getByRole('radio', { name: 'Confidence 4 of 5' }).check();
    await mira.button('Reactions').click();
    await check(mira, 'reactions');
    await mira.button('Reactions').click();
    await team.Jonas.context.setOffline(true);
    await team.Jonas.status('Offline');
    await team.Jonas.vote('20');
    await check(team.Jonas, 'offline');
    await team.Jonas.context.setOffline(false);
    await mira.sees('2 of 4 voted');
    await team.Ada.vote('5');
    await mira.reveal();
    await mira.heading('Let’s talk').waitFor();
    await check(mira, 'results');
    await check(team.Jonas, 'results-member');

    await pane('Stories');
    await mira.page.getByPlaceholder('Add a story').fill('Refund an order in parts');
    await mira.page.keyboard.press('Enter');
    await mira.page.locator('.story').nth(1).waitFor();
    await check(mira, 'stories');
    await mira.button('Import', { exact: true }).click();
    await mira.dialog().getByLabel('Stories').fill('Title,Description\nInvoice,as PDF\nReceipt,by mail');
    await check(mira, 'dialog-import');
    await mira.button('Add 2 stories').click();
    await mira.sees('2 stories added');
    await check(mira, 'notice');
    await pane('History');
    await mira.sees('Round 1');
    await check(mira, 'history');
    if (phone) await pane('Table');

    await dialogs(mira, check);
    await mira.button(/^Jonas/).click();
    await mira.dialog().waitFor();
    await check(mira, 'dialog-player');
    await mira.button('Remove').click();
    await team.Jonas.heading('You were removed').waitFor();
    await check(team.Jonas, 'removed');
    await team.Jonas.page.goto(`${site.url}s/00000000-0000-4000-8000-000000000000`);
    await team.Jonas.heading('Nothing here').waitFor();
    await check(team.Jonas, 'not-found');
    for (const person of [mira, ...Object.values(team)]) person.hadNoTrouble();
  });
}

async function dialogs(person, check) {
  const escape = () => person.page.keyboard.press('Escape');
  const menu = ['You: name and avatar', 'Invite your team', 'Keyboard shortcuts', 'Session settings', 'Delete the session'];
  await person.button('Menu', { exact: true }).click();
  await person.dialog().waitFor();
  await check(person, 'menu');
  await escape();
  for (const [index, item] of menu.entries()) {
    await person.menu(item);
    await person.dialog().getByRole('heading', { name: item, exact: true }).waitFor();
    await check(person, `dialog-${index}`);
    await escape();
    await person.dialog().waitFor({ state: 'detached' });
  }
  await person.page.locator('button.timer').click();
  await person.dialog().waitFor();
  await check(person, 'dialog-timer');
  await escape();
  await person.dialog().waitFor({ state: 'detached' });
  await person.button('Edit story', { exact: true }).click();
  await person.dialog().waitFor();
  await check(person, 'dialog-story');
  await escape();
  await person.dialog().waitFor({ state: 'detached' });
}
