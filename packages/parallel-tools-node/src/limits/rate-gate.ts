import type { Clock } from "./clock.js";
import type { RateLimiter } from "./rate-limiter.js";
import { TimedLimit } from "./timed-limit.js";

/** A rate limit: opens for waiters at the moment when their tokens are there. */
export class RateGate extends TimedLimit {
  readonly kind = "rate";
  override readonly capacity: number;
  readonly #limiter: RateLimiter;

  /** @param capacity the most tokens that `limiter` ever gives at once */
  constructor(
    name: string,
    clock: Clock,
    limiter: RateLimiter,
    capacity: number,
  ) {
    super(name, clock);
    this.#limiter = limiter;
    this.capacity = capacity;
  }

  take(cost: number, now: number): void {
    this.#limiter.take(cost, now);
  }

  /** Tokens are used up for good. */
  release(): void {}

  protected opensAt(cost: number, now: number): number {
    return this.#limiter.readyAt(cost, now);
  }
}
