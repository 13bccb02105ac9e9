import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { getConfig } from "@langchain/langgraph";
import type { Configurable } from "./scratchpad.js";

/**
 * Runs a function in which LangGraph's own functions, such as `interrupt`, find
 * this configurable. They read it from LangChain's async context (1.7.3).
 */
export function inConfigurable<Result>(
  configurable: Configurable,
  run: () => Result,
): Result {
  return AsyncLocalStorageProviderSingleton.runWithConfig(
    { ...getConfig(), configurable },
    run,
  );
}
