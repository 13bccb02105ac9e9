import type { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
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

/** The graph that every agent is: `reply` speaks for the model. */
export function createAgentGraph(
  reply: (
    messages: BaseMessage[],
    config: RunnableConfig,
  ) => BaseMessage | Promise<BaseMessage>,
  node: ToolNode,
  options: {
    checkpointer?: BaseCheckpointSaver | undefined;
    store?: BaseStore;
  } = {},
) {
  const { checkpointer, store } = options;
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }, config) => ({
      messages: [await reply(messages, config)],
    }))
    .addNode("tools", node)
    .addEdge(START, "agent")
    .addConditionalEdges("agent", toolsCondition, ["tools", END])
    .addEdge("tools", "agent")
    .compile({
      ...(checkpointer && { checkpointer }),
      ...(store && { store }),
    });
}
