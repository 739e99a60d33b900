/** Single keys for those who hold no mouse. Card values are typed as they are written: 1, then 3, is 13. */
import { useEffect, useRef } from 'preact/hooks';
import { shortcuts } from '../preferences.ts';
import { attempt } from '../parts/failure.ts';
import { activeStory, mayReset, mayReveal, nextStory, self } from '../session/room.ts';
import type { AtTable } from './at-table.ts';

const TYPING_MS = 700;

/** The card that `typed` means, and whether more typing could mean another. Without numbers digits count places. */
export function cardTyped(typed: string, deck: string[]): { card?: string; wait: boolean } {
  const numeric = deck.some((card) => /^\d/.test(card));
  if (!numeric) return { card: deck[(Number(typed) || 10) - 1], wait: false };
  const longer = deck.some((card) => card.length > typed.length && card.startsWith(typed));
  return { card: deck.find((card) => card === typed), wait: longer };
}

export function useShortcuts(table: AtTable, listening: boolean): void {
  const latest = useRef(table);
  latest.current = table;
  const typed = useRef('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!listening) return;
    const choose = () => {
      const { card } = cardTyped(typed.current, latest.current.room.config.cardValues);
      typed.current = '';
      if (card !== undefined) vote(latest.current, card);
    };
    const onKey = (event: KeyboardEvent) => {
      if (!meant(event)) return;
      if (/^\d$/.test(event.key)) {
        clearTimeout(timer.current);
        typed.current += event.key;
        if (cardTyped(typed.current, latest.current.room.config.cardValues).wait) timer.current = setTimeout(choose, TYPING_MS);
        else choose();
      } else if (act(latest.current, event.key.toLowerCase())) {
        event.preventDefault();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [listening]);
}

function meant(event: KeyboardEvent): boolean {
  if (!shortcuts.value || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const field = event.target instanceof Element && event.target.closest('input:not([type=radio]), textarea, select');
  return !field;
}

function vote({ live, room }: AtTable, value: string): void {
  const confidence = live.ballot.value?.confidence;
  if (!self(room)?.isSpectator) live.choose({ value, confidence });
}

function act({ room, actions, host, show }: AtTable, key: string): boolean {
  const story = activeStory(room);
  const next = nextStory(room);
  if (key === '?') show({ kind: 'shortcuts' });
  else if (key === 'r' && mayReveal(room)) void attempt(actions.reveal());
  else if (key === 'v' && mayReset(room)) void attempt(actions.reset());
  else if (key === 'n' && host && next && (room.votesRevealed || !story)) void attempt(actions.advance(story, next));
  else if (key === 't' && host) show({ kind: 'timer' });
  else if (key === 's') show({ kind: 'share' });
  else if (key === 'm') show({ kind: 'menu' });
  else return false;
  return true;
}
