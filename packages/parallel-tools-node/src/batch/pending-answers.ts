import { isBaseMessage, type ToolMessage } from "@langchain/core/messages";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";

/**
 * The answers of calls that are tasks of the same step and have ended, perhaps
 * in another process: LangGraph keeps what a task has written with the
 * checkpoint until the whole step is done, and doesn't run the task again.
 *
 * @param config of one of the tasks
 * @returns by the id of the call; empty without a checkpointer
 */
export async function pendingAnswers({
  configurable = {},
}: LangGraphRunnableConfig): Promise<ReadonlyMap<string, ToolMessage>> {
  const answers = new Map<string, ToolMessage>();
  const saver = configurable["__pregel_checkpointer"] as
    | BaseCheckpointSaver
    | undefined;
  const namespace = parentOf(configurable["checkpoint_ns"]);
  const checkpoints = configurable["checkpoint_map"] as
    | Record<string, string>
    | undefined;
  const checkpointId = checkpoints?.[namespace];
  if (typeof saver?.getTuple !== "function" || !checkpointId) return answers;
  const tuple = await saver.getTuple({
    configurable: {
      thread_id: configurable["thread_id"] as string,
      checkpoint_ns: namespace,
      checkpoint_id: checkpointId,
    },
  });
  for (const [, , value] of tuple?.pendingWrites ?? []) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!isBaseMessage(item) || item.getType() !== "tool") continue;
      const answer = item as ToolMessage;
      answers.set(answer.tool_call_id, answer);
    }
  }
  return answers;
}

/** Of `agent:1|tools:2`, the graph in which task 2 runs: `agent:1`. */
function parentOf(namespace: unknown): string {
  const text = typeof namespace === "string" ? namespace : "";
  return text.split("|").slice(0, -1).join("|");
}
