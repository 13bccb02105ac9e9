import type { BaseMessage } from "@langchain/core/messages";
import { isToolMessage } from "@langchain/core/messages";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import {
  createReactAgent,
  ToolNode as StockToolNode,
} from "@langchain/langgraph/prebuilt";
import type { StructuredTool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { createAgentGraph } from "./create-agent-graph.js";
import { answerLines } from "./messages.js";
import type { LoggedModel } from "./logged-model.js";

/** Where calls of a message are run, by the node or by the middleware. */
export const AGENT_HOSTS = [
  "graph",
  "react v1",
  "react v2",
  "agent v1",
  "agent v2",
] as const;
export type AgentHost = (typeof AGENT_HOSTS)[number];

export interface HostedAgent {
  invoke(
    input: unknown,
    config?: unknown,
  ): Promise<{ readonly messages: BaseMessage[] }>;
  stream(input: unknown, config?: unknown): Promise<AsyncIterable<unknown>>;
  /** Version 3 of it gives a promise. */
  streamEvents(
    input: unknown,
    config: unknown,
  ): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;
}

/**
 * An agent around a model and tools.
 *
 * @param options ours; `"stock"`: as it is without us
 */
export function hostAgent(
  host: AgentHost,
  model: LoggedModel,
  tools: readonly StructuredTool[],
  options: ParallelToolNodeOptions | "stock" = {},
  checkpointer?: BaseCheckpointSaver,
): HostedAgent {
  const kept = checkpointer && { checkpointer };
  if (host === "agent v1" || host === "agent v2") {
    return createAgent({
      model,
      tools: [...tools],
      middleware: options === "stock" ? [] : [parallelToolsMiddleware(options)],
      version: host === "agent v1" ? "v1" : "v2",
      ...kept,
    } as never);
  }
  const node =
    options === "stock"
      ? new StockToolNode([...tools])
      : new ParallelToolNode([...tools], options);
  if (host !== "graph") {
    return createReactAgent({
      llm: model,
      tools: node,
      version: host === "react v1" ? "v1" : "v2",
      ...kept,
    });
  }
  return createAgentGraph(
    (messages, config) => model.invoke(messages, config),
    node,
    { ...kept },
  );
}

export const GO = { messages: [{ role: "user", content: "Go." }] };

/** What the calls were answered, and the last message: `"ai: done"`. */
export function readRun(messages: readonly BaseMessage[]) {
  const last = messages.at(-1);
  return {
    answers: answerLines(messages.filter((message) => isToolMessage(message))),
    last: `${last?.getType()}: ${last?.text}`,
  };
}
