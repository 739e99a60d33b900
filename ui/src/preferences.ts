/** What a person chose for this browser: language, colours, keys. */
import { Cell } from './cell.ts';

export type Language = 'en' | 'de';
export type Theme = 'system' | 'light' | 'dark';

const LANGUAGES: readonly Language[] = ['en', 'de'];
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const language = new Cell<Language>(oneOf(LANGUAGES, stored('language')) ?? preferredLanguage());
export const theme = new Cell<Theme>(oneOf(THEMES, stored('theme')) ?? 'system');
/** Single-key shortcuts get in the way of speech input, so they can be switched off. */
export const shortcuts = new Cell<boolean>(stored('shortcuts') !== 'off');
export const me = {
  name: stored('name') ?? '',
  avatar: stored('avatar') ?? '',
};

export function chooseLanguage(value: Language): void {
  language.set(value);
  store('language', value);
  applyLanguage();
}

export function chooseTheme(value: Theme): void {
  theme.set(value);
  store('theme', value);
  applyTheme();
}

export function switchShortcuts(value: boolean): void {
  shortcuts.set(value);
  store('shortcuts', value ? 'on' : 'off');
}

export function rememberMe(name: string, avatar: string): void {
  Object.assign(me, { name, avatar });
  store('name', name);
  store('avatar', avatar);
}

export function applyPreferences(): void {
  applyLanguage();
  applyTheme();
}

export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
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

function stored(name: string): string | undefined {
  if (typeof localStorage === 'undefined') return undefined;
  return localStorage.getItem(`roundtable:${name}`) ?? undefined;
}

function store(name: string, value: string): void {
  localStorage.setItem(`roundtable:${name}`, value);
}
