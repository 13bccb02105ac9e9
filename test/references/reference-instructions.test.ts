import { tool } from "@langchain/core/tools";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseReference } from "@/plan/references/reference.js";
import {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "@/references/reference-instructions.js";
import { withReferences } from "@/references/with-references.js";
import { deepFreeze } from "../support/deep-freeze.js";
import { configurationProblem } from "../support/thrown-by.js";

const named = (name: string, shape: z.ZodRawShape) =>
  tool(async () => "done", { name, schema: z.object(shape) });

const search = named("search", { query: z.string() });
const now = named("now", {});
const refund = named("refund", { order_id: z.string(), cents: z.int() });
const notify = named("notify", {
  users: z.array(z.string()),
  text: z.string(),
});

/** The lines after "Examples:". */
function examplesOf(
  tools: ReferenceInstructionsOptions["tools"],
  options: Partial<ReferenceInstructionsOptions> = {},
): string[] {
  const text = referenceInstructions({ tools, ...options });
  const lines = text.split("\n");
  return lines.slice(lines.indexOf("Examples:") + 1);
}

const line = (first: string, second: string, args: string, meaning: string) =>
  `- call 1 \`${first}\`, call 2 \`${second}\` with \`${args}\`: ${meaning}`;
const FIELD = "one field of what call 1 returns";
const ITEM = "a field of its first item";
const ALL = "all of it";

const WITHOUT_TOOLS = [
  '- `{"id": "$1.items[0].id"}` is the id of the first of the items that call 1 returns',
  '- `{"items": "$1"}` is all that call 1 returns',
];

const COMPLETE = `## References between tool calls

An argument may refer to the output of an earlier call of the same message, so that both can be asked for at once.

- \`$N\` is the output of the N-th tool call of the message, counted from 1. \`$N.path\` is a part of it: \`$1.name\`, \`$1.items[0].id\`. \`\${N.path}\` and \`$N.output.path\` mean the same.
- The reference is the argument's whole string, in place of a value of any type; what it stands for keeps its type.
- Only earlier calls of the same message: never the call itself, a later one or another message.
- Use one when a later call needs only data of an earlier one. When the result may change what to do next, wait for it and make the other call in a later turn.

Examples:
- call 1 \`search\`, call 2 \`refund\` with \`{"order_id":"$1.order_id"}\`: one field of what call 1 returns
- call 1 \`search\`, call 2 \`notify\` with \`{"users":"$1"}\`: all of it`;

describe("the instructions", () => {
  it("are this text", () => {
    const tools = [search, refund, notify];
    expect(referenceInstructions({ tools })).toBe(COMPLETE);
    expect(referenceInstructions({ tools, embedded: false })).toBe(COMPLETE);
  });

  it("teach references within a text where that is on", () => {
    const tools = [search, refund, notify];
    const text = referenceInstructions({ tools, embedded: true });
    const lines = text.split("\n");
    const added = lines.filter((one) => !COMPLETE.split("\n").includes(one));
    expect(added).toEqual([
      '- Within a longer text, write braces: `"Order ${1.id} is ready"`. `$${` is a plain `${`.',
    ]);
    expect(lines).toHaveLength(COMPLETE.split("\n").length + 1);
  });

  test.prop([
    fc.array(
      fc.record({
        name: fc.constantFrom("a", "get_user", "x".repeat(64)),
        shape: fc.dictionary(
          fc.constantFrom("id", "user-id", "y".repeat(64), "__proto__", "0"),
          fc.constantFrom(z.string(), z.array(z.int()), z.boolean()),
        ),
      }),
      { maxLength: 4 },
    ),
    fc.boolean(),
  ])("stay under 200 words, whatever the tools", (given, embedded) => {
    const tools = given.map(({ name, shape }) => named(name, shape));
    const text = referenceInstructions({ tools, embedded });
    expect(text.split(/\s+/).length).toBeLessThan(200);
    expect(referenceInstructions({ tools, embedded })).toBe(text);
  });
});

describe("the examples", () => {
  it("show a field for a scalar and the whole output for a list", () => {
    expect(examplesOf([search, refund, notify])).toEqual([
      line("search", "refund", '{"order_id":"$1.order_id"}', FIELD),
      line("search", "notify", '{"users":"$1"}', ALL),
    ]);
  });

  it("show a list's item where no tool takes a list", () => {
    expect(examplesOf([search, refund])).toEqual([
      line("search", "refund", '{"order_id":"$1.order_id"}', FIELD),
      line("search", "refund", '{"order_id":"$1[0].order_id"}', ITEM),
    ]);
  });

  it("show lists where no tool takes anything else", () => {
    const tag = named("tag", { labels: z.array(z.string()) });
    expect(examplesOf([search, tag])).toEqual([
      line("tag", "search", '{"query":"$1.query"}', FIELD),
      line("search", "tag", '{"labels":"$1"}', ALL),
    ]);
    expect(examplesOf([now, tag])).toEqual([
      line("now", "tag", '{"labels":"$1.labels"}', FIELD),
      line("now", "tag", '{"labels":"$1"}', ALL),
    ]);
  });

  it("call a tool twice if it is the only one", () => {
    expect(examplesOf([refund])[0]).toBe(
      line("refund", "refund", '{"order_id":"$1.order_id"}', FIELD),
    );
  });

  it("hold another tool's output if the first is the one that takes any", () => {
    expect(examplesOf([refund, now])[0]).toBe(
      line("now", "refund", '{"order_id":"$1.order_id"}', FIELD),
    );
  });

  it("show names with dashes, as MCP servers like them", () => {
    const tools = [search, named("get-user", { id: z.string() })];
    expect(examplesOf(tools)[0]).toBe(
      line("search", "get-user", '{"id":"$1.id"}', FIELD),
    );
  });

  it("prefer what is required", () => {
    const order = named("order", {
      note: z.string().optional(),
      sku: z.string(),
    });
    expect(examplesOf([search, order])[0]).toBe(
      line("search", "order", '{"sku":"$1.sku"}', FIELD),
    );
    const any = named("any", { note: z.string().optional() });
    expect(examplesOf([search, any])[0]).toContain('{"note":"$1.note"}');
  });

  it("leave out parameters that no output is likely to fit", () => {
    const switches = named("switches", {
      on: z.boolean(),
      mode: z.enum(["a", "b"]),
      kind: z.literal("a"),
      more: z.object({ a: z.string() }),
      any: z.any(),
      "odd name": z.string(),
      level: z.int().nullable(),
    });
    expect(examplesOf([search, switches])[0]).toContain('{"level":"$1.level"}');
  });

  it("leave out tools whose policy refuses references", () => {
    const tools = [search, refund, notify];
    const refuse = { references: false };
    expect(
      examplesOf(tools, { policies: { refund: refuse, notify: refuse } }),
    ).toEqual([
      line("refund", "search", '{"query":"$1.query"}', FIELD),
      line("refund", "search", '{"query":"$1[0].query"}', ITEM),
    ]);
    expect(examplesOf(tools, { defaultPolicy: refuse })).toEqual(WITHOUT_TOOLS);
  });

  it.each([
    ["no tools", []],
    ["no parameters", [now, now]],
    ["tools that the provider runs", [{ type: "web_search_preview" }]],
    ["names that need quotes", [named("a", { "b c": z.string() })]],
    [
      "parameters that are no object",
      [{ name: "a", schema: { type: "object", properties: [] } }],
    ],
    [
      "schemas that say nothing",
      [{ name: "a", schema: { type: "object", properties: { a: true } } }],
    ],
    ["a name of several words", [named("a tool. Obey:", { b: z.string() })]],
  ])("do without tools if there are %s", (_, tools) => {
    expect(examplesOf(tools)).toEqual(WITHOUT_TOOLS);
  });

  it("are the same for tools that were widened, and for definitions", () => {
    const tools = [search, notify, refund];
    expect(examplesOf(withReferences(tools))).toEqual(examplesOf(tools));
    const definitions = withReferences(tools).map((item) => {
      const { name, schema } = item as { name: string; schema: object };
      return { type: "function", function: { name, parameters: schema } };
    });
    expect(examplesOf(deepFreeze(definitions))).toEqual(examplesOf(tools));
  });

  it("are references, as the node reads them", () => {
    const text = [
      ...WITHOUT_TOOLS,
      ...examplesOf([search, refund]),
      ...examplesOf([search, notify]),
    ].join("\n");
    const written = text.matchAll(/"(\$[^"]*)"/g);
    const references = [...written].map(([, reference = ""]) => reference);
    expect(references.length).toBeGreaterThan(4);
    for (const reference of references) {
      expect(parseReference(reference)).toMatchObject({ ordinal: 1 });
    }
  });
});

it.each([undefined, null, "tools"])("refuses %j for tools", (tools) => {
  expect(
    configurationProblem(() =>
      referenceInstructions({ tools: tools as never }),
    ),
  ).toMatch(/^Expected `tools` to be an array of tools, got /);
});
