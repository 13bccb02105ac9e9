import type { RateLimiter } from "./rate-limiter.js";

interface Taken {
  readonly at: number;
  /** From when on it counts. */
  from: number;
  cost: number;
}

/** So many can be corrected. */
const MOST_TAKEN = 1_000;

/**
 * A bucket of `burst` tokens that refills at `limit` per `intervalMs`, kept as
 * one number: the theoretical arrival time of GCRA (ITU-T I.371, the virtual
 * scheduling form). Times are held multiplied by `limit`, which makes all sums
 * exact for a clock of whole milliseconds. What led to that number since the bucket
 * was last full is kept beside it, so that it can be corrected.
 *
 * The burst is smaller by what flows in during `jitterMs`: requests that keep to a
 * tolerance, and are each delayed by up to `jitterMs`, keep to the tolerance plus
 * `jitterMs` (ITU-T I.371 on cell delay variation). Where the burst is smaller than
 * that, the same sum puts more time between calls.
 */
export class TokenBucket implements RateLimiter {
  readonly #limit: number;
  readonly #intervalMs: number;
  readonly #tolerance: number;
  #arrival = Number.NEGATIVE_INFINITY;
  /** What has been taken since the bucket was full, for corrections. Oldest first. */
  readonly #taken: Taken[] = [];
  /** The arrival before these. */
  #arrivalBefore = Number.NEGATIVE_INFINITY;

  constructor(options: {
    limit: number;
    intervalMs: number;
    burst: number;
    jitterMs?: number;
  }) {
    this.#limit = options.limit;
    this.#intervalMs = options.intervalMs;
    this.#tolerance =
      options.burst * options.intervalMs -
      (options.jitterMs ?? 0) * options.limit;
  }

  readyAt(cost: number, now: number): number {
    const next = this.#arrival + cost * this.#intervalMs;
    return Math.max(now, (next - this.#tolerance) / this.#limit);
  }

  take(cost: number, now: number): void {
    // What came before a full bucket doesn't matter any more.
    if (this.#arrival <= now * this.#limit) this.#taken.length = 0;
    if (this.#taken.length === 0) this.#arrivalBefore = this.#arrival;
    const last = this.#taken.at(-1);
    const taken = { at: now, from: now, cost };
    if (last?.at === now && last.from === now) last.cost += cost;
    else this.#taken.push(taken);
    this.#arrival = this.#after(this.#arrival, taken);
    if (this.#taken.length <= MOST_TAKEN) return;
    const first = this.#taken.shift() as Taken;
    this.#arrivalBefore = this.#after(this.#arrivalBefore, first);
  }

  /** More counts from now on. Less counts from when it was taken, if that is known. */
  correct(more: number, since: number, now: number): void {
    if (more >= 0) {
      this.take(more, now);
      return;
    }
    const taken = this.#taken.find(({ at }) => at === since);
    if (taken === undefined) return;
    taken.cost = Math.max(0, taken.cost + more);
    this.#arrival = this.#taken.reduce(
      (arrival, one) => this.#after(arrival, one),
      this.#arrivalBefore,
    );
  }

  delay(cost: number, since: number, ms: number): void {
    this.#arrival -= cost * this.#intervalMs;
    const from = since + ms;
    this.#arrival = this.#after(this.#arrival, { from, cost });
    for (const one of this.#taken) {
      if (one.at >= since) one.from = Math.max(one.from, from);
    }
  }

  #after(arrival: number, { from, cost }: Pick<Taken, "from" | "cost">) {
    return Math.max(arrival, from * this.#limit) + cost * this.#intervalMs;
  }
}
