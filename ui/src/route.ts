/** Two kinds of pages: the start, and one per session under `s/<id>`. */
import { BASE } from './base.ts';
import { Cell } from './cell.ts';

export type Route = { page: 'start' } | { page: 'session'; sessionId: string } | { page: 'unknown' };

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

export const route = new Cell<Route>(read());

addEventListener('popstate', () => route.set(read()));

export function goTo(path: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(path, BASE);
  if (how === 'push') history.pushState(null, '', url);
  else history.replaceState(null, '', url);
  route.set(read());
  scrollTo(0, 0);
}

/** The session a person means who pastes a link, a code, or a sentence around one. */
export function sessionIdIn(text: string): string | undefined {
  return UUID.exec(text)?.[0].toLowerCase();
}

function read(): Route {
  const path = location.pathname.startsWith(BASE.pathname) ? location.pathname.slice(BASE.pathname.length) : '';
  if (path === '' || path === 'index.html') return { page: 'start' };
  const sessionId = path.startsWith('s/') ? sessionIdIn(path) : undefined;
  return sessionId ? { page: 'session', sessionId } : { page: 'unknown' };
}
