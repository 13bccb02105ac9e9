/**
 * The host's secret: the input of a node for tools that gets one call by `Send`.
 * It is the state with the call under `lg_tool_call`.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`prebuilt/tool_node`,
 * `prebuilt/react_agent_executor`), and in langchain 1.5.8 and 1.5.14
 * (`agents/ReactAgent`, `agents/nodes/ToolNode`).
 */
import type { ToolCall } from "@langchain/core/messages/tool";

export type SendInput = { lg_tool_call: ToolCall } & Record<string, unknown>;

export function isSendInput(input: unknown): input is SendInput {
  return typeof input === "object" && input !== null && "lg_tool_call" in input;
}

/** Splits the input into the call and the state. */
export function readSendInput({ lg_tool_call: toolCall, ...state }: SendInput) {
  return { toolCall, state };
}

/** Builds the input that a graph sends for one call. */
export function sendInputOf(
  toolCall: ToolCall,
  state: Record<string, unknown>,
): SendInput {
  return { ...state, lg_tool_call: toolCall };
}
