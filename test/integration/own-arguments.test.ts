import { type AIMessage, isToolMessage } from "@langchain/core/messages";
import {
  DynamicStructuredTool,
  type StructuredTool,
} from "@langchain/core/tools";
import type { ToolCall } from "@langchain/core/messages/tool";
import {
  Annotation,
  Command,
  MemorySaver,
  MessagesAnnotation,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { createMiddleware } from "langchain";
import {
  type BatchReport,
  type BatchTracer,
  ParallelToolNode,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { BatchOptions } from "@/batch/batch-options.js";
import {
  type AgentSetup,
  ScriptedAgent,
} from "../middleware/support/scripted-agent.js";
import { finish, playTime } from "../support/attempted-node.js";
import { answerLines, ask, callOf } from "../support/messages.js";

playTime();

/** LangChain hands a tool its very arguments, or these within a parsed object. */
const SCHEMAS = {
  "a JSON schema": {
    type: "object",
    properties: { items: {}, ref: {} },
  },
  "zod with z.any": z.object({ items: z.any(), ref: z.any().optional() }),
};
type Schema = keyof typeof SCHEMAS;

const HOSTS = ["node", "v1", "v2"] as const;
type Host = (typeof HOSTS)[number];

interface Args {
  readonly items: string[];
  readonly ref?: { list: string[] };
}

/** Notes what its attempts get, then changes that. */
class ChangingTool {
  readonly seen: string[] = [];
  readonly given: Args[] = [];
  readonly tool: StructuredTool;

  /** @param act of an attempt, which counts from 1 */
  constructor(
    schema: Schema,
    act: (attempt: number) => unknown = () => "done",
    more: object = {},
  ) {
    this.tool = new DynamicStructuredTool({
      name: "t",
      description: "Changes its arguments.",
      schema: SCHEMAS[schema] as never,
      func: async (args: Args) => {
        this.given.push(args);
        this.seen.push(JSON.stringify(args));
        args.items.push("changed");
        args.ref?.list.push("changed");
        return act(this.seen.length);
      },
      ...more,
    });
  }
}

async function run(
  host: Host,
  tools: readonly StructuredTool[],
  calls: ToolCall[],
  options: BatchOptions | "stock",
  setup: Omit<AgentSetup, "options" | "version"> = {},
) {
  if (host === "node") {
    const message = ask(...calls);
    const node =
      options === "stock"
        ? new StockToolNode([...tools])
        : new ParallelToolNode([...tools], options);
    const answers = await finish(node.invoke([message]));
    return { answers, lines: answerLines(answers), message };
  }
  const agent = new ScriptedAgent(tools, [calls], {
    version: host,
    options: options === "stock" ? "none" : options,
    ...setup,
  });
  const { messages } = await finish(agent.run());
  const answers = messages.filter(isToolMessage);
  const message = messages[1] as AIMessage;
  return { answers, lines: answerLines(answers), message };
}

const again = { initialInterval: 1, jitter: false, logWarning: false };
const refusal = () =>
  Object.assign(new Error("429"), {
    status: 429,
    headers: { "retry-after-ms": "5" },
  });

const AGAIN: [string, ToolPolicy, (attempt: number) => unknown][] = [
  [
    "an error",
    { retry: again },
    (attempt) => {
      if (attempt < 3) throw new Error("again");
      return "done";
    },
  ],
  [
    "an error of a tool that may be run twice",
    { idempotent: true },
    (attempt) => {
      if (attempt < 3) throw new Error("again");
      return "done";
    },
  ],
  [
    "a refusal of the server",
    { idempotent: true },
    (attempt) => {
      if (attempt < 3) throw refusal();
      return "done";
    },
  ],
  [
    "a time limit",
    { idempotent: true, timeoutMs: 10 },
    (attempt) => {
      if (attempt === 3) return "done";
      return new Promise((_, reject) => {
        setTimeout(reject, 20, new Error("stopped"));
      });
    },
  ],
];

describe.each(HOSTS)("in %s,", (host) => {
  describe.each(Object.keys(SCHEMAS) as Schema[])(
    "a tool with %s",
    (schema) => {
      test.each(AGAIN)(
        "that runs again after %s gets the arguments of the call",
        async (_, policy, act) => {
          const { tool, seen } = new ChangingTool(schema, act);
          const calls = [callOf("1", "t", { items: ["a"] })];
          const { lines, message } = await run(host, [tool], calls, {
            policies: { t: policy },
          });
          expect(lines).toEqual(["1 ok: done"]);
          expect(seen).toEqual(Array(3).fill('{"items":["a"]}'));
          expect(message.tool_calls?.[0]?.args).toEqual({ items: ["a"] });
        },
      );

      test("leaves the message as it is if a policy is given", async () => {
        const { tool } = new ChangingTool(schema);
        const calls = [callOf("1", "t", { items: ["a"] })];
        const { message } = await run(host, [tool], calls, {
          defaultPolicy: {},
        });
        expect(message.tool_calls?.[0]?.args).toEqual({ items: ["a"] });
      });

      test("changes the message as on the stock host without a policy", async () => {
        const found: unknown[] = [];
        for (const options of ["stock", {}, { policies: { u: {} } }] as const) {
          const { tool } = new ChangingTool(schema);
          const u = new ChangingTool(schema, () => "", { name: "u" });
          const calls = [callOf("1", "t", { items: ["a"] })];
          const { message } = await run(host, [tool, u.tool], calls, options);
          found.push(message.tool_calls?.[0]?.args);
        }
        // LangGraph sends a copy of the state in version 2.
        const stock = { items: host === "v2" ? ["a"] : ["a", "changed"] };
        expect(found).toEqual([stock, stock, stock]);
      });

      test("changes nothing of the outputs that others refer to", async () => {
        const source = new DynamicStructuredTool({
          name: "source",
          description: "Has a list.",
          schema: z.object({}),
          func: async () => ({ list: ["x"] }),
        }) as unknown as StructuredTool;
        const { tool, seen } = new ChangingTool(schema, (attempt) => {
          if (attempt === 1) throw new Error("again");
          return "done";
        });
        const args = () => ({ items: ["a"], ref: "$1" });
        const calls = [
          callOf("1", "source"),
          callOf("2", "t", args()),
          callOf("3", "t", args()),
        ];
        const { message } = await run(host, [source, tool], calls, {
          references: true,
          policies: { t: { retry: again, concurrency: 1 } },
        });
        expect(seen).toEqual(
          Array(3).fill('{"items":["a"],"ref":{"list":["x"]}}'),
        );
        expect(message.tool_calls?.map((call) => call.args)).toEqual([
          {},
          args(),
          args(),
        ]);
      });

      test("leaves the message as it is if it holds a reference", async () => {
        const { tool, seen } = new ChangingTool(schema, () => ({ list: [] }));
        const calls = [
          callOf("1", "t", { items: ["a"] }),
          callOf("2", "t", { items: ["a"], ref: "$1" }),
        ];
        const { message } = await run(host, [tool], calls, {
          references: true,
        });
        expect(seen[1]).toBe('{"items":["a"],"ref":{"list":[]}}');
        expect(message.tool_calls?.[1]?.args).toEqual({
          items: ["a"],
          ref: "$1",
        });
      });

      test.each([{}, { policies: { t: { retry: again } } }])(
        "changes nothing of the report, with %j",
        async (options) => {
          const reports: BatchReport[] = [];
          const { tool } = new ChangingTool(schema);
          const calls = [callOf("1", "t", { items: ["a"] })];
          await run(host, [tool], calls, {
            ...options,
            reportArguments: true,
            onReport: (report) => reports.push(report),
          });
          expect(reports[0]?.calls[0]?.args).toEqual({ items: ["a"] });
        },
      );

      test("changes nothing of what a tracer keeps, nor the other way", async () => {
        const kept: unknown[] = [];
        const tracer: BatchTracer = {
          begin: () => ({
            runCall({ args }, start) {
              kept.push(args);
              start();
              Object.assign(args as object, { token: "***" });
            },
            endCall() {},
            end() {},
          }),
        };
        const { tool, given } = new ChangingTool(schema);
        const calls = [callOf("1", "t", { items: ["a"] })];
        await run(host, [tool], calls, { tracer });
        expect(kept).toEqual([{ items: ["a"], token: "***" }]);
        expect(given).toEqual([{ items: ["a", "changed"] }]);
      });
    },
  );

  test("a tool gets what can't be copied", async () => {
    const { tool, given } = new ChangingTool("a JSON schema");
    const [ref, items] = [{ list: [], date: new Date(0), f: () => 1 }, ["a"]];
    const calls = [callOf("1", "t", { items, ref })];
    await run(host, [tool], calls, { defaultPolicy: {} });
    const got = given[0]?.ref as unknown as typeof ref;
    expect(got.date).toBe(ref.date);
    expect(got.f).toBe(ref.f);
  });

  test("equal calls that share an answer don't share its blocks", async () => {
    const blocks = [{ type: "text", text: "x" }];
    const { tool } = new ChangingTool(
      "a JSON schema",
      () => [blocks, { big: [1] }],
      { responseFormat: "content_and_artifact" },
    );
    const calls = ["1", "2"].map((id) => callOf(id, "t", { items: [] }));
    const { answers } = await run(host, [tool], calls, {
      policies: { t: { readOnly: true } },
    });
    const [one, other] = answers;
    expect(other?.content).toEqual(one?.content);
    expect(other?.content).not.toBe(one?.content);
    expect(other?.artifact).toEqual({ big: [1] });
    expect(other?.artifact).not.toBe(one?.artifact);
  });
});

describe.each(["v1", "v2"] as const)("in %s,", (version) => {
  test("other middleware may change the arguments of each attempt", async () => {
    const { tool, seen } = new ChangingTool("a JSON schema", (attempt) => {
      if (attempt === 1) throw new Error("again");
      return "done";
    });
    const inner = createMiddleware({
      name: "Tenant",
      wrapToolCall: (request, handler) => {
        const { items } = request.toolCall.args as unknown as Args;
        items.push("of tenant");
        return handler(request);
      },
    });
    const calls = [callOf("1", "t", { items: ["a"] })];
    const { message } = await run(
      version,
      [tool],
      calls,
      { policies: { t: { retry: again } } },
      { after: [inner] },
    );
    expect(seen).toEqual(Array(2).fill('{"items":["a","of tenant"]}'));
    expect(message.tool_calls?.[0]?.args).toEqual({ items: ["a"] });
  });
});

test.each(Object.keys(SCHEMAS) as Schema[])(
  "a tool with %s changes nothing of an equal call with the same object",
  async (schema) => {
    // A Command isn't shared, so both run.
    const act = () => new Command({ update: {} });
    const { tool, seen } = new ChangingTool(schema, act);
    const args = { items: ["a"] };
    const node = new ParallelToolNode([tool], {
      policies: { t: { readOnly: true } },
    });
    const calls = ["1", "2"].map((id) => callOf(id, "t", args));
    await finish(node.invoke([ask(...calls)]));
    expect(seen).toEqual(Array(2).fill('{"items":["a"]}'));
  },
);

test("a durable call that changed its arguments isn't run again", async () => {
  const { tool, seen } = new ChangingTool("a JSON schema");
  let failures = 0;
  const broken = new DynamicStructuredTool({
    name: "broken",
    description: "Fails once.",
    schema: z.object({}),
    func: async () => {
      // The other call is kept by then.
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
      failures += 1;
      if (failures === 1) throw new Error("no");
      return "done";
    },
  }) as unknown as StructuredTool;
  const State = Annotation.Root({ ...MessagesAnnotation.spec });
  const node = new ParallelToolNode([tool, broken], {
    durable: true,
    handleToolErrors: false,
  });
  const graph = new StateGraph(State)
    .addNode("tools", node, {
      retryPolicy: {
        maxAttempts: 2,
        initialInterval: 1,
        jitter: false,
        logWarning: false,
        retryOn: () => true,
      },
    })
    .addEdge("__start__", "tools")
    .compile({ checkpointer: new MemorySaver() });
  const message = ask(
    callOf("1", "t", { items: ["a"] }),
    callOf("2", "broken"),
  );
  const config = { configurable: { thread_id: "1" } };
  const state = await finish(graph.invoke({ messages: [message] }, config));
  expect(failures).toBe(2);
  expect(seen).toEqual(['{"items":["a"]}']);
  expect(answerLines(state.messages.filter(isToolMessage))).toEqual([
    "1 ok: done",
    "2 ok: done",
  ]);
});
