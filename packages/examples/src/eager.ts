// Calls that start while the model is still writing its message. The model asks for the
// weather of eight cities, and writes a token every 25 ms, so that the message takes it
// about a second. The weather service takes two requests at once. Without `eager`
// it has nothing to do until the message is there. With it, the first request goes out
// when the first call is written.
import { setTimeout as sleep } from "node:timers/promises";
import { createAgent, tool } from "langchain";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

const cities = [
  "Bergen",
  "Bogota",
  "Dakar",
  "Hanoi",
  "Lima",
  "Oslo",
  "Quito",
  "Turin",
];
const question = "What is the weather in eight cities?";
const server = await startModelServer(
  {
    [question]: [
      cities.map((city) => ({ name: "weather", args: { city } })),
      "It is sunny in all of them.",
    ],
  },
  { tokenMs: 25 },
);

/** Asks an agent, and tells when its first call started and when it was done. */
async function run(eager: boolean): Promise<number> {
  const startedAt = performance.now();
  const now = () => (performance.now() - startedAt) / 1_000;
  let firstAt = Number.NaN;
  const weather = tool(
    async ({ city }) => {
      if (Number.isNaN(firstAt)) firstAt = now();
      await sleep(250);
      return `It is sunny in ${city}.`;
    },
    {
      name: "weather",
      description: "Tells the weather of a city.",
      schema: z.object({ city: z.string() }),
    },
  );
  const agent = createAgent({
    model: server.llm,
    tools: [weather],
    middleware: [
      parallelToolsMiddleware({
        eager,
        // Only what reads may start early: it may turn out to be for nothing.
        policies: { weather: { readOnly: true, concurrency: 2 } },
        onReport: printReport,
      }),
    ],
  });
  console.log(eager ? "With eager" : "Without eager");
  const stream = await agent.stream(
    { messages: [{ role: "user", content: question }] },
    { streamMode: "messages" },
  );
  let answer = "";
  for await (const [message] of stream) {
    if (message.type === "ai") answer += message.text;
  }
  const doneAt = now();
  console.log(`  first call   after ${firstAt.toFixed(1)} s
  answer       after ${doneAt.toFixed(1)} s: ${answer}
`);
  return doneAt;
}

// The first requests of a process are slow; neither run should pay for that.
await server.llm.invoke(question);

const without = await run(false);
const withEager = await run(true);
await server.stop();
console.log(
  `The same calls, under the same limit, and the same answer: ${(without / withEager).toFixed(1)} times faster.`,
);
