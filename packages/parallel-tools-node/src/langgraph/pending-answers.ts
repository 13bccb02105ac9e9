import { isBaseMessage, type ToolMessage } from "@langchain/core/messages";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { pendingWrites } from "./pending-writes.js";

/**
 * The answers of calls that are tasks of the same step and have ended.
 *
 * @param config of one of the tasks
 * @returns by the id of the call
 */
export async function pendingAnswers(
  config: LangGraphRunnableConfig,
): Promise<ReadonlyMap<string, ToolMessage>> {
  const answers = new Map<string, ToolMessage>();
  for (const [, , value] of await pendingWrites(config)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!isBaseMessage(item) || item.getType() !== "tool") continue;
      const answer = item as ToolMessage;
      answers.set(answer.tool_call_id, answer);
    }
  }
  return answers;
}
