import { ToolMessage } from "@langchain/core/messages";
import { GraphInterrupt } from "@langchain/langgraph";
import {
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  UnresolvedReferenceError,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { deferred, waitedForFailed } from "@/answers/not-run.js";
import {
  findsNoOutput,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { NotingTools, type Outputs } from "../support/noting-tools.js";
import { Stage } from "../support/stage.js";

type Call = ReturnType<typeof callOf>;

const fail = () => {
  throw new Error("it broke");
};

/** Calls of `get`: answers, who ran and how all ended. */
async function play(
  outputs: Outputs,
  calls: readonly Call[],
  options: ParallelToolNodeOptions = {},
) {
  const stage = new NotingTools(outputs);
  const reports: BatchReport[] = [];
  const node = new ParallelToolNode(stage.tools("get", "look"), {
    references: true,
    onReport: (report) => reports.push(report),
    ...options,
  });
  const answers = (await node.invoke([ask(...calls)])) as ToolMessage[];
  return {
    answers: answerLines(answers),
    ran: stage.given.map(([id]) => id),
    outcomes: reports[0]?.calls.map(({ outcome }) => outcome),
  };
}

function skipped(id: string, ordinal: number, name = "get"): string {
  return `${id} error: ${waitedForFailed({ ordinal, name })}`;
}

function unresolved(
  id: string,
  reference: string,
  problem: string,
  valid: readonly string[],
): string {
  const error = new UnresolvedReferenceError(reference, problem, valid);
  return `${id} error: ${unresolvedReference(error)}`;
}

const get = (id: string, x?: unknown) =>
  callOf(id, "get", x === undefined ? {} : { x });

describe("a reference to a call that failed", () => {
  it("skips its call, and names the one that failed", async () => {
    const { answers, ran, outcomes } = await play({ a: fail }, [
      get("a"),
      get("b", "$1"),
      get("c", "$2.x"),
      get("d"),
    ]);
    expect(answers).toEqual([
      "a error: Error: it broke\n Please fix your mistakes.",
      skipped("b", 1),
      skipped("c", 1),
      "d ok: d result",
    ]);
    expect(ran).toEqual(["a", "d"]);
    expect(outcomes).toEqual(["error", "skipped", "skipped", "ok"]);
  });

  it("skips its call though the tool says so in a message of its own", async () => {
    const a = () =>
      new ToolMessage({ content: "no", tool_call_id: "a", status: "error" });
    const { answers, ran } = await play({ a }, [get("a"), get("b", "$1")]);
    expect(answers).toEqual(["a error: no", skipped("b", 1)]);
    expect(ran).toEqual(["a"]);
  });

  it("skips its call where the tool is not known", async () => {
    const { answers } = await play({}, [callOf("a", "nope"), get("b", "$1")]);
    expect(answers).toEqual([
      'a error: Error: Tool "nope" not found.\n Please fix your mistakes.',
      skipped("b", 1, "nope"),
    ]);
  });

  it("names the first of several", async () => {
    const { answers } = await play({ a: fail, b: fail }, [
      get("a"),
      get("b"),
      get("c", ["$2", "$1"]),
    ]);
    expect(answers[2]).toBe(skipped("c", 1));
  });
});

describe("a reference that finds nothing", () => {
  it("is an error that lists what there is; who needs that call is skipped", async () => {
    const { answers, ran, outcomes } = await play(
      { a: { id: 7, items: [{ sku: "x" }] } },
      [
        get("a"),
        get("b", "$1.item"),
        get("c", "$1.items[1].sku"),
        get("d", "$1.items[0].SKU"),
        get("e", "$1.id.x"),
        get("f", "$2"),
        get("g", "$1.items[0].sku"),
      ],
    );
    expect(answers).toEqual([
      'a ok: {"id":7,"items":[{"sku":"x"}]}',
      unresolved("b", "$1.item", "finds nothing: `$1` has no such field", [
        "$1.id",
        "$1.items",
      ]),
      unresolved(
        "c",
        "$1.items[1].sku",
        "finds nothing: `$1.items` is a list of 1",
        ["$1.items[0]"],
      ),
      unresolved(
        "d",
        "$1.items[0].SKU",
        "finds nothing: `$1.items[0]` has no such field",
        ["$1.items[0].sku"],
      ),
      unresolved("e", "$1.id.x", "finds nothing: `$1.id` is a number", [
        "$1.id",
      ]),
      skipped("f", 2),
      "g ok: g result",
    ]);
    expect(ran).toEqual(["a", "g"]);
    expect(outcomes).toEqual([
      "ok",
      "error",
      "error",
      "error",
      "error",
      "skipped",
      "ok",
    ]);
  });
});

describe("what would have been valid", () => {
  it("is no call that has failed", async () => {
    const stage = new NotingTools({ b: fail });
    const node = new ParallelToolNode(stage.tools("get"), { references: true });
    const message = ask(get("a"), get("b"), get("c"), get("d", "$4"));
    const failed = new ToolMessage({
      content: "no",
      tool_call_id: "a",
      status: "error",
    });
    const answers = (await node.invoke([message, failed])) as ToolMessage[];
    expect(answerLines(answers).at(-1)).toBe(
      unresolved("d", "$4", "points to its own call", ["$3 (get)"]),
    );
  });

  it("is no call that fails later, or that no tool takes", async () => {
    const { answers } = await play({ a: fail }, [
      get("a"),
      callOf("b", "nobody"),
      get("c"),
      get("d", "$9.x"),
      get("e", "$1"),
      get("f", "$9.y"),
    ]);
    const problem = "points to call 9 of a message of 6";
    expect(answers[3]).toBe(unresolved("d", "$9.x", problem, ["$3 (get)"]));
    expect(answers[5]).toBe(unresolved("f", "$9.y", problem, ["$3 (get)"]));
  });

  it("is no call that has failed before the reference was read", async () => {
    const stage = new NotingTools({ b: fail });
    const node = new ParallelToolNode(stage.tools("get", "slow", "look"), {
      references: true,
      policies: { look: { after: ["slow"] } },
    });
    const message = ask(
      get("a"),
      get("b"),
      callOf("c", "slow"),
      callOf("d", "look", { x: "$1" }),
    );
    const failed = new ToolMessage({
      content: "no",
      tool_call_id: "a",
      status: "error",
    });
    const answers = (await node.invoke([message, failed])) as ToolMessage[];
    const { problem } = findsNoOutput(1);
    expect(answerLines(answers).at(-1)).toBe(
      unresolved("d", "$1", problem, ["$3 (slow)"]),
    );
  });
});

describe("a reference that can't have a value", () => {
  it("is an error of its call, and the others run", async () => {
    const { answers, ran } = await play({}, [
      get("a", "$1"),
      get("b", "$3.id"),
      get("c", "${5}"),
      get("d", "$5"),
    ]);
    expect(answers).toEqual([
      unresolved("a", "$1", "points to its own call", []),
      unresolved(
        "b",
        "$3.id",
        "points to call 3, which comes later than call 2",
        [],
      ),
      unresolved("c", "${5}", "points to call 5 of a message of 4", []),
      "d ok: d result",
    ]);
    expect(ran).toEqual(["d"]);
  });

  it("skips who needs that call", async () => {
    const { answers } = await play({}, [get("a", "${9}"), get("b", "$1")]);
    expect(answers[1]).toBe(skipped("b", 1));
  });

  it("is told when the rest of its references have failed, too", async () => {
    const { answers } = await play({ a: fail }, [
      get("a"),
      get("b", ["$1", "${9}"]),
    ]);
    expect(answers[1]).toContain("points to call 9 of a message of 2");
  });
});

describe("calls that are not run for another reason", () => {
  it("are deferred behind a replan call, whatever they refer to", async () => {
    const { answers, ran } = await play(
      { a: 1 },
      [
        get("a"),
        callOf("b", "look", { x: "$1" }),
        get("c", "$2"),
        get("d", "${9}"),
      ],
      { policies: { look: { sequential: "replan" } } },
    );
    const behind = (id: string) =>
      `${id} error: ${deferred({ ordinal: 2, name: "look" })}`;
    expect(answers).toEqual([
      "a ok: 1",
      "b ok: b result",
      behind("c"),
      behind("d"),
    ]);
    expect(ran).toEqual(["a", "b"]);
  });

  it("are too many, whatever they refer to", async () => {
    const { answers } = await play(
      {},
      [get("a"), get("b", "$1"), get("c", "$1"), get("d", "$3")],
      { maxCalls: 2 },
    );
    expect(answers[1]).toBe("b ok: b result");
    expect(answers[2]).toContain("c error: Not run: at most 2 tool calls");
    expect(answers[3]).toContain("d error: Not run: ");
  });

  it("are interrupted with the call that they refer to", async () => {
    const interrupt = new GraphInterrupt([{ value: "sure?" }]);
    const stage = new NotingTools({
      a: () => {
        throw interrupt;
      },
    });
    const reports: BatchReport[] = [];
    const node = new ParallelToolNode(stage.tools("get"), {
      references: true,
      onReport: (report) => reports.push(report),
    });
    const run = node.invoke([ask(get("a"), get("b", "$1"))]);
    await expect(run).rejects.toBe(interrupt);
    expect(stage.given).toHaveLength(1);
    expect(reports[0]?.calls.map(({ outcome }) => outcome)).toEqual([
      "interrupted",
      "interrupted",
    ]);
  });
});

describe("where errors are thrown,", () => {
  async function thrownBy(outputs: Outputs, ...calls: Call[]) {
    const stage = new NotingTools(outputs);
    const node = new ParallelToolNode(stage.tools("get"), {
      references: true,
      handleToolErrors: false,
    });
    const error: unknown = await node.invoke([ask(...calls)]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, ran: stage.given.map(([id]) => id) };
  }

  it("that of a reference that can't have a value is thrown before anything runs", async () => {
    const { error, ran } = await thrownBy(
      {},
      get("a"),
      get("b", "${8}"),
      get("c", "${9}"),
    );
    expect(error).toBeInstanceOf(UnresolvedReferenceError);
    expect(error).toMatchObject({ reference: "${8}", valid: ["$1 (get)"] });
    expect(ran).toEqual([]);
  });

  it("that of a reference that finds nothing is thrown, and who needs its call is not run", async () => {
    const { error, ran } = await thrownBy(
      { a: { id: 7 } },
      get("a"),
      get("b", "$1.x"),
      get("c", "$2"),
    );
    expect(UnresolvedReferenceError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      name: "UnresolvedReferenceError",
      reference: "$1.x",
      valid: ["$1.id"],
    });
    expect(ran).toEqual(["a"]);
  });

  /** Four calls, of which `b` ends first and then `a`, as it is told to. */
  async function stopped(...[c, d]: readonly unknown[]) {
    const stage = new Stage();
    const reports: BatchReport[] = [];
    const node = new ParallelToolNode(stage.tools("get"), {
      references: true,
      handleToolErrors: false,
      onReport: (report) => reports.push(report),
    });
    const run = node.invoke([
      ask(get("a"), get("b"), get("c", c), get("d", d)),
    ]);
    const error = run.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await stage.finish("b");
    const isLeftRunning = reports.length > 0;
    await stage.fail("a");
    return {
      error: await error,
      log: stage.log,
      isLeftRunning,
      outcomes: reports[0]?.calls.map(({ outcome }) => outcome),
    };
  }

  it.each<[unknown, unknown, string, string]>([
    ["$2.x", "$2", "error", "aborted"],
    ["$2", "$2.x", "aborted", "error"],
    ["$2.x", "$2.y", "error", "aborted"],
    ["$2.x", "$3", "error", "aborted"],
  ])(
    "the others are stopped and drained, and the lowest index wins: %s, %s",
    async (c, d, ...ends) => {
      const { error, log, isLeftRunning, outcomes } = await stopped(c, d);
      expect(isLeftRunning).toBe(false);
      expect(error).toMatchObject({ message: "a broke" });
      const starts = log.filter((line) => line.endsWith("start"));
      expect(starts.sort()).toEqual(["a start", "b start"]);
      expect(outcomes).toEqual(["error", "ok", ...ends]);
    },
  );
});
