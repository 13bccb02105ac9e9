import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { agentToolFailed } from "../answers/tool-failed.js";
import { isControlFlow } from "../batch/control-flow.js";
import { answerToThrown } from "../batch/run-tool.js";
import { describeValue } from "../errors/describe-value.js";
import {
  isMiddlewareError,
  isToolInvocationError,
} from "../langgraph/agent-errors.js";
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
  if (isControlFlow(error) || isMiddlewareError(error)) return undefined;
  const text = attempt(() => String(error)) ?? describeValue(error);
  // The schema refused the arguments: the error is written for the model.
  const content = isToolInvocationError(error)
    ? String(readField(error, "message"))
    : agentToolFailed(text);
  return answerToThrown(call, error, content);
}
