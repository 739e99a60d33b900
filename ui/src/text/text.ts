/** The words of the page, in the language of the reader. */
import { language, locale, type Language } from '../preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type Key = keyof typeof en;

export const CATALOGUES: Record<Language, Record<Key, string>> = { en, de };

/** A text with `{name}`s filled in. Of `one | other` the one that fits `n` is taken. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const forms = CATALOGUES[language.value][key].split(' | ');
  const plural = forms.length > 1 && new Intl.PluralRules(language.value).select(Number(values.n)) !== 'one';
  const text = forms[plural ? 1 : 0] ?? '';
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : value;
  });
}

export function number(value: number, digits = 1): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
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
