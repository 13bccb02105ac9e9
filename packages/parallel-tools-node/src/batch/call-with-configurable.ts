import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { inConfigurable } from "../langgraph/in-configurable.js";
import type { Configurable } from "../langgraph/scratchpad.js";

/**
 * Runs a call of a tool with another configurable than its task's, if one is given.
 * What the tool starts or asks without a config finds it in the async context.
 */
export function callWithConfigurable<Result>(
  config: LangGraphRunnableConfig,
  configurable: Configurable | undefined,
  run: (config: LangGraphRunnableConfig) => Result,
): Result {
  return configurable === undefined || configurable === config.configurable
    ? run(config)
    : inConfigurable(configurable, () => run({ ...config, configurable }));
}
