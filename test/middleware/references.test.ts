import { tool } from "@langchain/core/tools";
import { SystemMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { REFERENCE } from "../support/reference-schema.js";
import { useModelServer } from "../integration/support/use-model-server.js";

const server = useModelServer();

const ran: unknown[] = [];
const count = tool(async ({ word }) => ({ cents: word.length }), {
  name: "count",
  description: "Counts letters.",
  schema: z.object({ word: z.string() }),
});
const refund = tool(
  async (args) => {
    ran.push(args);
    return "refunded";
  },
  {
    name: "refund",
    description: "Refunds cents.",
    schema: z.object({ cents: z.int().min(1) }),
  },
);
const TURNS = [
  [
    { id: "1", name: "count", args: { word: "tea" } },
    { id: "2", name: "refund", args: { cents: "$1.cents" } },
  ],
  "Done.",
] as const;
const INPUT = { messages: [{ role: "user", content: "Go." }] };

async function ask(
  options: Parameters<typeof parallelToolsMiddleware>[0],
  more: object = {},
) {
  ran.length = 0;
  const script = server.script(TURNS);
  const agent = createAgent({
    model: script.model,
    tools: [count, refund],
    middleware: [parallelToolsMiddleware(options)],
    ...more,
  });
  await agent.invoke(INPUT);
  const [request] = script.requests;
  return {
    script,
    system: request?.messages
      .filter(({ role }) => role === "system")
      .map(({ content }) => JSON.stringify(content))
      .join(""),
    tools: request?.tools as unknown as {
      function: { name: string; parameters: { properties: object } };
    }[],
  };
}

const WIDENED = {
  cents: { anyOf: [expect.objectContaining({ type: "integer" }), REFERENCE] },
};

describe("with references, the middleware alone makes an agent that plans", () => {
  test("in one turn: it widens the schemas, instructs the model and resolves", async () => {
    const { script, system, tools } = await ask({ references: true });
    expect(tools[1]?.function.parameters.properties).toEqual(WIDENED);
    expect(system).toContain("References between calls");
    expect(ran).toEqual([{ cents: 3 }]);
    expect(script.requests).toHaveLength(2);
    expect(script.answers(1)).toEqual([
      { id: "1", content: '{"cents":3}' },
      { id: "2", content: "refunded" },
    ]);
  });

  test.each([
    ["a string", "You run a shop."],
    ["a message", new SystemMessage("You run a shop.")],
    [
      "blocks",
      new SystemMessage({
        content: [{ type: "text", text: "You run a shop." }],
      }),
    ],
  ])("behind a system prompt that is %s", async (_, systemPrompt) => {
    const { system } = await ask({ references: true }, { systemPrompt });
    expect(system).toMatch(/You run a shop\.(?:.*)References between/);
    expect(system?.match(/References between/g)).toHaveLength(1);
  });

  test("leaves the schemas of tools alone that refuse references", async () => {
    const { tools } = await ask({
      references: true,
      policies: { refund: { references: false } },
    });
    expect(JSON.stringify(tools[1]?.function.parameters)).not.toContain(
      "anyOf",
    );
  });

  test("teaches references within a text where they count", async () => {
    const { system } = await ask({ references: { embedded: true } });
    expect(system).toContain("Within a longer text");
  });
});

test("without references the model is asked as ever", async () => {
  const ours = await ask({});
  const script = server.script(TURNS);
  await createAgent({ model: script.model, tools: [count, refund] })
    .invoke(INPUT)
    .catch(() => {});
  const strip = (request: object | undefined) => ({
    ...request,
    model: undefined,
  });
  expect(strip(ours.script.requests[0])).toEqual(strip(script.requests[0]));
});
