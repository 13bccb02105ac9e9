import { RunnableBinding, RunnableSequence } from "@langchain/core/runnables";

/**
 * A tool and what it was made from: below `.withRetry()` and `.withConfig()`, and,
 * where `.asTool()` made it, the runnable behind the parsing of the arguments.
 */
export function* toolLayers(tool: unknown): Iterable<unknown> {
  let layer = tool;
  for (;;) {
    yield layer;
    if (layer instanceof RunnableBinding) layer = layer.bound;
    else if (layer instanceof RunnableSequence) layer = layer.steps.at(-1);
    else return;
  }
}
