// Two caps: a number for one tool, and for the other the p-limit instance that
// the application already uses for work of its own.
import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import pLimit from "p-limit";
import { ParallelToolNode } from "parallel-tools-node";
import { z } from "zod";
import { type ScriptedCall, startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

const databasePool = pLimit(3);

const search = tool(
  async ({ query }) => {
    await sleep(150);
    return `Three pages about ${query}.`;
  },
  {
    name: "search",
    description: "Searches the web.",
    schema: z.object({ query: z.string() }),
  },
);

const countOrders = tool(
  async ({ year }) => {
    await sleep(100);
    return `${year}: ${year - 1000} orders.`;
  },
  {
    name: "count_orders",
    description: "Counts the orders of a year.",
    schema: z.object({ year: z.number() }),
  },
);

const tools = new ParallelToolNode([search, countOrders], {
  policies: {
    search: { concurrency: 2 },
    count_orders: { concurrency: databasePool },
  },
  onReport: printReport,
});

const question = "How do our orders compare with the market?";
const calls: ScriptedCall[] = [
  ...["market size", "growth", "competitors", "prices"].map((query) => ({
    name: "search",
    args: { query },
  })),
  ...[2022, 2023, 2024].map((year) => ({
    name: "count_orders",
    args: { year },
  })),
];
const server = await startModelServer({
  [question]: [calls, "They grow faster than the market does."],
});

// A job of the application's own. It takes a place in the pool for 400 ms, so
// that two are left for the tool.
const backup = databasePool(() => sleep(400));

const agent = createReactAgent({ llm: server.llm, tools });
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
console.log(messages.at(-1)?.text);

await backup;
await server.stop();
