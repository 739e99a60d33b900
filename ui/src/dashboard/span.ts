import { locale } from '../preferences.ts';

const UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]] as const;

/** A length of time in its two largest units: 2 h, 5 min. */
export function span(seconds: number): string {
  const whole = Math.floor(seconds);
  const largest = UNITS.findIndex(([, length]) => whole >= length);
  const chosen = UNITS.slice(largest < 0 ? -1 : largest).slice(0, 2);
  let rest = whole;
  const parts: string[] = [];
  for (const [unit, length] of chosen) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count === 0 && parts.length > 0) continue;
    parts.push(new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' }).format(count));
  }
  return parts.join(' ');
}
