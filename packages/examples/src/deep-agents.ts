// A deep agent hands four tasks to subagents in one message. A cap on its `task` tool
// is a cap on subagents that are alive, and all of them search within one limit.
import { isAIMessage } from "@langchain/core/messages";
import { createDeepAgent } from "deepagents";
import { tool } from "langchain";
import { resource } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { BusyApi } from "./shared/busy-api.js";
import { type Script, startModelServer } from "./shared/model-server.js";
import { printConversation } from "./shared/print-conversation.js";
import { printReport } from "./shared/print-report.js";

const api = new BusyApi(60);
const search = tool(({ query }) => api.find(query), {
  name: "search",
  description: "Searches the web.",
  schema: z.object({ query: z.string() }),
});

const cities = ["Oslo", "Rome", "Lima", "Cairo"];
const question = "Compare four cities.";
const survey = (city: string): Script => [
  ["rents", "schools", "parks"].map((what) => ({
    name: "search",
    args: { query: `${what} in ${city}` },
  })),
  `${city} is a fine city.`,
];
const server = await startModelServer({
  [question]: [
    cities.map((city) => ({
      name: "task",
      args: { description: `Survey ${city}`, subagent_type: "surveyor" },
    })),
    "All four are fine.",
  ],
  ...Object.fromEntries(cities.map((city) => [`Survey ${city}`, survey(city)])),
});

const serp = resource({ concurrency: 2 });
const agent = createDeepAgent({
  model: server.llm,
  subagents: [
    {
      name: "surveyor",
      description: "Surveys a city.",
      systemPrompt: "Survey the city.",
      tools: [search],
      // What its calls of `search` share with all others that have `serp`.
      middleware: [
        parallelToolsMiddleware({
          resources: { serp },
          policies: { search: { resources: "serp", readOnly: true } },
        }),
      ],
    },
  ],
  middleware: [
    parallelToolsMiddleware({
      policies: { task: { concurrency: 3 } },
      onReport: printReport,
    }),
  ],
});

const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
printConversation(messages);
const turns = messages.filter((message) => isAIMessage(message)).length;
console.log(`
${turns} turns of the lead, ${server.turns} of all models
${api.requests} searches, at most ${api.mostAtOnce} at once`);
await server.stop();
