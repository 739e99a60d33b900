import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Word, WORDS } from './words.ts';

const words = Object.keys(WORDS.en) as Word[];
const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

test('the operator\'s page has every word in every language', () => {
  assert.deepEqual(Object.keys(WORDS.de).sort(), [...words].sort());
  for (const word of words) assert.deepEqual(blanks(WORDS.de[word]), blanks(WORDS.en[word]), word);
});

test('the operator\'s page uses every word', () => {
  const names = fs.readdirSync(import.meta.dirname).filter((name) => /\.tsx?$/.test(name) && !/^words\.|\.test\.ts$/.test(name));
  const code = names.map((name) => fs.readFileSync(path.join(import.meta.dirname, name), 'utf8')).join('\n');
  assert.deepEqual(words.filter((word) => !new RegExp(`['"]${word}['"]`).test(code)), []);
});
