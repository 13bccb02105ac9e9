import { ToolMessage } from "@langchain/core/messages";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import {
  findsNoJson,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { NotingTools } from "../support/noting-tools.js";

/** What a call with `x` is given after one that returned `output`. */
async function use(x: unknown, output: unknown) {
  const stage = new NotingTools({ a: output });
  const node = new ParallelToolNode(stage.tools("get"), { references: true });
  const answers = (await node.invoke([
    ask(callOf("a", "get"), callOf("b", "get", { x })),
  ])) as ToolMessage[];
  const given = stage.givenTo("b") as { x: unknown } | undefined;
  return { given: given?.x, answer: answerLines(answers)[1] };
}

describe("an integer that is too long for a number", () => {
  const ID = "1234567890123456789";

  it.each<[string, string, unknown]>([
    [ID, "$1", ID],
    [`-${ID}`, "$1", `-${ID}`],
    [` ${ID} `, "$1", ` ${ID} `],
    [`{"id":${ID},"n":7}`, "$1", { id: ID, n: 7 }],
    [`{"id":${ID}}`, "$1.id", ID],
    [`{"a":[{"id":-${ID}}]}`, "$1.a[0].id", `-${ID}`],
    [`[${ID},${ID},1]`, "$1", [ID, ID, 1]],
    ["9007199254740993", "$1", "9007199254740993"],
    [`{"${ID}":1}`, "$1", { [ID]: 1 }],
    ["9".repeat(400), "$1", "9".repeat(400)],
  ])(
    "is a text wherever it stands, so no digit gets lost: %s, %s",
    async (output, x, value) => {
      expect((await use(x, output)).given).toEqual(value);
    },
  );

  it.each([
    `{"a":"${ID}"}`,
    String.raw`{"a":"\" ${ID}, \\"}`,
    String.raw`{"a":"\\","b":"[${ID}]"}`,
    String.raw`["\u1234567890123456789"]`,
  ])("is left alone in a text: %s", async (output) => {
    const json: unknown = JSON.parse(output);
    expect((await use("$1", output)).given).toEqual(json);
  });
});

describe("a number keeps its type, as in", () => {
  it.each([
    [1e21],
    [1e300],
    [2 ** 53],
    [2 ** 60],
    [-(2 ** 60)],
    [1e20],
    [Number.MAX_SAFE_INTEGER],
    [1234567890.1234567],
    [0.1234567890123456],
    [1.7976931348623157e308],
    [5e-324],
  ])("%d", async (number) => {
    expect((await use("$1", number)).given).toBe(number);
    expect((await use("$1.v[0]", { v: [number] })).given).toBe(number);
  });
});

describe("content blocks", () => {
  const text = (...texts: string[]) =>
    texts.map((one) => ({ type: "text", text: one }));

  it("are read as data only if they are one text", async () => {
    expect((await use("$1", text("12"))).given).toBe(12);
    // A server that gives a list sends a block for each of its items.
    expect((await use("$1", text("1", "2"))).given).toBe("12");
    expect((await use("$1", text('{"id":', "7}"))).given).toBe('{"id":7}');
    expect((await use("$1.id", text('{"id":', "7}"))).answer).toContain(
      "`$1` is a string",
    );
  });

  // LangChain takes a list of objects with a `type` for content, and leaves it.
  it("are what JSON makes of them, as for all other data", async () => {
    const at = new Date(0);
    const rows = [{ type: "row", at, none: undefined, n: Number.NaN }];
    expect((await use("$1[0].at", rows)).given).toBe(at.toJSON());
    expect((await use("$1", rows)).given).toEqual([
      { type: "row", at: at.toJSON(), n: null },
    ]);
    expect((await use("$1[0].none", rows)).answer).toContain(
      "`$1[0]` has no such field",
    );
  });

  it.each<[string, () => object[]]>([
    ["a bigint", () => [{ type: "row", n: 5n }]],
    [
      "a cycle",
      () => {
        const row: Record<string, unknown> = { type: "row" };
        row["self"] = row;
        return [row];
      },
    ],
    [
      "what throws",
      () => [
        {
          type: "row",
          toJSON: () => {
            throw new Error("no");
          },
        },
      ],
    ],
  ])(
    "with %s can't be referred to, and nothing else breaks",
    async (_, rows) => {
      const content = rows();
      const stage = new NotingTools({
        a: () =>
          new ToolMessage({ content: content as never, tool_call_id: "a" }),
      });
      const node = new ParallelToolNode(stage.tools("get"), {
        references: true,
      });
      const answers = (await node.invoke([
        ask(callOf("a", "get"), callOf("b", "get", { x: "$1[0]" })),
      ])) as ToolMessage[];
      const { problem, advice } = findsNoJson(1);
      const error = new UnresolvedReferenceError("$1[0]", problem, [], advice);
      expect(answers[1]?.text).toBe(unresolvedReference(error));
      expect(stage.givenTo("b")).toBeUndefined();
    },
  );
});

it("an output is read once, however many calls refer to it", async () => {
  const stage = new NotingTools({ a: { id: 7, list: [1] } });
  const node = new ParallelToolNode(stage.tools("get"), { references: true });
  const parse = vi.spyOn(JSON, "parse");
  await node.invoke([
    ask(
      callOf("a", "get"),
      callOf("b", "get", { x: "$1.id" }),
      callOf("c", "get", { x: "$1.list", y: "$1" }),
      callOf("d", "get", { x: "$1.list" }),
    ),
  ]);
  const reads = parse.mock.calls.filter(([json]) => json.includes('"list"'));
  parse.mockRestore();
  expect(reads).toHaveLength(1);
  expect(stage.givenTo("c")).toEqual({ x: [1], y: { id: 7, list: [1] } });
  expect(stage.givenTo("d")).toEqual({ x: [1] });
});
