// The rules for request bodies. Every violated one becomes an entry of `details`.

import { refused } from './http.js';

const DECK = ['1', '2', '3', '5', '8', '13', '?'];

/** Checks an object's fields one after the other; `done` refuses the request if one was wrong. */
export class Checker {
  #details = [];

  constructor(body) {
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    if (!isObject) this.#note('body', 'Expected object', 'invalid_type');
    this.body = isObject ? body : {};
  }

  #note(field, message, code) {
    this.#details.push({ field, message, code });
  }

  /** A text with a length from 1, or 0 if it is optional. */
  text(field, label, most, { trim = false, fallback } = {}) {
    let value = this.body[field];
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value !== 'string') {
      this.#note(`body.${field}`, value === undefined ? 'Required' : 'Expected string', 'invalid_type');
      return '';
    }
    if (trim) value = value.trim();
    if (value.length === 0) this.#note(`body.${field}`, `${label} is required`, 'too_small');
    if (value.length > most) this.#note(`body.${field}`, `${label} must be ${most} characters or less`, 'too_big');
    return value;
  }

  flag(field, fallback) {
    const value = this.body[field] ?? fallback;
    if (typeof value !== 'boolean') this.#note(`body.${field}`, 'Expected boolean', 'invalid_type');
    return value;
  }

  /** The settings of a new session. */
  config() {
    const { cardValues = DECK, allowSpectators = true, autoRevealCards = false, timerSeconds = 60 } = this.body.config ?? {};
    const isDeck = Array.isArray(cardValues) && cardValues.every((card) => typeof card === 'string');
    if (!isDeck) this.#note('body.config.cardValues', 'Expected array', 'invalid_type');
    else if (cardValues.length < 2) this.#note('body.config.cardValues', 'At least 2 card values required', 'too_small');
    else if (cardValues.length > 20) this.#note('body.config.cardValues', 'Maximum 20 card values allowed', 'too_big');
    for (const [field, value] of Object.entries({ allowSpectators, autoRevealCards })) {
      if (typeof value !== 'boolean') this.#note(`body.config.${field}`, 'Expected boolean', 'invalid_type');
    }
    if (typeof timerSeconds !== 'number') this.#note('body.config.timerSeconds', 'Expected number', 'invalid_type');
    return { cardValues, allowSpectators, autoRevealCards, timerSeconds };
  }

  done() {
    if (this.#details.length > 0) throw refused(400, 'Validation failed', this.#details);
  }
}
