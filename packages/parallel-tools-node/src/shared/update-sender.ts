import type { Call } from "./outbox.js";
import { decodeEvents, type LimitEvent } from "./protocol.js";
import { type ScriptCaller, Unavailable } from "../redis/script-caller.js";

interface Parts {
  /** All that there is to say; `undefined`: nothing. */
  readonly collect: () => Call | undefined;
  readonly onAnswer: (call: Call, events: readonly LimitEvent[]) => void;
  readonly onFailure: (error: Error, call: Call) => void;
}

/**
 * The calls of the script, one at a time, so that what is said arrives in
 * order. What comes up in one turn of the event loop, or while a call is under
 * way, goes together into the next one.
 */
export class Conversation {
  readonly #caller: ScriptCaller;
  readonly #parts: Parts;
  #isCalling = false;
  #isScheduled = false;
  #isSuspended = false;

  constructor(caller: ScriptCaller, parts: Parts) {
    this.#caller = caller;
    this.#parts = parts;
  }

  /** There is something to say. */
  speak(): void {
    if (this.#isScheduled || this.#isSuspended) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (!this.#isSuspended) void this.speakNow();
    });
  }

  /** Nothing is said any more but by `speakNow`. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
    this.speak();
  }

  async speakNow(): Promise<void> {
    if (this.#isCalling) return;
    const call = this.#parts.collect();
    if (call === undefined) return;
    this.#isCalling = true;
    let answer: unknown;
    try {
      answer = await this.#caller.call(JSON.stringify(call.statement));
    } catch (error) {
      this.#isCalling = false;
      this.#parts.onFailure(error as Error, call);
      return;
    }
    this.#isCalling = false;
    const events = decodeEvents(answer);
    if (events !== undefined) {
      this.#parts.onAnswer(call, events);
      // Whatever has come up in the meantime.
      this.speak();
    } else {
      const error = new Unavailable("an answer that makes no sense");
      this.#parts.onFailure(error, call);
    }
  }
}
