import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/** The config with this signal in it, if there is one. */
export function withSignal(
  config: LangGraphRunnableConfig,
  signal: AbortSignal | undefined,
): LangGraphRunnableConfig {
  return signal === undefined || signal === config.signal
    ? config
    : { ...config, signal };
}
