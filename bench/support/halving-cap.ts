import type { Refusal } from "../../packages/parallel-tools-node/src/limits/feedback-gate.js";
import { TimedLimit } from "../../packages/parallel-tools-node/src/limits/timed-limit.js";
import type { Clock } from "../../packages/parallel-tools-node/src/limits/clock.js";

const FIRST_PAUSE_MS = 100;

/**
 * What one would use in place of a learned rate: a cap on the calls that run at
 * once, halved when the server refuses, and raised slowly when it doesn't
 * (additive increase, multiplicative decrease, as in TCP). It heeds pauses, too.
 */
export class HalvingCap extends TimedLimit {
  readonly kind = "feedback";
  readonly #random: () => number;
  #cap: number;
  #hasRefused = false;
  #running = 0;
  #refused = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #misses = 0;

  constructor(clock: Clock, firstCap: number, random: () => number) {
    super("halving cap", clock);
    this.#cap = firstCap;
    this.#random = random;
  }

  take(): void {
    this.#running += 1;
  }

  release(): void {
    this.#running -= 1;
    if (this.#refused > 0) {
      this.#refused -= 1;
      return;
    }
    this.#misses = 0;
    this.#cap += this.#hasRefused ? 0.2 / this.#cap : 1;
  }

  refuse({ startedAt, now, pauseMs, maxPauseMs }: Refusal): void {
    this.#refused += 1;
    let pause = pauseMs ?? 0;
    if (startedAt >= this.#refusedAt) {
      this.#hasRefused = true;
      this.#refusedAt = now;
      this.#cap = Math.max(1, Math.min(this.#cap, this.#running) / 2);
      if (pauseMs === undefined) {
        const guess = FIRST_PAUSE_MS * 2 ** this.#misses;
        this.#misses += 1;
        pause = guess * (0.5 + this.#random() / 2);
      }
    }
    const until = now + Math.min(pause, maxPauseMs);
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  protected opensAt(_cost: number, now: number): number {
    return this.#running < Math.floor(this.#cap)
      ? Math.max(now, this.#pausedUntil)
      : Number.POSITIVE_INFINITY;
  }
}
