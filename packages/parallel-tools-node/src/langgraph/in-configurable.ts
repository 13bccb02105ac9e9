import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import type { Configurable } from "./task.js";

/** Where LangChain keeps the config of what is running (core 1.4.0). */
const CHILD_CONFIG = Symbol.for("lc:child_config");

/** What LangChain's async context holds: a run, with the config beside it. */
interface Context {
  readonly extra?: object;
}

/**
 * Runs a function in which LangGraph's own functions, such as `interrupt`, find
 * this configurable. They read it from LangChain's async context (core 1.4.0),
 * whose own `runWithConfig` makes a run of its own for it.
 */
export function inConfigurable<Result>(
  configurable: Configurable,
  run: () => Result,
): Result {
  const config = {
    ...AsyncLocalStorageProviderSingleton.getRunnableConfig(),
    configurable,
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
