import {
  AIMessage,
  type BaseMessage,
  isAIMessage,
  isToolMessage,
} from "@langchain/core/messages";
import type { ToolCall } from "@langchain/core/messages/tool";
import { tool } from "@langchain/core/tools";
import {
  Command,
  END,
  INTERRUPT,
  interrupt,
  isInterrupted,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import {
  createReactAgent,
  ToolNode as StockToolNode,
} from "@langchain/langgraph/prebuilt";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  write,
} from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { GO } from "../support/agent-hosts.js";
import { LoggedModel } from "../support/logged-model.js";
import { ask, callOf } from "../support/messages.js";

const CALLS = ["a", "b", "c"].map((id) => callOf(id, "get", { id }));

function setUp() {
  const log: string[] = [];
  const schema = z.looseObject({ id: z.any() });
  const get = tool(
    ({ id }) => {
      log.push(String(id));
      return { id: `from ${String(id)}` };
    },
    { name: "get", schema },
  );
  const approve = tool(
    ({ id }) => `${String(id)}: ${String(interrupt(`${String(id)}?`))}`,
    { name: "approve", schema },
  );
  return { log, tools: [get, approve] };
}

/** Puts the last call first, as a hook between model and tools may do. */
function lastFirst(messages: readonly BaseMessage[]) {
  const message = messages.at(-1) as AIMessage;
  const calls = message.tool_calls ?? [];
  message.tool_calls = [...calls.slice(-1), ...calls.slice(0, -1)];
  return { messages: [message] };
}

/** A graph in which the message is changed before it comes to the tools. */
function graphOf(message: () => AIMessage, node: StockToolNode) {
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", () => ({ messages: [message()] }))
    .addNode("change", ({ messages }) => lastFirst(messages))
    .addNode("tools", node)
    .addEdge(START, "agent")
    .addEdge("agent", "change")
    .addEdge("change", "tools")
    .addEdge("tools", END)
    .compile({ checkpointer: new MemorySaver() });
}

const config = { configurable: { thread_id: "t" } };

function answersIn(messages: readonly BaseMessage[]) {
  return messages
    .filter((message) => isToolMessage(message))
    .map(({ tool_call_id: id, text }) => `${id} ${text}`);
}

describe("where the calls of a message were put into another order", () => {
  test("answers stand in the new order, as those of the stock node", async () => {
    const given = async (Node: typeof StockToolNode) => {
      const graph = graphOf(() => ask(...CALLS), new Node(setUp().tools));
      return answersIn((await graph.invoke(GO, config)).messages);
    };
    expect(await given(ParallelToolNode)).toEqual(await given(StockToolNode));
    expect(await given(ParallelToolNode)).toEqual([
      'c {"id":"from c"}',
      'a {"id":"from a"}',
      'b {"id":"from b"}',
    ]);
  });

  test.each<[string, ParallelToolNodeOptions]>([
    ["calls that share a key", { defaultPolicy: { access: [write("x")] } }],
    ["calls of a sequential node", { sequential: true }],
  ])("%s run in the order that the model wrote", async (_, options) => {
    const { log, tools } = setUp();
    const node = new ParallelToolNode(tools, options);
    await graphOf(() => ask(...CALLS), node).invoke(GO, config);
    expect(log).toEqual(["a", "b", "c"]);
  });

  test.each([
    ["of their own", ["a", "b", "c"]],
    ["that are empty", ["", "", ""]],
  ])(
    "references of calls with ids %s name the calls that the model meant",
    async (_, ids) => {
      const { log, tools } = setUp();
      const calls = [
        callOf(ids[0], "get", { id: "a" }),
        callOf(ids[1], "get", { id: "b" }),
        callOf(ids[2], "get", { id: "$1.id" }),
      ];
      const node = new ParallelToolNode(tools, { references: true });
      await graphOf(() => ask(...calls), node).invoke(GO, config);
      expect(log).toEqual(["a", "b", "from a"]);
    },
  );

  test("each answer of a human reaches the call that asked, also when the message comes from a checkpoint", async () => {
    const { tools } = setUp();
    const calls = ["a", "b", "c"].map((id) => callOf(id, "approve", { id }));
    const node = new ParallelToolNode(tools, { sequential: true });
    const graph = graphOf(() => ask(...calls), node);
    let state: object = await graph.invoke(GO, config);
    const asked: string[] = [];
    while (isInterrupted(state) && asked.length < 5) {
      const value = String(state[INTERRUPT][0]?.value);
      asked.push(value);
      const resume = new Command({ resume: `yes to ${value}` });
      state = await graph.invoke(resume as never, config);
    }
    const { messages } = state as { messages: BaseMessage[] };
    expect(new Set(asked)).toEqual(new Set(["a?", "b?", "c?"]));
    expect(answersIn(messages)).toEqual([
      "c c: yes to c?",
      "a a: yes to a?",
      "b b: yes to b?",
    ]);
  });

  /** As `@langchain/anthropic` and `@langchain/openai` give them. */
  const PROVIDERS: Record<string, (calls: readonly ToolCall[]) => object> = {
    Anthropic: (calls) => ({
      content: calls.map(({ id, name, args: input }) => ({
        type: "tool_use",
        id,
        name,
        input,
      })),
    }),
    OpenAI: (calls) => ({
      content: "",
      additional_kwargs: {
        tool_calls: calls.map(({ id, name, args }) => ({
          id,
          type: "function",
          function: { name, arguments: JSON.stringify(args) },
        })),
      },
    }),
  };

  test.each(Object.keys(PROVIDERS))(
    "a message of %s shows the order after a pause, too",
    async (provider) => {
      const { log, tools } = setUp();
      const calls = [
        callOf("a", "get", { id: "a" }),
        callOf("b", "approve", { id: "b" }),
        callOf("c", "get", { id: "$1.id" }),
        callOf("d", "get", { id: "$2" }),
      ];
      const message = () =>
        new AIMessage({
          ...PROVIDERS[provider]?.(calls),
          tool_calls: calls,
        });
      const node = new ParallelToolNode(tools, { references: true });
      const graph = graphOf(message, node);
      await graph.invoke(GO, config);
      await graph.invoke(new Command({ resume: "yes" }) as never, config);
      expect(log.slice(-3).toSorted()).toEqual(["a", "b: yes", "from a"]);
    },
  );

  test.each(["v1", "v2"] as const)(
    "the order that the model wrote holds in createReactAgent %s, behind its postModelHook",
    async (version) => {
      const { log, tools } = setUp();
      const calls = [...CALLS, callOf("d", "get", { id: "$1.id" })];
      const agent = createReactAgent({
        llm: new LoggedModel("m", [calls], []),
        tools: new ParallelToolNode(tools, {
          references: true,
          sequential: true,
        }),
        version,
        postModelHook: ({ messages }) =>
          isAIMessage(messages.at(-1)!) ? lastFirst(messages) : {},
      });
      await agent.invoke(GO);
      expect(log).toEqual(["a", "b", "c", "from a"]);
    },
  );
});
