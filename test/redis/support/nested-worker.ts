// What a test starts as a process of its own: node nested-worker.ts URL PREFIX TASK
// TASK: "OWN OTHER": a call that has the slot of OWN runs one inside that needs OTHER.
import process from "node:process";
import { AIMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Redis } from "ioredis";
import { z } from "zod";
import { ParallelToolNode } from "../../../packages/parallel-tools-node/src/index.ts";
import { redisLimits } from "../../../packages/parallel-tools-node/src/redis.ts";

const [url = "", prefix = "", task = ""] = process.argv.slice(2);
const [own = "", other = ""] = task.split(" ");
const client = new Redis(url);
const options = {
  limits: redisLimits({ client, prefix, leaseMs: 600 }),
  resources: { a: { concurrency: 1 }, b: { concurrency: 1 } },
};
const ask = (name: string) => ({
  messages: [
    new AIMessage({ content: "", tool_calls: [{ id: "1", name, args: {} }] }),
  ],
});
const schema = z.object({});
const say = (line: string) => process.stdout.write(`${line}\n`);

const search = tool(
  async () => {
    say("child");
    // It works until the test says so.
    if (own === other) await new Promise(() => {});
    return "found";
  },
  { name: "search", schema },
);
const inner = new ParallelToolNode([search], {
  ...options,
  policies: { search: { resources: other } },
});
const research = tool(
  async () => {
    say("holds");
    await client.duplicate().blpop(`{${prefix}}:go-${own}`, 0);
    await inner.invoke(ask("search"));
    return "done";
  },
  { name: "research", schema },
);
const outer = new ParallelToolNode([research], {
  ...options,
  policies: { research: { resources: own } },
});
const { messages } = await outer.invoke(ask("research"));
say(String(messages[0]?.content));
process.exit(0);
