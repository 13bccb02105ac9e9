// Tools say which files they read and write. Calls on one file then run in the
// order of the message; calls on another file don't wait for them.
import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode, read, write } from "parallel-tools-node";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printConversation } from "./shared/print-conversation.js";
import { printReport } from "./shared/print-report.js";

const disk = new Map([
  ["todo.md", "- buy milk"],
  ["done.md", "- call Ada"],
]);

const addLine = tool(
  async ({ path, line }) => {
    const before = disk.get(path) ?? "";
    await sleep(100);
    disk.set(path, `${before}\n- ${line}`);
    return `Added to ${path}.`;
  },
  {
    name: "add_line",
    description: "Adds a line to a file.",
    schema: z.object({ path: z.string(), line: z.string() }),
  },
);

const readFile = tool(({ path }) => disk.get(path) ?? "", {
  name: "read_file",
  description: "Reads a file.",
  schema: z.object({ path: z.string() }),
});

const tools = new ParallelToolNode([addLine, readFile], {
  policies: {
    add_line: { access: ({ path }) => [write(`file:${path}`)] },
    read_file: { access: ({ path }) => [read(`file:${path}`)] },
  },
  onReport: printReport,
});

const question = "Add tea and bread to my list and show me both lists.";
const server = await startModelServer({
  [question]: [
    [
      { name: "add_line", args: { path: "todo.md", line: "buy tea" } },
      { name: "add_line", args: { path: "todo.md", line: "buy bread" } },
      { name: "read_file", args: { path: "todo.md" } },
      { name: "read_file", args: { path: "done.md" } },
    ],
    "Your list has three things to buy; one thing is done.",
  ],
});

const agent = createReactAgent({ llm: server.llm, tools });
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
printConversation(messages);

await server.stop();
