import { RunnableLambda } from "@langchain/core/runnables";
import { DynamicTool, StructuredTool, tool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { isLangChainTool } from "@langchain/core/utils/function_calling";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import type { InteropZodObject } from "@langchain/core/utils/types";
import { customTool, tools as openAITools } from "@langchain/openai";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import { referenceInstructions } from "@/references/reference-instructions.js";
import { withReferences } from "@/references/with-references.js";
import { checkStrictSchema } from "../support/check-strict-schema.js";
import { deepFreeze } from "../support/deep-freeze.js";
import { REFERENCE } from "../support/reference-schema.js";
import { type SentTool, sentBy } from "../support/sent-by.js";
import { configurationProblem } from "../support/thrown-by.js";

const run = async () => "done";
const text = { name: "refund", description: "Refunds cents." };
const json = {
  type: "object",
  properties: { cents: { type: "integer" }, note: { type: "string" } },
  required: ["cents", "note"],
  additionalProperties: false,
} as const;
const widened = {
  ...json,
  properties: {
    cents: { anyOf: [json.properties.cents, REFERENCE] },
    note: json.properties.note,
  },
};

class Refund extends StructuredTool {
  override name = text.name;
  override description = text.description;
  override schema = z.object({ cents: z.int(), note: z.string() });

  protected override async _call(): Promise<string> {
    return run();
  }
}

/** LangChain's types take no zod 3 under `exactOptionalPropertyTypes`. */
const ofZod3 = (schema: unknown) => schema as InteropZodObject;
const zod3 = z3.object({ cents: z3.number().int(), note: z3.string() });
const zod4 = z.object({ cents: z.number().int(), note: z.string() });

/** A tool in every form that a LangChain tool has. */
const LANGCHAIN_TOOLS = {
  "zod 4": tool(run, { ...text, schema: zod4 }),
  "zod 3": tool(run, { ...text, schema: ofZod3(zod3) }),
  "JSON schema": tool(run, { ...text, schema: json }),
  subclass: new Refund(),
  "runnable as tool": RunnableLambda.from(run).asTool({
    ...text,
    schema: zod4,
  }),
  parameters: { ...text, schema: json },
};

/** The schema of the only definition. */
function schemaOf(definitions: object[]) {
  expect(definitions).toHaveLength(1);
  const [{ schema }] = definitions as [
    { schema: SentTool["function"]["parameters"] },
  ];
  return schema;
}

describe.each(Object.entries(LANGCHAIN_TOOLS))("a tool with %s", (_, given) => {
  it("comes back as a definition with the same name and text", () => {
    const before = JSON.stringify(toJsonSchema(given.schema as never));

    const result = withReferences([given]);

    expect(result).toEqual([{ ...text, schema: expect.anything() }]);
    expect(schemaOf(result).properties).toEqual({
      cents: {
        anyOf: [expect.objectContaining({ type: "integer" }), REFERENCE],
      },
      note: { type: "string" },
    });
    expect(isLangChainTool(result[0])).toBe(true);
    expect(JSON.stringify(toJsonSchema(given.schema as never))).toBe(before);
  });

  it("is sent with wider parameters and nothing else", () => {
    for (const kwargs of [{}, { strict: true }, { strict: false }]) {
      const [original] = sentBy([given], kwargs) as [SentTool];
      const { parameters } = original.function;
      const { cents } = parameters.properties;
      expect(sentBy(withReferences([given]), kwargs)).toEqual([
        {
          ...original,
          function: {
            ...original.function,
            parameters: {
              ...parameters,
              properties: {
                ...parameters.properties,
                cents: { anyOf: [cents, REFERENCE] },
              },
            },
          },
        },
      ]);
    }
  });

  it("is left alone by a policy that refuses references", () => {
    expect(
      withReferences([given], { policies: { refund: { references: false } } }),
    ).toEqual([given]);
  });
});

describe("an OpenAI definition", () => {
  const definition = (parameters: object, more: object = {}) => ({
    type: "function" as const,
    function: { ...text, parameters: structuredClone(parameters), ...more },
  });

  it("comes back with wider parameters", () => {
    expect(withReferences([deepFreeze(definition(json))])).toEqual([
      definition(widened),
    ]);
  });

  it("keeps `strict` and what else it has", () => {
    const given = deepFreeze({
      ...definition(json, { strict: true }),
      cache_control: { type: "ephemeral" },
    });
    const result = withReferences([given]);

    expect(result).toEqual([
      {
        ...definition(widened, { strict: true }),
        cache_control: { type: "ephemeral" },
      },
    ]);
    expect(sentBy(result)).toEqual(result);
    expect(sentBy(result, { strict: false })).toMatchObject([
      { function: { strict: false } },
    ]);
    expect(checkStrictSchema(widened)).toEqual([]);
  });

  it("without parameters comes back itself", () => {
    for (const parameters of [undefined, null, "none"]) {
      const given = {
        type: "function" as const,
        function: { ...text, parameters: parameters as never },
      };
      expect(withReferences([given])[0]).toBe(given);
    }
  });
});

describe("what a node never sees the arguments of", () => {
  const providersOwn = tool(run, { ...text, schema: zod4 });
  providersOwn.extras = { providerToolDefinition: { type: "local_shell" } };

  it.each([
    ["a server tool", { type: "web_search_preview" }],
    ["a server tool with a schema", { type: "x_1", name: "x", schema: json }],
    ["OpenAI's own", openAITools.webSearch()],
    ["a tool that the provider defines", providersOwn],
    [
      "a free-form tool",
      customTool(async (input: string) => input, { ...text }),
    ],
    ["Anthropic's form", { ...text, input_schema: json }],
    ["Gemini's form", { functionDeclarations: [{ ...text }] }],
    ["a tool without a schema", { ...text, lc_namespace: [] }],
    ["a model", new FakeListChatModel({ responses: [] })],
  ])("comes back itself: %s", (_, given) => {
    expect(withReferences([given])[0]).toBe(given);
  });

  it("may be anything at all", () => {
    const odd = [null, undefined, 4, "search", () => 1, []] as never[];
    expect(withReferences(odd)).toEqual(odd);
  });
});

describe("withReferences()", () => {
  const named = (name: string) => tool(run, { name, schema: zod4 });
  const tools = [named("search"), named("pay"), named("toString")];
  const widenedNames = (result: object[]) =>
    result
      .filter((item, index) => item !== tools[index])
      .map((item) => (item as { name: string }).name);

  it("takes the node's own tools, in their order", () => {
    expect(widenedNames(withReferences(new ToolNode(tools).tools))).toEqual([
      "search",
      "pay",
      "toString",
    ]);
    expect(withReferences([])).toEqual([]);
  });

  it("takes the node's own options, of which it reads one", () => {
    const options = deepFreeze({
      maxConcurrency: 4,
      policies: { pay: { concurrency: 1, references: false } },
      resources: {},
    });
    expect(widenedNames(withReferences(tools, options))).toEqual([
      "search",
      "toString",
    ]);
  });

  it("goes by the default policy where a tool's own is silent", () => {
    const options = {
      policies: { search: { references: true }, pay: { concurrency: 1 } },
      defaultPolicy: { references: false },
    };
    expect(widenedNames(withReferences(tools, options))).toEqual(["search"]);
  });

  it("doesn't validate policies", () => {
    const options = {
      policies: { none: { cost: -1 }, pay: { references: 0 } },
    };
    expect(withReferences(tools, options as never)).toHaveLength(3);
    expect(widenedNames(withReferences(tools, options as never))).toHaveLength(
      3,
    );
  });

  it("keeps what a provider is told beside the schema", () => {
    const given = named("search");
    given.extras = { defer_loading: true };
    const result = withReferences([given]);

    expect(result).toMatchObject([{ extras: { defer_loading: true } }]);
    expect(sentBy(result)).toMatchObject([{ defer_loading: true }]);
  });

  it("takes a tool of one string", () => {
    const given = new DynamicTool({ ...text, func: run });
    expect(withReferences([given])).toMatchObject([
      { ...text, schema: { properties: { input: { type: "string" } } } },
    ]);
  });

  it("gives a schema without a type one, or LangChain would know no tool", () => {
    const schema = { $ref: "#/definitions/a", definitions: { a: json } };
    const given = tool(run, { ...text, schema: schema as never });
    const result = withReferences([given]);
    expect(schemaOf(result)).toEqual({
      type: "object",
      $ref: "#/definitions/a",
      definitions: { a: widened },
    });
    expect(isLangChainTool(result[0])).toBe(true);
  });

  it("gives definitions that can't be run in place of the tools", () => {
    const [result] = withReferences([named("search")]);
    expect(result).not.toHaveProperty("invoke");
  });

  it("leaves the schemas of deep-frozen tools alone", () => {
    const given = deepFreeze({ ...text, schema: structuredClone(json) });
    expect(withReferences([given])).toEqual([{ ...text, schema: widened }]);
  });

  it("widens the links that zod 3 writes for what it has seen", () => {
    const money = z3.object({ cents: z3.number() });
    const schema = ofZod3(z3.object({ a: money, b: money }));
    const result = withReferences([tool(run, { ...text, schema })]);
    expect(schemaOf(result).properties["b"]).toEqual({
      anyOf: [{ $ref: "#/properties/a/anyOf/0" }, REFERENCE],
    });
  });

  it.each([undefined, null, "tools", {}])("refuses %j for tools", (given) => {
    expect(configurationProblem(() => withReferences(given as never))).toMatch(
      /^Expected `tools` to be an array of tools, got /,
    );
  });
});

describe("a schema that LangChain can't convert", () => {
  const tree: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(tree);
    },
  });

  it.each<[string, z.ZodType, string]>([
    ["that holds itself", tree, "Maximum call stack size exceeded"],
    [
      "with a date",
      z.object({ at: z.date() }),
      "Date cannot be represented in JSON Schema",
    ],
    [
      "with a bigint",
      z.object({ id: z.bigint() }),
      "BigInt cannot be represented in JSON Schema",
    ],
  ])("%s is an error that names its tool", (_, schema, reason) => {
    const plant = tool(run, {
      name: "plant",
      description: "Plants it.",
      schema: schema as z.ZodObject,
    });
    for (const read of [
      () => withReferences([plant]),
      () => referenceInstructions({ tools: [plant] }),
    ]) {
      expect(configurationProblem(read)).toContain(
        `Expected \`tools.plant.schema\` to be a schema that LangChain can convert for a model: a JSON schema, or a zod schema that neither holds itself nor has types that JSON lacks (LangChain's error: ${reason}), got `,
      );
    }
  });
});
