import { fc, test } from "@fast-check/vitest";
import type { ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import { ParallelToolNode } from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ask, callOf } from "../support/messages.js";
import { LoggedModel } from "../support/logged-model.js";

type Tools = ConstructorParameters<typeof ParallelToolNode>[0];
type Schema = z.ZodType | Record<string, unknown>;

/** What a tool with the parameter `v` gets for `arg` after `output`. */
async function given(output: unknown, schema: Schema, arg: unknown) {
  const seen: unknown[] = [];
  const get = tool(() => output, {
    name: "get",
    description: "Gives it.",
    schema: z.object({}),
  });
  const parameters =
    schema instanceof z.ZodType
      ? z.object({ v: schema })
      : { type: "object", properties: { v: schema }, required: ["v"] };
  const use = tool(
    (args) => {
      seen.push((args as { v: unknown }).v);
      return "used";
    },
    { name: "use", description: "Takes it.", schema: parameters as never },
  );
  const node = new ParallelToolNode([get, use] as Tools, {
    references: { embedded: true },
  });
  const answers = (await node.invoke([
    ask(callOf("a", "get"), callOf("b", "use", { v: arg })),
  ])) as ToolMessage[];
  return seen.length > 0 ? seen[0] : `not run: ${answers[1]?.text}`;
}

const TEXTS = [
  "1.10",
  "1.0",
  "007",
  "1E5",
  "-0",
  "null",
  "true",
  "12345678901234567890",
  "0.12345678901234567890",
  '"quoted"',
  " 42 ",
  "42",
  "[1, 2]",
  '{\n  "id": 12345678901234567890,\n  "v": 1.10\n}\n',
  "",
  "$2",
  "${1}",
  "NaN",
];

/** Parameters that take a text and no data. */
const TEXT_SCHEMAS: [string, Schema, (ref: unknown) => unknown][] = [
  ["z.string()", z.string(), (ref) => ref],
  ["an optional one", z.string().optional(), (ref) => ref],
  ["a text or null", z.string().nullable(), (ref) => ref],
  ["a list of texts", z.array(z.string()), (ref) => [ref]],
  [
    "a nested text",
    z.object({ a: z.object({ b: z.string() }) }),
    (ref) => ({ a: { b: ref } }),
  ],
  [
    "a choice of texts",
    z.union([z.string().min(100), z.string()]),
    (ref) => ref,
  ],
  [
    "a text beside what JSON schema has no word for",
    z.object({ a: z.string(), at: z.date().optional() }),
    (ref) => ({ a: ref }),
  ],
  ["a JSON schema", { type: "string" }, (ref) => ref],
  [
    "a JSON schema with anyOf",
    { anyOf: [{ type: "string" }, { type: "null" }] },
    (ref) => ref,
  ],
];

describe("a text goes into a parameter for texts as the tool gave it:", () => {
  describe.each(TEXT_SCHEMAS)("%s", (_, schema, place) => {
    it.each(TEXTS)("%j", async (text) => {
      expect(await given(text, schema, place("$1"))).toEqual(place(text));
      expect(await given(text, schema, place("${1}"))).toEqual(place(text));
      expect(await given(text, schema, place("v${1}!"))).toEqual(
        place(`v${text}!`),
      );
    });
  });

  test.prop(
    [
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.json(),
        fc.double().map(String),
        fc.bigInt().map(String),
        fc.stringMatching(
          /^-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?$/,
        ),
      ),
    ],
    { numRuns: 200 },
  )("any", async (text) => {
    for (const arg of ["$1", "${1}"]) {
      expect(await given(text, z.string(), arg)).toBe(text);
    }
    expect(await given(text, z.string(), "<${1}>")).toBe(`<${text}>`);
  });
});

describe("a text goes into a parameter for data as data:", () => {
  it.each<[string, Schema, unknown]>([
    ["1.10", z.number(), 1.1],
    ["42", z.number().int().nullable(), 42],
    ["true", z.boolean(), true],
    ["[1, 2]", z.array(z.number()), [1, 2]],
    ['{"a": 1.0}', z.object({ a: z.number() }), { a: 1 }],
    ['{"a": 1}', { type: "object" }, { a: 1 }],
    ["null", z.null(), null],
  ])("%s", async (text, schema, value) => {
    expect(await given(text, schema, "$1")).toEqual(value);
  });

  it("and is refused by the schema where it is none", async () => {
    expect(await given("many", z.number(), "$1")).toContain(
      "expected number, received string",
    );
  });
});

describe("where a parameter takes both,", () => {
  const textOrList = z.union([z.string(), z.array(z.any())]);
  const textOrNumber = z.union([z.string(), z.number()]);

  it.each<[string, Schema, unknown]>([
    ['[ "a" ]', textOrList, ["a"]],
    ['[ "a" ]', textOrNumber, '[ "a" ]'],
    ["42", textOrNumber, 42],
    ["42", textOrList, "42"],
    ["1.10", textOrNumber, "1.10"],
    [" 42 ", textOrNumber, " 42 "],
    ["true", z.any(), true],
    ["null", z.any(), null],
    ['"quoted"', z.any(), '"quoted"'],
    ['{ "a": 1.10 }', z.any(), { a: 1.1 }],
    ["12345678901234567890", z.any(), "12345678901234567890"],
  ])("%s goes into it as what it is: %#", async (text, schema, value) => {
    expect(await given(text, schema, "$1")).toEqual(value);
  });
});

