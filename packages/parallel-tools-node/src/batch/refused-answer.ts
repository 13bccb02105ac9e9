import { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { refused } from "../answers/refused.js";
import { problemOf } from "../answers/tool-failed.js";
import type { Refusal } from "./call-retries.js";
import { failureBehind } from "./run-tool.js";

/**
 * The answer to a call that its server refused, and would refuse for now.
 *
 * @param answer what the call would be answered without that
 */
export function refusedAnswer(
  call: ToolCall,
  answer: ToolMessage,
  attempts: number,
  refusal: Refusal,
): ToolMessage {
  const { error, wasThrown } = failureBehind(answer);
  const failure = wasThrown ? `Error: ${problemOf(error)}` : answer.text;
  return new ToolMessage({
    status: "error",
    content: refused({ failure, attempts, ...refusal }),
    artifact: answer.artifact,
    name: call.name,
    tool_call_id: call.id ?? "",
  });
}
