/**
 * The host's secrets: what a config tells a tool of the task in which it runs. A call
 * that runs before its task begins can't be told that, and must not go on as if there
 * was nothing to tell.
 *
 * Read in LangGraph 1.7.0, 1.7.3 (`pregel/algo`) and langchain 1.5.14 (`agents/nodes/ToolNode`).
 */
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { HeldCallbacks } from "./held-callbacks.js";

/** What LangGraph adds to a run's own `configurable` and metadata. */
const OF_TASK = ["__pregel_", "checkpoint_", "langgraph_"];

function isOfTask(key: string): boolean {
  return OF_TASK.some((start) => key.startsWith(start));
}

/**
 * What is the same object for all tasks of a run, and another for each run: its signal.
 * `undefined` outside of a graph.
 */
export function runOf({
  configurable,
}: LangGraphRunnableConfig): object | undefined {
  const signals = configurable?.["__pregel_abort_signals"] as
    | { readonly externalAbortSignal?: AbortSignal }
    | undefined;
  return signals?.externalAbortSignal;
}

/** What an early call is given in place of what its task would give it. */
interface EarlyParts {
  readonly signal: AbortSignal;
  readonly callbacks: HeldCallbacks;
  /** `undefined`: the run has no writer. */
  readonly writer: ((chunk: unknown) => void) | undefined;
  /** Is called when something of the task is read. Throws. */
  readonly onTask: (what: string) => never;
}

/** The second argument of a tool, as `ToolNode` and `createAgent` give it. */
export interface EarlyRuntime extends LangGraphRunnableConfig {
  readonly state: unknown;
  readonly toolCallId: string;
  readonly config: LangGraphRunnableConfig;
}

/**
 * The config for a call that runs before its task: that of the run, without what is
 * the task's.
 *
 * @param of the config in which the model is asked
 */
export function earlyRuntime(
  of: LangGraphRunnableConfig,
  toolCallId: string,
  { signal, callbacks, writer, onTask }: EarlyParts,
): EarlyRuntime {
  const { configurable, metadata, tags, context, store } = of;
  const { recursionLimit, maxConcurrency } = of;
  const config: LangGraphRunnableConfig = {
    ...(recursionLimit !== undefined && { recursionLimit }),
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    ...(context !== undefined && { context }),
    ...(store !== undefined && { store }),
    ...(writer !== undefined && { writer }),
    metadata: withoutTask(metadata),
    tags: (tags ?? []).filter((tag) => !/^(?:graph|seq):step/.test(tag)),
    configurable: new Proxy(withoutTask({ ...configurable, writer }), {
      get: (own, key) => {
        if (typeof key === "string" && isOfTask(key)) onTask(key);
        return Reflect.get(own, key) as unknown;
      },
    }),
    signal,
    callbacks: [callbacks],
  };
  const read = () => onTask("the state");
  const state = new Proxy({}, { get: read, has: read, ownKeys: read });
  return { ...config, config, state, toolCallId };
}

function withoutTask(
  fields: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> {
  const entries = Object.entries(fields ?? {});
  return Object.fromEntries(
    entries.filter(([key, value]) => !isOfTask(key) && value !== undefined),
  );
}

/**
 * Runs a function where LangGraph's own functions find the early config, and where
 * nothing is traced by itself.
 */
export function inEarlyConfig<Result>(
  { config }: EarlyRuntime,
  run: () => Result,
): Result {
  return AsyncLocalStorageProviderSingleton.runWithConfig(config, run);
}
