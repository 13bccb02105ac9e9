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
  const namespace = parentOf(configurable["checkpoint_ns"]);
  const checkpoints = configurable["checkpoint_map"] as
    | Record<string, string>
    | undefined;
  const checkpointId = checkpoints?.[namespace];
  if (typeof saver?.getTuple !== "function" || !checkpointId) return [];
  try {
    const tuple = await saver.getTuple({
      configurable: {
        thread_id: configurable["thread_id"] as string,
        checkpoint_ns: namespace,
        checkpoint_id: checkpointId,
      },
    });
    return tuple?.pendingWrites ?? [];
  } catch {
    return [];
  }
}

/** Of `agent:1|tools:2`, the graph in which task 2 runs: `agent:1`. */
function parentOf(namespace: unknown): string {
  const text = typeof namespace === "string" ? namespace : "";
  return text.split("|").slice(0, -1).join("|");
}
