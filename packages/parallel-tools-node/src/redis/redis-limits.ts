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
 * - Calls start in the order in which they asked, over all processes. If a rate
 *   limit is the only limit of a call, its start is booked ahead. Any other call
 *   takes all its limits at once, when all of them have room.
 * - Rate limits are exact by the server's clock: the window is `intervalMs` +
 *   `jitterMs` long, and a token bucket is GCRA (ITU-T I.371).
 * - Slots of a cap belong to a process as long as its lease lasts.
 * - A call inside of another one uses its slot, one at a time, and pays its own rates.
 *   Where this process has all slots of a cap, those of blocked calls are lent at once.
 *   Where others have some, calls that are blocked for 100 ms give theirs back. They
 *   take them again, before all new calls, when what is inside of them has ended.
 * - Where processes declare different limits under one name, all hold: the least cap
 *   and every rate, each until nobody has used it for `leaseMs`. A warning says so.
 * - There is at most one command per booking. What comes up in one turn of the
 *   event loop is sent together. Nothing is polled, unless messages don't arrive:
 *   then one warning says why, and a process that waits for slots asks for them
 *   after 20 ms and ever less often, up to once per second.
 * - Call it once, at module level. What it returns counts as a process: it opens a
 *   second connection, and while Redis is away it keeps limits of its own.
 * - If a call is given up (aborted, or its permit cancelled), the next call of
 *   this process with the same limits and cost gets its booked start. The last
 *   booked start is taken back if nobody has booked behind it. Otherwise it
 *   lapses, which costs one start and never breaks a limit.
 * - A start is too late if it is late by more than half of the limit's
 *   `jitterMs`, and by more than 10 ms. Together with the starts that others
 *   have booked it would break the limit, so the call books again. After three
 *   late starts it starts all the same: its process needs a larger `jitterMs`.
 * - A pause that a server has asked for holds for other processes at once. Only
 *   starts that they have booked before it still happen, until their process
 *   asks for more and is told of the pause.
 *
 * @throws ConfigurationError if an option is wrong. If Redis is older than
 * version 5, the first `acquire` rejects with one.
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
