/** Luck that can be repeated: the same seed gives the same choices. */
export class Chance {
  #state;

  constructor(seed) {
    this.#state = hash(String(seed));
  }

  /** At least 0, less than 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  happens(probability) {
    return this.next() < probability;
  }

  between(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick(list) {
    return list[this.between(0, list.length - 1)];
  }

  /** One of the keys of `{ choice: weight }`. */
  weighed(weights) {
    const entries = Object.entries(weights);
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of entries) {
      left -= weight;
      if (left < 0) return choice;
    }
    return entries.at(-1)[0];
  }
}

/** FNV-1a. */
function hash(text) {
  let state = 0x811c9dc5;
  for (const unit of text) state = Math.imul(state ^ unit.codePointAt(0), 0x01000193);
  return state;
}
