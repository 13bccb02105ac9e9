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
 * Sends updates to the store, one at a time. What comes up in one turn of the event
 * loop, or while an update is under way, goes into the next update together.
 *
 * But nothing waits for one that only gives back: a process that ends when its last
 * calls have ended would leave the slots of some taken.
 */
export class UpdateSender {
  readonly #store: Store;
  readonly #listener: Listener;
  /** Updates under way. */
  #underWay = 0;
  /** One of them has an answer that the next update depends on. */
  #isWaiting = false;
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
    return this.#underWay > 0;
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
    if (this.#isWaiting) return;
    const sent = this.#listener.compose();
    if (sent === undefined) return;
    const isAwaited = !onlyGivesBack(sent);
    this.#isWaiting = isAwaited;
    this.#underWay += 1;
    let answer: unknown;
    try {
      answer = await this.#store.send(sent.update);
    } catch (error) {
      this.#onEnd(isAwaited);
      this.#listener.onFailure(error as Error, sent);
      return;
    }
    this.#onEnd(isAwaited);
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

  #onEnd(isAwaited: boolean): void {
    this.#underWay -= 1;
    if (isAwaited) this.#isWaiting = false;
  }
}

/** What the store will have of this process does not depend on its answer. */
function onlyGivesBack({ update }: SentUpdate): boolean {
  const { known, asked, looks, started, pauses } = update;
  const parts = [asked, looks, started, pauses];
  return known >= 0 && parts.every(({ length }) => length === 0);
}
