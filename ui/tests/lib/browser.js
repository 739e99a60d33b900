import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const SHOTS = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../screenshots');
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 860 };

/** What every screen must be right on. */
export const LOOKS = {
  'desk-light': { colorScheme: 'light', viewport: DESK },
  'desk-dark': { colorScheme: 'dark', viewport: DESK },
  'phone-light': { colorScheme: 'light', viewport: PHONE },
  'phone-dark': { colorScheme: 'dark', viewport: PHONE },
};

/** Debian's Chromium. Every context is a person with a browser of their own. */
export async function startBrowser(t) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ARGUMENTS });
  t.after(() => browser.close());
  return browser;
}

/** A person's browser: strict about whatever a careful visitor would see in the console. */
export async function newPerson(browser, options = {}) {
  const context = await browser.newContext({
    viewport: DESK, locale: 'en-GB', reducedMotion: 'reduce', acceptDownloads: true, ...options,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  return { context, page, complaints: complaintsOf(page) };
}

/** Script errors and violations of the content policy. Failed requests are part of outages, and not counted. */
export function complaintsOf(page) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|net::ERR/.test(text)) complaints.push(text);
  });
  return complaints;
}

export async function shot(page, name) {
  fs.mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`) });
}
