// A supervisor whose workers are agents. Two look things up in one database, within
// its pool. A third writes to the customer: it waits for both, and the model hands it
// their answers by references, so that the supervisor takes two turns and not three.
import { isAIMessage } from "@langchain/core/messages";
import { createAgent, tool } from "langchain";
import { resource } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { BusyApi } from "./shared/busy-api.js";
import { type Script, startModelServer } from "./shared/model-server.js";
import { printConversation } from "./shared/print-conversation.js";
import { printReport } from "./shared/print-report.js";

const database = new BusyApi(60);
const query = tool(({ table }) => database.find(table), {
  name: "query",
  description: "Reads a table.",
  schema: z.object({ table: z.string() }),
});
const outbox: string[] = [];
/** What other workers found, as each worker was told. */
const told = new Map<string, string>();
const send = tool(
  ({ text }) => {
    outbox.push(text);
    return "Sent.";
  },
  {
    name: "send",
    description: "Sends a mail to the customer.",
    schema: z.object({ text: z.string() }),
  },
);

const lookUp = (tables: readonly string[], answer: string): Script => [
  tables.map((table) => ({ name: "query", args: { table } })),
  answer,
];
const question = "Where is the bicycle of order 7, and is it paid?";
const mail = "Your bicycle is in Bergen. It is paid.";
const server = await startModelServer({
  [question]: [
    [
      { name: "shipping", args: { request: "Find parcel 7" } },
      { name: "billing", args: { request: "Check bill 7" } },
      {
        name: "mailer",
        args: { request: "Write a mail", facts: ["$1", "$2"] },
      },
    ],
    "The customer knows.",
  ],
  "Find parcel 7": lookUp(["orders", "parcels"], "It is in Bergen."),
  "Check bill 7": lookUp(["orders", "bills", "payments"], "It is paid."),
  "Write a mail": [[{ name: "send", args: { text: mail } }], "It is sent."],
});

const pool = resource({ concurrency: 2 });

/** A worker is an agent, and a tool of the supervisor. */
function worker(name: string, tools: (typeof query | typeof send)[]) {
  const agent = createAgent({
    model: server.llm,
    tools,
    middleware: [
      parallelToolsMiddleware({
        resources: { pool },
        policies: { query: { resources: "pool", readOnly: true } },
      }),
    ],
  });
  return tool(
    async ({ request, facts = [] }) => {
      const content = [request, ...facts].join("\n");
      told.set(name, facts.join(" "));
      const { messages } = await agent.invoke({
        messages: [{ role: "user", content }],
      });
      return messages.at(-1)?.text;
    },
    {
      name,
      description: `Hands a request to ${name}.`,
      schema: z.object({
        request: z.string(),
        facts: z.array(z.string()).optional(),
      }),
    },
  );
}

const supervisor = createAgent({
  model: server.llm,
  tools: [
    worker("shipping", [query]),
    worker("billing", [query]),
    worker("mailer", [send]),
  ],
  middleware: [
    parallelToolsMiddleware({
      references: true,
      policies: { mailer: { after: ["shipping", "billing"] } },
      onReport: printReport,
    }),
  ],
});

const { messages } = await supervisor.invoke({
  messages: [{ role: "user", content: question }],
});
printConversation(messages);
const turns = messages.filter((message) => isAIMessage(message)).length;
console.log(`
${turns} turns of the supervisor, ${server.turns} of all models
${database.requests} queries, at most ${database.mostAtOnce} at once
the mailer was told: ${told.get("mailer")}
sent: ${outbox.join(" ")}`);
await server.stop();
