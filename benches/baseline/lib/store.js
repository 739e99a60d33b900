import { randomUUID } from 'node:crypto';
import { Session } from './session.js';

/** All sessions and tokens, in memory. */
export class Store {
  #sessions = new Map();
  #seats = new Map();

  open(name, config) {
    const session = new Session(name, config);
    this.#sessions.set(session.id, session);
    return session;
  }

  session(id) {
    return this.#sessions.get(id.toLowerCase());
  }

  /** A new token for a player. */
  issue(session, player) {
    const token = randomUUID();
    this.#seats.set(token, { session, player });
    return token;
  }

  /** The session and the player that a token is for. */
  seat(token) {
    return this.#seats.get(token);
  }
}
