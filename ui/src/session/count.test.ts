import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, middle, outliers } from './count.ts';
import type { Vote } from './protocol.ts';

const FIBONACCI = ['0', '1', '2', '3', '5', '8', '13', '21', '?', '☕'];
const SHIRTS = ['XS', 'S', 'M', 'L', 'XL', '?'];

const votes = (...values: string[]): Vote[] => values.map((value, index) => ({ playerId: `p${index}`, playerName: '', value }));
const shown = (deck: string[], ...values: string[]) => bars(votes(...values), deck).map(({ value, count }) => `${value}:${count}`).join(' ');

test('the picture has a bar for each card between the lowest and the highest vote', () => {
  assert.equal(shown(FIBONACCI, '3', '3', '13'), '3:2 5:0 8:0 13:1');
});

test('abstentions stand behind the estimates', () => {
  assert.equal(shown(FIBONACCI, '?', '1', '☕', '?'), '1:1 ?:2 ☕:1');
  assert.equal(shown(FIBONACCI, '?'), '?:1');
});

test('a vote that is not in the deck is put in by its number', () => {
  assert.equal(shown(FIBONACCI, '3', '4', '5'), '3:1 4:1 5:1');
});

test('the middle works for sizes, and takes the upper of two', () => {
  assert.equal(middle(votes('S', 'XL', 'M'), SHIRTS), 'M');
  assert.equal(middle(votes('S', 'L'), SHIRTS), 'L');
  assert.equal(middle(votes('?'), SHIRTS), undefined);
});

test('who is two cards off is named', () => {
  assert.deepEqual(outliers(votes('3', '3', '3', '8'), FIBONACCI), { low: [], high: ['p3'] });
  assert.deepEqual(outliers(votes('1', '5', '5', '5', '13'), FIBONACCI), { low: ['p0'], high: ['p4'] });
  assert.deepEqual(outliers(votes('3', '5', '5'), FIBONACCI), { low: [], high: [] });
});

test('of two who differ much, both are named; of two neighbours, none', () => {
  assert.deepEqual(outliers(votes('2', '8'), FIBONACCI), { low: ['p0'], high: ['p1'] });
  assert.deepEqual(outliers(votes('3', '5'), FIBONACCI), { low: [], high: [] });
});

test('abstentions are far from nobody', () => {
  assert.deepEqual(outliers(votes('3', '?', '☕'), FIBONACCI), { low: [], high: [] });
});
