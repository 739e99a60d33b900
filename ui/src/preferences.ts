/** What a person chose for this browser: language, colours, keys, sound. */
import { Cell } from './cell.ts';
import { keep, kept } from './storage.ts';

export type Language = 'en' | 'de';
export type Theme = 'system' | 'light' | 'dark';

const LANGUAGES: readonly Language[] = ['en', 'de'];
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const language = new Cell<Language>(oneOf(LANGUAGES, kept('language')) ?? preferredLanguage());
export const theme = new Cell<Theme>(oneOf(THEMES, kept('theme')) ?? 'system');
/** Single-key shortcuts get in the way of speech input, so they can be switched off. */
export const shortcuts = new Cell<boolean>(kept('shortcuts') !== 'off');
/** The end of the timer is for all ears, so it sounds unless somebody has silenced it. */
export const sound = new Cell<boolean>(kept('sound') !== 'off');
export const me = {
  name: kept('name') ?? '',
  avatar: kept('avatar') ?? '',
};

export function chooseLanguage(value: Language): void {
  language.set(value);
  keep('language', value);
  applyLanguage();
}

export function chooseTheme(value: Theme): void {
  theme.set(value);
  keep('theme', value);
  applyTheme();
}

export function switchShortcuts(value: boolean): void {
  shortcuts.set(value);
  keep('shortcuts', value ? 'on' : 'off');
}

export function switchSound(value: boolean): void {
  sound.set(value);
  keep('sound', value ? 'on' : 'off');
}

export function rememberMe(name: string, avatar: string): void {
  Object.assign(me, { name, avatar });
  keep('name', name);
  keep('avatar', avatar);
}

export function applyPreferences(): void {
  applyLanguage();
  applyTheme();
}

export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** The chosen language as it is written where the reader lives: 15:40 in London, 3:40 pm in New York. */
export function locale(): string {
  const regional = globalThis.navigator?.languages?.find((tag) => tag.toLowerCase().startsWith(language.value));
  return regional ?? language.value;
}

function applyLanguage(): void {
  document.documentElement.lang = language.value;
}

function applyTheme(): void {
  const root = document.documentElement;
  if (theme.value === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme.value;
}

function preferredLanguage(): Language {
  if (typeof navigator === 'undefined') return 'en';
  for (const tag of navigator.languages ?? []) {
    const match = oneOf(LANGUAGES, tag.slice(0, 2).toLowerCase());
    if (match) return match;
  }
  return 'en';
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
  return values.find((one) => one === value);
}
