import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { Refusal } from "./call-attempts.js";
import { errorText, failureBehind } from "./run-tool.js";

/**
 * The answer to a call that its server refused, and would refuse for now.
 *
 * @param answer what the call is answered without that
 */
export function refusedAnswer(
  call: ToolCall,
  answer: ToolMessage,
  attempts: number,
  { retryAfterMs, mayHaveTakenEffect }: Refusal,
): ToolMessage {
  const { error, wasThrown } = failureBehind(answer);
  const text = wasThrown ? `Error: ${errorText(error)}` : answer.text;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const next = mayHaveTakenEffect
    ? "The call may have taken effect all the same: find out before you make it again,"
    : "Make this call again";
  return new ToolMessage({
    status: "error",
    content: `${text}\n The server takes no more calls for now (attempts made: ${attempts}). ${next} in ${seconds} s at the earliest, and go on with something else until then.`,
    artifact: answer.artifact,
    name: call.name,
    tool_call_id: call.id ?? "",
  });
}
