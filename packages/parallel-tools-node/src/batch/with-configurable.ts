import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Configurable } from "../langgraph/scratchpad.js";

/** The config with this configurable in it, if there is one. */
export function withConfigurable(
  config: LangGraphRunnableConfig,
  configurable: Configurable | undefined,
): LangGraphRunnableConfig {
  return configurable === undefined || configurable === config.configurable
    ? config
    : { ...config, configurable };
}
