import type { Clock } from "./clock.js";
import { Limit } from "./limit.js";
import type { RateLimiter } from "./rate-limiter.js";

/** A rate limit: opens for waiters at the moment when their tokens are there. */
export class RateGate extends Limit {
  readonly kind = "rate";
  override readonly capacity: number;
  readonly #limiter: RateLimiter;
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: (() => void) | undefined;

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

  hasRoom(cost: number, now: number): boolean {
    return this.#limiter.readyAt(cost, now) <= now;
  }

  take(cost: number, now: number): void {
    this.#limiter.take(cost, now);
  }

  /** Tokens are used up for good. */
  release(): void {}

  protected watch(now: number): void {
    const at = this.#limiter.readyAt(this.leastCost(), now);
    if (at >= this.#wakeAt) return;
    this.unwatch();
    this.#wakeAt = at;
    this.#cancelWake = this.clock.schedule(
      () => {
        this.unwatch();
        this.offer(this.clock.now());
      },
      // A timer may be early by a fraction of a millisecond, never by one.
      Math.max(0, Math.ceil(at - now)),
    );
  }

  protected unwatch(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }
}
