import type { ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { isControlFlow } from "../batch/control-flow.js";
import { answerToThrown } from "../batch/run-tool.js";
import { describeValue } from "../errors/describe-value.js";
import { attempt, readField } from "../limits/feedback/attempt.js";

/**
 * The answer to a call whose tool has thrown, in the words of `createAgent`
 * where it has no middleware. `undefined` for what is no failure of the tool: a
 * signal of LangGraph's, or a fault of another middleware, which is fatal.
 */
export function failedAnswer(
  call: ToolCall,
  error: unknown,
): ToolMessage | undefined {
  if (isControlFlow(error)) return undefined;
  const brand = readField(error, "~brand");
  if (brand === "MiddlewareError") return undefined;
  const text = attempt(() => String(error)) ?? describeValue(error);
  // Arguments that the schema has refused: the error says all there is to say.
  const content =
    brand === "ToolInvocationError"
      ? String(readField(error, "message"))
      : `${text}\n Please fix your mistakes.`;
  return answerToThrown(call, error, content);
}
