/** Three, two, one - before cards that were just revealed are seen. Any key or touch ends it. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { reducedMotion } from '../preferences.ts';
import type { Room } from '../session/room.ts';
import { t } from '../text/text.ts';

const FROM = 3;
const BEAT_MS = 550;

interface Counting {
  left: number;
  skip: () => void;
}

export function useCountdown(room: Room): Counting {
  const [left, setLeft] = useState(0);
  const [counted, setCounted] = useState(0);
  const due = room.revealed?.live === true && counted !== room.round && !reducedMotion();
  useLayoutEffect(() => {
    if (!due) return;
    setCounted(room.round);
    setLeft(FROM);
  }, [due]);
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setLeft(left - 1), BEAT_MS);
    return () => clearTimeout(timer);
  }, [left]);
  useEffect(() => {
    // A new round ends the countdown of the last one.
    if (!room.votesRevealed) setLeft(0);
  }, [room.votesRevealed]);
  return { left: due ? FROM : left, skip: () => setLeft(0) };
}

export function Countdown({ left, skip }: Counting) {
  useEffect(() => {
    if (left === 0) return;
    addEventListener('keydown', skip, { once: true });
    return () => removeEventListener('keydown', skip);
  }, [left]);
  if (left === 0) return null;
  return (
    <div class="countdown" onPointerDown={skip}>
      <span key={left} class="countdown-number" aria-hidden="true">
        {left}
      </span>
      <button type="button" class="button" onClick={skip}>
        {t('skip')}
      </button>
    </div>
  );
}
