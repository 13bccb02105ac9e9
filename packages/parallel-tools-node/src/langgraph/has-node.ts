import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/** Reads a channel of the graph as it was when the step began. */
const READ = "__pregel_read";

/**
 * Whether the graph of a task has a node of this name. A node is triggered by a
 * channel of its own, and a task may read all channels of its graph (LangGraph 1.1.4
 * to 1.7.3, `_localRead` in `pregel/algo`, `branch:to:` in `graph/state`). `false` where
 * that can't be seen.
 */
export function hasNode(
  { configurable }: LangGraphRunnableConfig,
  name: string,
): boolean {
  const read: unknown = configurable?.[READ];
  if (typeof read !== "function") return false;
  try {
    read(`branch:to:${name}`);
    return true;
  } catch {
    // There is no such channel.
    return false;
  }
}
