import { RunnableBinding, RunnableRetry } from "@langchain/core/runnables";
import type { ExecutableTool } from "./run-tool.js";

/**
 * Whether a tool was made with LangChain's `.withRetry()`, at whatever depth:
 * what it throws has been retried already.
 */
export function retriesItself(
  tools: readonly ExecutableTool[],
  name: string,
): boolean {
  let layer: unknown = tools.find((tool) => tool.name === name);
  while (layer instanceof RunnableBinding) {
    if (layer instanceof RunnableRetry) return true;
    layer = layer.bound;
  }
  return false;
}
