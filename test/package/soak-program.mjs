// Runs an agent again and again, in ways that end well and in ways that don't,
// and prints how many bytes are in use after each tenth of the runs.
// Arguments: "with" or "without" the middleware, and the number of runs.
import { setImmediate } from "node:timers/promises";
import { interrupt, MemorySaver } from "@langchain/langgraph";
import { createAgent, FakeToolCallingModel, tool } from "langchain";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";

const [, , mode, count] = process.argv;
const runs = Number(count);
const schema = z.object({});
const named = (name, act) => tool(act, { name, description: name, schema });
const tools = [
  named("step", () => "done"),
  named("fail", () => {
    throw new Error("no");
  }),
  named("ask", () => interrupt("sure?")),
];
const middleware =
  mode === "with"
    ? [
        parallelToolsMiddleware({
          policies: {
            step: { concurrency: 2, readOnly: true },
            ask: { sequential: true },
          },
        }),
      ]
    : [];
const messages = [
  ["step", "step", "step"],
  ["step", "fail", "unknown"],
  ["step", "ask", "step"],
  ["step", "step", "fail", "step"],
].map((names) => names.map((name, i) => ({ name, args: {}, id: String(i) })));
const saver = new MemorySaver();
const agents = messages.map((calls) =>
  createAgent({
    model: new FakeToolCallingModel({ toolCalls: [calls, []] }),
    tools,
    middleware,
    // What pauses needs one.
    ...(calls.some(({ name }) => name === "ask") && { checkpointer: saver }),
  }),
);

const input = { messages: [{ role: "user", content: "Go." }] };
const used = [];
for (let run = 0; run < runs; run += 1) {
  const controller = new AbortController();
  const config = {
    configurable: { thread_id: "t" },
    signal: controller.signal,
  };
  // Every eighth run is paused, and every eighth aborted.
  const which = run % 8 === 5 ? 2 : [0, 1, 3][run % 3];
  const result = agents[which].invoke(input, config);
  if (run % 8 === 3) {
    await setImmediate();
    controller.abort();
  }
  await result.catch(() => {});
  if (which === 2) await saver.deleteThread("t");
  if ((run + 1) % (runs / 10) !== 0) continue;
  await setImmediate();
  globalThis.gc();
  used.push(process.memoryUsage().heapUsed);
}
console.log(JSON.stringify(used));
