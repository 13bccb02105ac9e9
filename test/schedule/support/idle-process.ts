// A process that does nothing but wait for a rate limit. Prints how long its calls
// took, over the least time that the limit allows.
import { tool } from "@langchain/core/tools";
import { ParallelToolNode } from "@/index.js";
import { ask, callOf } from "../../support/messages.js";

const LIMIT = 10;
const INTERVAL_MS = 500;
const CALLS = 50;

const noop = tool(() => "done", {
  name: "noop",
  description: "Does nothing.",
  schema: { type: "object", properties: {} },
});
const node = new ParallelToolNode([noop], {
  policies: {
    noop: { rateLimit: { limit: LIMIT, intervalMs: INTERVAL_MS, jitterMs: 0 } },
  },
});
const calls = Array.from({ length: CALLS }, (_, i) => callOf(`${i}`, "noop"));
const startedAt = performance.now();
await node.invoke({ messages: [ask(...calls)] });
const leastMs = (CALLS / LIMIT - 1) * INTERVAL_MS;
console.log((performance.now() - startedAt) / leastMs);
