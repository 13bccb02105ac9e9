// Nobody has told us the rate of this API. Its refusals do: they pause the
// resource for all who share it, and the calls are made again, since the tool
// only reads.
import { setTimeout as sleep } from "node:timers/promises";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printReport } from "./shared/print-report.js";

/** Takes three calls per half second, and says when it will take more. */
let windowEnd = 0;
let taken = 0;
async function askServer(): Promise<number> {
  await sleep(50);
  const now = performance.now();
  if (now >= windowEnd) {
    windowEnd = now + 500;
    taken = 0;
  }
  taken += 1;
  if (taken <= 3) return 20;
  throw Object.assign(new Error("429 Too Many Requests"), {
    status: 429,
    headers: { "retry-after": String((windowEnd - now) / 1_000) },
  });
}

const getWeather = tool(
  async ({ city }) => `${city}: ${await askServer()} degrees.`,
  {
    name: "get_weather",
    description: "Gets the weather of a city.",
    schema: z.object({ city: z.string() }),
  },
);

const tools = new ParallelToolNode([getWeather], {
  // Of the API nothing is known but that it is one.
  resources: { weather: {} },
  policies: { get_weather: { resources: "weather", readOnly: true } },
  onReport: printReport,
});

const question = "Where is it warm?";
const cities = ["Oslo", "Rome", "Lima", "Kyiv", "Bern"];
const server = await startModelServer({
  [question]: [
    cities.map((city) => ({ name: "get_weather", args: { city } })),
    "It is 20 degrees everywhere.",
  ],
});

const agent = createReactAgent({ llm: server.llm, tools });
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
console.log(messages.at(-1)?.text);

await server.stop();
