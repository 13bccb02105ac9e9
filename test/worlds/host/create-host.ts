import { AIMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  type BaseCheckpointSaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createReactAgent, ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent, createMiddleware } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { type CallDraw, leaderOf, type World } from "../world.js";
import { referenceText } from "../texts.js";
import { optionsOf } from "./options-of.js";
import { ScriptedModel } from "./scripted-model.js";
import type { Stage } from "./stage.js";

type Middleware = NonNullable<
  Parameters<typeof createAgent>[0]["middleware"]
>[number];

/** What runs the calls of a world: what is under test, or a fake. */
export interface Subject {
  node(world: World, stage: Stage): ToolNode;
  middleware(world: World, stage: Stage): readonly Middleware[];
  /** Stands between the human and the host. */
  between?(host: Host): Host;
}

export const LIBRARY: Subject = {
  node: (world, { tools }) => new ParallelToolNode(tools, optionsOf(world)),
  middleware: (world) => [parallelToolsMiddleware(optionsOf(world))],
};

/** LangChain's own. */
export const STOCK: Subject = {
  node: (_, { tools }) => new ToolNode(tools),
  middleware: () => [],
};

/** A graph that can be invoked, and is resumed with Commands. */
export interface Host {
  readonly input: unknown;
  invoke(input: unknown, config: Record<string, unknown>): Promise<unknown>;
}

export function createHost(
  world: World,
  stage: Stage,
  subject: Subject,
  checkpointer: BaseCheckpointSaver,
): Host {
  const { kind, isSubgraph } = world.host;
  const calls = toolCallsOf(world);
  const input = {
    messages:
      kind === "graph"
        ? [new AIMessage({ content: "", tool_calls: calls })]
        : [{ role: "user", content: "Go." }],
  };
  const own = isSubgraph ? {} : { checkpointer };
  const inner = createInner(world, stage, subject, calls, own);
  const graph = isSubgraph ? inside(inner, checkpointer) : inner;
  const host: Host = {
    input,
    invoke: (given, config) =>
      (graph as { invoke: Host["invoke"] }).invoke(given, config),
  };
  return subject.between?.(host) ?? host;
}

/** As the model writes them. */
function toolCallsOf(world: World): ToolCall[] {
  return world.calls.map((call, index) => ({
    type: "tool_call",
    id: call.id,
    name: call.tool,
    args: argsOf(world, index, call),
  }));
}

function argsOf(world: World, index: number, call: CallDraw) {
  const leader = leaderOf(world, index);
  const { key, amount } = world.calls[leader] as CallDraw;
  const { reference } = call;
  return {
    number: leader,
    key,
    ...(reference && { reference: referenceText(reference) }),
    ...(amount !== undefined && { amount }),
  };
}

function createInner(
  world: World,
  stage: Stage,
  subject: Subject,
  calls: readonly ToolCall[],
  own: { checkpointer?: BaseCheckpointSaver },
): unknown {
  const { kind } = world.host;
  switch (kind) {
    case "graph":
      return new StateGraph(MessagesAnnotation)
        .addNode("tools", subject.node(world, stage))
        .addEdge(START, "tools")
        .compile(own);
    case "react v1":
    case "react v2":
      return createReactAgent({
        llm: new ScriptedModel(calls),
        tools: subject.node(world, stage),
        version: kind === "react v1" ? "v1" : "v2",
        ...(own.checkpointer && { checkpointSaver: own.checkpointer }),
      });
    case "agent v1":
    case "agent v2": {
      const { delaysInFront, delaysBehind, isSubgraph } = world.host;
      const agent = createAgent({
        model: new ScriptedModel(calls),
        tools: stage.tools as never[],
        version: kind === "agent v1" ? "v1" : "v2",
        middleware: [
          ...(delaysInFront ? [delaying("front", world, stage)] : []),
          ...subject.middleware(world, stage),
          ...(delaysBehind ? [delaying("behind", world, stage)] : []),
        ],
        ...own,
      } as never) as { graph: unknown };
      return isSubgraph ? agent.graph : agent;
    }
  }
}

/** Other middleware, which passes a call on when it likes. */
function delaying(name: string, world: World, stage: Stage): Middleware {
  return createMiddleware({
    name,
    async wrapToolCall(request, handler) {
      const index = world.calls.findIndex(
        ({ id }) => id === request.toolCall.id,
      );
      await stage.delay(name, index);
      return handler(request);
    },
  });
}

function inside(inner: unknown, checkpointer: BaseCheckpointSaver): unknown {
  return new StateGraph(MessagesAnnotation)
    .addNode("inner", inner as never)
    .addEdge(START, "inner")
    .compile({ checkpointer });
}
