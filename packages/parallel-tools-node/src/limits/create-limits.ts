import type { LimitFunction } from "../policy/limit-function.js";
import { type ResolvedRateLimit, ratesOf } from "../policy/rate-limit.js";
import type { Clock } from "./clock.js";
import { ConcurrencyCap } from "./concurrency-cap.js";
import type { Limit } from "./limit.js";
import { nameRates } from "./name-rates.js";
import { PLimitCap } from "./p-limit-cap.js";
import { RateGate } from "./rate-gate.js";
import type { RateLimiter } from "./rate-limiter.js";
import { SlidingWindow } from "./sliding-window.js";
import { TokenBucket } from "./token-bucket.js";

/** The limits that a tool, a resource or a node declares. */
export interface LimitOptions {
  readonly concurrency?: number | LimitFunction | undefined;
  readonly rateLimit?:
    | ResolvedRateLimit
    | readonly ResolvedRateLimit[]
    | undefined;
}

/** One cap per p-limit instance, so that a call never enters the same one twice. */
const pLimitCaps = new WeakMap<LimitFunction, PLimitCap>();

/** Creates the limits that were declared: a cap, rate limits, both or none. */
export function createLimits(
  name: string,
  { concurrency, rateLimit }: LimitOptions,
  clock: Clock,
): readonly Limit[] {
  const limits: Limit[] = [];
  if (typeof concurrency === "number") {
    limits.push(new ConcurrencyCap(name, clock, concurrency));
  } else if (concurrency !== undefined) {
    let cap = pLimitCaps.get(concurrency);
    if (cap === undefined) {
      cap = new PLimitCap(name, clock, concurrency);
      pLimitCaps.set(concurrency, cap);
    }
    limits.push(cap);
  }
  const rates = ratesOf(rateLimit);
  const names = nameRates(name, rates);
  for (const [i, rate] of rates.entries()) {
    limits.push(new RateGate(names[i]!, clock, createLimiter(rate), rate));
  }
  return limits;
}

function createLimiter(rateLimit: ResolvedRateLimit): RateLimiter {
  return rateLimit.algorithm === "token-bucket"
    ? new TokenBucket(rateLimit)
    : new SlidingWindow(rateLimit);
}
