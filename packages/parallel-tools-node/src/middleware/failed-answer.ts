import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { agentToolFailed } from "../answers/tool-failed.js";
import { isControlFlow } from "../batch/control-flow.js";
import { answerToThrown } from "../batch/run-tool.js";
import { describeValue } from "../errors/describe-value.js";
import { attempt, readField } from "../limits/feedback/attempt.js";

/**
 * The answer to a call whose tool threw, in the words of `createAgent` without
 * middleware. `undefined` for what is no failure of the tool: a signal of
 * LangGraph's, or an error of another middleware, which is fatal.
 */
export function failedAnswer(
  call: ToolCall,
  error: unknown,
): ToolMessage | undefined {
  if (isControlFlow(error)) return undefined;
  const brand = readField(error, "~brand");
  if (brand === "MiddlewareError") return undefined;
  const text = attempt(() => String(error)) ?? describeValue(error);
  // The schema refused the arguments: the error is written for the model.
  const content =
    brand === "ToolInvocationError"
      ? String(readField(error, "message"))
      : agentToolFailed(text);
  return answerToThrown(call, error, content);
}
