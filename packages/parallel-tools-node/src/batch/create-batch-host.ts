import { ConfigurationError } from "../errors/configuration-error.js";
import { systemClock } from "../limits/clock.js";
import { LimitBook } from "../limits/limit-book.js";
import { resourceRegistryOf } from "../limits/resource-registry.js";
import type { SharedLimits } from "../limits/shared-limits.js";
import { readReferencesOption } from "../plan/references/read-references-option.js";
import { PolicyBook } from "../policy/policy-book.js";
import { readDuration, readTimeLimit } from "../policy/read-duration.js";
import { readPositiveInteger } from "../policy/rate-limit.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchOptions } from "./batch-options.js";
import { readSequentialOption } from "./execution-mode.js";
import { RefusalWarning } from "./refusal-warning.js";
import { retriesItself } from "./retries-itself.js";

/** What an adapter adds to its options. */
interface Adapter extends Pick<BatchHost, "handlesErrors" | "tools"> {
  /**
   * There may be tools that are not known, or not yet.
   *
   * @default false: a policy for an unknown tool is an error
   */
  readonly hasUnknownTools?: boolean;
}

/**
 * Reads the options that the node and the middleware have in common.
 *
 * @throws ConfigurationError
 */
export function createBatchHost(
  options: BatchOptions,
  adapter: Adapter,
): BatchHost {
  const clock = systemClock;
  const random = Math.random;
  const { tools, hasUnknownTools = false, handlesErrors } = adapter;
  const { maxConcurrency, maxCalls } = options;
  const { maxPauseMs = 60_000, arrivalTimeoutMs = 5_000 } = options;
  const sources = { clock, random, shared: readLimits(options.limits) };
  const resources = resourceRegistryOf(options.resources, sources);
  return {
    handlesErrors,
    tools,
    clock,
    policies: new PolicyBook(options, {
      tools,
      hasUnknownTools,
      resources: resources.declared,
    }),
    limits: new LimitBook(
      sources,
      resources,
      readCount("maxConcurrency", maxConcurrency),
    ),
    maxCalls: readCount("maxCalls", maxCalls) ?? Number.POSITIVE_INFINITY,
    arrivalTimeoutMs: readDuration("arrivalTimeoutMs", arrivalTimeoutMs, {
      least: 0,
    }),
    batchTimeoutMs: readTimeLimit("batchTimeoutMs", options.batchTimeoutMs, 1),
    drainMs: readTimeLimit("drainMs", options.drainMs, 0),
    maxOutputBytes: readCount("maxOutputBytes", options.maxOutputBytes),
    retries: {
      clock,
      random,
      maxPauseMs: readDuration("maxPauseMs", maxPauseMs, {
        least: 0,
        orInfinity: true,
      }),
      retriesItself: (toolName) => retriesItself(tools(), toolName),
      refusalWarning: new RefusalWarning(),
    },
    sequential: readSequentialOption(options.sequential),
    references: readReferencesOption(options.references),
    streamsProgress: readBoolean("streamProgress", options.streamProgress),
    isDurable: readBoolean("durable", options.durable),
    reportsArguments: readBoolean("reportArguments", options.reportArguments),
    onReport: readListener(options.onReport),
    tracer: readTracer(options.tracer),
  };
}

function readCount(option: string, value: unknown): number | undefined {
  return value === undefined || value === Number.POSITIVE_INFINITY
    ? undefined
    : readPositiveInteger(option, value);
}

function readBoolean(option: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new ConfigurationError(option, "a boolean", value);
}

function readLimits(value: unknown): SharedLimits | undefined {
  const limits = value as Partial<SharedLimits> | null | undefined;
  if (value === undefined) return undefined;
  if (
    typeof limits?.acquire === "function" &&
    typeof limits.pause === "function"
  ) {
    return limits as SharedLimits;
  }
  throw new ConfigurationError(
    "limits",
    "an object with `acquire` and `pause`, as `redisLimits()` gives",
    value,
  );
}

function readListener(value: unknown): ReportListener | undefined {
  if (value === undefined || typeof value === "function") {
    return value as ReportListener | undefined;
  }
  throw new ConfigurationError("onReport", "a function", value);
}

function readTracer(value: unknown): BatchTracer | undefined {
  const tracer = value as Partial<BatchTracer> | null | undefined;
  if (value === undefined || typeof tracer?.begin === "function") {
    return value as BatchTracer | undefined;
  }
  throw new ConfigurationError(
    "tracer",
    "an object with `begin`, as `openTelemetryTracer()` gives",
    value,
  );
}
