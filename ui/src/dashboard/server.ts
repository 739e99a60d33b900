/** The operations listener: asked every two seconds, and told what an operator wishes. */
import { Cell } from '../cell.ts';
import { History, type Sessions, type Stats } from './numbers.ts';

const EVERY_MS = 2_000;
const PATIENCE_MS = 5_000;

export const stats = new Cell<Stats | undefined>(undefined);
export const sessions = new Cell<Sessions | undefined>(undefined);
/** Since when nothing is heard; `undefined` while all is well. */
export const lost = new Cell<{ since: Date | undefined } | undefined>(undefined);
export const history = new History();
/** Kept nowhere else. */
export const token = new Cell<string>('');

let heard: Date | undefined;

/** Asks until the page is closed. */
export async function watch(): Promise<never> {
  for (;;) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** Asks once. */
export async function look(): Promise<void> {
  try {
    const [numbers, list] = await Promise.all([get<Stats>('stats.json'), get<Sessions>('sessions.json')]);
    history.add(numbers);
    heard = new Date();
    sessions.set(list);
    stats.set(numbers);
    lost.set(undefined);
  } catch {
    lost.set({ since: heard });
  }
}

export type Wish = { session: string } & ({ kind: 'close' } | { kind: 'kick'; player: string });
export type Outcome = 'done' | 'wrongToken' | 'noToken' | 'unknown' | 'isHost' | 'failed';

const OUTCOMES: Record<number, Outcome> = {
  200: 'done', 401: 'wrongToken', 403: 'noToken', 404: 'unknown', 409: 'isHost',
};

export async function wish(wished: Wish): Promise<Outcome> {
  const room = `sessions/${encodeURIComponent(wished.session)}`;
  const path = wished.kind === 'close' ? `${room}/close` : `${room}/players/${encodeURIComponent(wished.player)}/kick`;
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.value}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const outcome = OUTCOMES[answer.status] ?? 'failed';
    if (outcome === 'wrongToken') token.set('');
    if (outcome === 'done') void look();
    return outcome;
  } catch {
    return 'failed';
  }
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}
