// The ways in which a message of two calls reaches the tools.
import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  MemorySaver,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { createAgent, FakeToolCallingModel } from "langchain";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";

export interface Row {
  name: string;
  /** How many source files one batch may enter. */
  bound: number;
  /** Runs one batch of two calls. */
  run: () => Promise<unknown>;
}

type Options = Pick<ParallelToolNodeOptions, "policies">;

const tools = ["search", "fetch"].map((name) =>
  tool(({ text }) => `${name} of ${text}`, {
    name,
    schema: z.object({ text: z.string() }),
  }),
);

const calls = tools.map(({ name }, index) => ({
  type: "tool_call" as const,
  id: `call_${index + 1}`,
  name,
  args: { text: "a" },
}));

const hosts = {
  node: ofNode,
  send: ofSend,
  middleware: ofMiddleware,
  durable: ofDurableNode,
};

const optionSets: Record<string, Options> = {
  plain: {},
  policy: { policies: { search: { concurrency: 2 } } },
};

/**
 * What isn't named here may enter 35 files. All look where a message shows the order
 * of its calls, durable calls are kept as well, and a tool with a policy gets a copy of
 * its arguments. All find the call inside which they run. A middleware keeps the tools that it has seen,
 * and looks once whether a human approves calls.
 */
const bounds: Record<string, number> = {
  "node plain": 27,
  "node policy": 37,
  "send policy": 40,
  "middleware plain": 37,
  "middleware policy": 47,
  "durable plain": 36,
  "durable policy": 45,
};

export const rows: readonly Row[] = Object.entries(hosts).flatMap(
  ([host, runOf]) =>
    Object.entries(optionSets).map(([options, given]) => {
      const name = `${host} ${options}`;
      return { name, bound: bounds[name] ?? 35, run: runOf(given) };
    }),
);

/** In no graph. */
function ofNode(options: Options) {
  const node = new ParallelToolNode(tools, options);
  return () => node.invoke({ messages: [message()] });
}

/** One task of a graph for each call. */
function ofSend(options: Options) {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", () => ({}))
    .addNode("tools", new ParallelToolNode(tools, options))
    .addEdge(START, "model")
    .addConditionalEdges("model", (state) =>
      calls.map((call) => new Send("tools", { ...state, lg_tool_call: call })),
    )
    .compile();
  return () => graph.invoke({ messages: [message()] });
}

function ofMiddleware(options: Options) {
  const agent = createAgent({
    model: new FakeToolCallingModel({ toolCalls: [calls, []] }),
    tools,
    middleware: [parallelToolsMiddleware(options)],
  });
  return () => agent.invoke({ messages: [{ role: "user", content: "Go on" }] });
}

function ofDurableNode(options: Options) {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode(
      "tools",
      new ParallelToolNode(tools, { ...options, durable: true }),
    )
    .addEdge(START, "tools")
    .compile({ checkpointer: new MemorySaver() });
  let threads = 0;
  return () => {
    threads += 1;
    return graph.invoke(
      { messages: [message()] },
      { configurable: { thread_id: `thread ${threads}` } },
    );
  };
}

function message(): AIMessage {
  return new AIMessage({ content: "", tool_calls: calls });
}
