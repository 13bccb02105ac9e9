// Calls from code. The model writes one piece of code that asks for the expenses of
// twenty members and adds up who is over budget, so that it reads one line in place of
// twenty lists. The interpreter is that of @langchain/quickjs; its calls keep the cap of
// the expenses service, and the report shows them below the call that runs the code.
import { setTimeout as sleep } from "node:timers/promises";
import { createCodeInterpreterMiddleware } from "@langchain/quickjs";
import { createAgent, tool } from "langchain";
import type { BatchReport } from "parallel-tools-node";
import { callableTools } from "parallel-tools-node/code";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { formatReport } from "parallel-tools-node/report";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";

const question = "Who is over the budget of 500?";
/** What a model writes for it. */
const code = `
const members = Array.from({ length: 20 }, (_, i) => "member " + (i + 1));
const all = await Promise.all(members.map((member) => tools.expenses({ member })));
members.filter((_, i) => JSON.parse(all[i]).reduce((sum, one) => sum + one.cost, 0) > 500)
`;
const server = await startModelServer({
  [question]: [
    [{ name: "eval", args: { code } }],
    "Members 17 to 20 are over the budget.",
  ],
});

let running = 0;
let mostAtOnce = 0;
const expenses = tool(
  async ({ member }) => {
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    await sleep(50);
    running -= 1;
    const number = Number(member.replace(/\D/g, ""));
    return Array.from({ length: 10 }, (_, i) => ({
      receipt: `${member}-${i}`,
      cost: number * 3,
    }));
  },
  {
    name: "expenses",
    description: "Lists the expenses of a member.",
    schema: z.object({ member: z.string() }),
  },
);

const reports: BatchReport[] = [];
const limits = parallelToolsMiddleware({
  policies: { expenses: { readOnly: true, concurrency: 5 } },
  onReport: (report) => reports.push(report),
});
const agent = createAgent({
  model: server.llm,
  tools: [expenses],
  middleware: [
    limits,
    createCodeInterpreterMiddleware({ ptc: callableTools([expenses], limits) }),
  ],
});
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
console.log(formatReport(reports));
console.log(`\nMost requests at once: ${mostAtOnce}`);
for (const message of messages.slice(-2)) {
  console.log(`${message.type}: ${message.text}`);
}
await server.stop();
