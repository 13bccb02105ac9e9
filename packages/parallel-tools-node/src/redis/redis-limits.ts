import { type Clock, systemClock } from "../limits/clock.js";
import type { SharedLimits } from "../limits/shared-limits.js";
import { StoredLimits } from "../shared/stored-limits.js";
import {
  type RedisLimitsOptions,
  type ResolvedRedisLimitsOptions,
  readOptions,
} from "./redis-limits-options.js";
import { RedisStore } from "./redis-store.js";
import { createScript, type Script } from "./script.js";

/**
 * Limits that all processes with the same Redis and prefix share.
 *
 * - First come, first served over all processes. A rate limit that is a call's
 *   only limit books its start ahead; any other call takes all its limits at
 *   once, at the moment when they all have room.
 * - Rate limits are exact by the server's own clock: the window is `intervalMs`
 *   + `jitterMs` long, a token bucket is GCRA (ITU-T I.371).
 * - Slots of a cap belong to a process as long as its lease lasts.
 * - One command per booking, or less: what is said in one turn of the event loop
 *   goes together, and nothing is polled.
 * - A call that is given up (aborted, or its permit cancelled) gives its booked
 *   start to the next call of this process with the same limits and cost. What
 *   is left over then is taken back if nobody has booked behind it; otherwise
 *   it lapses, which costs one start and never breaks a limit.
 * - So does a call for whose start its process is too late, by more than half of
 *   the limit's `jitterMs` or 10 ms: as one among the starts that others have booked
 *   it would break the limit. It books anew. When it has been late three times
 *   it starts all the same: that process then needs more of a `jitterMs`.
 * - A pause that a server has asked for holds for other processes at once, but
 *   for starts that they had booked before it. Those happen until their process
 *   asks for more and hears of the pause.
 *
 * @throws ConfigurationError if an option is not what it has to be. If Redis is
 * older than version 5, the first `acquire` rejects with one.
 *
 * @example
 * ```ts
 * import { Redis } from "ioredis";
 * import { redisLimits } from "parallel-tools-node/redis";
 *
 * const client = new Redis("redis://localhost:6379", { lazyConnect: true });
 * export const limits = redisLimits({ client, prefix: "my-agents" });
 * ```
 */
export function redisLimits(options: RedisLimitsOptions): SharedLimits {
  return createRedisLimits(readOptions(options), createScript(), systemClock);
}

/** {@link redisLimits} with a script and a clock of the caller's. */
export function createRedisLimits(
  options: ResolvedRedisLimitsOptions,
  script: Script,
  clock: Clock,
): SharedLimits {
  const { leaseMs, commandTimeoutMs: retryMs, onUnavailable } = options;
  return new StoredLimits(
    (listener) => new RedisStore(options, script, clock, listener),
    { leaseMs, retryMs, onUnavailable },
    clock,
  );
}
