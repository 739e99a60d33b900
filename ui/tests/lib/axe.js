import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { LOOKS, shot } from './browser.js';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** axe-core finds nothing at all on what is shown now. */
export async function accessible({ page }, where) {
  await still(page);
  // Not through a script element: the content policy forbids that, as it should.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
  const found = violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)}\n${failureSummary}`),
  }));
  assert.deepEqual(found, [], `axe finds nothing on ${where}`);
}

/** What is shown now is right on every screen and in every theme; a picture of each is taken. */
export async function rightEverywhere(person, where) {
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await person.page.emulateMedia({ colorScheme });
    await person.page.setViewportSize(viewport);
    await right(person, `${look}-${where}`);
  }
}

/** What is shown now is right. */
export async function right(person, where) {
  await still(person.page);
  await shot(person.page, where);
  await accessible(person, where);
  await targetsAreLarge(person, where);
  await fitsTheScreen(person, where);
}

/** Colours in the middle of an animation are nobody's. Those that never end have no middle. */
function still(page) {
  return page.evaluate(() => Promise.all(document.getAnimations()
    .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
    .map((animation) => animation.finished.catch(() => {}))));
}

/** No control is smaller than WCAG 2.2 asks for, unless it stands in a line of text. */
export async function targetsAreLarge({ page }, where) {
  const small = await page.evaluate(() => [...document.querySelectorAll('button, a, input, select, summary')]
    .filter((control) => !control.matches('.link, .skip') && control.checkVisibility())
    .map((control) => ({ control: control.outerHTML.slice(0, 120), box: control.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
    .map(({ control, box }) => `${Math.round(box.width)}x${Math.round(box.height)} ${control}`));
  assert.deepEqual(small, [], `targets on ${where}`);
}

/** Nothing is wider than the screen. */
export async function fitsTheScreen({ page }, where) {
  const { inner, outer } = await page.evaluate(() => ({
    inner: document.documentElement.scrollWidth, outer: document.documentElement.clientWidth,
  }));
  assert.ok(inner <= outer, `${where} is ${inner} px wide on ${outer}`);
}
