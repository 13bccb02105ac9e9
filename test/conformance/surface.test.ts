import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { tool } from "@langchain/core/tools";
import {
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, ToolNode } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ask, callOf } from "../support/messages.js";
import { observe } from "../support/observe-node.js";

const echo = tool(({ text }) => text, {
  name: "echo",
  description: "Says it again.",
  schema: z.object({ text: z.string() }),
});
const fails = tool(
  () => {
    throw new Error("it broke");
  },
  { name: "fails", description: "Fails.", schema: z.object({}) },
);

it("the node is a ToolNode, under both of its names", () => {
  const node = new ParallelToolNode([echo]);
  expect(node).toBeInstanceOf(StockToolNode);
  expect(ToolNode).toBe(ParallelToolNode);
});

it("the node has the stock node's own fields", () => {
  for (const options of [
    undefined,
    {},
    { name: "t", tags: ["a"], handleToolErrors: false },
  ]) {
    const stock = new StockToolNode([echo], options);
    const ours = new ParallelToolNode([echo], options);
    for (const field of [
      "name",
      "trace",
      "recurse",
      "config",
      "handleToolErrors",
      "lc_namespace",
      "tools",
    ] as const) {
      expect(ours[field], field).toEqual(stock[field]);
    }
    expect(ours.trace).toBe(false);
    expect(ours.getName()).toBe(stock.getName());
  }
});

describe("the node refuses with the stock node's words", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "messages"],
    ["a number", 7],
    ["an empty array", []],
    ["an array of other things", [{ role: "ai" }]],
    ["a state without messages", { other: [] }],
    ["messages that are no array", { messages: "hi" }],
    ["a state with other things in it", { messages: [new AIMessage("x"), 1] }],
    ["messages without an AIMessage", [new HumanMessage("hi")]],
    ["an empty list of messages", { messages: [] }],
    [
      "a null among the calls",
      [new AIMessage({ content: "", tool_calls: [null as never] })],
    ],
  ])("%s", async (_, input) => {
    for (const handleToolErrors of [true, false]) {
      const options = { handleToolErrors };
      const stock = new StockToolNode([echo], options);
      const ours = new ParallelToolNode([echo], options);
      const expected = await observe(() => stock.invoke(input));
      const observed = await observe(() => ours.invoke(input));
      expect(expected).toHaveProperty("threw");
      expect(observed).toStrictEqual(expected);
    }
  });
});

it("the node refuses a Send input without a call with a TypeError", async () => {
  // The engine's own words, which name the code that met the hole.
  for (const lg_tool_call of [undefined, null]) {
    for (const Node of [StockToolNode, ParallelToolNode]) {
      const node = new Node([echo], { handleToolErrors: false });
      const run = node.invoke({ lg_tool_call, messages: [] });
      await expect(run).rejects.toThrow(TypeError);
    }
  }
});

it("the node answers a message without tool calls with nothing", async () => {
  const node = new ParallelToolNode([echo]);
  expect(await node.invoke([new AIMessage("done")])).toStrictEqual([]);
  expect(await node.invoke({ messages: [ask()] })).toStrictEqual({
    messages: [],
  });
});

it("the node calls a subclass's runTool for each call, with the stock arguments", async () => {
  function subclass(Base: typeof StockToolNode) {
    return class extends Base {
      readonly seen: unknown[] = [];

      protected override async runTool(
        call: ToolCall,
        config: LangGraphRunnableConfig,
        state: unknown,
      ) {
        this.seen.push([call, config.configurable, state]);
        if (call.id === "own") {
          return new ToolMessage({ content: "mine", tool_call_id: "own" });
        }
        return super.runTool(call, config, state);
      }
    };
  }
  const Stock = subclass(StockToolNode);
  const Ours = subclass(ParallelToolNode);
  const input = {
    messages: [
      ask(
        callOf("a", "echo", { text: "1" }),
        callOf("own", "echo", { text: "2" }),
        callOf("c", "missing"),
        callOf("d", "fails"),
      ),
    ],
    user: "u",
  };
  const config = { configurable: { tenant: "t" } };
  const stock = new Stock([echo, fails]);
  const ours = new Ours([echo, fails]);
  const expected = await observe(() => stock.invoke(input, config));
  expect(await observe(() => ours.invoke(input, config))).toStrictEqual(
    expected,
  );
  expect(ours.seen).toStrictEqual(stock.seen);
  expect(ours.seen).toHaveLength(4);
});