describe("a part of a text of JSON", () => {
  const json =
    '{"v": 1.10, "id": 12345678901234567890, "list": [ 1, 2 ], "t": "1.0"}';

  it("stands within a text as it is written", async () => {
    expect(
      await given(
        json,
        z.string(),
        "${1.v}|${1.id}|${1.list}|${1.t}|${1['list'].1}",
      ),
    ).toBe("1.10|12345678901234567890|[ 1, 2 ]|1.0|2");
  });

  it("keeps its type as a whole", async () => {
    expect(await given(json, z.number(), "$1.v")).toBe(1.1);
    expect(await given(json, z.string(), "$1.t")).toBe("1.0");
    expect(await given(json, z.string(), "$1.id")).toBe("12345678901234567890");
    expect(await given(json, z.string(), "$1.v")).toContain("expected string");
  });

  it("needs data", async () => {
    expect(await given("no JSON", z.any(), "$1.v")).toContain(
      'the reference "$1.v" finds nothing: `$1` is a string',
    );
  });
});

it.each<[string, (schema: z.ZodObject) => Tools[number]]>([
  [
    "that retries",
    (schema) =>
      Object.assign(
        tool(({ v }) => String(v), {
          name: "use",
          description: "Takes it.",
          schema,
        }).withRetry({ stopAfterAttempt: 2 }),
        { name: "use" },
      ) as never,
  ],
  [
    "made of a runnable",
    (schema) =>
      RunnableLambda.from((args: { v: string }) => String(args.v)).asTool({
        name: "use",
        schema: schema as never,
      }) as never,
  ],
  [
    "whose schema holds itself",
    (schema) => {
      const tree: z.ZodObject = schema.extend({
        get children() {
          return z.array(tree).optional();
        },
      });
      return tool((args: unknown) => String((args as { v: unknown }).v), {
        name: "use",
        description: "Takes it.",
        schema: tree,
      });
    },
  ],
])("a tool %s gets a text for its texts, too", async (_, toolOf) => {
  const get = tool(() => "42", {
    name: "get",
    description: "Gives it.",
    schema: z.object({}),
  });
  const node = new ParallelToolNode(
    [get, toolOf(z.object({ v: z.string() }))],
    {
      references: true,
    },
  );
  const answers = (await node.invoke([
    ask(callOf("a", "get"), callOf("b", "use", { v: "$1" })),
  ])) as ToolMessage[];
  expect(answers[1]?.content).toBe("42");
});

it.each<[string, object]>([
  ["has no schema", {}],
  [
    "has a schema that can't be converted",
    {
      schema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value: unknown) => ({ value }),
          jsonSchema: {
            input: () => {
              throw new Error("no JSON schema for this");
            },
          },
        },
      },
    },
  ],
])("a tool that %s gets data as data", async (_, fields) => {
  const seen: unknown[] = [];
  const get = tool(() => ({ id: 42 }), {
    name: "get",
    description: "Gives it.",
    schema: z.object({}),
  });
  const use = Object.assign(
    RunnableLambda.from(({ args }: { args: unknown }) => {
      seen.push(args);
      return "used";
    }),
    { name: "use", ...fields },
  );
  const node = new ParallelToolNode([get, use] as unknown as Tools, {
    references: true,
  });
  await node.invoke([
    ask(callOf("a", "get"), callOf("b", "use", { all: "$1", id: "$1.id" })),
  ]);
  expect(seen).toEqual([{ all: { id: 42 }, id: 42 }]);
});

it("a file that is read and written is the same file, in an agent", async () => {
  const file = '{\n  "version": 1.10,\n  "id": 12345678901234567890\n}\n';
  const written: string[] = [];
  const read = tool(() => file, {
    name: "read",
    description: "Reads a file.",
    schema: z.object({}),
  });
  const write = tool(
    ({ content }) => {
      written.push(content);
      return "ok";
    },
    {
      name: "write",
      description: "Writes a file.",
      schema: z.object({ content: z.string() }),
    },
  );
  const agent = createAgent({
    model: new LoggedModel(
      "agent",
      [
        [
          callOf("a", "read"),
          callOf("b", "write", { content: "$1" }),
          callOf("c", "write", { content: "# copy\n${1}" }),
        ],
      ],
      [],
    ),
    tools: [read, write],
    middleware: [parallelToolsMiddleware({ references: { embedded: true } })],
  });
  await agent.invoke({ messages: [{ role: "user", content: "Copy it." }] });
  expect(written).toEqual([file, `# copy\n${file}`]);
});

it("a call that is nearly a reference doesn't run", async () => {
  const cancelled: unknown[] = [];
  const list = tool(() => ({ items: [{ id: "A" }] }), {
    name: "list",
    description: "Lists orders.",
    schema: z.object({}),
  });
  const cancel = tool(
    ({ id }) => {
      cancelled.push(id);
      return "ok";
    },
    {
      name: "cancel",
      description: "Cancels an order.",
      schema: z.object({ id: z.string() }),
    },
  );
  const node = new ParallelToolNode([list, cancel], { references: true });
  const answers = (await node.invoke([
    ask(
      callOf("a", "list"),
      callOf("b", "cancel", { id: "$1.items[-1].id" }),
      callOf("c", "cancel", { id: " $1.items.0['id'] " }),
    ),
  ])) as ToolMessage[];
  expect(cancelled).toEqual(["A"]);
  expect(answers[1]).toMatchObject({
    status: "error",
    content:
      'Not run: the reference "$1.items[-1].id" can\'t be read. The right form is `$1.items[0].id`: names and indexes from 0, and nothing beside them. Make this call again with the value itself.',
  });
});
