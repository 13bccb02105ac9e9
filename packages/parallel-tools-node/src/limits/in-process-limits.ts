import { readConcurrency } from "../policy/limit-function.js";
import { ratesOf } from "../policy/rate-limit.js";
import { checkCost } from "./check-cost.js";
import { type Clock, systemClock } from "./clock.js";
import { createLimits } from "./create-limits.js";
import { type Limit, offerRoom } from "./limit.js";
import { offerAll, offerKept } from "./offer.js";
import { Patience } from "./patience.js";
import { RateGate } from "./rate-gate.js";
import type { RateLimiter } from "./rate-limiter.js";
import {
  createPermit,
  type LimitRequest,
  type Permit,
  type SharedLimit,
  type SharedLimits,
} from "./shared-limits.js";
import { type Holder, outsider } from "./slots.js";
import type { Waiter } from "./claims.js";

/**
 * Limits that are kept in this process, by their names: all nodes that are
 * given the same `inProcessLimits()` share them. A request that describes a
 * known name with other numbers gets a limit of its own with these numbers; a
 * pause holds for the name, whatever the numbers.
 *
 * It implements the same interface as limits in a store of your own, so it is an
 * example for those, and replaces them in tests.
 *
 * @example
 * ```ts
 * import { inProcessLimits } from "parallel-tools-node";
 *
 * const limits = inProcessLimits();
 * const permit = await limits.acquire({
 *   limits: [{ name: "resource serp", concurrency: 4 }],
 *   cost: 1,
 *   signal: AbortSignal.timeout(10_000),
 * });
 * try {
 *   // ... the call ...
 * } finally {
 *   permit.release();
 * }
 * ```
 */
export function inProcessLimits(): SharedLimits {
  return createInProcessLimits(systemClock);
}

/** Limits in this process that also count calls that got their room elsewhere. */
export interface CountingLimits extends SharedLimits {
  /**
   * Counts a call that starts now, whether there is room for it or not. Returns
   * what gives its slots back.
   */
  count(request: LimitRequest): () => void;
}

/** {@link inProcessLimits} on a given clock. */
export function createInProcessLimits(clock: Clock): CountingLimits {
  const byNumbers = new Map<string, readonly Limit[]>();
  const pauses = new Map<string, Pause>();
  let arrivals = 0;

  function pauseOf(name: string): Pause {
    let pause = pauses.get(name);
    if (pause === undefined) {
      pause = new Pause(name, clock);
      pauses.set(name, pause);
    }
    return pause;
  }

  function limitsOf(shared: SharedLimit): readonly Limit[] {
    const { name, concurrency, rateLimit } = shared;
    const key = JSON.stringify([
      name,
      concurrency,
      ...ratesOf(rateLimit).map((rate) => [
        rate.algorithm,
        rate.limit,
        rate.intervalMs,
        rate.burst,
        rate.jitterMs,
        rate.counts ?? "cost",
      ]),
    ]);
    let limits = byNumbers.get(key);
    if (limits === undefined) {
      const cap = readConcurrency("concurrency", concurrency);
      limits = [
        pauseOf(name).gate,
        ...createLimits(name, { concurrency: cap, rateLimit }, clock),
      ];
      byNumbers.set(key, limits);
    }
    return limits;
  }

  /** What a request waits for and takes. */
  function takenBy({ limits, held, goesOn }: LimitRequest): readonly Limit[] {
    const all = new Set<Limit>();
    for (const shared of limits) {
      const isHeld = held?.includes(shared.name) === true;
      for (const limit of limitsOf(shared)) {
        if (goesOn && !limit.hasSlots) continue;
        if (!isHeld || !limit.hasSlots) all.add(limit);
      }
    }
    return [...all];
  }

  return {
    sharesSlots: true,
    async acquire(request) {
      request.signal.throwIfAborted();
      checkCost(request);
      arrivals += 1;
      const limits = takenBy(request);
      const acquire = new Acquire(limits, request, arrivals, clock);
      return acquire.permit;
    },
    pause({ name }, ms) {
      pauseOf(name).until(clock.now() + ms);
    },
    count(request) {
      const { cost } = request;
      const now = clock.now();
      const taken = takenBy(request);
      const holder = outsider();
      for (const limit of taken) {
        // A rate forgets what is too old when it is asked.
        limit.hasRoom(cost, now);
        limit.take(cost, now, holder);
      }
      return () => giveBack(taken, cost, holder, clock.now());
    },
  };
}

