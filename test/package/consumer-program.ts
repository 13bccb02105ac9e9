/** The format of a consumer's modules. */
export type ModuleFormat = "esm" | "cjs";

const names = {
  "@langchain/core/messages": "AIMessage",
  "@langchain/core/tools": "tool",
  "@langchain/langgraph/prebuilt": "ToolNode",
  "parallel-tools-node": "ParallelToolNode",
  "parallel-tools-node/redis": "redisLimits",
  zod: "z",
};

// The program runs some capped calls: a bundle that lacks something may load
// without an error.
const body = `
const log = [];
const slow = tool(
  async ({ n }) => {
    log.push("start " + n);
    await new Promise((resolve) => setImmediate(resolve));
    log.push("end " + n);
    return "slow " + n;
  },
  { name: "slow", description: "slow", schema: z.object({ n: z.number() }) },
);
const quick = tool(({ n }) => "quick " + n, {
  name: "quick",
  description: "quick",
  schema: z.object({ n: z.number() }),
});
const node = new ParallelToolNode([slow, quick], {
  policies: { slow: { concurrency: 1, resources: "key" } },
  resources: { key: { concurrency: 2 } },
});
const call = (name, n) => ({ name, args: { n }, id: "call_" + n, type: "tool_call" });
const message = new AIMessage({
  content: "",
  tool_calls: [call("slow", 1), call("quick", 2), call("slow", 3), call("slow", 4)],
});
let refusal = "";
try {
  // The project has no ioredis, which is an optional peer.
  redisLimits({ client: {} });
} catch (error) {
  refusal = error.message;
}
node.invoke({ messages: [message] }).then(({ messages }) => {
  console.log(
    JSON.stringify({
      isToolNode: node instanceof ToolNode,
      answers: messages.map((m) => [m.getType(), m.tool_call_id, m.content]),
      log,
      refusal,
    }),
  );
});
`;

const agentNames = {
  langchain: "createAgent, FakeToolCallingModel, tool",
  "parallel-tools-node/middleware": "parallelToolsMiddleware",
  zod: "z",
};

const agentBody = `
const log = [];
const named = (name) =>
  tool(
    () => {
      log.push(name);
      return name + " done";
    },
    { name, description: name, schema: z.object({}) },
  );
const calls = ["first", "second"].map((name) => ({ name, args: {}, id: name }));
const agent = createAgent({
  model: new FakeToolCallingModel({ toolCalls: [calls, []] }),
  tools: [named("first"), named("second")],
  middleware: [
    parallelToolsMiddleware({
      policies: { first: { after: ["second"], concurrency: 1 } },
    }),
  ],
});
agent
  .invoke({ messages: [{ role: "user", content: "Go." }] })
  .then(({ messages }) => {
    const answers = messages.filter((m) => m.getType() === "tool");
    console.log(JSON.stringify({ answers: answers.map((m) => m.text), log }));
  });
`;

/** A program that runs a batch with caps and prints what it saw as JSON. */
export function consumerProgram(format: ModuleFormat): string {
  return `${importsOf(names, format)}\n${body}`;
}

/** A program that runs an agent with the middleware, and prints what it saw. */
export function agentProgram(format: ModuleFormat): string {
  return `${importsOf(agentNames, format)}\n${agentBody}`;
}

function importsOf(
  imports: Readonly<Record<string, string>>,
  format: ModuleFormat,
): string {
  const lines = Object.entries(imports).map(([from, name]) =>
    format === "esm"
      ? `import { ${name} } from "${from}";`
      : `const { ${name} } = require("${from}");`,
  );
  return lines.join("\n");
}

/** A program that diagnoses a conversation and prints what it saw as JSON. */
export function diagnosingProgram(format: ModuleFormat): string {
  const from = "parallel-tools-node/diagnose";
  const imported =
    format === "esm"
      ? `import { diagnose } from "${from}";`
      : `const { diagnose } = require("${from}");`;
  return `${imported}
const turn = (id, of) => [
  { role: "assistant", tool_calls: [{ id, function: { name: "get", arguments: JSON.stringify({ of }) } }] },
  { role: "tool", tool_call_id: id, content: "fine" },
];
const { turns, turnsNeeded } = diagnose(
  [{ role: "user", content: "alpha and beta" }, ...turn("1", "alpha"), ...turn("2", "beta")],
  { reads: ["get"] },
);
console.log(JSON.stringify({ turns, turnsNeeded }));
`;
}

/** A TypeScript consumer: the same source for both formats. */
export const consumerTypes = `
import { AIMessage, type ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ToolNode as StockToolNode } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, ToolNode, planBatch, read, toolsCondition, write } from "parallel-tools-node";
import { diagnose, type Diagnosis } from "parallel-tools-node/diagnose";
import { LimitsUnavailableError, redisLimits, type RedisClient } from "parallel-tools-node/redis";
import { z } from "zod";

const search = tool(({ query }) => query, {
  name: "search",
  description: "search",
  schema: z.object({ query: z.string() }),
});

const node: StockToolNode = new ParallelToolNode([search], {
  maxConcurrency: 4,
  policies: {
    search: { concurrency: 1, access: [read("a"), write("b")] },
  },
  resources: { key: { rateLimit: { limit: 10, intervalMs: 1_000 } } },
});

new ParallelToolNode([search], {
  // @ts-expect-error: a cap is a number or a limit function
  policies: { search: { concurrency: "1" } },
});

export async function answers(): Promise<ToolMessage[]> {
  const { messages } = await node.invoke({ messages: [new AIMessage("")] });
  return messages;
}

export const shared = (client: RedisClient) =>
  new ParallelToolNode([search], { limits: redisLimits({ client, prefix: "app" }) });
export const isAway = (error: unknown): boolean =>
  LimitsUnavailableError.isInstance(error);
export const plan = planBatch([{ id: "1", name: "search", args: {} }], {});
export const shape: "single" | "fan-out" | "chain" | "mixed" = plan.shape;
export const alias: typeof ParallelToolNode = ToolNode;
export const condition = toolsCondition;
export const diagnosis: Diagnosis = diagnose([new AIMessage("")], { reads: ["search"] });
`;
