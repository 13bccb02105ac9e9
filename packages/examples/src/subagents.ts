// Three agents as tools. They share one search API, whose limits hold over all of
// them. One never finds what it looks for and fails, which spares the other two. Those
// ask a human before they buy a report, and each gets its own answer.
import { isAIMessage } from "@langchain/core/messages";
import {
  Command,
  interrupt,
  isInterrupted,
  INTERRUPT,
  MemorySaver,
} from "@langchain/langgraph";
import { createAgent, tool } from "langchain";
import { resource } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { BusyApi } from "./shared/busy-api.js";
import { type Script, startModelServer } from "./shared/model-server.js";
import { printConversation } from "./shared/print-conversation.js";
import { printReport } from "./shared/print-report.js";

const api = new BusyApi(80);
const bought: string[] = [];

const search = tool(({ query }) => api.find(query), {
  name: "search",
  description: "Searches the web.",
  schema: z.object({ query: z.string() }),
});
const buy = tool(
  ({ report, euros }) => {
    const answer: unknown = interrupt(`Buy "${report}" for ${euros} EUR?`);
    if (answer !== "yes") return "The human said no. Do without it.";
    bought.push(report);
    return `Bought "${report}".`;
  },
  {
    name: "buy",
    description: "Buys a report.",
    schema: z.object({ report: z.string(), euros: z.number() }),
  },
);

// Made once: all agents that are given it share its limits.
const serp = resource({
  concurrency: 2,
  rateLimit: { limit: 20, intervalMs: 1_000 },
});

/** An agent that researches one topic, as its model's script says. */
const research = (topic: string, report: string, euros: number): Script => [
  [
    { name: "search", args: { query: topic } },
    { name: "search", args: { query: `${topic} in numbers` } },
  ],
  [{ name: "buy", args: { report, euros } }],
  `All about ${topic}.`,
];

const question = "Should we sell bicycles in Norway?";
const server = await startModelServer({
  [question]: [
    [
      { name: "task", args: { topic: "the market" } },
      { name: "task", args: { topic: "the law" } },
      { name: "task", args: { topic: "the weather" } },
    ],
    "Yes, in summer.",
  ],
  "Research the market": research("the market", "Bicycles 2026", 400),
  "Research the weather": research("the weather", "Rain in Bergen", 90),
  // Never content with what it finds.
  "Research the law": (turn) => [
    { name: "search", args: { query: `the law, page ${turn + 1}` } },
  ],
});

const researcher = createAgent({
  model: server.llm,
  tools: [search, buy],
  middleware: [
    parallelToolsMiddleware({
      durable: true,
      resources: { serp },
      policies: { search: { resources: "serp", readOnly: true } },
    }),
  ],
});
const task = tool(
  async ({ topic }) => {
    const { messages } = await researcher.invoke(
      { messages: [{ role: "user", content: `Research ${topic}` }] },
      { recursionLimit: 8 },
    );
    return messages.at(-1)?.text;
  },
  {
    name: "task",
    description: "Has an agent research a topic.",
    schema: z.object({ topic: z.string() }),
  },
);

const lead = createAgent({
  model: server.llm,
  tools: [task],
  middleware: [
    parallelToolsMiddleware({
      durable: true,
      policies: { task: { concurrency: 3 } },
      onReport: printReport,
    }),
  ],
  checkpointer: new MemorySaver(),
});

const config = { configurable: { thread_id: "bicycles" } };
let state = await lead.invoke(
  { messages: [{ role: "user", content: question }] },
  config,
);
const open = isInterrupted(state) ? state[INTERRUPT] : [];
const answers = Object.fromEntries(
  open.map(({ id, value }) => {
    const answer = String(value).includes("400") ? "no" : "yes";
    console.log(`${String(value)} ${answer}`);
    return [id, answer];
  }),
);
state = await lead.invoke(new Command({ resume: answers }), config);

printConversation(state.messages);
const turns = state.messages.filter((message) => isAIMessage(message)).length;
console.log(`
${turns} turns of the lead, ${server.turns} of all models
${api.requests} searches, at most ${api.mostAtOnce} at once
bought: ${bought.join(", ")}`);
await server.stop();
