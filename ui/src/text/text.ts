/** The words of the page, in the language of the reader. */
import { language, locale, type Language } from '../preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { fill } from './format.ts';

export { number } from './format.ts';

export type Key = keyof typeof en;

export const CATALOGUES: Record<Language, Record<Key, string>> = { en, de };

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return fill(CATALOGUES[language.value][key], values);
}

export function percent(share: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

export function clock(time: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit' }).format(new Date(time));
}

export function list(names: string[]): string {
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(names);
}
