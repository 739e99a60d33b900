import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customDeck, deckName, DECKS, face } from '../decks.ts';
import { cardTyped } from './shortcuts.ts';
import { minutes, secondsLeft } from './timer.tsx';

test('cards are typed as they are written, and wait only while more could follow', () => {
  assert.deepEqual(cardTyped('5', DECKS.fibonacci), { card: '5', wait: false });
  assert.deepEqual(cardTyped('1', DECKS.fibonacci), { card: '1', wait: true });
  assert.deepEqual(cardTyped('13', DECKS.fibonacci), { card: '13', wait: false });
  assert.deepEqual(cardTyped('7', DECKS.fibonacci), { card: undefined, wait: false });
});

test('in a deck without numbers digits count places', () => {
  assert.deepEqual(cardTyped('2', DECKS.shirts), { card: 'S', wait: false });
  assert.deepEqual(cardTyped('9', DECKS.shirts), { card: undefined, wait: false });
});

test('decks are known by their cards', () => {
  assert.equal(deckName(['XS', 'S', 'M', 'L', 'XL', 'XXL', '?', '☕']), 'shirts');
  assert.equal(deckName(['1', '2']), 'custom');
});

test('a deck of one\'s own has 2 to 20 different cards', () => {
  assert.deepEqual(customDeck('1, 2;3  3'), ['1', '2', '3']);
  assert.equal(customDeck('1 1'), undefined);
  assert.equal(customDeck(Array.from({ length: 21 }, (_, index) => index).join(' ')), undefined);
  assert.equal(customDeck('1 averyverylongcard'), undefined);
});

test('faces are nicer than values', () => {
  assert.equal(face('0.5'), '½');
  assert.equal(face('8'), '8');
});

test('the clock counts from the server\'s start, on the server\'s clock', () => {
  const timer = { isRunning: true, duration: 60, remainingTime: 60, startedAt: '2026-11-20T12:00:00.000Z' };
  const now = Date.parse('2026-11-20T12:00:10.000Z');
  assert.equal(secondsLeft(timer, now, 0), 50);
  assert.equal(secondsLeft(timer, now - 30_000, 30_000), 50);
  assert.equal(secondsLeft(timer, now + 600_000, 0), 0);
  assert.equal(secondsLeft({ isRunning: false, duration: 0, remainingTime: 0 }, now, 0), 0);
});

test('seconds are shown as minutes', () => {
  assert.equal(minutes(65), '1:05');
  assert.equal(minutes(0), '0:00');
});
