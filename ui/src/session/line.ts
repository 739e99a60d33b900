/** The Socket.IO connection of one seat: brings events in order, and always tries to come back. */
import { io, type Socket } from 'socket.io-client';
import { BASE, SOCKET_PATH } from '../base.ts';
import type { Acknowledgement, ClientEvents, ServerEvents } from './protocol.ts';
import type { Seat } from './seats.ts';

const ANSWER_DEADLINE_MS = 5_000;
const RETURN_AFTER_KICK_MS = 1_000;

export type Connection = 'connecting' | 'online' | 'reconnecting' | 'offline';

export interface Listener {
  event(name: string, payload: unknown): void;
  connection(state: Connection): void;
  /** Everything that was missed has been told. `skewMs`: the server's clock minus this one. */
  settled(skewMs: number): void;
  /** The way in is closed for good. */
  refused(reason: string): void;
}

export class Line {
  #socket: Socket;
  readonly #seat: Seat;
  readonly #listener: Listener;
  #wasOnline = false;
  #closed = false;

  constructor(seat: Seat, listener: Listener) {
    this.#seat = seat;
    this.#listener = listener;
    this.#socket = this.#open();
    addEventListener('online', this.#wake);
    addEventListener('offline', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
  }

  /** Sends an event and waits for its acknowledgement. */
  async ask<Name extends keyof ClientEvents>(name: Name, payload: ClientEvents[Name]): Promise<Acknowledgement> {
    try {
      return await this.#socket.timeout(ANSWER_DEADLINE_MS).emitWithAck(name, payload);
    } catch {
      return { ok: false, code: 'UNREACHABLE' };
    }
  }

  /** Tries once more after a refusal that may have been a mistake. */
  retry(): void {
    if (!this.#closed && !this.#socket.connected) this.#socket.connect();
  }

  /** Ends the line without a word, as closing the tab would: the seat stays. */
  close(): void {
    this.#closed = true;
    removeEventListener('online', this.#wake);
    removeEventListener('offline', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#drop();
  }

  #open(): Socket {
    const { sessionId, playerId, token } = this.#seat;
    const socket = io(BASE.origin, {
      path: SOCKET_PATH,
      auth: { sessionId, playerId, token },
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 250,
      reconnectionDelayMax: 2_500,
      timeout: 8_000,
      // Neither another seat nor a connection that was given up may lend its transport.
      forceNew: true,
    });
    socket.onAny((name: string, payload: unknown) => this.#listener.event(name, payload));
    socket.on('connect', () => this.#connected());
    socket.on('disconnect', (reason) => this.#lost(reason));
    socket.on('connect_error', (error) => this.#failed(error));
    return socket;
  }

  /** Lets go of the socket as a closed tab would. To disconnect it would tell the server that the player leaves. */
  #drop(): void {
    this.#socket.offAny();
    this.#socket.off();
    this.#socket.io.reconnection(false);
    this.#socket.io.engine?.close();
  }

  async #connected(): Promise<void> {
    this.#wasOnline = true;
    this.#listener.connection('online');
    const askedAt = Date.now();
    let skewMs = 0;
    this.#socket.once('heartbeat:response', ({ serverTime }: ServerEvents['heartbeat:response']) => {
      skewMs = serverTime - (askedAt + Date.now()) / 2;
    });
    // Events sent at once are queued behind the catch-up, so this answer means that the catch-up is over.
    const answer = await this.ask('heartbeat', { timestamp: askedAt });
    if (answer.ok && this.#socket.connected) this.#listener.settled(skewMs);
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#listener.connection(this.#away());
    if (reason !== 'io server disconnect') return;
    // The server hung up. If that was for good, the next attempt says so.
    setTimeout(() => this.retry(), RETURN_AFTER_KICK_MS);
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    if (this.#socket.active) this.#listener.connection(this.#away());
    else this.#listener.refused(error.message);
  }

  #away(): Connection {
    if (!navigator.onLine) return 'offline';
    return this.#wasOnline ? 'reconnecting' : 'connecting';
  }

  /** After sleep, or when the network comes or goes, a socket may be dead without knowing it. */
  readonly #wake = async (): Promise<void> => {
    if (document.visibilityState === 'hidden') return;
    if (!this.#socket.connected) return this.#retryNow();
    const answer = await this.ask('heartbeat', { timestamp: Date.now() });
    if (answer.ok || this.#closed || !this.#socket.connected) return;
    // Closing a dead WebSocket takes the browser as long as finding out that it is dead.
    this.#drop();
    this.#listener.connection('reconnecting');
    this.#socket = this.#open();
  };

  #retryNow(): void {
    this.#listener.connection(this.#away());
    if (navigator.onLine) this.#socket.disconnect().connect();
  }
}
