import { isBaseMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  type Command,
  isCommand,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { describeValue } from "../errors/describe-value.js";

/** What a tool may be, for a ToolNode. */
export type ExecutableTool = ToolNode["tools"][number];

/** The answer to one call. */
export type Answer = ToolMessage | Command;

/**
 * Runs one call as the stock node does, with the same runtime for the tool and
 * the same message for its result. Throws what the tool throws.
 */
export async function runTool(
  tools: readonly ExecutableTool[],
  call: ToolCall,
  config: LangGraphRunnableConfig,
  state: unknown,
): Promise<Answer> {
  const tool = tools.find((candidate) => candidate.name === call.name);
  if (tool === undefined) throw new Error(`Tool "${call.name}" not found.`);
  const output: unknown = await tool.invoke({ ...call, type: "tool_call" }, {
    ...config,
    state,
    toolCallId: call.id ?? "",
    config,
    context: config.context,
    store: config.store ?? null,
    writer: config.writer ?? config.configurable?.["writer"] ?? null,
  } as LangGraphRunnableConfig);
  if (isCommand(output)) return output;
  if (isBaseMessage(output) && output.getType() === "tool") {
    return output as ToolMessage;
  }
  return new ToolMessage({
    status: "success",
    name: tool.name,
    content: contentOf(tool.name, output),
    tool_call_id: call.id as string,
  });
}

/** The answer to a call that failed: the stock node's words. */
export function errorAnswer(call: ToolCall, error: unknown): ToolMessage {
  return new ToolMessage({
    status: "error",
    content: `Error: ${errorText(error)}\n Please fix your mistakes.`,
    name: call.name,
    tool_call_id: call.id ?? "",
  });
}

/** The stock node gives `undefined` for what JSON has no text for. */
function contentOf(name: string, output: unknown): string {
  if (typeof output === "string") return output;
  return JSON.stringify(output) ?? `${name} finished and returned nothing.`;
}

/** The stock node reads `message` of whatever was thrown, and finds nothing. */
function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  const message = (error as { message?: unknown } | null | undefined)?.message;
  if (message !== undefined) return String(message);
  return `the tool threw ${describeValue(error)}`;
}
