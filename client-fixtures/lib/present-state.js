import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { Board } from './board.js';
import { readTruth } from './crash-screen.js';
import { Page } from './page.js';
import { Rest } from './rest.js';
import { rosterOf } from './roster.js';
import { until } from './wait.js';

/** What a node says of a session over REST: the roster, the stories, and the cards by the names of their players. */
export async function stateAt(node, sessionId) {
  const { players, stories, votes: { votes, revealed } } = await readTruth(new Rest(node.url), sessionId);
  return {
    roster: rosterOf(players),
    stories: stories.map(({ title }) => title),
    active: stories.find(({ isActive }) => isActive)?.title,
    revealed,
    cards: Object.fromEntries(votes.map(({ playerName, value }) => [playerName, revealed ? value : 'closed'])),
  };
}

/** The same as an official client shows it, from everything it was told. */
export function stateOn(client) {
  const board = new Board();
  for (const entry of client.history) board.take(entry);
  const nameOf = (id) => board.players.get(id)?.name ?? id;
  return {
    roster: rosterOf([...board.players.values()]),
    stories: [...board.stories.values()].map(({ title }) => title),
    active: board.stories.get(board.active)?.title,
    revealed: board.revealed,
    cards: Object.fromEntries([...board.cards].map(([id, value]) => [nameOf(id), value])),
  };
}

/** What a page of the signal dialect can show of it. */
function stateOnPage(browser) {
  const page = new Page();
  for (const entry of browser.history) page.take(entry);
  const { players = [], currentVote } = page.session ?? {};
  return {
    names: players.map(({ name }) => name).sort(),
    active: currentVote?.issueName,
    revealed: currentVote?.isRevealed,
    voters: players.filter(({ hasVoted }) => hasVoted).map(({ name }) => name).sort(),
  };
}

function pageViewOf({ roster, active, revealed, cards }) {
  return { names: Object.keys(roster).sort(), active, revealed, voters: Object.keys(cards).sort() };
}

/** All these nodes, clients and pages agree on what the first node says. */
export async function allSee({ nodes: [first, ...others], clients = [], pages = [] }, sessionId) {
  const views = [
    ...others.map((node) => [`the node at ${node.url}`, () => stateAt(node, sessionId), (truth) => truth]),
    ...clients.map((client) => [client.name, () => stateOn(client), (truth) => truth]),
    ...pages.map((page) => [page.name, () => stateOnPage(page), pageViewOf]),
  ];
  let seen = [];
  let truth;
  const agree = async () => {
    truth = await stateAt(first, sessionId);
    seen = await Promise.all(views.map(([, view]) => view()));
    return seen.every((view, index) => isDeepStrictEqual(view, views[index][2](truth)));
  };
  await until(agree, 'everybody sees the same').catch(() => {
    views.forEach(([name, , shape], index) => assert.deepEqual(seen[index], shape(truth), `what ${name} shows`));
  });
  return truth;
}
