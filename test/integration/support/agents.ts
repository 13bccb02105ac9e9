import {
  type BaseMessage,
  isAIMessage,
  isToolMessage,
  type ToolMessage,
} from "@langchain/core/messages";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { createReactAgent, type ToolNode } from "@langchain/langgraph/prebuilt";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent as createLangChainAgent } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { createAgentGraph } from "../../support/create-agent-graph.js";
import type { ModelOptions } from "./model-server.js";

/** Who calls a node: with the whole message, or with one call per `Send`. */
export const NODE_HOSTS = ["graph", "react v1", "react v2"] as const;

/** Whoever runs calls by way of the node, or of the middleware. */
export const HOSTS = [...NODE_HOSTS, "agent v1", "agent v2"] as const;
export type Host = (typeof HOSTS)[number];

/** The hosts that run a whole message as one task. */
export const WHOLE_MESSAGE_HOSTS = ["graph", "react v1", "agent v1"] as const;

/** The hosts that run each call as a task of its own. */
export const SENDING_HOSTS = ["react v2", "agent v2"] as const;

export function sendsCalls(host: Host): boolean {
  return (SENDING_HOSTS as readonly Host[]).includes(host);
}

/** How an agent is run, and how its model is asked. */
export interface Delivery {
  readonly mode: "invoke" | "updates" | "messages" | "values";
  readonly model: ModelOptions;
}

const DELIVERIES: readonly Delivery[] = [
  { mode: "invoke", model: {} },
  { mode: "updates", model: {} },
  { mode: "messages", model: {} },
  { mode: "values", model: {} },
  { mode: "invoke", model: { streaming: true } },
  { mode: "messages", model: { streaming: true } },
  { mode: "invoke", model: { useResponsesApi: true } },
  { mode: "updates", model: { useResponsesApi: true, streaming: true } },
];

/** Every delivery in every one of `hosts`, with a name for `describe.each`. */
export function settings(hosts: readonly Host[] = HOSTS) {
  return hosts.flatMap((host) =>
    DELIVERIES.map((delivery) => ({
      host,
      delivery,
      name: [
        host,
        delivery.mode,
        delivery.model.useResponsesApi ? "responses API" : "chat API",
        delivery.model.streaming ? "streaming model" : "plain model",
      ].join(", "),
    })),
  );
}

export type Agent = ReturnType<typeof createAgentGraph>;

/** An agent of `model` that runs `tools` with our options. */
export function createAgent(
  host: Host,
  model: ChatOpenAI,
  tools: ToolNode["tools"],
  options: ParallelToolNodeOptions = {},
  checkpointer?: BaseCheckpointSaver,
): Agent {
  if (host !== "agent v1" && host !== "agent v2") {
    const node = new ParallelToolNode(tools, options);
    return createNodeAgent(host, model, node, checkpointer);
  }
  return createLangChainAgent({
    model,
    tools: tools as never[],
    middleware: [parallelToolsMiddleware(options)],
    version: host === "agent v1" ? "v1" : "v2",
    ...(checkpointer && { checkpointer }),
  }) as unknown as Agent;
}

/** An agent of `model` around a node. */
export function createNodeAgent(
  host: (typeof NODE_HOSTS)[number],
  model: ChatOpenAI,
  node: ToolNode,
  checkpointer?: BaseCheckpointSaver,
): Agent {
  if (host === "graph") {
    const bound = model.bindTools(node.tools);
    return createAgentGraph(
      (messages, config) => bound.invoke(messages, config),
      node,
      { checkpointer },
    );
  }
  return createReactAgent({
    llm: model,
    tools: node,
    version: host === "react v1" ? "v1" : "v2",
    ...(checkpointer && { checkpointer }),
  }) as unknown as Agent;
}

/** What an agent gave its user. */
export interface Delivered {
  /** In the order in which the user saw them. */
  readonly answers: ToolMessage[];
  readonly lastWords: string;
}

/** Runs an agent to its end. */
export async function deliver(
  agent: Agent,
  { mode }: Delivery,
): Promise<Delivered> {
  const input = { messages: [{ role: "user", content: "Go." }] };
  if (mode === "invoke") {
    return readMessages((await agent.invoke(input)).messages);
  }
  const seen: BaseMessage[] = [];
  for await (const chunk of await agent.stream(input, { streamMode: mode })) {
    if (mode === "values") {
      seen.splice(0, seen.length, ...messagesIn(chunk));
    } else if (mode === "updates") {
      seen.push(...Object.values(chunk).flatMap(messagesIn));
    } else {
      seen.push((chunk as unknown as [BaseMessage])[0]);
    }
  }
  return readMessages(seen);
}

/** Of a state or an update; beside Commands a node gives a list of updates. */
function messagesIn(value: unknown): BaseMessage[] {
  if (Array.isArray(value)) return value.flatMap(messagesIn);
  return (value as { messages: BaseMessage[] }).messages;
}

function readMessages(messages: readonly BaseMessage[]): Delivered {
  const last = messages.findLastIndex(isToolMessage);
  return {
    answers: messages.filter(isToolMessage),
    lastWords: messages
      .slice(last + 1)
      .filter((message) => isAIMessage(message))
      .map(({ text }) => text)
      .join(""),
  };
}
