import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CATALOGUES, t, type Key } from './text.ts';

const SOURCES = path.join(import.meta.dirname, '..');
const keys = Object.keys(CATALOGUES.en) as Key[];
const blanks = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

test('every language has every text, and none is empty', () => {
  for (const [name, catalogue] of Object.entries(CATALOGUES)) {
    assert.deepEqual(Object.keys(catalogue).sort(), [...keys].sort(), name);
    for (const key of keys) assert.notEqual(catalogue[key].trim(), '', `${name} ${key}`);
  }
});

test('every language fills in the same things, with as many forms', () => {
  for (const key of keys) {
    const { en, de } = CATALOGUES;
    assert.deepEqual(blanks(de[key]), blanks(en[key]), key);
    assert.equal(de[key].split(' | ').length, en[key].split(' | ').length, key);
  }
});

test('every text is used', () => {
  const code = fs.readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(text\/(en|de)|\.test)\.tsx?$/.test(name))
    .map((name) => fs.readFileSync(path.join(SOURCES, name), 'utf8')).join('\n');
  assert.deepEqual(keys.filter((key) => !code.includes(`'${key}'`)), []);
});

test('texts count and fill in', () => {
  assert.equal(t('imported', { n: 1 }), '1 story added');
  assert.equal(t('imported', { n: 1200 }), '1,200 stories added');
  assert.equal(t('progress', { n: 3, total: 5 }), '3 of 5 voted');
  assert.equal(t('refused', { reason: '{n} is literal' }), 'That did not work: {n} is literal');
});
