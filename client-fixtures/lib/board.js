/** What each event does to the screen of a Socket.IO client; everything else is not on it. */
const EFFECTS = {
  connect: (board) => board.takeCardsAway(),
  'player:reconnected': (board, { sessionState }) => board.show(sessionState),
  'session:joined': (board, joined) => board.show(joined),
  'player:joined': (board, { player }) => board.seat(player),
  'player:left': (board, { playerId }) => board.unseat(playerId),
  'player:removed': (board, { playerId }) => board.unseat(playerId),
  'player:updated': (board, { player }) => board.change(player),
  'player:promoted': (board, { newHost, previousHost }) => [previousHost, newHost].forEach((player) => player && board.change(player)),
  'player:status_changed': (board, { playerId, isOnline }) => Object.assign(board.players.get(playerId) ?? {}, { isOnline }),
  'vote:submitted': (board, { playerId }) => board.cards.set(playerId, 'closed'),
  'cards:revealed': (board, { votes, consensus }) => board.reveal(votes, consensus),
  'game:reset': (board) => board.takeCardsAway(),
  'story:created': (board, { story }) => board.putStory(story),
  'story:updated': (board, { story }) => board.putStory(story),
  'story:deleted': (board, { storyId }) => board.dropStory(storyId),
  'story:activated': (board, { story }) => board.activate(story),
};

/** The screen of a client of the poker dialect, as it follows from what the client was told. */
export class Board {
  players = new Map();
  stories = new Map();
  active = undefined;
  /** A value once it is revealed, `closed` before, by the id of the player. */
  cards = new Map();
  revealed = false;
  average = undefined;

  take({ event, args: [payload] }) {
    EFFECTS[event]?.(this, payload);
  }

  /** Cards on the table come with the events behind it. */
  show({ players, stories, currentStory }) {
    this.players = new Map(players.map((player) => [player.id, { ...player }]));
    this.stories = new Map(stories.map((story) => [story.id, story]));
    this.active = currentStory?.id;
  }

  seat(player) {
    if (!this.players.has(player.id)) this.players.set(player.id, { ...player });
    if (!this.revealed && hasCard(player)) this.cards.set(player.id, 'closed');
  }

  unseat(id) {
    this.players.delete(id);
    this.cards.delete(id);
  }

  change(player) {
    if (!this.players.has(player.id)) return;
    this.players.set(player.id, { ...player });
    if (this.revealed) return;
    if (hasCard(player)) this.cards.set(player.id, 'closed');
    else this.cards.delete(player.id);
  }

  reveal(votes, consensus) {
    this.cards = new Map(votes.map(({ playerId, value }) => [playerId, value]));
    this.revealed = true;
    this.average = consensus.averageValue;
  }

  takeCardsAway() {
    this.cards.clear();
    this.revealed = false;
    this.average = undefined;
  }

  putStory(story) {
    this.stories.set(story.id, story);
    if (story.isActive || story.id !== this.active) return;
    this.active = undefined;
    this.takeCardsAway();
  }

  dropStory(id) {
    this.stories.delete(id);
    if (id !== this.active) return;
    this.active = undefined;
    this.takeCardsAway();
  }

  activate(story) {
    this.active = story.id;
    this.takeCardsAway();
    // Only one is active; the client's list follows by itself.
    for (const [id, other] of this.stories) this.stories.set(id, { ...other, isActive: id === story.id });
    this.stories.set(story.id, story);
  }
}

/** The card of a spectator lies beside the table until he is a player again. */
function hasCard({ votedInCurrentRound, isSpectator }) {
  return votedInCurrentRound && !isSpectator;
}
