import assert from 'node:assert/strict';
import { Board } from './board.js';
import {
  boardView, certainBoard, certainPage, commonOfBoard, commonOfPage, expectedBoard, expectedPage, pageView,
} from './mixed-views.js';
import { ok } from './rest.js';

/** Whether all clients of a mixed meeting and REST show what the model says. Must be asked behind a fence. */
export class Agreement {
  #boards = new Map();

  constructor(mixed, model) {
    this.mixed = mixed;
    this.model = model;
  }

  /** `lost` has just lost his line: the pages must have lost him, although a snapshot may list him again for his card. */
  async check({ lost } = {}) {
    for (const person of this.mixed.signals) this.#checkPage(person, lost);
    for (const client of this.mixed.poker.clients) this.#checkBoard(client);
    await this.#checkTruth();
  }

  /** Once as the events before the fence have left it, and once more behind the snapshot that is the fence. */
  #checkPage(person, lost) {
    const { history } = person.client;
    const fence = history.findLastIndex((entry) => entry.fence);
    for (const [end, options] of [[fence, { beforeSnapshot: true }], [history.length, {}]]) {
      person.look(end);
      const seen = pageView(person, this.mixed.people);
      const expected = expectedPage(this.model, person, this.mixed.people);
      if (options.beforeSnapshot) assert.ok(!seen.players.includes(lost), `${lost}, who is away, is on the page of ${person}`);
      const where = `the page of ${person} ${options.beforeSnapshot ? 'after the step' : 'after the next snapshot'}`;
      same(certainPage(seen, this.model, options), certainPage(expected, this.model, options), where);
    }
  }

  /** Nobody knows what is right, but all show the same, as the last events have left it and behind the next snapshot. */
  unison() {
    const { people, poker, signals } = this.mixed;
    const [screen, ...others] = poker.clients.map((client) => commonOfBoard(boardView(this.#boardOf(client), people)));
    for (const other of others) same(other, screen, 'the screen of another Socket.IO client');
    for (const person of signals) {
      const { history } = person.client;
      for (const end of [history.findLastIndex((entry) => entry.fence), history.length]) {
        person.look(end);
        const page = commonOfPage(pageView(person, people), screen);
        same(page, screen, `the page of ${person}, which the screen of a Socket.IO client contradicts`);
      }
    }
  }

  #boardOf(client) {
    const { board, read } = this.#boards.get(client) ?? { board: new Board(), read: 0 };
    for (const entry of client.history.slice(read)) board.take(entry);
    this.#boards.set(client, { board, read: client.history.length });
    return board;
  }

  #checkBoard(client) {
    const owner = this.mixed.people.find((person) => person.client === client);
    const seen = certainBoard(boardView(this.#boardOf(client), this.mixed.people), this.model);
    same(seen, certainBoard(expectedBoard(this.model), this.model), `the screen of ${owner.key} with ${client.name}`);
  }

  /** REST counts the same votes, and tells none of them too early. */
  async #checkTruth() {
    const { votes, revealed } = await ok(this.mixed.rest.get(`${this.mixed.path}/votes`));
    const { model } = this;
    assert.equal(revealed, model.isRevealed, 'GET /votes says whether the cards are open');
    if (model.round?.moved?.size > 0) return;
    const nameOf = (id) => this.mixed.people.find(({ playerId }) => playerId === id)?.key;
    const seen = votes.map(({ playerId, value }) => [nameOf(playerId), value]);
    const expected = model.counted.map(([name, card]) => [name, revealed ? card : null]);
    same(Object.fromEntries(seen.sort()), Object.fromEntries(expected.sort()), 'GET /votes');
  }
}

/** What JSON leaves out makes no difference. */
function same(actual, expected, what) {
  const plain = (view) => JSON.parse(JSON.stringify(view));
  const difference = `${what}\n  is     ${JSON.stringify(actual)}\n  not as ${JSON.stringify(expected)}`;
  assert.deepEqual(plain(actual), plain(expected), difference);
}
