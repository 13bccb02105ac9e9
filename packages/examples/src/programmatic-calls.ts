// Calls from code that runs at the model's provider. With Anthropic's `allowed_callers`
// the model's code runs there, and stops at each tool: its calls come in a message, several
// at once, each with a `caller`. For a graph they are calls as any other. So the node
// runs them under its limits, and answers all in one turn, as the code waits for it.
// The messages are a recording; nothing is asked of a server.
import { setTimeout as sleep } from "node:timers/promises";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { formatReport } from "parallel-tools-node/report";
import { z } from "zod";

let running = 0;
let mostAtOnce = 0;
const getExpenses = tool(
  async ({ user_id }) => {
    running += 1;
    mostAtOnce = Math.max(mostAtOnce, running);
    await sleep(50);
    running -= 1;
    return [{ user_id, amount: 120 }];
  },
  {
    name: "get_expenses",
    description: "Lists the expenses of a member.",
    schema: z.object({ user_id: z.string() }),
    // Of Anthropic: the code may call it, and the model itself may not.
    extras: { allowed_callers: ["code_execution_20250825"] },
  },
);

const reports: BatchReport[] = [];
const tools = new ParallelToolNode([getExpenses], {
  policies: { get_expenses: { readOnly: true, concurrency: 3 } },
  onReport: (report) => reports.push(report),
});

const members = ["emp_1", "emp_2", "emp_3", "emp_4", "emp_5", "emp_6"];
const code =
  "spent = await asyncio.gather(*[get_expenses(user_id=m) for m in members])";
const recorded = new AIMessage({
  content: [
    {
      type: "server_tool_use",
      id: "srvtoolu_1",
      name: "code_execution",
      input: { code },
    },
    ...members.map((user_id, i) => ({
      type: "tool_use",
      id: `toolu_${i}`,
      name: "get_expenses",
      input: { user_id },
      caller: { type: "code_execution_20250825", tool_id: "srvtoolu_1" },
    })),
  ],
  tool_calls: members.map((user_id, i) => ({
    id: `toolu_${i}`,
    name: "get_expenses",
    args: { user_id },
  })),
});

const { messages } = await tools.invoke({
  messages: [new HumanMessage("Who is over the budget?"), recorded],
});
for (const message of messages) {
  console.log(`${message.tool_call_id} ${message.text}`);
}
console.log(
  `\n${formatReport(reports)}\n\nMost requests at once: ${mostAtOnce}`,
);
