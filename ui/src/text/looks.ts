/** The words that all pages share. The operator's page has no use for the others. */
import type { Language, Theme } from '../preferences.ts';

/** Each in its own words. */
export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' };

interface Words {
  language: string;
  theme: string;
  colours: Record<Theme, string>;
}

export const LOOKS: Record<Language, Words> = {
  en: { language: 'Language', theme: 'Colours', colours: { system: 'Auto', light: 'Light', dark: 'Dark' } },
  de: { language: 'Sprache', theme: 'Farben', colours: { system: 'Auto', light: 'Hell', dark: 'Dunkel' } },
};
