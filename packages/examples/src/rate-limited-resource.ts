// Two tools use one API key, and the key has a rate limit. The limit is
// declared once, as a resource; a call of either tool uses it up.
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

const schema = z.object({ customer: z.string() });

const getContact = tool(({ customer }) => `${customer}@example.com`, {
  name: "get_contact",
  description: "Looks up a customer's address in the CRM.",
  schema,
});

const getInvoices = tool(({ customer }) => `${customer} owes nothing.`, {
  name: "get_invoices",
  description: "Looks up a customer's invoices in the CRM.",
  schema,
});

const tools = new ParallelToolNode([getContact, getInvoices], {
  resources: {
    crm: { rateLimit: { limit: 3, intervalMs: 500 } },
  },
  policies: {
    get_contact: { resources: "crm" },
    get_invoices: { resources: "crm" },
  },
  onReport: printReport,
});

const question = "Do ada, bob, cem and dora owe us anything?";
const calls = ["ada", "bob", "cem", "dora"].flatMap((customer) => [
  { name: "get_contact", args: { customer } },
  { name: "get_invoices", args: { customer } },
]);
const server = await startModelServer({
  [question]: [calls, "No, none of them does."],
});

const agent = createReactAgent({ llm: server.llm, tools });
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
console.log(messages.at(-1)?.text);

await server.stop();
