import { ConfigurationError } from "../errors/configuration-error.js";
import { readDuration } from "../policy/read-duration.js";
import { readFields } from "../policy/read-fields.js";
import { isRedisClient, type RedisClient } from "./redis-client.js";

/** What `redisLimits` takes. */
export interface RedisLimitsOptions {
  /**
   * A `Redis` or `Cluster` of ioredis 5 or 6 that belongs to the application,
   * which also quits it. Of Redis 5 or later, with `maxmemory-policy noeviction`.
   *
   * The first time that a call has to wait in a queue, `client.duplicate()` is
   * opened for messages. It is closed when the client ends, so it doesn't keep
   * a process from exiting that has quit its client. What is given back in the
   * same turn in which the client is quit is free when the lease ends.
   */
  client: RedisClient;
  /**
   * Processes with the same prefix share limits by their names. All keys and
   * channels begin with it in braces, so that a Redis Cluster keeps them in one
   * slot. Any string without braces.
   *
   * @default "parallel-tools"
   */
  prefix?: string;
  /**
   * Milliseconds after which the slots of a process that has died are free
   * again. Renewed every third of it, while slots are held or waited for. A
   * process whose event loop stands still for longer counts as dead until it
   * speaks again. From 100 to 3,600,000.
   *
   * @default 15000
   */
  leaseMs?: number;
  /**
   * Milliseconds after which Redis counts as unavailable if a command has no
   * answer, or a client that has just begun to connect isn't ready. From 1 to
   * 3,600,000.
   *
   * @default 1000
   */
  commandTimeoutMs?: number;
  /**
   * What calls do while Redis is unavailable: there is no connection, a command
   * had no answer in time, or Redis answers with an error. There is one warning
   * per outage.
   *
   * - `"local"`: each process keeps the same limits for itself alone, so that
   *   n processes may start n times as much
   * - `"wait"`: they wait, for as long as it takes or until they are aborted
   * - `"error"`: they fail with a `LimitsUnavailableError`
   *
   * @default "local"
   */
  onUnavailable?: "wait" | "local" | "error";
}

/** {@link RedisLimitsOptions} with defaults filled in. */
export type ResolvedRedisLimitsOptions = Readonly<Required<RedisLimitsOptions>>;

/** An hour: what is kept in Redis outlives every lease by at least that. */
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
