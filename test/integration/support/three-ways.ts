import type { BaseMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import type { StructuredTool } from "@langchain/core/tools";
import {
  type BaseCheckpointSaver,
  type BaseStore,
  END,
  MemorySaver,
  MessagesAnnotation,
  type RetryPolicy,
  START,
  type StateSnapshot,
  StateGraph,
} from "@langchain/langgraph";
import {
  createReactAgent,
  ToolNode as StockToolNode,
} from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  toolsCondition,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { AGENT_HOSTS, type AgentHost } from "../../support/agent-hosts.js";
import { LoggedModel } from "../../support/logged-model.js";

/** Who runs a program: the host as it is, or with ours in it. */
export type Way = "stock" | "ours" | "ours, durable";

/** Each of ours is compared with stock. */
export const OUR_WAYS = ["ours", "ours, durable"] as const;

/** Each of our ways in each host, for `describe.each`. */
export function waysIn(hosts: readonly AgentHost[] = AGENT_HOSTS) {
  return hosts.flatMap((host) => OUR_WAYS.map((way) => ({ host, way })));
}

/** What an agent has, whoever hosts it. */
export interface Hosted {
  invoke(input: unknown, config?: unknown): Promise<State>;
  stream(input: unknown, config?: unknown): Promise<AsyncIterable<unknown>>;
  /** Version 3 of it gives a promise. */
  streamEvents(
    input: unknown,
    config: unknown,
  ): AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;
  getState(config: unknown, options?: unknown): Promise<StateSnapshot>;
}

export interface State {
  readonly messages: BaseMessage[];
}

/** An agent whose model asks for `turns`, then says "done". */
export interface Program {
  readonly tools: readonly StructuredTool[];
  readonly turns: readonly (readonly ToolCall[])[];
  /** Default: a new one. `false`: none, as in a subgraph. */
  readonly checkpointer?: BaseCheckpointSaver | false;
  readonly store?: BaseStore;
  readonly name?: string;
  /** Of the model: `"agent model 1"`, or with the program's name. */
  readonly log?: string[];
  /** `createAgent` takes these in the config of a run only. */
  readonly interrupts?: Interrupts;
  /** Of our node alone: what all ways but stock are given. */
  readonly options?: ParallelToolNodeOptions;
  readonly handleToolErrors?: boolean;
  /** Of the tools node, in the host "graph". */
  readonly retryPolicy?: RetryPolicy;
}

export interface Interrupts {
  readonly interruptBefore?: "*" | string[];
  readonly interruptAfter?: "*" | string[];
}

export const GO = { messages: [{ role: "user", content: "Go." }] };
export const THREAD = { configurable: { thread_id: "thread" } };

/** The program in a host. */
export function hostProgram(
  way: Way,
  host: AgentHost,
  program: Program,
): Hosted {
  const { checkpointer = new MemorySaver(), store, name } = program;
  const { turns, log = [] } = program;
  const model = new LoggedModel(name ?? "agent", turns, log);
  const shared = {
    ...(checkpointer && { checkpointer }),
    ...(store && { store }),
    ...(name !== undefined && { name }),
  };
  if (host === "agent v1" || host === "agent v2") {
    return createAgent({
      ...shared,
      model,
      tools: [...program.tools],
      middleware:
        way === "stock"
          ? []
          : [parallelToolsMiddleware(optionsOf(way, program))],
      version: host === "agent v1" ? "v1" : "v2",
    } as never);
  }
  const node = toolNode(way, program);
  if (host !== "graph") {
    return createReactAgent({
      ...shared,
      ...program.interrupts,
      llm: model,
      tools: node,
      version: host === "react v1" ? "v1" : "v2",
    } as never);
  }
  const { retryPolicy } = program;
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }, config) => ({
      messages: [await model.invoke(messages, config)],
    }))
    .addNode("tools", node, retryPolicy && { retryPolicy })
    .addEdge(START, "agent")
    .addConditionalEdges("agent", toolsCondition, ["tools", END])
    .addEdge("tools", "agent")
    .compile({ ...shared, ...program.interrupts } as never) as never;
}

/** The tools node of a program. */
export function toolNode(
  way: Way,
  program: Pick<Program, "tools" | "options" | "handleToolErrors">,
): StockToolNode {
  if (way !== "stock") {
    return new ParallelToolNode([...program.tools], optionsOf(way, program));
  }
  const { handleToolErrors = true } = program;
  return new StockToolNode([...program.tools], { handleToolErrors });
}

function optionsOf(
  way: Exclude<Way, "stock">,
  { options, handleToolErrors }: Pick<Program, "options" | "handleToolErrors">,
): ParallelToolNodeOptions {
  return {
    ...options,
    ...(handleToolErrors !== undefined && { handleToolErrors }),
    ...(way === "ours, durable" && { durable: true }),
  };
}

/** The graph of an agent, as a node of another graph. */
export function graphOf(agent: Hosted): Hosted {
  return "graph" in agent ? (agent.graph as Hosted) : agent;
}

const runs = new Map<string, Promise<unknown>>();

/** Runs stock once for both of our ways. The key says what is run. */
export function once<T>(
  key: readonly unknown[],
  run: () => Promise<T>,
): Promise<T> {
  const name = JSON.stringify(key);
  const kept = runs.get(name) ?? run();
  runs.set(name, kept);
  return kept as Promise<T>;
}

export async function collect(
  stream: AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>,
): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of await stream) items.push(item);
  return items;
}
