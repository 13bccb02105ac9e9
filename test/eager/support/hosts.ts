import type { StructuredTool } from "@langchain/core/tools";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  withEager,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import type { StreamingModel } from "./streaming-model.js";

export const AGENTS = ["agent v1", "agent v2"] as const;
export const EAGER_HOSTS = [...AGENTS, "react v1", "react v2"] as const;
export type EagerHost = (typeof EAGER_HOSTS)[number];

export type Middleware = NonNullable<
  Parameters<typeof createAgent>[0]["middleware"]
>[number];

export interface HostedGraph {
  invoke(input: unknown, config: object): Promise<unknown>;
  stream(input: unknown, config: object): Promise<AsyncIterable<unknown>>;
  streamEvents(input: unknown, config: object): AsyncIterable<unknown>;
  getState(config: object): Promise<{ readonly values: unknown }>;
}

interface HostSetup {
  readonly model: StreamingModel;
  readonly tools: readonly StructuredTool[];
  readonly options: ParallelToolNodeOptions & { needsApproval?: string[] };
  readonly before: readonly Middleware[];
  readonly behind: readonly Middleware[];
  readonly more: Record<string, unknown>;
  readonly checkpointer: BaseCheckpointSaver;
}

/** An agent of the host, with our node or middleware. */
export function createEagerHost(
  host: EagerHost,
  { model, tools, options, before, behind, more, checkpointer }: HostSetup,
): HostedGraph {
  if (host === "agent v1" || host === "agent v2") {
    const agent: unknown = createAgent({
      model,
      tools: [...tools],
      middleware: [...before, parallelToolsMiddleware(options), ...behind],
      version: host === "agent v1" ? "v1" : "v2",
      checkpointer,
      ...more,
    } as never);
    return (agent as { graph: HostedGraph }).graph;
  }
  const { needsApproval: _, ...nodeOptions } = options;
  const node = new ParallelToolNode([...tools], nodeOptions);
  return createReactAgent({
    llm: options.eager ? withEager(model, node) : model,
    tools: node,
    version: host === "react v1" ? "v1" : "v2",
    checkpointSaver: checkpointer,
    ...more,
  });
}
