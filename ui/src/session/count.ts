/** What open cards say, where the server's numbers stop: decks without numbers, and who is far off. */
import type { Vote } from './protocol.ts';

/** Cards that are no estimates. */
const ABSTENTIONS = new Set(['?', '☕', 'coffee', '∞']);

/** Cards of a deck between two opinions that make people talk. */
const FAR_CARDS = 2;

export interface Bar {
  value: string;
  count: number;
}

export interface Outliers {
  low: string[];
  high: string[];
}

export function isEstimate(value: string): boolean {
  return !ABSTENTIONS.has(value);
}

/** One bar per card from the lowest to the highest vote, so that gaps are seen; then the abstentions. */
export function bars(votes: Vote[], deck: string[]): Bar[] {
  const order = ordered(votes, deck);
  const estimates = order.filter(isEstimate);
  const counts = new Map<string, number>();
  for (const { value } of votes) counts.set(value, (counts.get(value) ?? 0) + 1);
  const voted = estimates.filter((value) => counts.has(value));
  const from = estimates.indexOf(voted[0] ?? '');
  const to = estimates.indexOf(voted.at(-1) ?? '');
  const range = from < 0 ? [] : estimates.slice(from, to + 1);
  const abstained = order.filter((value) => !isEstimate(value) && counts.has(value));
  return [...range, ...abstained].map((value) => ({ value, count: counts.get(value) ?? 0 }));
}

/** The middle card, the upper one of two. Works for decks without numbers. */
export function middle(votes: Vote[], deck: string[]): string | undefined {
  const order = ordered(votes, deck);
  const sorted = votes.filter(({ value }) => isEstimate(value)).sort((a, b) => at(order, a) - at(order, b));
  return sorted[Math.floor(sorted.length / 2)]?.value;
}

/** Players two or more cards away from the middle; of two who differ so much, both. */
export function outliers(votes: Vote[], deck: string[]): Outliers {
  const estimates = ordered(votes, deck).filter(isEstimate);
  const sorted = votes.filter(({ value }) => isEstimate(value)).sort((a, b) => at(estimates, a) - at(estimates, b));
  if (sorted.length < 2) return { low: [], high: [] };
  const places = sorted.map((vote) => at(estimates, vote));
  const lower = places[Math.floor((places.length - 1) / 2)]!;
  const upper = places[Math.floor(places.length / 2)]!;
  const center = (lower + upper) / 2;
  const reach = sorted.length === 2 ? FAR_CARDS / 2 : FAR_CARDS;
  const far = (side: 1 | -1) =>
    sorted.filter((_, index) => side * (places[index]! - center) >= reach).map(({ playerId }) => playerId);
  return { low: far(-1), high: far(1) };
}

/** The deck, with whatever was voted beside it put in by number. */
function ordered(votes: Vote[], deck: string[]): string[] {
  const order = [...new Set(deck)];
  for (const { value } of votes) {
    if (order.includes(value)) continue;
    const above = order.findIndex((card) => Number(card) > Number(value));
    order.splice(above < 0 ? order.length : above, 0, value);
  }
  return order;
}

function at(order: string[], { value }: Vote): number {
  return order.indexOf(value);
}
