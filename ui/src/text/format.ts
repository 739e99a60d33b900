/** How texts are filled in and numbers are written, in the language of the reader. */
import { language, locale } from '../preferences.ts';

/** A text with `{name}`s filled in. Of `one | other` the one that fits `n` is taken. */
export function fill(text: string, values: Record<string, string | number>): string {
  const forms = text.split(' | ');
  const plural = forms.length > 1 && new Intl.PluralRules(language.value).select(Number(values.n)) !== 'one';
  const form = forms[plural ? 1 : 0] ?? '';
  return form.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value) : value;
  });
}

export function number(value: number, digits = 1): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}
