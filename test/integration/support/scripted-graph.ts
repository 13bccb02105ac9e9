import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
} from "@langchain/core/messages";
import type { BaseCheckpointSaver, BaseStore } from "@langchain/langgraph";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgentGraph } from "../../support/create-agent-graph.js";
import type { ScriptedCall } from "./model-server.js";

export const INPUT = { messages: [{ role: "user", content: "Go." }] };

/**
 * An agent whose model asks for `calls`, then says "Done.", whatever it is
 * told: for scenes that are not about the model.
 */
export function createScriptedGraph(
  node: ToolNode,
  calls: readonly ScriptedCall[],
  options: { checkpointer?: BaseCheckpointSaver; store?: BaseStore } = {},
) {
  return createAgentGraph((messages) => reply(messages, calls), node, options);
}

function reply(
  messages: readonly BaseMessage[],
  calls: readonly ScriptedCall[],
): AIMessage {
  if (messages.some(isAIMessage)) return new AIMessage("Done.");
  return new AIMessage({
    content: "",
    tool_calls: calls.map(({ id, name, args = {} }) => ({ id, name, args })),
  });
}
