import { ToolMessage } from "@langchain/core/messages";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  write,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { waitedForFailed } from "@/answers/not-run.js";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

function skipped(id: string, ordinal: number, name: string): string {
  return `${id} error: ${waitedForFailed({ ordinal, name })}`;
}
const failed = (id: string) =>
  `${id} error: Error: ${id} broke\n Please fix your mistakes.`;
const ok = (id: string) => `${id} ok: ${id} result`;

/** One call per letter, of the tool of that name; `bad` ones fail. */
async function run(
  ids: string,
  policies: ParallelToolNodeOptions["policies"] = {},
  bad = "a",
) {
  const stage = new Stage();
  const letters = ids.split("");
  const node = new ParallelToolNode(stage.tools(...letters), { policies });
  for (const id of letters) {
    if (bad.includes(id)) await stage.fail(id);
    else await stage.finish(id);
  }
  const answers = await node.invoke([
    ask(...letters.map((id) => callOf(id, id))),
  ]);
  return { log: stage.log, answers: answerLines(answers) };
}

describe("a failure", () => {
  it("stops nobody who does not wait for it", async () => {
    const { answers } = await run("abc", { c: { after: ["b"] } });
    expect(answers).toEqual([failed("a"), ok("b"), ok("c")]);
  });

  it("skips those who wait for it, and names it", async () => {
    const { answers, log } = await run("abc", { b: { after: ["a"] } });
    expect(answers).toEqual([failed("a"), skipped("b", 1, "a"), ok("c")]);
    expect(log).not.toContain("b start");
  });

  it("skips who wait for the skipped, and names itself again", async () => {
    const { answers } = await run("abcd", {
      b: { after: ["a"] },
      c: { after: ["b"] },
      d: { after: ["c"] },
    });
    expect(answers).toEqual([
      failed("a"),
      skipped("b", 1, "a"),
      skipped("c", 1, "a"),
      skipped("d", 1, "a"),
    ]);
  });

  it("is named by the lowest place when there are several", async () => {
    const { answers } = await run(
      "abcd",
      { d: { after: ["c", "b"] }, c: { after: ["a"] } },
      "ab",
    );
    expect(answers).toEqual([
      failed("a"),
      failed("b"),
      skipped("c", 1, "a"),
      skipped("d", 1, "a"),
    ]);
  });

  it("may stand behind those who wait for it", async () => {
    const { answers } = await run("ab", { a: { after: ["b"] } }, "b");
    expect(answers).toEqual([skipped("a", 2, "b"), failed("b")]);
  });

  it("of a write skips the next write of its key, of another key not", async () => {
    const policies = {
      a: { access: [write("x")] },
      b: { access: [write("x")] },
      c: { access: [write("y")] },
    };
    const { answers } = await run("abc", policies);
    expect(answers).toEqual([failed("a"), skipped("b", 1, "a"), ok("c")]);
  });

  it("of an unknown tool or of bad arguments counts as one", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), { sequential: true });
    const answers = await node.invoke([
      ask(callOf("a", "missing"), callOf("b", "t")),
    ]);
    expect(answerLines(answers)).toEqual([
      'a error: Error: Tool "missing" not found.\n Please fix your mistakes.',
      skipped("b", 1, "missing"),
    ]);
  });

  it("is also what a tool says itself with status error", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("a", "b"), {
      policies: { b: { after: ["a"] } },
    });
    const message = { content: "no", tool_call_id: "a", status: "error" };
    await stage.finish("a", new ToolMessage(message as never));
    const answers = await node.invoke([
      ask(callOf("a", "a"), callOf("b", "b")),
    ]);
    expect(answerLines(answers)).toEqual(["a error: no", skipped("b", 1, "a")]);
  });
});

describe("with handleToolErrors false a failure", () => {
  function start(ids: string, options: ParallelToolNodeOptions = {}) {
    const stage = new Stage();
    const letters = ids.split("");
    const node = new ParallelToolNode(stage.tools(...letters), {
      handleToolErrors: false,
      ...options,
    });
    const run = node
      .invoke([ask(...letters.map((id) => callOf(id, id)))])
      .catch((error: unknown) => {
        stage.log.push("threw");
        return error;
      });
    return { stage, run };
  }

  it("aborts the others, waits for them, and is thrown", async () => {
    const { stage, run } = start("abc");
    await settle();
    await stage.fail("b");
    await stage.finish("a");
    expect(stage.log.at(-1)).toBe("a end");
    await stage.finish("c");
    expect(await run).toEqual(new Error("b broke"));
    expect(stage.log).toEqual([
      "a start",
      "b start",
      "c start",
      "b fail",
      "a signal",
      "c signal",
      "a end",
      "c end",
      "threw",
    ]);
  });

  it("tells the others which call it was, and why", async () => {
    const { stage, run } = start("abc");
    await settle();
    await stage.fail("b");
    const reason: unknown = stage.signals.get("a")?.reason;
    expect(reason).toMatchObject({
      name: "AbortError",
      message: "Aborted: call 2 (b) of the same batch has failed.",
      ordinal: 2,
      toolName: "b",
      cause: new Error("b broke"),
    });
    await stage.finish("a");
    await stage.finish("c");
    await run;
  });

  it("keeps calls that have not started from starting", async () => {
    const { stage, run } = start("abc", { maxConcurrency: 1 });
    await settle();
    await stage.fail("a");
    expect(await run).toEqual(new Error("a broke"));
    expect(stage.log).toEqual(["a start", "a fail", "threw"]);
  });

  it("is the one of the lowest place, even if that came last", async () => {
    const { stage, run } = start("abc");
    await settle();
    await stage.fail("c");
    await stage.fail("a");
    await stage.fail("b");
    expect(await run).toEqual(new Error("a broke"));
  });

  it("is thrown, and not what a call before it makes of the abort", async () => {
    const { stage, run } = start("ab");
    await settle();
    await stage.fail("b");
    const cause = stage.signals.get("a")?.reason as Error;
    await stage.fail("a", new Error("a is wrapped", { cause }));
    expect(await run).toEqual(new Error("b broke"));
  });

  it("is thrown, even where causes of errors go round", async () => {
    const { stage, run } = start("ab");
    await settle();
    await stage.fail("b");
    const round = new Error("round");
    round.cause = round;
    await stage.fail("a", round);
    expect(await run).toBe(round);
  });

  it("leaves the node as it was: the next batch runs", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      handleToolErrors: false,
      maxConcurrency: 1,
    });
    await stage.fail("a");
    await stage.finish("c");
    const bad = [ask(callOf("a", "t"), callOf("b", "t"))];
    await expect(node.invoke(bad)).rejects.toThrow("a broke");
    const answers = await node.invoke([ask(callOf("c", "t"))]);
    expect(answerLines(answers)).toEqual([ok("c")]);
  });
});
