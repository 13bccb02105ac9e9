import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ParallelToolNode } from "parallel-tools-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { withReferences } from "@/references/with-references.js";
import { checkStrictSchema } from "../support/check-strict-schema.js";
import { REFERENCE } from "../support/reference-schema.js";
import { ModelServer, type ScriptedModel } from "./support/model-server.js";

let server: ModelServer;
beforeAll(async () => {
  server = await ModelServer.start();
});
afterAll(() => server.stop());

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
    schema: z.object({ cents: z.int().min(1), to: z.enum(["card", "bank"]) }),
  },
);
const tools = [count, refund];

const WIDENED = {
  cents: {
    anyOf: [expect.objectContaining({ type: "integer" }), REFERENCE],
  },
  to: { anyOf: [{ type: "string", enum: ["card", "bank"] }, REFERENCE] },
};

interface SentTool {
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly strict?: boolean;
    readonly parameters: Readonly<Record<string, unknown>>;
  };
}

/** The tools of the last request, as they went over the wire. */
function sentTools({ requests }: ScriptedModel): SentTool[] {
  return requests.at(-1)?.tools as unknown as SentTool[];
}

describe("bindTools(withReferences(tools), { strict: true })", () => {
  it.each([
    { options: {}, strict: true },
    { options: { streaming: true }, strict: true },
    // The mock server drops `strict` from requests to the Responses API.
    { options: { useResponsesApi: true }, strict: undefined },
  ])(
    "sends strict, wider parameters: $options",
    async ({ options, strict }) => {
      const scripted = server.script(["Hello."], options);

      await scripted.model
        .bindTools(withReferences(tools), { strict: true })
        .invoke("Hello?");

      expect(sentTools(scripted)).toMatchObject([
        { function: { name: "count", description: "Counts letters." } },
        { function: { name: "refund", parameters: { properties: WIDENED } } },
      ]);
      for (const sent of sentTools(scripted)) {
        expect(checkStrictSchema(sent.function.parameters)).toEqual([]);
        expect(sent.function.strict).toBe(strict);
      }
    },
  );
});

describe("an agent", () => {
  const CALLS = [
    { id: "1", name: "count", args: { word: "tea" } },
    { id: "2", name: "refund", args: { cents: "$1.cents", to: "card" } },
  ];
  const INPUT = { messages: [{ role: "user", content: "Go." }] };
  const build = () => new ParallelToolNode(tools, { references: true });

  /** Handed over in a function, see the last test. */
  async function run(version: "v1" | "v2"): Promise<ScriptedModel> {
    ran.length = 0;
    const scripted = server.script([CALLS, "Done."]);
    const bound = scripted.model.bindTools(withReferences(tools));
    const agent = createReactAgent({
      llm: () => bound,
      tools: build(),
      version,
    });
    await agent.invoke(INPUT);
    return scripted;
  }

  it.each(["v1", "v2"] as const)(
    "of createReactAgent %s shows the model wider parameters",
    async (version) => {
      expect(sentTools(await run(version))[1]?.function.parameters).toEqual(
        expect.objectContaining({ properties: WIDENED }),
      );
    },
  );

  it("runs the tools with their own schemas and the values referred to", async () => {
    await run("v1");
    expect(ran).toEqual([{ cents: 3, to: "card" }]);
  });

  it("of createReactAgent is bound to the plain tools again where the model is no function", async () => {
    const scripted = server.script(["Done."]);
    const agent = createReactAgent({
      llm: scripted.model.bindTools(withReferences(tools)),
      tools: build(),
    });

    await agent.invoke(INPUT);

    // ChatOpenAI.bindTools gives a ChatOpenAI, which createReactAgent takes for
    // one without tools. The function above is the way round.
    expect(JSON.stringify(sentTools(scripted))).not.toContain("anyOf");
  });
});
