import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { Command } from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { returnedNothing } from "@/answers/tool-output.js";
import {
  findsNoOutput,
  standsForTooDeep,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { NotingTools, type Outputs } from "../support/noting-tools.js";

type Tools = ConstructorParameters<typeof ParallelToolNode>[0];

/** What `use` is given for `x`, and its answer, after a call of the first tool. */
async function use(
  x: unknown,
  first: Tools[number] | undefined,
  outputs: Outputs = {},
  options: ParallelToolNodeOptions = {},
) {
  const stage = new NotingTools(outputs);
  const get = first ?? stage.tool("get");
  const node = new ParallelToolNode([get, stage.tool("use")], {
    references: true,
    ...options,
  });
  const message = ask(callOf("a", get.name), callOf("b", "use", { x }));
  // Beside a Command each answer is an update of its own.
  const updates = (await node.invoke([message])) as unknown[];
  const answers = updates
    .flat()
    .filter((update) => ToolMessage.isInstance(update));
  const given = stage.givenTo("b") as { x: unknown } | undefined;
  return { given: given?.x, answer: answerLines(answers).at(-1) };
}

describe("the output of a tool", () => {
  it.each([
    [42],
    [-0.5],
    [true],
    [false],
    [null],
    [[]],
    [{}],
    [[1, "a", null, { b: [true] }]],
    [{ id: 7, name: "Ada", list: [{ x: "$1" }], "": null }],
    ["text"],
    [""],
    [" spaced\n"],
    ["$1"],
    ["{ no JSON"],
  ])("%j keeps its type", async (output) => {
    expect((await use("$1", undefined, { a: output })).given).toEqual(output);
    expect((await use("${1}", undefined, { a: output })).given).toEqual(output);
    const wrapped = await use({ y: ["$1.v"] }, undefined, { a: { v: output } });
    expect(wrapped.given).toEqual({ y: [output] });
  });

  it("that is a text of JSON is read, as LangChain leaves no more of data", async () => {
    const output = '{"id": 7, "tags": ["x"]}';
    expect((await use("$1.tags[0]", undefined, { a: output })).given).toBe("x");
    expect((await use("$1", undefined, { a: "42" })).given).toBe(42);
    expect((await use("$1", undefined, { a: "42.0" })).given).toBe("42.0");
  });

  it("that is an integer too long for a number is a text, so no digit gets lost", async () => {
    const id = "1234567890123456789";
    expect((await use("$1", undefined, { a: id })).given).toBe(id);
    expect((await use("$1", undefined, { a: `-${id}` })).given).toBe(`-${id}`);
  });

  it("that is a text stays one where the node gets it as it was", async () => {
    for (const text of ["42", '{"id": 7}', "true", "null", "text"]) {
      const asTool = RunnableLambda.from(() => text).asTool({
        name: "get",
        schema: z.looseObject({}),
      });
      const given = (await use("$1", asTool)).given;
      expect(given).toBe(text);
    }
  });

  it("that is data reaches the node as data", async () => {
    const asTool = RunnableLambda.from(() => ({ id: 7 })).asTool({
      name: "get",
      schema: z.looseObject({}),
    });
    expect((await use("$1.id", asTool)).given).toBe(7);
  });

  it("is the text of its content blocks", async () => {
    const blocks = (...texts: string[]) =>
      texts.map((text) => ({ type: "text", text }));
    const of = async (x: string, content: unknown) =>
      (
        await use(x, undefined, {
          a: () =>
            new ToolMessage({ content: content as string, tool_call_id: "a" }),
        })
      ).given;
    expect(await of("$1", blocks("one"))).toBe("one");
    expect(await of("$1", blocks("one ", "two"))).toBe("one two");
    expect(await of("$1.id", blocks('{"id":7}'))).toBe(7);
    expect(await of("$1", [])).toEqual([]);
    const image = { type: "image_url", image_url: "data:," };
    const mixed = [...blocks("see"), image];
    expect(await of("$1", mixed)).toEqual(mixed);
    expect(await of("$1[1].image_url", mixed)).toBe("data:,");
    expect(await of("$1[0].text", mixed)).toBe("see");
    for (const block of [
      { type: "text", data: 1 },
      { type: "thinking", text: "hm" },
    ]) {
      expect(await of("$1", [block])).toEqual([block]);
    }
  });

  it("has no artifact in it", async () => {
    const get = tool(() => [{ rows: 2 }, { secret: true }], {
      name: "get",
      description: "With an artifact.",
      schema: z.looseObject({}),
      responseFormat: "content_and_artifact",
    });
    expect((await use("$1", get)).given).toEqual({ rows: 2 });
    expect((await use("$1.artifact", get)).answer).toContain("finds nothing");
  });

  it("is a text where it returns nothing", async () => {
    const asTool = RunnableLambda.from(() => undefined).asTool({
      name: "get",
      schema: z.looseObject({}),
    });
    expect((await use("$1", asTool)).given).toBe(returnedNothing("get"));
  });

  it("is none if it is a Command", async () => {
    const a = () => new Command({ goto: "next" });
    const { problem } = findsNoOutput(1);
    const error = new UnresolvedReferenceError("$1", problem, []);
    expect(await use("$1", undefined, { a })).toEqual({
      given: undefined,
      answer: `b error: ${unresolvedReference(error)}`,
    });
  });

  it("of any keys pollutes nothing", async () => {
    const a = '{"__proto__": {"polluted": 1}, "constructor": {"x": 1}}';
    const { given } = await use("$1", undefined, { a });
    expect(JSON.stringify(given)).toBe(
      '{"__proto__":{"polluted":1},"constructor":{"x":1}}',
    );
    expect({}).not.toHaveProperty("polluted");
    for (const path of ["__proto__.polluted", "constructor.x"]) {
      const { answer } = await use(`$1.${path}`, undefined, { a });
      expect(answer).toContain("`$1` has no such field");
    }
  });

  it("nested too deeply is told, and nothing else breaks", async () => {
    const depth = 100_000;
    const a = "[".repeat(depth) + "]".repeat(depth);
    const { problem, advice } = standsForTooDeep();
    const error = new UnresolvedReferenceError("$1", problem, [], advice);
    expect((await use("$1", undefined, { a })).answer).toBe(
      `b error: ${unresolvedReference(error)}`,
    );
  });
});

it("the value of a reference is there before the tool's own schema looks", async () => {
  const stage = new NotingTools({ a: { id: 7, name: "Ada" } });
  const strict = stage.tool("strict", z.strictObject({ id: z.int() }));
  const node = new ParallelToolNode([stage.tool("get"), strict], {
    references: true,
  });
  const answers = await node.invoke([
    ask(
      callOf("a", "get"),
      callOf("b", "strict", { id: "$1.id" }),
      callOf("c", "strict", { id: "$1.name" }),
      callOf("d", "strict", { id: "$7" }),
    ),
  ]);
  expect(stage.givenTo("b")).toEqual({ id: 7 });
  const statuses = (answers as ToolMessage[]).map(({ status }) => status);
  expect(statuses).toEqual(["success", "success", "error", "error"]);
  expect(stage.given).toHaveLength(2);
});

it("the value of a reference is not searched for references again", async () => {
  const stage = new NotingTools({ a: "$2", b: "${1}", c: { x: "$1" } });
  const node = new ParallelToolNode(stage.tools("get"), {
    references: { embedded: true },
  });
  const args = { x: "$1", y: "<${1}|${2}>", z: "$3" };
  const message = ask(
    ...["a", "b", "c"].map((id) => callOf(id, "get")),
    callOf("d", "get", args),
  );
  await node.invoke([message]);
  expect(stage.givenTo("d")).toEqual({
    x: "$2",
    y: "<$2|${1}>",
    z: { x: "$1" },
  });
});

it("references within a longer text become text, and only if that is on", async () => {
  const a = { n: 1, s: "it", o: { k: [null] } };
  const text = "${1.n} ${1.s} ${1.o} $1 $${1.n} ${HOME}";
  const embedded = { references: { embedded: true } };
  expect((await use(text, undefined, { a }, embedded)).given).toBe(
    '1 it {"k":[null]} $1 ${1.n} ${HOME}',
  );
  expect((await use(text, undefined, { a })).given).toBe(text);
});

it("each call, and each place in it, has a copy of the value of its own", async () => {
  interface Given {
    x: { list: number[] };
    y: { list: number[] };
  }
  const change = ({ x }: Given) => {
    x.list.push(9);
  };
  const stage = new NotingTools({ a: { list: [1] }, b: change, c: change });
  const node = new ParallelToolNode(stage.tools("get"), { references: true });
  const args = { x: "$1", y: "$1" };
  const answers = await node.invoke([
    ask(callOf("a", "get"), callOf("b", "get", args), callOf("c", "get", args)),
  ]);
  const changed = { x: { list: [1, 9] }, y: { list: [1] } };
  expect(stage.givenTo("b")).toEqual(changed);
  expect(stage.givenTo("c")).toEqual(changed);
  expect(answerLines(answers)[0]).toBe('a ok: {"list":[1]}');
});

it("content blocks of an answer are copied, too", async () => {
  const content = [{ type: "image_url", image_url: "data:," }];
  const stage = new NotingTools({
    a: () => new ToolMessage({ content, tool_call_id: "a" }),
    b: ({ x }: { x: { image_url?: string } }) => delete x.image_url,
  });
  const node = new ParallelToolNode(stage.tools("get"), { references: true });
  const [first] = (await node.invoke([
    ask(callOf("a", "get"), callOf("b", "get", { x: "$1[0]" })),
  ])) as ToolMessage[];
  expect(first?.content).toEqual([{ type: "image_url", image_url: "data:," }]);
});

it("the message keeps what the model wrote", async () => {
  const message = ask(
    callOf("a", "get"),
    callOf("b", "use", { x: { y: ["$1"] }, z: "${1}!" }),
  );
  const before = JSON.stringify(message.tool_calls);
  const calls = message.tool_calls;
  const stage = new NotingTools({
    a: 7,
    b: (args: Record<string, unknown>) => {
      args["x"] = "changed";
    },
  });
  const node = new ParallelToolNode(stage.tools("get", "use"), {
    references: { embedded: true },
  });
  await node.invoke({ messages: [message] });
  expect(stage.givenTo("b")).toEqual({ x: "changed", z: "7!" });
  expect(message).toBeInstanceOf(AIMessage);
  expect(message.tool_calls).toBe(calls);
  expect(JSON.stringify(message.tool_calls)).toBe(before);
});
