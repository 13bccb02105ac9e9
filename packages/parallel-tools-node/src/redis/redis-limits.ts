import { systemClock } from "../limits/clock.js";
import type { SharedLimits } from "../limits/shared-limits.js";
import {
  type RedisLimitsOptions,
  readOptions,
} from "./redis-limits-options.js";
import { RedisLimiter } from "./redis-limiter.js";
import { createScript } from "./script.js";

/**
 * Limits that all processes with the same Redis and prefix share.
 *
 * - First come, first served over all processes. A rate limit that is a call's
 *   only limit books its start ahead; any other call takes all its limits at
 *   once, at the moment when they all have room.
 * - Rate limits are exact by the server's own clock: the window is `intervalMs`
 *   + `jitterMs` long, a token bucket is GCRA (ITU-T I.371).
 * - Slots of a cap belong to a process as long as its lease lasts.
 * - One command per start, or less: what is said in one turn of the event loop
 *   goes together, and nothing is polled.
 * - A call that is given up (aborted, or its permit cancelled) gives its booked
 *   start to the next call of this process with the same limits and cost. What
 *   is left over then is taken back if nobody has booked behind it; otherwise
 *   it lapses, which costs one start and never breaks a limit.
 * - After a pause that a server has asked for, starts that other processes had
 *   booked before it still happen.
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
  return new RedisLimiter(readOptions(options), systemClock, createScript());
}
