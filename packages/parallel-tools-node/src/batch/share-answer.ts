import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isCommand } from "@langchain/langgraph";
import { type Answer, isPlainText, markPlainText } from "./run-tool.js";

/**
 * The answer to an identical call, under that call's own id. `undefined` for a
 * Command: what it does to the state is not ours to repeat or to leave out.
 */
export function shareAnswer(
  answer: Answer,
  call: ToolCall,
): ToolMessage | undefined {
  if (isCommand(answer)) return undefined;
  const { content, artifact, status, name, metadata } = answer;
  const shared = new ToolMessage({
    content,
    artifact,
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    additional_kwargs: { ...answer.additional_kwargs },
    response_metadata: { ...answer.response_metadata },
    tool_call_id: call.id ?? "",
  });
  if (isPlainText(answer)) markPlainText(shared);
  return shared;
}
