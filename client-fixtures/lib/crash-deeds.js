let moments = 0;

/**
 * Something asked of the server. It took effect at one moment between the question and the answer; without an
 * answer it may have taken effect later or never.
 */
export class Deed {
  asked = ++moments;
  answered = Infinity;
  /** undefined: nobody knows whether it has happened. */
  happened = undefined;

  /** The server said that it is done. */
  acknowledge() {
    this.happened = true;
    this.answered = ++moments;
  }

  /** The server said that it is not done. */
  refuse() {
    this.happened = false;
  }

  /** No answer, but the server shows that it is done. */
  discover() {
    this.happened = true;
  }

  /** What was so before anybody asked. */
  static given() {
    const deed = new Deed();
    deed.happened = true;
    deed.answered = deed.asked;
    return deed;
  }
}

/**
 * The writes whose value a register may hold now, of all `{ deed, ... }` on it. A write is overwritten for certain
 * only by one that has happened and was asked after the first was answered; of two that overlapped either may be
 * the last.
 */
export function lastWrites(writes) {
  const tried = writes.filter(({ deed }) => deed.happened !== false);
  const latest = Math.max(...tried.filter(({ deed }) => deed.happened).map(({ deed }) => deed.asked));
  return tried.filter(({ deed }) => deed.answered >= latest);
}
