import { AIMessage, ToolMessage } from "@langchain/core/messages";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import {
  findsNoOutput,
  standsForTooMuch,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { NotingTools, type Outputs } from "../support/noting-tools.js";
import { Stage } from "../support/stage.js";

type Call = ReturnType<typeof callOf>;

/** A node with the tools `get` and `sql`, what they are given and answers. */
function setUp(outputs: Outputs = {}, options: ParallelToolNodeOptions = {}) {
  const stage = new NotingTools(outputs);
  const node = new ParallelToolNode(stage.tools("get", "sql"), {
    references: true,
    ...options,
  });
  const run = async (...calls: Call[]) =>
    answerLines((await node.invoke([ask(...calls)])) as ToolMessage[]);
  return { stage, node, run };
}

describe("a call that refers to others", () => {
  it("starts when those have ended, and no later", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), { references: true });
    const run = node.invoke([
      ask(
        callOf("a", "t"),
        callOf("b", "t"),
        callOf("c", "t", { x: "$1" }),
        callOf("d", "t", { x: ["$2", "$3"] }),
        callOf("e", "t"),
      ),
    ]);
    await stage.finish("a");
    await stage.finish("c");
    await stage.finish("b");
    await stage.finish("e");
    await stage.finish("d");
    expect(answerLines(await run)).toEqual(
      ["a", "b", "c", "d", "e"].map((id) => `${id} ok: ${id} result`),
    );
    expect(stage.log).toEqual([
      "a start",
      "b start",
      "e start",
      "a end",
      "c start",
      "c end",
      "b end",
      "d start",
      "e end",
      "d end",
    ]);
  });

  it("gets values from several, and from what they made of others", async () => {
    const { stage, run } = setUp({
      a: { n: 2 },
      b: ({ x }: { x: number }) => x * 10,
      c: ({ x, y }: { x: number; y: number }) => x + y,
    });
    const lines = await run(
      callOf("a", "get"),
      callOf("b", "get", { x: "$1.n" }),
      callOf("c", "get", { x: "$1.n", y: "${2}" }),
    );
    expect(lines).toEqual(['a ok: {"n":2}', "b ok: 20", "c ok: 22"]);
    expect(stage.given.at(-1)).toEqual(["c", { x: 2, y: 20 }]);
  });

  it("gets what was answered before, and waits for nothing", async () => {
    const { stage, node } = setUp();
    const answers = (await node.invoke([
      ask(
        callOf("a", "get"),
        callOf("b", "get", { x: "$1.id" }),
        callOf("c", "get", { x: ["$1.id", "$2"] }),
      ),
      new ToolMessage({ content: '{"id":7}', tool_call_id: "a" }),
    ])) as ToolMessage[];
    expect(answerLines(answers)).toEqual(["b ok: b result", "c ok: c result"]);
    expect(stage.given).toEqual([
      ["b", { x: 7 }],
      ["c", { x: [7, "b result"] }],
    ]);
  });

  it("gets nothing of what was answered before with an error", async () => {
    const { stage, node } = setUp();
    const answers = (await node.invoke([
      ask(
        callOf("a", "get"),
        callOf("b", "get"),
        callOf("c", "get", { x: "$1" }),
      ),
      new ToolMessage({ content: "no", tool_call_id: "a", status: "error" }),
    ])) as ToolMessage[];
    const error = new UnresolvedReferenceError("$1", findsNoOutput(1).problem, [
      "$2 (get)",
    ]);
    expect(answerLines(answers)).toEqual([
      "b ok: b result",
      `c error: ${unresolvedReference(error)}`,
    ]);
    expect(stage.given).toEqual([["b", {}]]);
  });
});

