import {
  RunnableBinding,
  RunnableRetry,
  RunnableSequence,
} from "@langchain/core/runnables";
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
  for (;;) {
    if (layer instanceof RunnableRetry) return true;
    if (layer instanceof RunnableBinding) layer = layer.bound;
    // `asTool` puts the parsing of the arguments before the runnable.
    else if (layer instanceof RunnableSequence) layer = layer.steps.at(-1);
    else return false;
  }
}
