/** Ready-made decks. Values are what the server counts with; faces are what people see. */
import type { Key } from './text/text.ts';

export type DeckName = 'fibonacci' | 'modified' | 'shirts' | 'powers' | 'hours' | 'custom';

export const DECKS: Record<Exclude<DeckName, 'custom'>, string[]> = {
  fibonacci: ['0', '1', '2', '3', '5', '8', '13', '21', '34', '?', '☕'],
  modified: ['0', '0.5', '1', '2', '3', '5', '8', '13', '20', '40', '100', '?', '☕'],
  shirts: ['XS', 'S', 'M', 'L', 'XL', 'XXL', '?', '☕'],
  powers: ['0', '1', '2', '4', '8', '16', '32', '64', '?', '☕'],
  hours: ['1', '2', '4', '8', '12', '16', '24', '40', '?', '☕'],
};

export const DECK_LABELS: Record<DeckName, Key> = {
  fibonacci: 'deckFibonacci',
  modified: 'deckModified',
  shirts: 'deckShirts',
  powers: 'deckPowers',
  hours: 'deckHours',
  custom: 'deckCustom',
};

const MOST_CARDS = 20;
const LONGEST_CARD = 10;

/** The ready-made deck with these cards, if there is one. */
export function deckName(cards: string[]): DeckName {
  const same = (name: keyof typeof DECKS) => DECKS[name].join() === cards.join();
  return (Object.keys(DECKS) as (keyof typeof DECKS)[]).find(same) ?? 'custom';
}

/** Cards from a typed list, or nothing if it is no deck. */
export function customDeck(text: string): string[] | undefined {
  const cards = [...new Set(text.split(/[,;\s]+/).filter(Boolean))];
  const fits = cards.length >= 2 && cards.length <= MOST_CARDS && cards.every((card) => card.length <= LONGEST_CARD);
  return fits ? cards : undefined;
}

export function face(value: string): string {
  if (value === '0.5') return '½';
  // Asks for the coloured cup where fonts have both.
  return value === '☕' ? '☕\uFE0F' : value;
}
