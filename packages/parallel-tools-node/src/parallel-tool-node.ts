import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { ToolNode, type ToolNodeOptions } from "@langchain/langgraph/prebuilt";
import type { BatchHost } from "./batch/batch-host.js";
import {
  readSequentialOption,
  type SequentialOption,
} from "./batch/execution-mode.js";
import { runBatch } from "./batch/run-batch.js";
import { type Answer, type ExecutableTool, runTool } from "./batch/run-tool.js";
import { retriesItself } from "./batch/retries-itself.js";
import { ConfigurationError } from "./errors/configuration-error.js";
import { systemClock } from "./limits/clock.js";
import { LimitBook } from "./limits/limit-book.js";
import { resourceRegistryOf } from "./limits/resource-registry.js";
import type { SharedLimits } from "./limits/shared-limits.js";
import {
  type ReferencesOption,
  readReferencesOption,
} from "./plan/references/read-references-option.js";
import { PolicyBook, type PolicyOptions } from "./policy/policy-book.js";
import { readPositiveInteger } from "./policy/rate-limit.js";
import { readFields } from "./policy/read-fields.js";
import type { Resource } from "./policy/resource.js";
import type { BatchTracer } from "./report/batch-tracer.js";
import type { ReportListener } from "./report/notify.js";

/** Options of {@link ParallelToolNode}. Without any it behaves as the stock node. */
export interface ParallelToolNodeOptions
  extends ToolNodeOptions,
    PolicyOptions {
  /**
   * Calls of the whole node that may run at once, over all batches. An integer
   * of at least 1. Where `config.maxConcurrency` is smaller, that holds for its
   * batch.
   *
   * @default no cap
   */
  maxConcurrency?: number;
  /**
   * Calls of one message that are run, those that were answered before
   * included. Each one beyond is answered with an error. An integer of at least
   * 1.
   *
   * @default no limit
   */
  maxCalls?: number;
  /**
   * Named things with limits that policies refer to. Nodes that are given the
   * same object share its limits.
   *
   * @default none
   */
  resources?: Record<string, Resource>;
  /**
   * Where the caps and rates of tools and resources are kept, for instance by
   * `redisLimits` of `parallel-tools-node/redis`, so that all processes of an
   * application keep to them together. The node's own `maxConcurrency` and
   * p-limit instances stay with the process.
   *
   * @default in this process, for this node
   */
  limits?: SharedLimits;
  /**
   * The longest, in milliseconds, that a server's feedback may pause a tool or
   * a resource, and hold up a call. A call that the server wants later than
   * that is answered with an error that says when. A number of at least 0.
   *
   * @default 60_000
   */
  maxPauseMs?: number;
  /**
   * Opts whole batches out of parallelism. `true`: one call at a time, in the
   * order of the message. `"replan"`: the first call only; the model sees its
   * result and asks again. A function decides per batch. An invocation
   * overrides it with `config.configurable.toolExecution`, which is
   * `"parallel"`, `"sequential"` or `"replan"`.
   *
   * @default false
   */
  sequential?: SequentialOption;
  /**
   * Lets a call's arguments refer to the output of an earlier call of the same
   * message, as in `"$1.items[0].id"`: the call waits for that one and gets the
   * value, its type kept. `withReferences` and `referenceInstructions` tell the
   * model. Off for tools with a policy of `references: false`.
   *
   * @default false
   */
  references?: boolean | ReferencesOption;
  /**
   * Whether a report holds the arguments that the tools saw.
   *
   * @default false
   */
  reportArguments?: boolean;
  /**
   * Is given the report of each batch when it has ended. An exception in it is
   * a warning on the console.
   *
   * @default none
   */
  onReport?: ReportListener;
  /**
   * Follows batches and calls while they run, for instance
   * `openTelemetryTracer()` of `parallel-tools-node/opentelemetry`. An exception
   * in it is a warning on the console.
   *
   * @default none
   */
  tracer?: BatchTracer;
}

const OPTIONS = [
  "name",
  "tags",
  "handleToolErrors",
  "policies",
  "defaultPolicy",
  "maxConcurrency",
  "maxCalls",
  "resources",
  "limits",
  "maxPauseMs",
  "sequential",
  "references",
  "reportArguments",
  "onReport",
  "tracer",
] as const satisfies readonly (keyof ParallelToolNodeOptions)[];

/**
 * A drop-in replacement for the prebuilt `ToolNode` of `@langchain/langgraph`.
 * It plans the tool calls of a message, starts each one as soon as what it
 * depends on and its limits allow, and answers them in the order in which the
 * model asked.
 *
 * @throws ConfigurationError from the constructor, for options that are not
 *   what they have to be
 * @example
 * ```ts
 * import { tool } from "@langchain/core/tools";
 * import { ParallelToolNode } from "parallel-tools-node";
 * import { z } from "zod";
 *
 * const search = tool(async ({ query }) => `Results for ${query}`, {
 *   name: "search",
 *   description: "Searches the web.",
 *   schema: z.object({ query: z.string() }),
 * });
 *
 * const tools = new ParallelToolNode([search], {
 *   policies: { search: { concurrency: 4 } },
 * });
 * ```
 */
// oxlint-disable-next-line no-explicit-any -- the stock node's own default
export class ParallelToolNode<T = any> extends ToolNode<T> {
  readonly #host: BatchHost;

  constructor(tools: ExecutableTool[], options: ParallelToolNodeOptions = {}) {
    readFields("options", options, OPTIONS);
    const { name, tags, handleToolErrors, maxConcurrency, maxCalls } = options;
    super(tools, {
      ...(name !== undefined && { name }),
      ...(tags !== undefined && { tags }),
      ...(handleToolErrors !== undefined && { handleToolErrors }),
    });
    const clock = systemClock;
    const random = Math.random;
    const sources = { clock, random, shared: readLimits(options.limits) };
    const resources = resourceRegistryOf(options.resources, sources);
    this.#host = {
      clock,
      policies: new PolicyBook(options, () => this.tools, resources.declared),
      limits: new LimitBook(
        sources,
        resources,
        readCount("maxConcurrency", maxConcurrency),
      ),
      maxCalls: readCount("maxCalls", maxCalls) ?? Number.POSITIVE_INFINITY,
      retries: {
        clock,
        random,
        maxPauseMs: readMaxPause(options.maxPauseMs),
        retriesItself: (toolName) => retriesItself(this.tools, toolName),
      },
      sequential: readSequentialOption(options.sequential),
      references: readReferencesOption(options.references),
      reportsArguments: readBoolean("reportArguments", options.reportArguments),
      onReport: readListener(options.onReport),
      tracer: readTracer(options.tracer),
      // Public on the stock node, and may be set after construction.
      handlesErrors: () => this.handleToolErrors,
      runTool: (call, config, state) => this.runTool(call, config, state),
    };
  }

  protected override runTool(
    call: ToolCall,
    config: LangGraphRunnableConfig,
    state: unknown,
  ): Promise<Answer> {
    return runTool(this.tools, call, config, state, this.handleToolErrors);
  }

  protected override run(
    input: unknown,
    config: LangGraphRunnableConfig,
  ): Promise<T> {
    return runBatch(input, config, this.#host) as Promise<T>;
  }
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

function readMaxPause(value: unknown): number {
  if (value === undefined) return 60_000;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) {
    return value;
  }
  throw new ConfigurationError(
    "maxPauseMs",
    "a number of milliseconds, at least 0",
    value,
  );
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
