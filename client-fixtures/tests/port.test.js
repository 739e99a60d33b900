import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from '../lib/port.js';

const library = fileURLToPath(new URL('../lib/port.js', import.meta.url));
/** Another process, in which the first choices fall on the port that is given to it. */
const covetous = (port) => `
  const { freePort } = await import(${JSON.stringify(library)});
  const choices = [${port}, ${port}];
  const random = Math.random;
  Math.random = () => choices.length ? (choices.pop() + 0.5 - 12000) / 20000 : random();
  console.log(await freePort());`;

test('a port belongs to the process it was given to, whether anybody serves at it or not', async () => {
  const port = await freePort();
  const other = Number(execFileSync(process.execPath, ['--input-type=module', '-e', covetous(port)], { encoding: 'utf8' }));
  assert.ok(other > 0);
  assert.notEqual(other, port);
});
