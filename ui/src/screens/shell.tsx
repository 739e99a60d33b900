/** The frame of every screen outside a room. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { BASE } from '../base.ts';
import { Mark } from '../parts/icon.tsx';
import { Looks } from '../parts/looks.tsx';
import { goTo } from '../route.ts';

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
