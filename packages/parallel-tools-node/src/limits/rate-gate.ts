import type { ResolvedRateLimit } from "../policy/rate-limit.js";
import type { Clock } from "./clock.js";
import type { RateLimiter } from "./rate-limiter.js";
import type { SharedLimit } from "./shared-limits.js";
import { TimedLimit } from "./timed-limit.js";

/** A rate limit: opens for waiters at the moment when their tokens are there. */
export class RateGate extends TimedLimit {
  readonly kind = "rate";
  override readonly capacity: number;
  readonly #limiter: RateLimiter;
  readonly #rateLimit: ResolvedRateLimit | undefined;

  /** @param rateLimit what `limiter` keeps to; none: it is no one's own */
  constructor(
    name: string,
    clock: Clock,
    limiter: RateLimiter,
    rateLimit?: ResolvedRateLimit,
  ) {
    super(name, clock);
    this.#limiter = limiter;
    this.#rateLimit = rateLimit;
    this.capacity = rateLimit?.burst ?? Number.POSITIVE_INFINITY;
  }

  override get declared(): readonly SharedLimit[] {
    const { name } = this;
    return this.#rateLimit ? [{ name, rateLimit: this.#rateLimit }] : [];
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
