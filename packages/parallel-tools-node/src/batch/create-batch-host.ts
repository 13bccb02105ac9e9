import { RunnableRetry } from "@langchain/core/runnables";
import { ConfigurationError } from "../errors/configuration-error.js";
import { WarnOnce } from "../errors/warn-once.js";
import { systemClock } from "../limits/clock.js";
import { LimitBook } from "../limits/limit-book.js";
import { resourceRegistryOf } from "../limits/resource-registry.js";
import type { SharedLimits } from "../limits/shared-limits.js";
import { readReferencesOption } from "../plan/references/read-references-option.js";
import { PolicyBook } from "../policy/policy-book.js";
import { readDuration, readTimeLimit } from "../policy/read-duration.js";
import {
  type FieldReader,
  readBoolean,
  readEach,
  readPositiveInteger,
} from "../policy/read-fields.js";
import type { BatchTracer } from "../report/batch-tracer.js";
import type { ReportListener } from "../report/notify.js";
import type { BatchHost } from "./batch-host.js";
import type { BatchOptions } from "./batch-options.js";
import { EarlyBatches } from "./early-batches.js";
import { readSequentialOption } from "./execution-mode.js";
import { Durability } from "./kept-calls.js";
import type { ExecutableTool } from "./run-tool.js";
import { toolLayers } from "./tool-layers.js";

/** The reader of each option, in the order of `BatchOptions`. */
const READERS = {
  policies: readElsewhere,
  defaultPolicy: readElsewhere,
  maxConcurrency: readCount,
  maxCalls: readCount,
  maxDepth: readCount,
  resources: readElsewhere,
  limits: readLimits,
  maxPauseMs: (option, value) =>
    readDuration(option, value, { least: 0, orInfinity: true }),
  arrivalTimeoutMs: (option, value) =>
    readDuration(option, value, { least: 0 }),
  batchTimeoutMs: (option, value) => readTimeLimit(option, value, 1),
  drainMs: (option, value) => readTimeLimit(option, value, 0),
  maxOutputBytes: readCount,
  sequential: (_, value) => readSequentialOption(value),
  references: (_, value) => readReferencesOption(value),
  durable: readBoolean,
  eager: readBoolean,
  streamProgress: readBoolean,
  reportArguments: readBoolean,
  onReport: readListener,
  tracer: readTracer,
} satisfies Record<keyof BatchOptions, FieldReader<unknown>>;

/** With one of these, what runs inside of a call has to know of it. */
const SCOPED = [
  "policies",
  "defaultPolicy",
  "maxConcurrency",
  "maxDepth",
  "onReport",
  "tracer",
  "streamProgress",
] satisfies (keyof BatchOptions)[];

export const BATCH_OPTIONS = Object.keys(READERS) as (keyof BatchOptions)[];

/** What the node or the middleware adds to the options. */
interface Adapter extends Pick<BatchHost, "handlesErrors" | "tools"> {
  /**
   * Not all tools are known, or not yet.
   *
   * @default false: a policy for an unknown tool is an error
   */
  readonly hasUnknownTools?: boolean;
  /** With `references` it sees the messages of the model first, and notes them. */
  readonly seesModel?: boolean;
  /** Names of tools whose calls a human approves. */
  readonly needsApproval?: readonly string[];
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
  const { seesModel = false, needsApproval = [] } = adapter;
  const warnings = new WarnOnce();
  const given = readEach(options, READERS);
  const sources = { clock, random, shared: given.limits };
  const resources = resourceRegistryOf(options.resources, sources);
  const { arrivalTimeoutMs = 5_000 } = given;
  return {
    handlesErrors,
    tools,
    clock,
    policies: new PolicyBook(options, {
      tools,
      hasUnknownTools,
      resources: resources.declared,
      needsApproval,
    }),
    limits: new LimitBook(sources, resources, given.maxConcurrency),
    opensScopes: SCOPED.some((option) => options[option] !== undefined),
    code: { isOn: false, hasSequential: false },
    maxCalls: given.maxCalls ?? Number.POSITIVE_INFINITY,
    maxDepth: given.maxDepth ?? Number.POSITIVE_INFINITY,
    arrivalTimeoutMs,
    batchTimeoutMs: given.batchTimeoutMs,
    drainMs: given.drainMs,
    maxOutputBytes: given.maxOutputBytes,
    retries: {
      clock,
      random,
      maxPauseMs: given.maxPauseMs ?? 60_000,
      retriesItself: (toolName) => retriesItself(tools(), toolName),
      warnings,
    },
    warnings,
    sequential: given.sequential ?? false,
    references: given.references,
    notesOrder: seesModel && given.references !== undefined,
    streamsProgress: given.streamProgress ?? false,
    durability: given.durable ? new Durability(clock) : undefined,
    early: given.eager
      ? new EarlyBatches(
          clock,
          arrivalTimeoutMs,
          // A middleware sees the model by itself.
          seesModel ? undefined : warnings,
        )
      : undefined,
    reportsArguments: given.reportArguments ?? false,
    onReport: given.onReport,
    tracer: given.tracer,
    isWatched: Boolean(given.onReport || given.tracer || given.streamProgress),
  };
}

/**
 * Whether a tool was made with LangChain's `.withRetry()`, at any depth, so that
 * it has already retried what it throws.
 */
function retriesItself(
  tools: readonly ExecutableTool[],
  name: string,
): boolean {
  const tool = tools.find((candidate) => candidate.name === name);
  for (const layer of toolLayers(tool)) {
    if (layer instanceof RunnableRetry) return true;
  }
  return false;
}

/** `PolicyBook` and `resourceRegistryOf` read these options. */
function readElsewhere(): void {}

/** `undefined`: no limit. */
function readCount(option: string, value: unknown): number | undefined {
  return value === Number.POSITIVE_INFINITY
    ? undefined
    : readPositiveInteger(option, value);
}

function readLimits(option: string, value: unknown): SharedLimits {
  const limits = value as Partial<SharedLimits> | null;
  if (
    typeof limits?.acquire === "function" &&
    typeof limits.pause === "function"
  ) {
    return limits as SharedLimits;
  }
  throw new ConfigurationError(
    option,
    "an object with `acquire` and `pause`, as `redisLimits()` gives",
    value,
  );
}

function readListener(option: string, value: unknown): ReportListener {
  if (typeof value === "function") return value as ReportListener;
  throw new ConfigurationError(option, "a function", value);
}

function readTracer(option: string, value: unknown): BatchTracer {
  const tracer = value as Partial<BatchTracer> | null;
  if (typeof tracer?.begin === "function") return tracer as BatchTracer;
  throw new ConfigurationError(
    option,
    "an object with `begin`, as `openTelemetryTracer()` gives",
    value,
  );
}

const hosts = new WeakMap<object, BatchHost>();

/** `owner` is a node or a middleware, whose limits others may share. */
export function registerHost(owner: object, host: BatchHost): void {
  hosts.set(owner, host);
}

/** `undefined`: it is neither a node nor a middleware of this package. */
export function hostOf(owner: object): BatchHost | undefined {
  return hosts.get(owner);
}
