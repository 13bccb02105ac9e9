// Parallelism can be turned off for a tool, and for one invocation.
import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

const step = (name: string, description: string) =>
  tool(({ service }) => sleep(60, `${name} ${service}: done`), {
    name,
    description,
    schema: z.object({ service: z.string() }),
  });

const tools = new ParallelToolNode(
  [
    step("read_logs", "Reads the logs of a service."),
    step("migrate", "Migrates the database of a service."),
    step("diagnose", "Finds out what is wrong with a service."),
  ],
  {
    policies: {
      // What stands before it ends first, and what stands after it waits.
      migrate: { sequential: true },
      // What stands after it is not run: the model decides again.
      diagnose: { sequential: "replan" },
    },
    onReport: printReport,
  },
);

const calls = (...names: string[]) =>
  names.map((name) => ({ name, args: { service: "shop" } }));
const server = await startModelServer({
  "Migrate the shop.": [
    calls("read_logs", "read_logs", "migrate", "read_logs", "read_logs"),
    "Migrated.",
  ],
  "Repair the shop.": [calls("diagnose", "migrate", "read_logs"), "Not yet."],
  "Read the logs.": [calls("read_logs", "read_logs", "read_logs"), "Read."],
});
const agent = createReactAgent({ llm: server.llm, tools });

async function ask(content: string, toolExecution?: "sequential" | "replan") {
  console.log(`\n${content} ${toolExecution ?? "as the policies say"}`);
  const { messages } = await agent.invoke(
    { messages: [{ role: "user", content }] },
    { configurable: { toolExecution } },
  );
  const notRun = messages.find(({ text }) => text.startsWith("Not run"));
  if (notRun) console.log(`  The model reads: ${notRun.text}`);
}

await ask("Migrate the shop.");
await ask("Repair the shop.");
await ask("Read the logs.");
await ask("Read the logs.", "sequential");
await ask("Read the logs.", "replan");

await server.stop();
