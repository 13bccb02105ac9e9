import type {
  BaseCheckpointSaver,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";

/** What a task has written: its id, a channel, and what went there. */
export type PendingWrite = readonly [
  taskId: string,
  channel: string,
  value: unknown,
];

/**
 * What the tasks of a step have written, perhaps in another process: LangGraph
 * keeps it with the checkpoint until the whole step is done, and doesn't run a
 * task again that has ended.
 *
 * @param config of one of the tasks
 * @returns nothing without a checkpointer, or where it can't be read
 */
export async function pendingWrites({
  configurable = {},
}: LangGraphRunnableConfig): Promise<readonly PendingWrite[]> {
  const saver = configurable["__pregel_checkpointer"] as
    | BaseCheckpointSaver
    | undefined;
  const checkpoints = configurable["checkpoint_map"] as
    | Record<string, string>
    | undefined;
  if (typeof saver?.getTuple !== "function") return [];
  try {
    for (const namespace of outerNamespaces(configurable["checkpoint_ns"])) {
      const checkpointId = checkpoints?.[namespace];
      if (!checkpointId) continue;
      const tuple = await saver.getTuple({
        configurable: {
          thread_id: configurable["thread_id"] as string,
          checkpoint_ns: namespace,
          checkpoint_id: checkpointId,
        },
      });
      if (tuple !== undefined) return tuple.pendingWrites ?? [];
    }
    return [];
  } catch {
    return [];
  }
}

/**
 * Of `agent:1|tools:2`, in which task 2 runs: `agent:1`, then the root, which is
 * empty. A task that a node has made stands below that node, and has its
 * checkpoint with the graph of that node.
 */
function* outerNamespaces(namespace: unknown): Generator<string> {
  const parts = typeof namespace === "string" ? namespace.split("|") : [];
  for (let end = parts.length - 1; end >= 0; end -= 1) {
    yield parts.slice(0, end).join("|");
  }
}
