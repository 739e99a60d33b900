/** What a player can do, but for voting. Over REST, which is not limited per minute, wherever it offers the same. */
import type { Live } from './live.ts';
import type {
  AddedStory,
  ClientEvents,
  Estimate,
  NewStory,
  PlayerChange,
  Round,
  SessionChange,
  Story,
  StoryChange,
  StoryList,
} from './protocol.ts';
import { Refusal } from './rest.ts';

/** Far below what one request may weigh, whatever the descriptions. */
const BATCH_CHARACTERS = 40_000;
const BATCH_STORIES = 200;

export class Actions {
  readonly #session: string;

  constructor(private readonly live: Live) {
    this.#session = `sessions/${live.seat.sessionId}`;
  }

  /** Behind the own card: whoever is quick shall not open the table before it lies there. */
  async reveal(): Promise<void> {
    await this.live.delivered();
    await this.live.rest.post(`${this.#session}/reveal`);
  }

  reset = () => this.live.rest.post(`${this.#session}/reset-voting`);

  /** The next story to estimate, at once. */
  startStory = (story: AddedStory) => this.live.rest.post(`${this.#session}/stories`, story);
  activate = (storyId: string) => this.live.rest.put(`${this.#session}/stories/${storyId}/activate`);
  editStory = (storyId: string, change: StoryChange) => this.live.rest.put(`stories/${storyId}`, change);
  deleteStory = (storyId: string) => this.live.rest.delete(`stories/${storyId}`);
  complete = (storyId: string, finalEstimate: string) =>
    this.live.rest.put(`stories/${storyId}/complete`, { finalEstimate } satisfies Estimate);

  /** Leaves a story - done, if it has an estimate - for the next one. */
  async advance(from: Story | undefined, to: Story | undefined): Promise<void> {
    if (from?.finalEstimate) await this.complete(from.id, from.finalEstimate);
    if (to) await this.activate(to.id);
  }

  /** Without `isActive` an estimate would end the round on that story. */
  estimate = (storyId: string, finalEstimate: string, active: boolean) =>
    this.editStory(storyId, active ? { finalEstimate, isActive: true } : { finalEstimate });

  moveStory = (storyId: string, toIndex: number) => this.#ask('story:move', { storyId, toIndex });

  async addStories(stories: NewStory[]): Promise<void> {
    for (const batch of batches(stories)) {
      await this.live.rest.post(`${this.#session}/stories/import`, { stories: batch } satisfies StoryList);
    }
  }

  startTimer = (duration: number) => this.#ask('timer:start', { duration, mode: 'countdown' });
  stopTimer = () => this.#ask('timer:stop', {});
  sendReaction = (emoji: string) => this.#ask('reaction:send', { emoji });

  changeSelf = (change: PlayerChange) => this.live.rest.put(`players/${this.live.seat.playerId}`, change);
  removePlayer = (playerId: string) => this.live.rest.delete(`players/${playerId}`);
  promote = (playerId: string) => this.live.rest.post(`players/${playerId}/promote`);

  /** Nobody is told of another name; whoever changes it looks. */
  async changeSession(change: SessionChange): Promise<void> {
    await this.live.rest.put(this.#session, change);
    await this.live.refreshInfo();
  }

  deleteSession = () => this.live.rest.delete(this.#session);
  rounds = () => this.live.rest.get<Round[]>(`${this.#session}/rounds`);
  exported = (format: 'csv' | 'json') => this.live.rest.file(`${this.#session}/export?format=${format}`);

  async leave(): Promise<void> {
    await this.live.line.ask('session:leave', {});
    this.live.end('left');
  }

  async #ask<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]): Promise<void> {
    const answer = await this.live.line.ask(name, payload);
    if (!answer.ok) throw new Refusal(answer.code === 'RATE_LIMITED' ? 429 : 400, answer.error ?? '');
  }
}

function batches(stories: NewStory[]): NewStory[][] {
  const all: NewStory[][] = [];
  let size = Infinity;
  for (const story of stories) {
    const weight = story.title.length + (story.description?.length ?? 0) + 40;
    const last = all.at(-1);
    if (!last || size + weight > BATCH_CHARACTERS || last.length === BATCH_STORIES) {
      all.push([story]);
      size = weight;
    } else {
      last.push(story);
      size += weight;
    }
  }
  return all;
}
