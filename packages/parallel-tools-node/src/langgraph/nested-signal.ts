/**
 * The host's secrets: which signal aborts a graph that runs inside a tool, and
 * what such a graph then throws. It doesn't listen to `config.signal`. It listens
 * to `externalAbortSignal`, which is under a private key of the configurable and
 * which LangGraph hands down from the outermost run. It may throw an error with
 * the message "Abort" instead of the signal's reason.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/runner`).
 */
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { getConfig, type LangGraphRunnableConfig } from "@langchain/langgraph";
import { inConfigurable } from "./in-configurable.js";
import type { Configurable } from "./task.js";

/** By which code knows that it runs in a graph. */
export const ABORT_SIGNALS = "__pregel_abort_signals";

interface AbortSignals {
  readonly externalAbortSignal?: AbortSignal;
}

/**
 * What is the same object for all tasks of a run, and another for each run: its signal.
 * `undefined` outside of a graph.
 */
export function runOf({
  configurable,
}: LangGraphRunnableConfig): object | undefined {
  const signals = configurable?.[ABORT_SIGNALS] as AbortSignals | undefined;
  return signals?.externalAbortSignal;
}

/**
 * Runs a call of a tool with `signal` and `configurable`, which also reach the
 * graphs that the tool starts. `undefined`: those of the task are used.
 *
 * @param config of the task
 * @param run gets the config for the tool
 */
export function callWith<Result>(
  config: LangGraphRunnableConfig,
  signal: AbortSignal | undefined,
  configurable: Configurable | undefined,
  run: (config: LangGraphRunnableConfig) => Result,
): Result {
  if (configurable !== undefined && configurable !== config.configurable) {
    const own = { ...config, configurable };
    const isOwn = signal === undefined || signal === config.signal;
    const callConfig = isOwn ? own : withSignal(own, signal);
    // The signal is in the configurable, too, so both are set together.
    return inConfigurable(
      callConfig.configurable,
      () => run(callConfig),
      callConfig.signal,
    );
  }
  return signal === undefined || signal === config.signal
    ? run(config)
    : insideSignal(signal, () => run(withSignal(config, signal)));
}

/** A config with `signal`, both for a runnable and for graphs inside it. */
export function withSignal<Config extends LangGraphRunnableConfig>(
  config: Config,
  signal: AbortSignal,
): Config {
  const { configurable } = config;
  const before = configurable?.[ABORT_SIGNALS] as AbortSignals | undefined;
  return {
    ...config,
    signal,
    configurable: { ...configurable, [ABORT_SIGNALS]: joined(before, signal) },
  };
}

/**
 * Runs a function whose graphs hear `signal` even if no config is handed to them:
 * they find it in the async context. A new context costs half as much as a call
 * of a tool that does nothing, so none is made if the signal is there already or
 * if there is no context.
 */
export function insideSignal<Result>(
  signal: AbortSignal | undefined,
  run: () => Result,
): Result {
  const ambient = getConfig() as LangGraphRunnableConfig | undefined;
  return signal === undefined ||
    ambient === undefined ||
    ambient.signal === signal
    ? run()
    : AsyncLocalStorageProviderSingleton.runWithConfig(
        withSignal(ambient, signal),
        run,
      );
}

/** Whether this is the error of an aborted graph. It hides the reason. */
export function isGraphAbort(error: unknown): boolean {
  return error instanceof Error && error.message === "Abort";
}

/**
 * The signals for a graph inside a call: `signal`, and that of the run, which
 * aborts a graph that outlives its call. They are joined when a graph reads them,
 * because most tools start no graph.
 */
function joined(
  before: AbortSignals | undefined,
  signal: AbortSignal,
): AbortSignals {
  const ofRun = before?.externalAbortSignal;
  if (ofRun === undefined) return { externalAbortSignal: signal };
  let both: AbortSignal | undefined;
  return {
    get externalAbortSignal() {
      both ??= AbortSignal.any([signal, ofRun]);
      return both;
    },
  };
}