/** A pause of one name: a rate limit that has no tokens until the pause ends. */
class Pause implements RateLimiter {
  readonly gate: RateGate;
  #until = Number.NEGATIVE_INFINITY;

  constructor(name: string, clock: Clock) {
    this.gate = new RateGate(name, clock, this);
  }

  until(time: number): void {
    if (time > this.#until) this.#until = time;
  }

  readyAt(_cost: number, now: number): number {
    return Math.max(now, this.#until);
  }

  take(): void {}
}

/** One call of `acquire`, from when it waits until its permit is given back. */
class Acquire implements Waiter {
  readonly permit: Promise<Permit>;
  readonly inside = undefined;
  readonly cost: number;
  readonly resumes: boolean;
  readonly #arrival: number;
  /** It waits for no slot, as those do who may come before it. */
  readonly #isHeld: boolean;
  readonly limits: readonly Limit[];
  readonly waitsSince: number;
  /** Who asks for a permit watches the pauses. */
  readonly maxPauseMs = Number.POSITIVE_INFINITY;
  readonly patience: Patience;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #holder = outsider();
  #standsAt: Limit | undefined;
  #resolve: (permit: Permit) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #tookAt = 0;
  /** Calls that wait: 1, and 0 when it has its permit or has failed. */
  #size = 1;

  constructor(
    limits: readonly Limit[],
    { cost, signal, held, goesOn = false }: LimitRequest,
    arrival: number,
    clock: Clock,
  ) {
    this.cost = cost;
    this.resumes = goesOn;
    this.#isHeld = held !== undefined && !limits.some((one) => one.hasSlots);
    this.#arrival = arrival;
    this.limits = limits;
    this.patience = new Patience(limits);
    this.waitsSince = clock.now();
    this.#clock = clock;
    this.#signal = signal;
    this.permit = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#enter(clock.now());
  }

  get size(): number {
    return this.#size;
  }

  compareTo(other: Acquire): number {
    return (
      Number(other.#isHeld) - Number(this.#isHeld) ||
      this.#arrival - other.#arrival
    );
  }

  admit(now: number): () => void {
    for (const limit of this.limits) limit.take(this.cost, now, this.#holder);
    this.#size = 0;
    this.#tookAt = now;
    this.#signal.removeEventListener("abort", this.#abort);
    return () => this.#resolve(this.#createPermit());
  }

  /** Only an abort ends it: limits of this process don't fail. */
  fail(error: unknown, now: number): void {
    this.#size = 0;
    this.#signal.removeEventListener("abort", this.#abort);
    this.#standsAt?.leave(this, now);
    offerKept(this.limits, now);
    this.#reject(error);
  }

  waitsAt(limit: Limit | undefined): void {
    this.#standsAt = limit;
  }

  #enter(now: number): void {
    const line = this.limits.find(({ isClaimed }) => isClaimed);
    const blocker =
      line ?? this.limits.find((limit) => !limit.hasRoom(this.cost, now));
    if (blocker === undefined) {
      this.admit(now)();
      return;
    }
    this.#signal.addEventListener("abort", this.#abort, { once: true });
    blocker.park(this, now);
    if (line !== undefined) offerAll(this.limits, now);
  }

  readonly #abort = (): void => {
    this.fail(this.#signal.reason, this.#clock.now());
  };

  #createPermit(): Permit {
    const end = () =>
      giveBack(this.limits, this.cost, this.#holder, this.#clock.now());
    const since = this.#tookAt;
    const correct = (used: number) => {
      const { cost } = this;
      const now = this.#clock.now();
      const correction = { holder: this.#holder, cost, used, since };
      for (const limit of this.limits) limit.correct(correction, now);
    };
    return createPermit(end, end, correct);
  }
}

function giveBack(
  limits: readonly Limit[],
  cost: number,
  holder: Holder,
  now: number,
): void {
  for (const limit of limits) limit.release(cost, holder);
  offerRoom(limits, now);
}
