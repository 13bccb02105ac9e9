import type { RateLimiter } from "./rate-limiter.js";

/** Of what a server took before it first refused: a burst, most likely. */
const FIRST_SHARE = 0.5;
/** Of what it took between two refusals: its rate, as well as we know. */
const SHARE = 0.95;
/** A cut leaves at least this much: the time measured may have been short. */
const LEAST_SHARE = 0.5;
/** By which each accepted call raises the rate. */
const GROWTH = 0.005;

/**
 * The rate that a server seems to allow, learned from what it takes and what it
 * refuses. No limit until the first refusal. Between two refusals a server
 * takes about as much as it allows in that time, so that is kept to; from there
 * the rate grows until the server refuses again.
 *
 * `npm run bench -- adaptation` holds this against a concurrency cap that is
 * halved at a refusal (decision 0010).
 */
export class LearnedRate implements RateLimiter {
  /** Tokens per millisecond. */
  #rate = Number.POSITIVE_INFINITY;
  /** The rate that the server itself has declared. */
  #ceiling = Number.POSITIVE_INFINITY;
  /** When the next call is due at this rate. */
  #next = Number.NEGATIVE_INFINITY;
  /** Tokens that the server took since `#since`. */
  #accepted = 0;
  #since: number | undefined;

  readyAt(_cost: number, now: number): number {
    return Math.max(now, this.#next);
  }

  /** After a while without calls, two may go out together. */
  take(cost: number, now: number): void {
    this.#since ??= now;
    if (this.#rate === Number.POSITIVE_INFINITY) return;
    const gap = cost / this.#rate;
    this.#next = Math.max(this.#next, now - gap) + gap;
  }

  /** The server took a call. */
  accept(cost: number): void {
    this.#accepted += cost;
    this.#rate = Math.min(this.#rate * (1 + GROWTH), this.#ceiling);
  }

  /**
   * The server refused a call.
   *
   * @param declared the rate that the server says it has, in tokens per ms
   */
  reject(now: number, declared?: number): void {
    if (declared !== undefined) this.#ceiling = declared;
    const isKnown = this.#rate !== Number.POSITIVE_INFINITY;
    // It has taken nothing since it last refused: that measures nothing.
    if (isKnown && this.#accepted === 0) return;
    const elapsed = Math.max(1, now - (this.#since ?? now));
    const measured = Math.max(1, this.#accepted) / elapsed;
    const rate = isKnown
      ? Math.max(
          this.#rate * LEAST_SHARE,
          Math.min(this.#rate, measured) * SHARE,
        )
      : (declared ?? measured * FIRST_SHARE);
    this.#rate = Math.min(rate, this.#ceiling);
    this.#since = now;
    this.#accepted = 0;
    this.#next = now;
  }

  /** Nobody wants anything, so what is taken from here on measures nothing old. */
  rest(): void {
    this.#since = undefined;
    this.#accepted = 0;
  }
}