describe("what is no reference", () => {
  it("is left alone: amounts, SQL, shell, and what only looks like it", async () => {
    const { stage, run } = setUp({}, { references: { embedded: true } });
    const args = {
      price: "$5",
      free: "$0",
      exact: "$1.50",
      range: "$1-2",
      where: "id=$1",
      sql: "SELECT $1, $2",
      awk: "{print $1}",
      env: "${HOME}",
      open: "${1",
    };
    await run(callOf("a", "get"), callOf("b", "sql", args));
    expect(stage.givenTo("b")).toEqual(args);
  });

  it("is anything, unless references are on", async () => {
    const args = { x: "$1", y: "${9}", z: "${1} ${2}", self: "$2" };
    for (const options of [{ references: false }, {}]) {
      const stage = new NotingTools();
      const node = new ParallelToolNode(stage.tools("get"), options);
      await node.invoke([ask(callOf("a", "get"), callOf("b", "get", args))]);
      expect(stage.given).toEqual([
        ["a", {}],
        ["b", args],
      ]);
    }
  });

  it("is not even looked at where they are off", async () => {
    let looks = 0;
    const watched = new Proxy(
      { x: "$1" },
      {
        getPrototypeOf: () => {
          looks += 1;
          return Object.prototype;
        },
      },
    );
    const looksOf = async (options: ParallelToolNodeOptions) => {
      looks = 0;
      class Node extends ParallelToolNode {
        protected override runTool() {
          return Promise.resolve(
            new ToolMessage({ content: "", tool_call_id: "b" }),
          );
        }
      }
      const node = new Node(new NotingTools().tools("get", "sql"), options);
      const message = ask(callOf("a", "get"), callOf("b", "sql"));
      message.tool_calls = [
        callOf("a", "get"),
        { ...callOf("b", "sql"), args: watched },
      ];
      await node.invoke([message]);
      return looks;
    };
    const off = await looksOf({});
    expect(await looksOf({ references: false })).toBe(off);
    const policies = { sql: { references: false } };
    // A tool with a policy gets a copy of its arguments.
    const copied = await looksOf({ references: false, policies });
    expect(await looksOf({ references: true, policies })).toBe(copied);
    expect(await looksOf({ references: true })).toBeGreaterThan(off);
  });

  it("is anything in the arguments of a tool that has them off", async () => {
    const { stage, run } = setUp(
      {},
      { policies: { sql: { references: false } } },
    );
    const args = { query: "$1", other: "${9}" };
    const lines = await run(callOf("a", "get"), callOf("b", "sql", args));
    expect(lines[1]).toBe("b ok: b result");
    expect(stage.givenTo("b")).toEqual(args);
  });

  it("in a tool that has them off doesn't keep others from referring to its output", async () => {
    const { stage, run } = setUp(
      { a: [{ id: 3 }] },
      { policies: { sql: { references: false } } },
    );
    await run(callOf("a", "sql"), callOf("b", "get", { x: "$1[0].id" }));
    expect(stage.givenTo("b")).toEqual({ x: 3 });
  });
});

describe("maxReferenceBytes", () => {
  const tooMuch = (limit: number, bytes: number, text = "$1") => {
    const { problem, advice } = standsForTooMuch(limit, bytes);
    const error = new UnresolvedReferenceError(text, problem, [], advice);
    return `b error: ${unresolvedReference(error)}`;
  };

  async function answer(
    output: unknown,
    args: Record<string, unknown>,
    maxReferenceBytes: number,
  ) {
    const references = { embedded: true, maxReferenceBytes };
    const { run } = setUp({ a: output }, { references });
    return (await run(callOf("a", "get"), callOf("b", "get", args)))[1];
  }

  it.each<[unknown, number]>([
    ["x".repeat(100), 100],
    ["é".repeat(50), 100],
    ["😀".repeat(25), 100],
    [["é"], 6],
    [{ a: 1 }, 7],
    [12_345, 5],
    [null, 4],
  ])("counts %j", async (output, bytes) => {
    expect(await answer(output, { x: "$1" }, bytes)).toBe("b ok: b result");
    expect(await answer(output, { x: "$1" }, bytes - 1)).toBe(
      tooMuch(bytes - 1, bytes),
    );
  });

  it("adds up over all references of one call", async () => {
    const args = { x: "$1.s", y: { z: ["${1.s}"] }, t: "<${1.s}>" };
    const output = { s: "12345", rest: "x".repeat(1_000) };
    expect(await answer(output, args, 15)).toBe("b ok: b result");
    expect(await answer(output, args, 14)).toBe(tooMuch(14, 15, "${1.s}"));
  });

  it("holds for each call on its own", async () => {
    const { run } = setUp(
      { a: "12345" },
      { references: { maxReferenceBytes: 5 } },
    );
    const use = (id: string) => callOf(id, "get", { x: "$1" });
    expect(await run(callOf("a", "get"), use("b"), use("c"))).toEqual([
      "a ok: 12345",
      "b ok: b result",
      "c ok: c result",
    ]);
  });

  it("is a million, unless said otherwise", async () => {
    const run = async (length: number) => {
      const { run: play } = setUp({ a: "x".repeat(length) });
      const lines = await play(
        callOf("a", "get"),
        callOf("b", "get", { x: "$1" }),
      );
      return lines[1];
    };
    expect(await run(1_000_000)).toBe("b ok: b result");
    expect(await run(1_000_001)).toBe(tooMuch(1_000_000, 1_000_001));
  });
});

it("a subclass's own runTool sees what was put in", async () => {
  const seen: unknown[] = [];
  class Node extends ParallelToolNode {
    protected override runTool(
      ...[call, config, state]: Parameters<ParallelToolNode["runTool"]>
    ) {
      seen.push(call);
      return super.runTool(call, config, state);
    }
  }
  const stage = new NotingTools({ a: 7 });
  const node = new Node(stage.tools("get"), { references: true });
  const second = callOf("b", "get", { x: "$1", y: 1 });
  await node.invoke([
    new AIMessage({ tool_calls: [callOf("a", "get"), second] }),
  ]);
  expect(seen).toEqual([
    callOf("a", "get"),
    { ...second, args: { x: 7, y: 1 } },
  ]);
});
