import type { RateLimiter } from "./rate-limiter.js";

/** The part of a measured rate that is kept to. */
const SHARE = 0.95;
/** The least part of the rate that a measurement may leave. */
const LEAST_SHARE = 0.5;
/** Fewer calls than these are too few to measure a rate. */
const LEAST_CALLS = 5;
/** The part of the rate that is left where there were too few. */
const BLIND_SHARE = 0.9;
/** A learned rate is at least one call in this time, or in the last pause. */
const LEAST_GAP_MS = 5_000;
/** The part by which each accepted call raises the rate. */
const GROWTH = 0.005;

/**
 * The rate that a server seems to allow, learned from what it accepts and what it
 * refuses. There is no limit until the first refusal. Between two refusals a
 * server accepts about as much as it allows in that time. Nearly that rate is kept
 * to, and it grows until the server refuses again.
 *
 * `npm run bench -- adaptation` compares this with a concurrency cap that is
 * halved at a refusal (decision 0010).
 */
export class LearnedRate implements RateLimiter {
  /** Tokens per millisecond. */
  #rate = Number.POSITIVE_INFINITY;
  /** The rate that the server itself has declared. */
  #ceiling = Number.POSITIVE_INFINITY;
  /** The most milliseconds between two calls, unless the server declares a rate. */
  #longestGap = Number.POSITIVE_INFINITY;
  /** When the next call is due at this rate. */
  #next = Number.NEGATIVE_INFINITY;
  /** Calls that the server accepted since `#since`, and their tokens. */
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

  /** The server accepted a call. */
  accept(cost: number): void {
    this.#calls += 1;
    this.#tokens += cost;
    this.#rate = Math.min(this.#rate * (1 + GROWTH), this.#ceiling);
  }

  /**
   * The server refused a call.
   *
   * @param declared the rate that the server declares, in tokens per millisecond
   * @param pauseMs after which it accepts calls again. A rate of less than a call
   *   per pause is too low: it was measured while few calls were made
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

  /** No call runs or waits: the next measurement begins with the next call. */
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
