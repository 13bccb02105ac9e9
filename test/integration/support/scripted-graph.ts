import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
} from "@langchain/core/messages";
import {
  type BaseCheckpointSaver,
  type BaseStore,
  END,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { ToolNode } from "@langchain/langgraph/prebuilt";
import { toolsCondition } from "parallel-tools-node";
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
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", ({ messages }) => ({
      messages: [reply(messages, calls)],
    }))
    .addNode("tools", node)
    .addEdge(START, "agent")
    .addConditionalEdges("agent", toolsCondition, ["tools", END])
    .addEdge("tools", "agent")
    .compile(options);
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
