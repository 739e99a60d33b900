/** What the operations listener tells, and what becomes of it over time. */
export interface Stats {
  node: string;
  version: string;
  timestamp: string;
  uptimeSeconds: number;
  draining: boolean;
  memory: { residentBytes: number | null };
  store: { kind: string; isUp: boolean; error: string | null };
  connections: { transport: string; dialect: string; count: number }[];
  sessions: Record<string, number>;
  seats: number;
  eventsIn: Counter;
  broadcasts: Counter;
  append: { count: number; buckets: Bucket[] };
  resynchronised: number;
  cut: number;
  rateLimited: Counter;
}

interface Counter {
  total: number;
  byEvent: Record<string, number>;
}

/** How many appends took at most `le` seconds, `+Inf` included. */
export interface Bucket {
  le: string;
  count: number;
}

export interface Listed {
  id: string;
  dialect: string;
  ageSeconds: number;
  players?: number;
  playersOnline?: number;
  stories?: number;
  participants?: number;
}

export interface Sessions {
  inMemory: number;
  sessions: Listed[];
}

/** A moment on the charts; `null` where nothing can be said. */
export interface Point {
  at: number;
  connections: number | null;
  sessions: number | null;
  events: number | null;
  broadcasts: number | null;
  p50: number | null;
  p99: number | null;
  lagging: number | null;
  limited: number | null;
}

export type Line = Exclude<keyof Point, 'at'>;

/** What the charts show. */
export const SPAN_MS = 5 * 60_000;
/** Appends that percentiles are taken of: single ones say little. */
const LATENCY_MS = 30_000;
/** Rare things are counted over a minute. */
const RARE_MS = 60_000;

export class History {
  readonly points: Point[] = [];
  #seen: Stats[] = [];

  add(stats: Stats): void {
    const at = time(stats);
    const last = this.#seen.at(-1);
    // Another process counts from zero.
    if (last && (last.node !== stats.node || last.uptimeSeconds > stats.uptimeSeconds)) this.#seen = [];
    this.#seen.push(stats);
    this.#seen = this.#seen.filter((one) => at - time(one) <= RARE_MS + 5_000);
    this.points.push(this.#point(stats, at));
    while (this.points[0] && at - this.points[0].at > SPAN_MS) this.points.shift();
  }

  #point(stats: Stats, at: number): Point {
    const before = this.#seen.at(-2);
    const latency = this.#since(at - LATENCY_MS);
    const minute = this.#since(at - RARE_MS);
    const buckets = latency ? difference(latency.append.buckets, stats.append.buckets) : [];
    return {
      at,
      connections: sum(stats.connections.map(({ count }) => count)),
      sessions: sum(Object.values(stats.sessions)),
      events: before ? rate(before, stats, (one) => one.eventsIn.total) : null,
      broadcasts: before ? rate(before, stats, (one) => one.broadcasts.total) : null,
      p50: milliseconds(percentile(buckets, 0.5)),
      p99: milliseconds(percentile(buckets, 0.99)),
      lagging: minute ? stats.resynchronised - minute.resynchronised : null,
      limited: minute ? stats.rateLimited.total - minute.rateLimited.total : null,
    };
  }

  /** The first that was seen since then, unless it is the last one. */
  #since(from: number): Stats | undefined {
    return this.#seen.slice(0, -1).find((one) => time(one) >= from);
  }
}

/** The value below which this share lies, between the bounds of its bucket; `null` if there is none. */
export function percentile(buckets: Bucket[], share: number): number | null {
  const total = buckets.at(-1)?.count ?? 0;
  if (total <= 0) return null;
  const wanted = share * total;
  let lower = 0;
  let below = 0;
  for (const { le, count } of buckets) {
    // Of what is above all bounds only that is known.
    if (le === '+Inf') return lower;
    const upper = Number(le);
    if (count >= wanted) return lower + ((upper - lower) * (wanted - below)) / (count - below);
    lower = upper;
    below = count;
  }
  return lower;
}

/** The points of a chart as lines, broken where nothing was heard. */
export function lines(points: Point[], line: Line, now: number, most: number, width: number, height: number): string[] {
  const found: string[] = [];
  let current: string[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { at, [line]: value } of points) {
    if (value === null || at - last > 7_000) {
      if (current.length > 0) found.push(current.join(' '));
      current = [];
    }
    last = at;
    if (value === null) continue;
    const x = width - ((now - at) / SPAN_MS) * width;
    const y = height - (value / most) * height;
    current.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  if (current.length > 0) found.push(current.join(' '));
  return found;
}

function difference(from: Bucket[], to: Bucket[]): Bucket[] {
  return to.map(({ le, count }, index) => ({ le, count: count - (from[index]?.count ?? 0) }));
}

function rate(from: Stats, to: Stats, of: (stats: Stats) => number): number | null {
  const seconds = (time(to) - time(from)) / 1000;
  return seconds > 0 ? Math.max(0, of(to) - of(from)) / seconds : null;
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function time({ timestamp }: Stats): number {
  return Date.parse(timestamp);
}
