import { AIMessage, HumanMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { type StructuredTool, tool } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  END,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { ParallelToolNode, write } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { AskingModel } from "../asking-model.js";
import { monotonicMs } from "../monotonic-time.js";
import { createTaskMiddleware, createTaskNode } from "./own-way.js";

/** Who runs the calls of a message. */
export const HOSTS = ["node", "createAgent v1", "createAgent v2"] as const;
export type HostName = (typeof HOSTS)[number];

/** How: `own` is what a user writes with LangGraph's `task()`. */
export const WAYS = [
  "stock",
  "stock again",
  "plain",
  "durable",
  "own",
] as const;
export type Way = (typeof WAYS)[number];

/** Each call waits for the one before it, or none waits. */
export const SHAPES = ["chain", "fan-out"] as const;
export type Shape = (typeof SHAPES)[number];

/** A graph that runs one message per thread, with the option to be resumed. */
export interface Contender {
  readonly start: (message: AIMessage, thread: string) => Promise<unknown>;
  readonly resume: (command: unknown, thread: string) => Promise<unknown>;
  readonly tools: BenchTools;
}

interface Graph {
  invoke(input: never, config: object): Promise<unknown>;
}

/** What the tools have done since `reset`. */
interface BenchTools {
  readonly all: StructuredTool[];
  /** Calls that were begun. */
  begun: number;
  /** When `ask` was given its answer, in monotonic milliseconds. */
  answeredAt: number;
}

const POLICIES = { link: { access: () => [write("x")] } };
const isLink = ({ name }: ToolCall) => name === "link";

/** A message of so many calls; with `asks`, the last one asks a human. */
export function messageOf(
  calls: number,
  shape: Shape,
  asks = false,
): AIMessage {
  const name = shape === "chain" ? "link" : "noop";
  return new AIMessage({
    id: "message",
    content: "",
    tool_calls: Array.from({ length: calls }, (_, id) => ({
      name: asks && id === calls - 1 ? "ask" : name,
      args: { id },
      id: `call_${id}`,
      type: "tool_call" as const,
    })),
  });
}

/** @returns `undefined` where a user has no need of a way of their own */
export function createContender(
  host: HostName,
  way: Way,
  checkpointer: BaseCheckpointSaver,
): Contender | undefined {
  // Each call is a task of LangGraph's as it is.
  if (host === "createAgent v2" && way === "own") return undefined;
  const tools = createTools();
  const model = new AskingModel({});
  const graph: Graph =
    host === "node"
      ? createGraph(way, tools.all, checkpointer)
      : createAgent({
          model,
          tools: tools.all,
          checkpointer,
          middleware: middlewareFor(way),
          version: host === "createAgent v1" ? "v1" : "v2",
        } as never);
  const configOf = (thread: string) => ({
    configurable: { thread_id: thread },
    durability: "sync",
    recursionLimit: 10,
  });
  return {
    tools,
    start: (message, thread) => {
      model.message = message;
      const messages = host === "node" ? [message] : [new HumanMessage("Go.")];
      return graph.invoke({ messages } as never, configOf(thread));
    },
    resume: (command, thread) =>
      graph.invoke(command as never, configOf(thread)),
  };
}

function createGraph(
  way: Way,
  tools: StructuredTool[],
  checkpointer: BaseCheckpointSaver,
): Graph {
  return new StateGraph(MessagesAnnotation)
    .addNode("tools", nodeFor(way, tools) as never)
    .addEdge(START, "tools")
    .addEdge("tools", END)
    .compile({ checkpointer }) as Graph;
}

function nodeFor(way: Way, tools: StructuredTool[]): unknown {
  switch (way) {
    case "stock":
    case "stock again":
      return new ToolNode(tools);
    case "plain":
      return new ParallelToolNode(tools, { policies: POLICIES });
    case "durable":
      return new ParallelToolNode(tools, { policies: POLICIES, durable: true });
    case "own":
      return createTaskNode(tools, isLink);
  }
}

function middlewareFor(way: Way): unknown[] {
  switch (way) {
    case "stock":
    case "stock again":
      return [];
    case "plain":
      return [parallelToolsMiddleware({ policies: POLICIES })];
    case "durable":
      return [parallelToolsMiddleware({ policies: POLICIES, durable: true })];
    case "own":
      return [createTaskMiddleware(isLink)];
  }
}

function createTools(): BenchTools {
  const schema = z.object({ id: z.number() });
  const description = "Does nothing.";
  const seen: BenchTools = { all: [], begun: 0, answeredAt: Number.NaN };
  const noop = () => {
    seen.begun += 1;
    return "done";
  };
  seen.all.push(
    tool(noop, { name: "noop", description, schema }),
    tool(noop, { name: "link", description, schema }),
    tool(
      () => {
        seen.begun += 1;
        const answer = interrupt<string, string>("May I?");
        seen.answeredAt = monotonicMs();
        return answer;
      },
      { name: "ask", description: "Asks a human.", schema },
    ),
  );
  return seen;
}