it("the node finds tools that were added after construction", async () => {
  const input = [ask(callOf("a", "echo", { text: "late" }))];
  for (const Node of [StockToolNode, ParallelToolNode]) {
    const node = new Node([]);
    const [before] = (await node.invoke(input)) as ToolMessage[];
    expect(before?.content).toBe(
      'Error: Tool "echo" not found.\n Please fix your mistakes.',
    );
    node.tools.push(echo);
    const [after] = (await node.invoke(input)) as ToolMessage[];
    expect(after?.content).toBe("late");
  }
});

it("the node reads handleToolErrors when a batch comes, not before", async () => {
  const input = [ask(callOf("a", "fails"))];
  for (const Node of [StockToolNode, ParallelToolNode]) {
    const node = new Node([fails]);
    node.handleToolErrors = false;
    await expect(node.invoke(input)).rejects.toThrow("it broke");
    node.handleToolErrors = true;
    const [answer] = (await node.invoke(input)) as ToolMessage[];
    expect(answer?.status).toBe("error");
  }
});

describe("what a tool sees", () => {
  function spyTool(seen: unknown[]) {
    return tool(
      (_args, runtime) => {
        const { state, toolCallId, context, store, writer, config } =
          runtime as unknown as Record<string, unknown> & {
            config: LangGraphRunnableConfig;
          };
        seen.push({
          state,
          toolCallId,
          context,
          store,
          hasWriter: typeof writer,
          tenant: config.configurable?.["tenant"],
          toolCall: (runtime as { toolCall?: unknown }).toolCall,
          tags: runtime.tags,
        });
        if (typeof writer === "function") writer({ progress: toolCallId });
        return "ok";
      },
      { name: "spy", description: "Looks.", schema: z.object({}) },
    );
  }

  it("is the same state, id, context, store and writer alone", async () => {
    const seen: unknown[][] = [[], []];
    const input = {
      messages: [ask(callOf("a", "spy"), callOf(undefined, "spy"))],
      user: "u",
    };
    const config = {
      configurable: { tenant: "t" },
      context: { region: "eu" },
      tags: ["outer"],
    };
    for (const [i, Node] of [StockToolNode, ParallelToolNode].entries()) {
      const node = new Node([spyTool(seen[i] ?? [])], { tags: ["inner"] });
      await node.invoke(input, config);
    }
    expect(seen[0]).toHaveLength(2);
    expect(seen[1]).toStrictEqual(seen[0]);
  });

  it("is the same call and runtime, to the last field", async () => {
    const seen: unknown[][] = [[], []];
    const config = { configurable: { tenant: "t" }, context: { region: "eu" } };
    for (const [i, Node] of [StockToolNode, ParallelToolNode].entries()) {
      // Not one of core's own, which read some fields and drop others.
      const raw = {
        name: "raw",
        invoke: async (...args: unknown[]) => seen[i]?.push(args),
      };
      const node = new Node([raw as never]);
      const call = callOf("a", "raw", { x: 1 });
      await node.invoke([ask({ ...call, type: undefined as never })], config);
    }
    expect(seen[0]).toMatchObject([
      [{ type: "tool_call" }, { store: null, writer: null, toolCallId: "a" }],
    ]);
    expect(seen[1]).toStrictEqual(seen[0]);
  });

  it("is the state without the call that Send brought with it", async () => {
    const seen: unknown[][] = [[], []];
    const input = { lg_tool_call: callOf("a", "spy"), user: "u", messages: [] };
    for (const [i, Node] of [StockToolNode, ParallelToolNode].entries()) {
      await new Node([spyTool(seen[i] ?? [])]).invoke(input);
    }
    expect(seen[0]).toMatchObject([{ state: { user: "u", messages: [] } }]);
    expect(seen[1]).toStrictEqual(seen[0]);
    expect(JSON.stringify(seen)).not.toContain("lg_tool_call");
  });

  it("is the same in a graph, and what it streams comes out", async () => {
    const chunks: unknown[][] = [[], []];
    const seen: unknown[][] = [[], []];
    for (const [i, Node] of [StockToolNode, ParallelToolNode].entries()) {
      const graph = new StateGraph(MessagesAnnotation)
        .addNode("tools", new Node([spyTool(seen[i] ?? [])]))
        .addEdge(START, "tools")
        .compile();
      const message = ask(callOf("a", "spy"), callOf("b", "spy"));
      message.id = "fixed";
      const stream = await graph.stream(
        { messages: [message] },
        { streamMode: "custom", configurable: { tenant: "t" } },
      );
      for await (const chunk of stream) chunks[i]?.push(chunk);
    }
    expect(chunks[0]).toEqual([{ progress: "a" }, { progress: "b" }]);
    expect(chunks[1]).toEqual(chunks[0]);
    expect(seen[1]).toEqual(seen[0]);
  });
});
