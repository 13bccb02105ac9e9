import type { RateLimiter } from "./rate-limiter.js";

/** Of what a server took between two refusals: its rate, as well as we know. */
const SHARE = 0.95;
/** A cut leaves at least this much. */
const LEAST_SHARE = 0.5;
/** Fewer calls than these measure nothing: it was too soon. */
const LEAST_CALLS = 5;
/** What is left of the rate when it is too soon to measure. */
const BLIND_SHARE = 0.9;
/** No learned rate is slower than a call in five seconds, or per pause. */
const LEAST_GAP_MS = 5_000;
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
  /** Milliseconds after which a call is let through, whatever the rate. */
  #longestGap = Number.POSITIVE_INFINITY;
  /** When the next call is due at this rate. */
  #next = Number.NEGATIVE_INFINITY;
  /** Calls that the server took since `#since`, and their tokens. */
  #calls = 0;
  #tokens = 0;
  #since: number | undefined;

  /** The server has refused something. */
  get isKnown(): boolean {
    return this.#rate !== Number.POSITIVE_INFINITY;
  }

  readyAt(_cost: number, now: number): number {
    return Math.max(now, this.#next);
  }

  /** After a while without calls, two may go out together. */
  take(cost: number, now: number): void {
    this.#since ??= now;
    if (!this.isKnown) return;
    const isDeclared = this.#ceiling !== Number.POSITIVE_INFINITY;
    const gap = isDeclared
      ? cost / this.#rate
      : Math.min(cost / this.#rate, this.#longestGap);
    this.#next = Math.max(this.#next, now - gap) + gap;
  }

  /** The server took a call. */
  accept(cost: number): void {
    this.#calls += 1;
    this.#tokens += cost;
    this.#rate = Math.min(this.#rate * (1 + GROWTH), this.#ceiling);
  }

  /**
   * The server refused a call.
   *
   * @param declared the rate that the server says it has, in tokens per ms
   * @param pauseMs after which it takes calls again. Slower than one per pause
   *   is too slow: a measurement may be of a time in which little was wanted
   */
  reject(
    now: number,
    declared?: number,
    pauseMs = Number.POSITIVE_INFINITY,
  ): void {
    this.#longestGap = Math.max(pauseMs, LEAST_GAP_MS);
    if (declared !== undefined) this.#ceiling = declared;
    if (!this.isKnown) {
      this.#cutTo(declared ?? this.#measured(now), now);
    } else if (this.#calls >= LEAST_CALLS) {
      const measured = Math.min(this.#rate, this.#measured(now)) * SHARE;
      this.#cutTo(Math.max(this.#rate * LEAST_SHARE, measured), now);
    } else if (this.#calls > 0) {
      this.#rate *= BLIND_SHARE;
    }
    this.#rate = Math.min(this.#rate, this.#ceiling);
  }

  /** Nobody wants anything, so what is taken from here on measures nothing old. */
  rest(): void {
    this.#since = undefined;
    this.#calls = 0;
    this.#tokens = 0;
  }

  #measured(now: number): number {
    const elapsed = Math.max(1, now - (this.#since ?? now));
    return Math.max(1, this.#tokens) / elapsed;
  }

  #cutTo(rate: number, now: number): void {
    this.#rate = rate;
    this.#since = now;
    this.#calls = 0;
    this.#tokens = 0;
    this.#next = now;
  }
}
