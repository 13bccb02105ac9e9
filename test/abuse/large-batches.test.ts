import { tool } from "@langchain/core/tools";
import { ParallelToolNode, planBatch, write } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { tooManyCalls } from "@/answers/not-run.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const CALLS = 10_000;

/** Answers with its number; keeps count of who runs. */
function counting() {
  const counts = { running: 0, most: 0, order: [] as number[] };
  const count = tool(
    async (args) => {
      const { n } = args as { n: number };
      counts.order.push(n);
      counts.running += 1;
      counts.most = Math.max(counts.most, counts.running);
      await Promise.resolve();
      counts.running -= 1;
      return String(n);
    },
    { name: "count", description: "Counts.", schema: { type: "object" } },
  );
  return { counts, count };
}

const calls = Array.from({ length: CALLS }, (_, n) =>
  callOf(`${n}`, "count", { n }),
);

describe("10,000 calls", () => {
  const inOrder = calls.map(({ id }) => `${id} ok: ${id}`);

  it("are answered in order under a cap", async () => {
    const { count, counts } = counting();
    const node = new ParallelToolNode([count], { maxConcurrency: 7 });
    expect(answerLines(await node.invoke([ask(...calls)]))).toEqual(inOrder);
    expect(counts.most).toBe(7);
  }, 60_000);

  it("run one after another when each needs the one before", async () => {
    const { count, counts } = counting();
    const node = new ParallelToolNode([count], {
      policies: { count: { access: [write("k")] } },
    });
    expect(answerLines(await node.invoke([ask(...calls)]))).toEqual(inOrder);
    expect(counts.most).toBe(1);
    expect(counts.order).toEqual(calls.map((_, n) => n));
  }, 60_000);

  it("are skipped to the last when the first of a chain fails", async () => {
    const node = new ParallelToolNode([], { sequential: true });
    const answers = answerLines(await node.invoke([ask(...calls)]));
    expect(answers).toHaveLength(CALLS);
    expect(answers[0]).toContain('0 error: Error: Tool "count" not found.');
    const skipped = answers.filter((line) =>
      line.includes("depends on call 1 (count), which failed"),
    );
    expect(skipped).toHaveLength(CALLS - 1);
  }, 60_000);

  it("beyond maxCalls are all answered and none is run", async () => {
    for (const handleToolErrors of [true, false]) {
      const { count, counts } = counting();
      const node = new ParallelToolNode([count], {
        maxCalls: 3,
        handleToolErrors,
      });
      const answers = answerLines(await node.invoke([ask(...calls)]));
      expect(counts.order).toEqual([0, 1, 2]);
      expect(answers.slice(0, 3)).toEqual(inOrder.slice(0, 3));
      expect(answers.slice(3)).toEqual(
        calls
          .slice(3)
          .map(({ id }) => `${id} error: ${tooManyCalls(Number(id) + 1, 3)}`),
      );
    }
  }, 60_000);
});

describe("maxCalls", () => {
  it("counts all calls of the message, those that are answered too", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), { maxCalls: 2 });
    for (const id of ["a", "b"]) await stage.finish(id);
    const message = ask(callOf("a", "t"), callOf("b", "t"), callOf("c", "t"));
    const first = await node.invoke([message]);
    const second = await node.invoke([message, first[0]]);
    expect(answerLines(second)).toEqual([
      "b ok: b result",
      `c error: ${tooManyCalls(3, 2)}`,
    ]);
  });

  it("comes before the policies of the calls beyond", async () => {
    const stage = new Stage();
    const asked: unknown[] = [];
    const node = new ParallelToolNode(stage.tools("t"), {
      maxCalls: 1,
      policies: {
        t: {
          access: ({ n }) => {
            asked.push(n);
            return [];
          },
        },
      },
    });
    await stage.finish("a");
    const answers = await node.invoke([
      ask(callOf("a", "t", { n: 1 }), callOf("b", "t", { n: 2 })),
    ]);
    expect(answers).toHaveLength(2);
    expect([...new Set(asked)]).toEqual([1]);
  });
});

describe("arguments", () => {
  const deep = (depth: number, end: unknown) => {
    let value = end;
    for (let i = 0; i < depth; i += 1) value = { value };
    return value as Record<string, unknown>;
  };

  it("nested 5,000 deep are compared, or run if they can't be", () => {
    for (const depth of [5_000, 200_000]) {
      const plan = planBatch(
        [deep(depth, 1), deep(depth, 2), deep(depth, 1)].map((args) =>
          callOf(undefined, "t", args),
        ),
        { policies: { t: { dedupe: true } } },
      );
      const third = plan.calls.map(({ sameAs }) => sameAs)[2];
      expect([0, undefined]).toContain(third);
      expect(plan.calls[1]).not.toHaveProperty("sameAs");
    }
  });

  it("nested 5,000 deep are handed to the tool", async () => {
    const { count } = counting();
    const node = new ParallelToolNode([count], {
      policies: { count: { dedupe: true } },
    });
    const args = { ...deep(5_000, 1), n: 5 };
    const answers = await node.invoke([
      ask(callOf("a", "count", args), callOf("b", "count", args)),
    ]);
    expect(answerLines(answers)).toEqual(["a ok: 5", "b ok: 5"]);
  });

  it("with a circle in them are never the same, and run", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      policies: { t: { dedupe: true } },
    });
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    for (const id of ["a", "b"]) await stage.finish(id);
    const answers = await node.invoke([
      ask(callOf("a", "t", circle), callOf("b", "t", circle)),
    ]);
    expect(answerLines(answers)).toEqual(["a ok: a result", "b ok: b result"]);
  });
});

it("a result that JSON can't hold is answered, shared answers too", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), {
    policies: { t: { dedupe: true } },
  });
  await stage.finish("a", { big: 10n });
  await stage.finish("c", 10n);
  const answers = await node.invoke([
    ask(callOf("a", "t"), callOf("b", "t"), callOf("c", "t", { other: 1 })),
  ]);
  expect(answerLines(answers)).toEqual([
    "a ok: [object Object]",
    "b ok: [object Object]",
    "c ok: 10",
  ]);
});
