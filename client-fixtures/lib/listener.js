import { PATIENCE_MS } from './wait.js';

/** Everything a client was told, in order of arrival, and the means to wait for more of it. */
export class Listener {
  history = [];
  frames = [];
  cursor = 0;
  marked = 0;
  #waiting = new Set();

  /** The first such entry after the last one taken, whether it has come already or not. */
  async take(kind, accept, deadlineMs) {
    const index = await this.seen(kind, accept, this.cursor, deadlineMs);
    this.cursor = Math.max(this.cursor, index + 1);
    return this.history[index];
  }

  /** The position of the first such entry at or after `from`; takes nothing. */
  seen(kind, accept = () => true, from = this.cursor, deadlineMs = PATIENCE_MS) {
    const fits = (entry) => this.kindOf(entry) === kind && accept(this.bodyOf(entry));
    const index = this.history.findIndex((entry, at) => at >= from && fits(entry));
    if (index >= 0) return Promise.resolve(index);
    return new Promise((resolve, reject) => {
      const waiter = { fits, resolve: (at) => { clearTimeout(timer); resolve(at); } };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        const since = this.history.slice(from).map((entry) => this.kindOf(entry)).slice(-40).join(', ');
        reject(new Error(`${this.name}: no ${kind} within ${deadlineMs} ms; came: ${since || 'nothing'}`));
      }, deadlineMs);
      this.#waiting.add(waiter);
    });
  }

  /** From here on counts what `heard` tells. */
  mark() {
    this.marked = this.history.length;
    this.cursor = this.history.length;
  }

  record(entry) {
    const index = this.history.push(entry) - 1;
    for (const waiter of this.#waiting) {
      if (!waiter.fits(entry)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(index);
    }
  }
}
