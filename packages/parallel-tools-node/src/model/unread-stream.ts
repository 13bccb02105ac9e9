import type { Clock } from "../limits/clock.js";
import type { NestedWork, RunningCall } from "../schedule/surroundings.js";

/** How long a piece lies before its stream counts as one that nobody reads. */
const UNREAD_MS = 1_000;

/**
 * A stream whose reader does something else meanwhile, and may wait for the slot that
 * the stream has. After a second it counts as a call that waits for what is inside of
 * it, so that its slot is lent as rule R12 says.
 *
 *     read -- a piece lies for a second --> unread
 *     unread -- the next piece is asked for, and there is a slot --> read
 */
export class UnreadStream implements NestedWork {
  readonly #running: RunningCall;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  #cancel: (() => void) | undefined;
  #isUnread = false;

  constructor(
    running: RunningCall,
    clock: Clock,
    signal: AbortSignal | undefined,
  ) {
    this.#running = running;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Who reads it may wait for anyone, and isn't asked. */
  isStuck(): boolean {
    return true;
  }

  /** A piece is there. */
  begin(): void {
    this.#cancel = this.#clock.schedule(() => {
      this.#isUnread = true;
      this.#running.begin(this);
      this.#running.changed?.();
    }, UNREAD_MS);
  }

  /** Somebody has taken the piece, or nobody wants it any more. */
  stop(): void {
    this.#cancel?.();
  }

  /** The next one is wanted, after `stop`. Resolves when the stream may go on. */
  async end(): Promise<void> {
    if (!this.#isUnread) return;
    this.#isUnread = false;
    await this.#running.leave(this, this.#signal);
  }
}
