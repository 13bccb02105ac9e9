import type { ToolCall } from "@langchain/core/messages/tool";

/**
 * What `Send` carries to a node for tools: the state, with one call beside it.
 * Read in the prebuilt `ToolNode` and `createReactAgent` of LangGraph 1.7.3, and
 * in `createAgent` of langchain 1.5.14.
 */
export type SendInput = { lg_tool_call: ToolCall } & Record<string, unknown>;

export function isSendInput(input: unknown): input is SendInput {
  return typeof input === "object" && input !== null && "lg_tool_call" in input;
}

/** The call, and the state that came with it. */
export function readSendInput({ lg_tool_call: toolCall, ...state }: SendInput) {
  return { toolCall, state };
}

/** What a graph sends for one call. */
export function sendInputOf(
  toolCall: ToolCall,
  state: Record<string, unknown>,
): SendInput {
  return { ...state, lg_tool_call: toolCall };
}
