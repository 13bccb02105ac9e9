/**
 * The host's secret: where LangChain keeps the config of the code that runs. It
 * is in the `extra` of a run, under a symbol, in an async context. LangGraph's
 * functions, such as `interrupt`, read it there.
 *
 * Read in @langchain/core 1.4.0 (`singletons/async_local_storage`).
 */
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import type { Configurable } from "./task.js";

const CHILD_CONFIG = Symbol.for("lc:child_config");

/** What the async context holds: a run. */
interface Context {
  readonly extra?: object;
}

/**
 * Runs a function in which LangGraph's own functions find this configurable, and
 * this signal if there is one. The run stays the same. `runWithConfig` would make a
 * new one, so it is used only where there is no run.
 */
export function inConfigurable<Result>(
  configurable: Configurable,
  run: () => Result,
  signal?: AbortSignal,
): Result {
  const config = {
    ...AsyncLocalStorageProviderSingleton.getRunnableConfig(),
    configurable,
    ...(signal && { signal }),
  };
  const contexts = AsyncLocalStorageProviderSingleton.getInstance();
  const context = contexts.getStore() as Context | undefined;
  if (context?.extra === undefined) {
    return AsyncLocalStorageProviderSingleton.runWithConfig(config, run);
  }
  const own: unknown = Object.create(context, {
    extra: { value: { ...context.extra, [CHILD_CONFIG]: config } },
  });
  return contexts.run(own, run);
}
