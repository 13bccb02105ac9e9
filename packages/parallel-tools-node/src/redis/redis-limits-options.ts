import { ConfigurationError } from "../errors/configuration-error.js";
import { readDuration } from "../policy/read-duration.js";
import { readFields } from "../policy/read-fields.js";
import { isRedisClient, type RedisClient } from "./redis-client.js";

/** What `redisLimits` takes. */
export interface RedisLimitsOptions {
  /**
   * A `Redis` or `Cluster` of ioredis 5 or 6. It belongs to the application,
   * which also quits it. The server is Redis 5 or later, with
   * `maxmemory-policy noeviction`.
   *
   * When a call has to wait in a queue, `client.duplicate()` is opened for
   * messages. Its user needs `+subscribe`, `+publish` and `&{prefix}:to:*`. Where
   * tokens expire, keep `client.options.password` up to date: a connection that is
   * lost is replaced by a new duplicate. It is closed when nothing has waited for
   * `leaseMs`, or the client ends, so a process that has quit its client can exit. Slots that are given back in the turn in which the client
   * is quit are free when the lease ends.
   */
  client: RedisClient;
  /**
   * Processes with the same prefix share limits that have the same name. All
   * keys and channels begin with it in braces, so that a Redis Cluster keeps
   * them in one slot. Any string without braces.
   *
   * @default "parallel-tools"
   */
  prefix?: string;
  /**
   * Milliseconds after which the slots of a process that has died are free
   * again. While a process holds slots or waits for them, it renews its lease
   * each third of that time. If its event loop is blocked for longer, it counts
   * as dead until its next command. From 100 to 3,600,000.
   *
   * @default 15000
   */
  leaseMs?: number;
  /**
   * Milliseconds after which Redis counts as unavailable if it hasn't answered
   * a command, or if a client that connects isn't ready yet. From 1 to
   * 3,600,000.
   *
   * @default 1000
   */
  commandTimeoutMs?: number;
  /**
   * What calls do while Redis is unavailable: there is no connection, or a
   * command was answered too late or with an error. There is one warning per
   * outage.
   *
   * - `"local"`: each process keeps the same limits for itself alone, so that
   *   n processes may start n times as much. Its running calls and recent starts
   *   count on both sides when Redis goes and when it comes back
   * - `"wait"`: they wait, for as long as it takes or until they are aborted
   * - `"error"`: they fail with a `LimitsUnavailableError`
   *
   * @default "local"
   */
  onUnavailable?: "wait" | "local" | "error";
}

/** {@link RedisLimitsOptions} with defaults filled in. */
export type ResolvedRedisLimitsOptions = Readonly<Required<RedisLimitsOptions>>;

/** An hour. Everything in Redis outlives each lease by at least that. */
const LONGEST_MS = 3_600_000;

/** @throws ConfigurationError */
export function readOptions(value: unknown): ResolvedRedisLimitsOptions {
  const {
    client,
    prefix = "parallel-tools",
    leaseMs = 15_000,
    commandTimeoutMs = 1_000,
    onUnavailable = "local",
  } = readFields("limits", value, [
    "client",
    "prefix",
    "leaseMs",
    "commandTimeoutMs",
    "onUnavailable",
  ]);
  if (!isRedisClient(client)) {
    throw new ConfigurationError(
      "limits.client",
      "a `Redis` or `Cluster` of ioredis 5 or 6",
      client,
    );
  }
  if (typeof prefix !== "string" || !/^[^{}]+$/.test(prefix)) {
    throw new ConfigurationError(
      "limits.prefix",
      "a string without braces that is not empty",
      prefix,
    );
  }
  if (
    onUnavailable !== "wait" &&
    onUnavailable !== "local" &&
    onUnavailable !== "error"
  ) {
    throw new ConfigurationError(
      "limits.onUnavailable",
      '"wait", "local" or "error"',
      onUnavailable,
    );
  }
  return {
    client,
    prefix,
    leaseMs: readDuration("limits.leaseMs", leaseMs, {
      least: 100,
      most: LONGEST_MS,
    }),
    commandTimeoutMs: readDuration(
      "limits.commandTimeoutMs",
      commandTimeoutMs,
      { least: 1, most: LONGEST_MS },
    ),
    onUnavailable,
  };
}
