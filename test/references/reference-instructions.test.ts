import { tool } from "@langchain/core/tools";
import { fc, test } from "@fast-check/vitest";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseReference } from "@/plan/references/reference.js";
import {
  type ReferenceInstructionsOptions,
  referenceInstructions,
} from "@/references/reference-instructions.js";
import { withReferences } from "@/references/with-references.js";
import { deepFreeze } from "../support/deep-freeze.js";
import { ask, callOf } from "../support/messages.js";
import { NotingTools } from "../support/noting-tools.js";
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

/** The list at the end, without its bullets. */
function examplesOf(
  tools: ReferenceInstructionsOptions["tools"],
  options: Partial<ReferenceInstructionsOptions> = {},
): string[] {
  return referenceInstructions({ tools, ...options })
    .split("\n")
    .filter((one) => one.startsWith("- "))
    .map((one) => one.slice(2));
}

const line = (first: string, second: string, args: string) =>
  `1 \`${first}\`, 2 \`${second} ${args}\``;

const WITHOUT_TOOLS = [
  '`{"id":"$1.items[0].id"}`, an id of the first item that call 1 returns',
  '`{"items":"$1"}`, all that call 1 returns',
];

const COMPLETE = `## References between calls

Put a call that needs only an earlier one's data into the same message: in place of a whole value of any type write \`$N\`, the output of the message's call N (from 1), or \`$N.path\`, a part of it, such as \`$1.items[0].id\`. Wait instead where a result may change your plan.

- 1 \`search\`, 2 \`refund {"order_id":"$1.order_id"}\`
- 1 \`search\`, 2 \`notify {"users":"$1"}\``;

describe("the instructions", () => {
  it("are this text", () => {
    const tools = [search, refund, notify];
    expect(referenceInstructions({ tools })).toBe(COMPLETE);
    expect(referenceInstructions({ tools, embedded: false })).toBe(COMPLETE);
  });

  it("teach references within a text where that is on", () => {
    const tools = [search, refund, notify];
    const text = referenceInstructions({ tools, embedded: true });
    const added =
      " Within a longer text: `Order ${1.id} is ready`; `$${1}` is a plain `${1}`.";
    expect(text).toContain(added);
    expect(text.replace(added, "")).toBe(COMPLETE);
  });

  it("say of texts what the node makes of them", async () => {
    const stage = new NotingTools({ a: { id: 7 } });
    const node = new ParallelToolNode(stage.tools("get"), {
      references: { embedded: true },
    });
    const x = ["Order ${1.id} is ready", "$${1}"];
    const text = referenceInstructions({ tools: [], embedded: true });
    for (const one of x) expect(text).toContain(`\`${one}\``);
    await node.invoke([ask(callOf("a", "get"), callOf("b", "get", { x }))]);
    expect(stage.givenTo("b")).toEqual({ x: ["Order 7 is ready", "${1}"] });
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
  ])("stay under 100 words, whatever the tools", (given, embedded) => {
    const tools = given.map(({ name, shape }) => named(name, shape));
    const text = referenceInstructions({ tools, embedded });
    expect(text.split(/\s+/).length).toBeLessThan(100);
    expect(referenceInstructions({ tools, embedded })).toBe(text);
  });
});

describe("the examples", () => {
  it("show a field for a scalar and the whole output for a list", () => {
    expect(examplesOf([search, refund, notify])).toEqual([
      line("search", "refund", '{"order_id":"$1.order_id"}'),
      line("search", "notify", '{"users":"$1"}'),
    ]);
  });

  it("show a list's item where no tool takes a list", () => {
    expect(examplesOf([search, refund])).toEqual([
      line("search", "refund", '{"order_id":"$1.order_id"}'),
      line("search", "refund", '{"order_id":"$1[0].order_id"}'),
    ]);
  });

  it("show lists where no tool takes anything else", () => {
    const tag = named("tag", { labels: z.array(z.string()) });
    expect(examplesOf([search, tag])).toEqual([
      line("tag", "search", '{"query":"$1.query"}'),
      line("search", "tag", '{"labels":"$1"}'),
    ]);
    expect(examplesOf([now, tag])).toEqual([
      line("now", "tag", '{"labels":"$1.labels"}'),
      line("now", "tag", '{"labels":"$1"}'),
    ]);
  });

  it("call a tool twice if it is the only one", () => {
    expect(examplesOf([refund])[0]).toBe(
      line("refund", "refund", '{"order_id":"$1.order_id"}'),
    );
  });

  it("hold another tool's output if the first is the one that takes any", () => {
    expect(examplesOf([refund, now])[0]).toBe(
      line("now", "refund", '{"order_id":"$1.order_id"}'),
    );
  });

  it("show names with dashes, as MCP servers like them", () => {
    const tools = [search, named("get-user", { id: z.string() })];
    expect(examplesOf(tools)[0]).toBe(
      line("search", "get-user", '{"id":"$1.id"}'),
    );
  });

  it("prefer what is required", () => {
    const order = named("order", {
      note: z.string().optional(),
      sku: z.string(),
    });
    expect(examplesOf([search, order])[0]).toBe(
      line("search", "order", '{"sku":"$1.sku"}'),
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
      line("refund", "search", '{"query":"$1.query"}'),
      line("refund", "search", '{"query":"$1[0].query"}'),
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

it.each([undefined, null, "tools"])(
  "the instructions can't be had with %j for tools",
  (tools) => {
    expect(
      configurationProblem(() =>
        referenceInstructions({ tools: tools as never }),
      ),
    ).toMatch(/^Expected `tools` to be an array of tools, got /);
  },
);
