/** One seat in one session: listens, folds, remembers the own card, and brings it to the server exactly once. */
import { API } from '../base.ts';
import { Cell } from '../cell.ts';
import { afterEvent, chosen, sameRound, type Ballot } from './ballot.ts';
import { fold, opened } from './fold.ts';
import { Line, type Connection, type Listener } from './line.ts';
import type { NewVote, ServerEvent, ServerEvents, Session, SessionJoined, VoteReceipt } from './protocol.ts';
import { Refusal, Rest, Unreachable } from './rest.ts';
import { activeStory, type Room } from './room.ts';
import { keepBallot, keptBallot, leaveSeat, onOtherTab, seatIn, takeSeat, type Seat } from './seats.ts';

const AGAIN_AFTER_MS = 1_000;

export type Closing = 'removed' | 'deleted' | 'expired' | 'missing' | 'unseated' | 'left';

export type Reaction = ServerEvents['reaction:sent'] & { id: number };

/** Sees every event with the room before and after it; for what is said aloud, and for what flies. */
export type Witness = (event: ServerEvent, after: Room, before: Room | undefined) => void;

export class Live implements Listener {
  readonly room = new Cell<Room | undefined>(undefined);
  readonly info = new Cell<Session | undefined>(undefined);
  readonly ballot: Cell<Ballot | undefined>;
  readonly connectionState = new Cell<Connection>('connecting');
  readonly closing = new Cell<Closing | undefined>(undefined);
  readonly reaction = new Cell<Reaction | undefined>(undefined);
  readonly rest: Rest;
  readonly line: Line;
  skewMs = 0;
  /** Called when a vote is refused, with the server's words. */
  onRefusedVote: (reason: string) => void = () => {};
  witness: Witness = () => {};
  #settled = false;
  #delivery: Promise<void> | undefined;
  #reactions = 0;
  readonly #forgetTabs: () => void;

  constructor(readonly seat: Seat) {
    this.rest = new Rest(API, seat.token);
    this.ballot = new Cell(keptBallot(seat.sessionId));
    this.#forgetTabs = onOtherTab(seat.sessionId, () => this.#otherTab());
    this.line = new Line(seat, this);
    void this.refreshInfo();
  }

  close(): void {
    this.#forgetTabs();
    this.line.close();
  }

  /** What snapshots do not tell, or not yet: the session's name, its end, settings that were just changed. */
  async refreshInfo(): Promise<void> {
    const info = await this.rest.get<Session>(`sessions/${this.seat.sessionId}`).catch(() => undefined);
    if (info) this.#inform(info);
  }

  /** Chooses a card. It is on the table at once, and with the server as soon as there is one. */
  choose(choice: Pick<Ballot, 'value' | 'confidence'>): void {
    const room = this.room.value;
    if (!room) return;
    this.#keep(chosen(room, this.ballot.value, choice));
    void this.delivered();
  }

  end(closing: Closing): void {
    leaveSeat(this.seat.sessionId);
    this.closing.set(closing);
    this.close();
  }

  event(name: string, payload: unknown): void {
    const event = { name, payload } as ServerEvent;
    if (event.name === 'reaction:sent') return this.#react(event.payload);
    const before = this.room.value;
    const after = before ? fold(before, event) : this.#first(event);
    if (!after) return;
    this.room.set(after);
    this.#keep(afterEvent(this.ballot.value, after, event));
    this.witness(event, after, before);
    if (after.ending) this.end(after.ending);
    if (name === 'session:joined' && before) this.#resumed();
  }

  /** Events may have been left out before a snapshot. On a new line, votes are looked after when it has settled. */
  #resumed(): void {
    void this.refreshInfo();
    if (this.#settled) void this.#checkRound();
  }

  connection(state: Connection): void {
    if (state !== 'online') this.#settled = false;
    this.connectionState.set(state);
  }

  settled(skewMs: number): void {
    this.skewMs = skewMs;
    this.#settled = true;
    void this.#checkRound().then(() => this.delivered());
  }

