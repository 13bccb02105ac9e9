import { type BaseMessage, isAIMessage } from "@langchain/core/messages";
import {
  type BaseCheckpointSaver,
  END,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createReactAgent, ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import {
  type BatchReport,
  ParallelToolNode,
  withEager,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { isAgent, turnOf, type World } from "../world.js";
import { hasReports, optionsOf } from "./options-of.js";
import { type Middleware, othersAt } from "./other-middleware.js";
import { ScriptedModel } from "./scripted-model.js";
import type { Stage } from "./stage.js";
import { StreamingModel } from "./streaming-model.js";
import { toolCallsOf } from "./tool-calls.js";

/** What runs the calls of a world: what is under test, or a fake. */
export interface Subject {
  node(world: World, stage: Stage): ToolNode;
  middleware(world: World, stage: Stage): readonly Middleware[];
  /** Stands between the human and the host. */
  between?(host: Host): Host;
}

export const LIBRARY: Subject = {
  node: (world, stage) =>
    new ParallelToolNode(stage.tools, {
      ...optionsOf(world),
      ...reportsTo(stage, world),
    }),
  middleware: (world, stage) => [
    parallelToolsMiddleware({
      ...optionsOf(world),
      ...reportsTo(stage, world),
      ...(world.options.eager && { needsApproval: namesReviewed(world) }),
    }),
  ],
};

/** LangChain's own. */
export const STOCK: Subject = {
  node: (_, { tools }) => new ToolNode(tools),
  middleware: () => [],
};

function reportsTo(stage: Stage, world: World) {
  const onReport = (report: BatchReport) => {
    stage.reports.push(report);
  };
  return hasReports(world) ? { onReport } : {};
}

/** The tools about whose calls a human decides. */
function namesReviewed({ host, tools }: World): string[] {
  return host.reviews === "nowhere"
    ? []
    : tools.flatMap(({ name, isReviewed }) => (isReviewed ? [name] : []));
}

type Config = Record<string, unknown>;

interface State {
  readonly config: Config;
  readonly values: unknown;
  readonly tasks: readonly { readonly state?: unknown }[];
}

interface Graph {
  invoke(input: unknown, config: Config): Promise<unknown>;
  getState(config: Config, options?: object): Promise<State>;
  updateState(config: Config, values: unknown, asNode: string): Promise<Config>;
}

/** A graph that can be invoked, and is resumed with Commands. */
export interface Host {
  readonly input: unknown;
  invoke(input: unknown, config: Config): Promise<unknown>;
  /** The messages of the graph with the tools, where the thread waits. */
  messages(config: Config): Promise<readonly BaseMessage[]>;
  /** The config of the checkpoint at which the thread waits. */
  checkpoint(config: Config): Promise<Config>;
  /** @returns the config of the checkpoint that was made of it */
  edit(config: Config, messages: readonly unknown[]): Promise<Config>;
}

export function createHost(
  world: World,
  stage: Stage,
  subject: Subject,
  checkpointer: BaseCheckpointSaver,
): Host {
  const own = world.host.isSubgraph ? {} : { checkpointer };
  const inner = createInner(world, stage, subject, own);
  const graph = world.host.isSubgraph ? inside(inner, checkpointer) : inner;
  const host: Host = {
    input: { messages: [{ id: "human", role: "user", content: "Go." }] },
    invoke: (given, config) => graph.invoke(given, config),
    checkpoint: async (config) => {
      const { config: at } = await graph.getState(config);
      return { configurable: { ...(at["configurable"] as Config) } };
    },
    messages: async (config) => {
      const { values, tasks } = await graph.getState(config, {
        subgraphs: true,
      });
      const [inside] = tasks.map(({ state }) => state as State | undefined);
      const { messages = [] } = (inside?.values ?? values) as {
        messages?: BaseMessage[];
      };
      return messages;
    },
    edit: (config, messages) =>
      graph.updateState(config, { messages }, nodeBeforeTools(world)),
  };
  return subject.between?.(host) ?? host;
}

/** An edit is made as by the node whose edges lead to the tools. */
function nodeBeforeTools({ host }: World): string {
  if (host.reviews !== "nowhere") {
    return "HumanInTheLoopMiddleware.after_model";
  }
  return isAgent(host) ? "model_request" : "agent";
}

function createInner(
  world: World,
  stage: Stage,
  subject: Subject,
  own: { checkpointer?: BaseCheckpointSaver },
): Graph {
  const { kind } = world.host;
  const model = modelOf(world, stage);
  switch (kind) {
    case "graph": {
      const node = subject.node(world, stage);
      return plainGraph(listening(model, node, world), node, own);
    }
    case "react v1":
    case "react v2": {
      const node = subject.node(world, stage);
      return createReactAgent({
        llm: listening(model, node, world),
        tools: node,
        version: kind === "react v1" ? "v1" : "v2",
        ...(own.checkpointer && { checkpointSaver: own.checkpointer }),
      }) as unknown as Graph;
    }
    case "agent v1":
    case "agent v2": {
      const agent = createAgent({
        model,
        tools: stage.tools as never[],
        version: kind === "agent v1" ? "v1" : "v2",
        middleware: [
          ...othersAt("front", world, stage),
          ...subject.middleware(world, stage),
          ...othersAt("behind", world, stage),
        ],
        ...own,
      } as never) as { graph: unknown };
      return agent.graph as Graph;
    }
  }
}

/** Streams in worlds with `eager` alone. */
function modelOf(world: World, stage: Stage): ScriptedModel {
  const turns = world.turns.map((_, place) =>
    toolCallsOf(turnOf(world, place)),
  );
  return world.options.eager
    ? new StreamingModel(turns, (...at) => stage.delay("model", ...at))
    : new ScriptedModel(turns);
}

/** Only a node of ours starts calls. */
function listening(
  model: ScriptedModel,
  node: ToolNode,
  { options }: World,
): ScriptedModel {
  return options.eager && node instanceof ParallelToolNode
    ? withEager(model, node)
    : model;
}

/** A graph as users write it, around the node. */
function plainGraph(
  model: ScriptedModel,
  node: ToolNode,
  own: { checkpointer?: BaseCheckpointSaver },
): Graph {
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }) => ({
      messages: [await model.invoke(messages)],
    }))
    .addNode("tools", node)
    .addEdge(START, "agent")
    .addConditionalEdges(
      "agent",
      ({ messages }) =>
        messages.findLast(isAIMessage)?.tool_calls?.length ? "tools" : END,
      ["tools", END],
    )
    .addEdge("tools", "agent")
    .compile(own) as unknown as Graph;
}

function inside(inner: Graph, checkpointer: BaseCheckpointSaver): Graph {
  return new StateGraph(MessagesAnnotation)
    .addNode("inner", inner as never)
    .addEdge(START, "inner")
    .compile({ checkpointer }) as unknown as Graph;
}
