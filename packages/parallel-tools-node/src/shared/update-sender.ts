import type { SentUpdate } from "./outbox.js";
import { decodeEvents, type LimitEvent } from "./protocol.js";
import { type Store, StoreUnavailable } from "./store.js";

interface Listener {
  /** Composes an update of all that has come up. `undefined`: nothing has. */
  readonly compose: () => SentUpdate | undefined;
  readonly onAnswer: (sent: SentUpdate, events: readonly LimitEvent[]) => void;
  readonly onFailure: (error: Error, sent: SentUpdate) => void;
}

/**
 * Sends updates to the store, one at a time, so that they arrive in order. What
 * comes up in one turn of the event loop, or while an update is under way, goes
 * into the next update together.
 */
export class UpdateSender {
  readonly #store: Store;
  readonly #listener: Listener;
  #isSending = false;
  #isScheduled = false;
  #isSuspended = false;

  constructor(store: Store, listener: Listener) {
    this.#store = store;
    this.#listener = listener;
  }

  /** Sends an update when this turn of the event loop has done its work. */
  sendSoon(): void {
    if (this.#isScheduled || this.#isSuspended) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#isSuspended) void this.sendNow();
    });
  }

  /** An update is under way. */
  get isSending(): boolean {
    return this.#isSending;
  }

  /** From now on only `sendNow` sends. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
    this.sendSoon();
  }

  async sendNow(): Promise<void> {
    if (this.#isSending) return;
    const sent = this.#listener.compose();
    if (sent === undefined) return;
    this.#isSending = true;
    let answer: unknown;
    try {
      answer = await this.#store.send(sent.update);
    } catch (error) {
      this.#isSending = false;
      this.#listener.onFailure(error as Error, sent);
      return;
    }
    this.#isSending = false;
    const events = decodeEvents(answer);
    if (events !== undefined) {
      this.#listener.onAnswer(sent, events);
      // For what has come up in the meantime.
      this.sendSoon();
    } else {
      const error = new StoreUnavailable("an answer that makes no sense");
      this.#listener.onFailure(error, sent);
    }
  }
}
