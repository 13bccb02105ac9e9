/**
 * How a graph that runs inside a tool hears that its call is over. It does not
 * listen to `config.signal`: its runner takes `externalAbortSignal` from under a
 * private key of `configurable`, which LangGraph hands down from the outermost
 * run (`pregel/runner`, `_initializeAbortSignals`).
 *
 * Read in @langchain/langgraph 1.7.0, 1.7.1 and 1.7.3.
 */
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { getConfig, type LangGraphRunnableConfig } from "@langchain/langgraph";
import { inConfigurable } from "./in-configurable.js";
import type { Configurable } from "./task.js";

const ABORT_SIGNALS = "__pregel_abort_signals";

interface AbortSignals {
  readonly externalAbortSignal?: AbortSignal;
}

/**
 * Runs a call of a tool so that all of it hears `signal` and finds `configurable`,
 * graphs that it starts included. Without one of its own, the task's holds.
 *
 * @param config of the task
 * @param run is given the config for the tool
 */
export function callWith<Result>(
  config: LangGraphRunnableConfig,
  signal: AbortSignal | undefined,
  configurable: Configurable | undefined,
  run: (config: LangGraphRunnableConfig) => Result,
): Result {
  if (configurable !== undefined && configurable !== config.configurable) {
    return inConfigurable(configurable, () =>
      callWith({ ...config, configurable }, signal, undefined, run),
    );
  }
  return signal === undefined || signal === config.signal
    ? run(config)
    : insideSignal(signal, () => run(withSignal(config, signal)));
}

/** The config with `signal` in it, for what runs with it and graphs in there. */
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
 * Runs what may start graphs without a config: they find theirs in the async
 * context, with `signal` in it. Where it is there already, or there is no
 * context, all stays as it is. To change it takes as long as half a call of a
 * tool that does nothing.
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

/** Whether this is what an aborted graph throws, whatever the signal's reason. */
export function isGraphAbort(error: unknown): boolean {
  return error instanceof Error && error.message === "Abort";
}

/**
 * A graph hears `signal`, which follows all that its step hears, and goes on to
 * hear the run's: one that outlives its call ends with the run. The two are joined
 * when a graph asks, since most tools start none.
 */
function joined(
  before: AbortSignals | undefined,
  signal: AbortSignal,
): AbortSignals {
  const run = before?.externalAbortSignal;
  if (run === undefined) return { externalAbortSignal: signal };
  let both: AbortSignal | undefined;
  return {
    get externalAbortSignal() {
      both ??= AbortSignal.any([signal, run]);
      return both;
    },
  };
}
