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
import { ABORT_SIGNALS } from "./nested-signal.js";
import { namespaceOf, SCRATCHPAD } from "./task.js";

/** What LangGraph adds to a run's own `configurable` and metadata. */
const OF_TASK = ["__pregel_", "checkpoint_", "langgraph_"];

/** What LangGraph puts beside them for each task. */
const TASK_FIELDS = ["executionInfo", "interrupt", "heartbeat"] as const;
/** What it puts beside them for the run. */
const RUN_FIELDS = ["control", "serverInfo"] as const;

function isOfTask(key: string): boolean {
  return OF_TASK.some((start) => key.startsWith(start));
}

/** The node in which a model is asked, in its graph; the same one at each turn. */
export function askerOf(config: LangGraphRunnableConfig): string {
  return namespaceOf(config).replace(/:[^:|]*$/, "");
}

/** What an early call is given in place of what its task would give it. */
interface EarlyParts {
  readonly signal: AbortSignal;
  readonly callbacks: HeldCallbacks;
  /** `undefined`: the run has no writer. */
  readonly writer: ((chunk: unknown) => void) | undefined;
  /** Is called when something of the task is read. Throws. */
  readonly onTask: (why: string) => never;
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
    ...fieldsOf(of, RUN_FIELDS),
    ...trapsFor(fieldsOf(of, TASK_FIELDS), onTask),
    metadata: guarded(withoutTask(metadata), onTask),
    tags: (tags ?? []).filter((tag) => !/^(?:graph|seq):step/.test(tag)),
    configurable: {
      ...withoutTask({ ...configurable, writer }),
      ...trapsFor(taskParts(configurable), onTask),
    },
    signal,
    callbacks: [callbacks],
  };
  const state = trap(READS_STATE, onTask);
  return { ...config, config, state, toolCallId };
}

/**
 * Stands for what an early call doesn't have. LangChain copies a config before a tool
 * gets it, so that only a value itself can tell that it is looked at.
 */
function trap(why: string, onTask: EarlyParts["onTask"]): object {
  const read = () => onTask(why);
  return new Proxy(() => {}, {
    apply: read,
    get: read,
    has: read,
    ownKeys: read,
    getOwnPropertyDescriptor: read,
  });
}

const READS_STATE = "it reads the state";

/** Why a tool that reads this field of its task can't run before that. */
function whyOf(key: string): string {
  return key === SCRATCHPAD || key === "interrupt"
    ? "it asks a human, or reads the current state"
    : `it reads what only its step of the graph has (\`${key}\`)`;
}

/** Fields among which those of a task are missed, until they are copied. */
function guarded(
  fields: Record<string, unknown>,
  onTask: EarlyParts["onTask"],
): Record<string, unknown> {
  return new Proxy(fields, {
    get: (own, key) => {
      if (typeof key === "string" && isOfTask(key)) onTask(whyOf(key));
      return Reflect.get(own, key) as unknown;
    },
  });
}

function trapsFor(
  fields: object,
  onTask: EarlyParts["onTask"],
): Record<string, object> {
  const keys = Object.keys(fields);
  return Object.fromEntries(keys.map((key) => [key, trap(whyOf(key), onTask)]));
}

function fieldsOf(
  config: object,
  names: readonly string[],
): Record<string, unknown> {
  const given = config as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    names.flatMap((name) =>
      given[name] === undefined ? [] : [[name, given[name]]],
    ),
  );
}

/** What `configurable` has of the task. An early call runs in no graph. */
function taskParts(configurable: object = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(configurable).filter(
      ([key, value]) =>
        isOfTask(key) && key !== ABORT_SIGNALS && value !== undefined,
    ),
  );
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
