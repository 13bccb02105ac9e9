// The import is the only change: it used to read
//   import { ToolNode } from "@langchain/langgraph/prebuilt";
import { ToolNode } from "parallel-tools-node";

import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { z } from "zod";
import { startModelServer } from "./shared/model-server.js";
import { printConversation } from "./shared/print-conversation.js";

const getWeather = tool(
  ({ city }) => `It is ${city === "Oslo" ? 4 : 21} °C in ${city}.`,
  {
    name: "get_weather",
    description: "Tells the temperature in a city.",
    schema: z.object({ city: z.string() }),
  },
);

const question = "Where is it warmer, in Oslo or in Lisbon?";
const server = await startModelServer({
  [question]: [
    [
      { name: "get_weather", args: { city: "Oslo" } },
      { name: "get_weather", args: { city: "Lisbon" } },
    ],
    "Lisbon is warmer by 17 degrees.",
  ],
});

const agent = createReactAgent({
  llm: server.llm,
  tools: new ToolNode([getWeather]),
});
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: question }],
});
printConversation(messages);

await server.stop();
