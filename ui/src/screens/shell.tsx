/** The frame of every screen outside a room. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { BASE } from '../base.ts';
import { useCell } from '../cell.ts';
import { Mark } from '../parts/icon.tsx';
import { chooseLanguage, chooseTheme, language, theme, type Language, type Theme } from '../preferences.ts';
import { goTo } from '../route.ts';
import { t } from '../text/text.ts';

export function Shell({ title, children }: { title: string; children: ComponentChildren }) {
  useTitle(title);
  return (
    <div class="shell">
      <header class="shell-head">
        <HomeLink />
        <Looks />
      </header>
      <main class="shell-main">{children}</main>
    </div>
  );
}

export function HomeLink() {
  return (
    <a
      class="home"
      href={BASE.href}
      onClick={(event) => {
        event.preventDefault();
        goTo('');
      }}
    >
      <Mark />
      <span>Roundtable</span>
    </a>
  );
}

/** A heading that takes the focus when its screen appears, so that a screen reader begins there. */
export function Headline({ children }: { children: ComponentChildren }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === 'Roundtable' ? title : `${title} · Roundtable`;
  }, [title]);
}

/** Language and colours, small enough for a corner. */
export function Looks() {
  const spoken = useCell(language);
  const colours = useCell(theme);
  return (
    <div class="looks">
      <select
        aria-label={t('language')}
        value={spoken}
        onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
      >
        <option value="en">English</option>
        <option value="de">Deutsch</option>
      </select>
      <select aria-label={t('theme')} value={colours} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
        <option value="system">{t('themeSystem')}</option>
        <option value="light">{t('themeLight')}</option>
        <option value="dark">{t('themeDark')}</option>
      </select>
    </div>
  );
}
