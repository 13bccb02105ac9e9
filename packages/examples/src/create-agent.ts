// An agent of createAgent: three lines give it limits, order and references.
import { setTimeout as sleep } from "node:timers/promises";
import { createAgent, tool } from "langchain";
import { write } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

const findAccount = tool(({ name }) => sleep(60, { id: `${name}-1` }), {
  name: "find_account",
  description: "Finds a customer's account.",
  schema: z.object({ name: z.string() }),
});
const credit = tool(
  ({ account, cents }) => sleep(60, `${cents} to ${account}`),
  {
    name: "credit",
    description: "Credits an account.",
    schema: z.object({ account: z.string(), cents: z.number() }),
  },
);
const rate = tool(({ currency }) => sleep(60, `1 EUR is 1.1 ${currency}`), {
  name: "rate",
  description: "Looks up an exchange rate.",
  schema: z.object({ currency: z.string() }),
});

const server = await startModelServer({
  "Refund Ada twice and tell me the rates.": [
    [
      { name: "find_account", args: { name: "ada" } },
      { name: "credit", args: { account: "$1.id", cents: 500 } },
      { name: "credit", args: { account: "$1.id", cents: 250 } },
      { name: "rate", args: { currency: "USD" } },
      { name: "rate", args: { currency: "USD" } },
    ],
    "Refunded.",
  ],
});

const agent = createAgent({
  model: server.llm,
  tools: [findAccount, credit, rate],
  middleware: [
    parallelToolsMiddleware({
      references: true,
      policies: {
        // Credits change one ledger, so they are one after the other.
        credit: { access: [write("ledger")] },
        // Asked twice, run once.
        rate: { readOnly: true, concurrency: 2 },
      },
      onReport: printReport,
    }),
  ],
});

const { messages } = await agent.invoke({
  messages: [
    { role: "user", content: "Refund Ada twice and tell me the rates." },
  ],
});
for (const { type, text } of messages) console.log(`${type}: ${text}`);

await server.stop();
