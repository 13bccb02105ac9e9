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
/** The same while refusals don't seem to be about the rate. */
const FREE_GROWTH = 0.05;
/** A cut below this part of the rate shows whether cuts help. */
const TRIAL_SHARE = 0.8;
/**
 * It was in vain if fewer calls than these are accepted before the next refusal. By
 * then the rate has grown by a thirteenth, and is still below what it was.
 */
const VAIN_CALLS = 16;
/** How much each call counts in the share of calls that are refused. */
const WEIGHT = 1 / 16;
/** If more are refused, it is about the rate, whatever was tried. */
const MOST_REFUSED = 1 / 4;
/** What was learned is forgotten so long after the last refusal. */
const FORGET_MS = 600_000;

/** A cut of the rate, to see whether refusals come later after it. */
interface Trial {
  /** The rate before it, and before those cuts that led to it. */
  readonly rate: number;
  /** The measured rate was reached, so that refusals should be rare. */
  readonly isComplete: boolean;
}

/**
 * The rate that a server seems to allow, learned from what it accepts and what it
 * refuses. There is no limit until the first refusal. Between two refusals a
 * server accepts about as much as it allows in that time. Nearly that rate is kept
 * to, and it grows until the server refuses again.
 *
 *     unknown -- a refusal --> kept to
 *     kept to -- a much lower rate did not make refusals rare --> free: they are
 *       not about this rate, which is what it was before, and grows
 *     free -- more than a quarter of the calls are refused --> kept to
 *     any -- no refusal for ten minutes --> unknown
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
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Of the last calls. At first the worst is assumed. */
  #refusedShare = 0.5;
  #trial: Trial | undefined;
  #isFree = false;

  /** The server has refused something. */
  get isKnown(): boolean {
    return this.#rate !== Number.POSITIVE_INFINITY;
  }

  /** Whether what was learned is too old to be kept to. */
  isOld(now: number): boolean {
    return this.isKnown && now - this.#refusedAt > FORGET_MS;
  }

  forget(): void {
    this.#rate = Number.POSITIVE_INFINITY;
    this.#ceiling = Number.POSITIVE_INFINITY;
    this.#next = Number.NEGATIVE_INFINITY;
    this.#refusedShare = 0.5;
    this.#trial = undefined;
    this.#isFree = false;
    this.rest();
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
    this.#refusedShare *= 1 - WEIGHT;
    const growth = this.#isFree ? FREE_GROWTH : GROWTH;
    this.#rate = Math.min(this.#rate * (1 + growth), this.#ceiling);
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
    this.#refusedAt = now;
    this.#longestGap = Math.max(pauseMs, LEAST_GAP_MS);
    if (declared !== undefined) this.#ceiling = declared;
    if (this.isKnown) this.#learn(now);
    else this.#cutTo(declared ?? this.#measured(now), now);
    this.#rate = Math.min(this.#rate, this.#ceiling);
  }

  /** The server refused one more call of those that ran when it refused the last. */
  rejectAgain(): void {
    this.#noteRefusal();
  }

  /** No call runs or waits: the next measurement begins with the next call. */
  rest(): void {
    this.#since = undefined;
    this.#calls = 0;
    this.#tokens = 0;
  }

  #learn(now: number): void {
    this.#noteRefusal();
    const trial = this.#endTrial();
    if (trial?.isVain || this.#isFree) {
      this.#cutTo(trial?.rate ?? this.#rate, now);
    } else if (this.#calls >= LEAST_CALLS) {
      this.#cutToMeasured(now);
    } else if (this.#calls > 0) {
      this.#rate *= BLIND_SHARE;
    }
  }

  #noteRefusal(): void {
    this.#refusedShare += WEIGHT * (1 - this.#refusedShare);
  }

  /** Whether the last cut was in vain: the next refusal came soon all the same. */
  #endTrial(): { rate: number; isVain: boolean } | undefined {
    const trial = this.#trial;
    if (this.#refusedShare > MOST_REFUSED) {
      this.#trial = undefined;
      this.#isFree = false;
      return undefined;
    }
    if (trial?.isComplete !== true) return undefined;
    const isVain = this.#calls < VAIN_CALLS;
    this.#isFree = isVain;
    if (isVain) this.#trial = undefined;
    return { rate: trial.rate, isVain };
  }

  #cutToMeasured(now: number): void {
    const measured = Math.min(this.#rate, this.#measured(now)) * SHARE;
    const least = this.#rate * LEAST_SHARE;
    this.#trial = {
      rate: this.#trial?.rate ?? this.#rate,
      isComplete: measured >= least && measured < this.#rate * TRIAL_SHARE,
    };
    this.#cutTo(Math.max(least, measured), now);
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