  refused(reason: string): void {
    if (reason.startsWith('You have been removed')) return this.end('removed');
    if (reason === 'Session has expired') return this.end('expired');
    if (reason.startsWith('Session not found')) return this.end('missing');
    if (reason === 'Authentication failed') return void this.#askAgain();
    this.end('unseated');
  }

  /** A server in trouble says the same as one that does not know the token. REST tells them apart. */
  async #askAgain(): Promise<void> {
    try {
      await this.rest.put(`players/${this.seat.playerId}/activity`);
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) return this.end('unseated');
    }
    setTimeout(() => this.line.retry(), AGAIN_AFTER_MS);
  }

  #first({ name, payload }: ServerEvent): Room | undefined {
    return name === 'session:joined' ? opened(payload as SessionJoined, this.seat.playerId) : undefined;
  }

  #inform(info: Session): void {
    this.info.set(info);
    const room = this.room.value;
    if (room) this.room.set({ ...room, config: info.config });
    if (seatIn(this.seat.sessionId)) takeSeat({ ...this.seat, sessionName: info.name });
  }

  #react({ playerId, emoji }: ServerEvents['reaction:sent']): void {
    this.#reactions += 1;
    this.reaction.set({ id: this.#reactions, playerId, emoji });
  }

  #keep(ballot: Ballot | undefined): void {
    if (ballot === this.ballot.value) return;
    this.ballot.set(ballot);
    keepBallot(this.seat.sessionId, ballot);
  }

  #otherTab(): void {
    if (!seatIn(this.seat.sessionId)) {
      // The last of the tabs that says so makes the player leave at once.
      void this.line.ask('session:leave', {}).then(() => this.end('left'));
      return;
    }
    this.ballot.set(keptBallot(this.seat.sessionId));
  }

  /** A round that began and ended unseen on the same story shows in the time of the own vote. */
  async #checkRound(): Promise<void> {
    const ballot = this.ballot.value;
    const story = this.room.value && activeStory(this.room.value);
    if (!ballot?.takenAt || !story) return;
    const path = `sessions/${this.seat.sessionId}/votes?storyId=${story.id}`;
    const answer = await this.rest.get<{ votes: { playerId: string; timestamp: string }[] }>(path).catch(() => undefined);
    if (!answer || this.ballot.value !== ballot) return;
    const mine = answer.votes.find(({ playerId }) => playerId === this.seat.playerId);
    if (!sameRound(ballot, mine?.timestamp)) this.#keep(undefined);
  }

  /** One call at a time; whatever was chosen meanwhile follows. Votes replace each other, so a repeat is harmless. */
  delivered(): Promise<void> {
    this.#delivery ??= this.#deliver();
    return this.#delivery;
  }

  async #deliver(): Promise<void> {
    // Whoever called has to know of this delivery before it can end.
    await Promise.resolve();
    while (this.#settled && this.ballot.value && !this.ballot.value.sent) await this.#send(this.ballot.value);
    this.#delivery = undefined;
  }

  async #send(ballot: Ballot): Promise<void> {
    const { storyId, value, confidence } = ballot;
    try {
      const path = `sessions/${this.seat.sessionId}/vote`;
      const { timestamp } = await this.rest.post<VoteReceipt>(path, { storyId, value, confidence } satisfies NewVote);
      const now = this.ballot.value;
      if (now === ballot) this.#keep({ ...ballot, sent: true, takenAt: timestamp });
      else if (now?.storyId === storyId) this.#keep({ ...now, takenAt: timestamp });
    } catch (error) {
      await this.#notSent(ballot, error);
    }
  }

  async #notSent(ballot: Ballot, error: unknown): Promise<void> {
    if (error instanceof Unreachable) return new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    if (this.ballot.value === ballot) this.#keep(undefined);
    this.onRefusedVote(error instanceof Refusal ? error.reason : '');
  }
}
