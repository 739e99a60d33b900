import assert from 'node:assert/strict';
import { newPerson } from './browser.js';

/** Somebody with a browser, who knows where things are on the page - in English. */
export class Person {
  constructor(name, { context, page, complaints }) {
    Object.assign(this, { name, context, page, complaints });
  }

  static async come(browser, name, options) {
    return new Person(name, await newPerson(browser, options));
  }

  /** Opens a session from the start page, and begins with a story unless `story` is `null`. */
  async open(url, { session = 'Sprint 41', story = 'Pay by card', before = async () => {} } = {}) {
    await this.page.goto(url);
    await this.page.getByLabel('Session', { exact: true }).fill(session);
    await this.page.getByLabel('Your name').fill(this.name);
    await before();
    await this.button('Open the table').click();
    await this.heading('What shall we estimate?').waitFor();
    if (story !== null) await this.beginStory(story);
    return this.page.url();
  }

  async beginStory(title) {
    await this.page.locator('.no-story').getByLabel('Story').fill(title);
    await this.button('Start voting').click();
    await this.heading(title).waitFor();
  }

  async join(url, { watching = false, passcode } = {}) {
    await this.page.goto(url);
    await this.page.getByLabel('Your name').fill(this.name);
    if (passcode) await this.page.getByLabel('Passcode').fill(passcode);
    if (watching) await this.page.getByLabel('Watch only').check();
    await this.button('Take a seat').click();
    await this.status(/online/);
  }

  button(name, options = {}) {
    return this.page.getByRole('button', { name, ...options });
  }

  heading(name) {
    return this.page.getByRole('heading', { name, exact: true });
  }

  card(value) {
    return this.page.locator('.deck').getByRole('button', { name: value, exact: true });
  }

  seat(name) {
    return this.page.locator('.seat').filter({ hasText: name });
  }

  dialog() {
    return this.page.getByRole('dialog');
  }

  async vote(value) {
    await this.card(value).click();
    await this.heading(`Your card: ${value}`).waitFor();
  }

  async reveal() {
    await this.button('Reveal cards').click();
  }

  async menu(item) {
    await this.button('Menu', { exact: true }).click();
    await this.dialog().getByRole('button', { name: item, exact: true }).click();
  }

  /** Waits until the words are there, and says which were missing if they are not. */
  sees(words) {
    return this.page.getByText(words).first().waitFor();
  }

  /** Waits until the table, which keys and buttons go by, says so: what is said aloud may be there a moment before. */
  counts(words) {
    return this.page.locator('#progress-words', { hasText: words }).waitFor();
  }

  status(words) {
    return this.page.getByRole('status', { name: 'Connection' }).filter({ hasText: words }).waitFor();
  }

  /** Waits until the seat of `name` says `words` to a screen reader. */
  seatSays(name, words) {
    return this.seat(name).filter({ hasText: words }).waitFor();
  }

  /** The stories in the order this person sees them. */
  async stories() {
    const rows = await this.page.locator('.story .story-title').allTextContents();
    return rows.map((text) => text.replace(/ – edit$/, ''));
  }

  hadNoTrouble() {
    assert.deepEqual(this.complaints, [], `in the console of ${this.name}`);
  }
}

/** A team around one session: the first is the host. */
export async function gather(browser, url, names, options = {}) {
  const team = await Promise.all(names.map((name) => Person.come(browser, name, options.looks?.[name])));
  const [host, ...others] = team;
  const link = await host.open(url, options);
  for (const person of others) await person.join(link);
  return { team, link };
}
