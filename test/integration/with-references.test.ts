import { SystemMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import type { ChatOpenAI } from "@langchain/openai";
import {
  ParallelToolNode,
  referenceInstructions,
  withReferences,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkStrictSchema } from "../support/check-strict-schema.js";
import { createAgentGraph } from "../support/create-agent-graph.js";
import { REFERENCE } from "../support/reference-schema.js";
import type { ScriptedModel } from "./support/model-server.js";
import { useModelServer } from "./support/use-model-server.js";

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
    schema: z.object({ cents: z.int().min(1), to: z.enum(["card", "bank"]) }),
  },
);
const tools = [count, refund];

const HOSTS = [
  "createReactAgent v1",
  "createReactAgent v2",
  "StateGraph",
] as const;
type Host = (typeof HOSTS)[number];

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
  const PROMPT = referenceInstructions({ tools });
  const build = () => new ParallelToolNode(tools, { references: true });

  /** The model is handed over in a function, see the last test. */
  function createAgent(host: Host, model: ChatOpenAI) {
    const bound = model.bindTools(withReferences(tools));
    if (host !== "StateGraph") {
      const version = host === "createReactAgent v1" ? "v1" : "v2";
      const llm = () => bound;
      return createReactAgent({ llm, tools: build(), prompt: PROMPT, version });
    }
    return createAgentGraph(
      (messages) => bound.invoke([new SystemMessage(PROMPT), ...messages]),
      build(),
    );
  }

  async function run(host: Host): Promise<ScriptedModel> {
    ran.length = 0;
    const scripted = server.script([CALLS, "Done."]);
    await createAgent(host, scripted.model).invoke(INPUT);
    return scripted;
  }

  it.each(HOSTS)(
    "of %s teaches the model, and shows it wider parameters",
    async (host) => {
      const { requests } = await run(host);
      expect(requests).toHaveLength(2);
      for (const { messages, tools: sent } of requests) {
        expect(messages[0]).toMatchObject({ role: "system", content: PROMPT });
        expect(sent?.[1]?.function.parameters).toEqual(
          expect.objectContaining({ properties: WIDENED }),
        );
      }
    },
  );

  it.each(["createReactAgent v1", "StateGraph"] as const)(
    "of %s runs tools with their own schemas and the values; the model reads what it wrote",
    async (host) => {
      const { requests } = await run(host);
      expect(ran).toEqual([{ cents: 3, to: "card" }]);
      const calls = requests[1]?.messages
        .flatMap(({ tool_calls: written = [] }) => written)
        .map((call) => JSON.parse(call.function.arguments) as unknown);
      expect(calls).toEqual(CALLS.map(({ args }) => args));
    },
  );

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
