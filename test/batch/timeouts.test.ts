import { tool } from "@langchain/core/tools";
import { GraphInterrupt } from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  ToolTimeoutError,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { stopped } from "@/answers/no-result.js";
import {
  answersOf,
  attemptedNode,
  calls,
  finish,
  playTime,
} from "../support/attempted-node.js";
import { answerLines, ask, callOf } from "../support/messages.js";

playTime();

const LATE = new ToolTimeoutError(100, "t");
const UNKNOWN = stopped(LATE, false);
const REPEATABLE = stopped(LATE, true);

function limited(policy: object = {}): ParallelToolNodeOptions {
  return { policies: { t: { timeoutMs: 100, ...policy } } };
}

/** A tool that ends when it is aborted, and says why. */
function heedingTool(log: string[]) {
  return tool(
    ({ id }: { id: string }, { signal }: { signal?: AbortSignal }) =>
      new Promise<string>((_, reject) => {
        log.push(`${id} start ${performance.now()}`);
        signal?.addEventListener("abort", () => {
          const { name, message } = signal.reason as Error;
          log.push(`${id} ${name}: ${message}`);
          reject(signal.reason as Error);
        });
      }),
    { name: "t", description: "t", schema: z.object({ id: z.string() }) },
  );
}

describe("a call that takes longer than timeoutMs", () => {
  it("is answered at the limit, with what to do next", async () => {
    const { node, stage, reports } = attemptedNode(
      { a: [{ afterMs: 500 }], b: [{ afterMs: 100 }], c: [{ afterMs: 99 }] },
      limited(),
    );
    const run = node.invoke(calls("a", "c"));
    let answeredAt = 0;
    void run.then(() => (answeredAt = performance.now()));
    expect(await answersOf(run)).toEqual([
      `a error: ${UNKNOWN}`,
      "c ok: c result",
    ]);
    expect(answeredAt).toBe(100);
    expect(stage.log.at(-1)).toBe("a end 500");
    expect(reports[0]?.calls[0]).toMatchObject({
      outcome: "error",
      attempts: 1,
      endMs: 100,
    });
  });

  it("is told by its signal, with an error of its own", async () => {
    const log: string[] = [];
    const node = new ParallelToolNode([heedingTool(log)], limited());
    const answers = await finish(
      node.invoke([ask(callOf("a", "t", { id: "a" }))]),
    );
    expect(answerLines(answers)).toEqual([`a error: ${UNKNOWN}`]);
    expect(log).toEqual([
      "a start 0",
      "a ToolTimeoutError: t did not finish within 0.1 s.",
    ]);
  });

  it("counts from its start and not from when it began to wait", async () => {
    const { node } = attemptedNode(
      { a: [{ afterMs: 90 }], b: [{ afterMs: 90 }], c: [{ afterMs: 90 }] },
      limited({ concurrency: 1 }),
    );
    expect(await answersOf(node.invoke(calls("a", "b", "c")))).toEqual([
      "a ok: a result",
      "b ok: b result",
      "c ok: c result",
    ]);
  });

  it("keeps its slot while it heeds no signal", async () => {
    const { node, stage } = attemptedNode(
      { a: [{ afterMs: 500 }], b: [{ afterMs: 10 }] },
      limited({ concurrency: 1 }),
    );
    expect(await answersOf(node.invoke(calls("a", "b")))).toEqual([
      `a error: ${UNKNOWN}`,
      "b ok: b result",
    ]);
    expect(stage.log).toEqual([
      "a start 0",
      "a end 500",
      "b start 500",
      "b end 510",
    ]);
  });

  it("gives its slot back at once when it heeds its signal", async () => {
    const log: string[] = [];
    const node = new ParallelToolNode(
      [heedingTool(log)],
      limited({ concurrency: 1 }),
    );
    const message = ask(
      callOf("a", "t", { id: "a" }),
      callOf("b", "t", { id: "b" }),
    );
    await finish(node.invoke([message]));
    expect(log.filter((line) => line.includes("start"))).toEqual([
      "a start 0",
      "b start 100",
    ]);
  });

  it("has failed for those that depend on it, and for no one else", async () => {
    const { node } = attemptedNode(
      { a: [{ afterMs: 500 }] },
      {
        policies: { t: { timeoutMs: 100 }, u: { after: ["t"] } },
      },
    );
    const message = ask(callOf("a", "t"), callOf("b", "u"), callOf("c", "t"));
    const answers = await answersOf(node.invoke([message]));
    expect(answers[1]).toMatch(/^b error: Not run: .* call 1 \(t\), which/);
    expect(answers[2]).toBe("c ok: c result");
  });

  it("is thrown where errors are thrown, and the others are aborted", async () => {
    const log: string[] = [];
    const { stage } = attemptedNode({ b: [{ afterMs: 5_000 }] });
    const node = new ParallelToolNode([heedingTool(log), stage.tool("u")], {
      ...limited(),
      drainMs: 50,
      handleToolErrors: false,
    });
    const message = ask(callOf("a", "t", { id: "a" }), callOf("b", "u"));
    const error: unknown = await finish(node.invoke([message])).catch(
      (thrown: unknown) => thrown,
    );
    expect(ToolTimeoutError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      limit: "call",
      timeoutMs: 100,
      toolName: "t",
    });
  });

  it("throws nothing that nobody sees when it fails later", async () => {
    const { node } = attemptedNode(
      { a: [{ afterMs: 500, throws: new Error("too late") }] },
      limited(),
    );
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: ${UNKNOWN}`,
    ]);
  });

  it("stays interrupted if it was before", async () => {
    const { stage } = attemptedNode({
      a: [{ throws: new GraphInterrupt([{ value: "sure?" }]) }],
      b: [{ afterMs: 500 }],
    });
    const node = new ParallelToolNode(stage.tools("t", "u"), {
      defaultPolicy: { timeoutMs: 100 },
    });
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]);
    const thrown = await finish(run).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: "GraphInterrupt" });
  });
});

describe("a retry after a timeout", () => {
  const slowOnce = { a: [{ afterMs: 500 }, { afterMs: 10 }] };

  it("is made for tools that may be run twice, once they have ended", async () => {
    const { node, stage } = attemptedNode(
      slowOnce,
      limited({ readOnly: true }),
    );
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a ok: a result",
    ]);
    // After 500 ms from the limit on.
    expect(stage.starts).toEqual(["a 0", "a 600"]);
  });

  it("is not made for others", async () => {
    const { node, stage } = attemptedNode(slowOnce, limited());
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: ${UNKNOWN}`,
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("is made for others if their policy says so", async () => {
    const { node, stage } = attemptedNode(
      slowOnce,
      limited({ retry: { initialInterval: 1_000, logWarning: false } }),
    );
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a ok: a result",
    ]);
    expect(stage.starts).toEqual(["a 0", "a 1100"]);
  });

  it("asks retryOn, with the error", async () => {
    const retryOn = vi.fn<(error: unknown) => boolean>(() => false);
    const { node } = attemptedNode(slowOnce, limited({ retry: { retryOn } }));
    await answersOf(node.invoke(calls("a")));
    expect(retryOn.mock.calls).toEqual([
      [expect.objectContaining({ name: "ToolTimeoutError", timeoutMs: 100 })],
    ]);
  });

  it("is not made beside an attempt that still runs", async () => {
    const { node, stage } = attemptedNode(
      { a: [{ afterMs: 5_000 }, {}] },
      limited({ idempotent: true }),
    );
    const run = node.invoke(calls("a"));
    let answeredAt = 0;
    void run.then(() => (answeredAt = performance.now()));
    expect(await answersOf(run)).toEqual([`a error: ${REPEATABLE}`]);
    expect(answeredAt).toBe(600);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("comes after the tool has heeded its signal, without any interval", async () => {
    const log: string[] = [];
    const node = new ParallelToolNode(
      [heedingTool(log)],
      limited({
        retry: {
          initialInterval: 0,
          jitter: false,
          maxAttempts: 3,
          logWarning: false,
        },
      }),
    );
    await finish(node.invoke([ask(callOf("a", "t", { id: "a" }))]));
    expect(log.filter((line) => line.includes("start"))).toEqual([
      "a start 0",
      "a start 101",
      "a start 202",
    ]);
  });
});

describe("timeoutMs", () => {
  it("of a policy goes before that of defaultPolicy, and Infinity is none", async () => {
    const { node } = attemptedNode(
      { a: [{ afterMs: 500 }], b: [{ afterMs: 500 }] },
      {
        defaultPolicy: { timeoutMs: 100 },
        policies: { t: { timeoutMs: Number.POSITIVE_INFINITY } },
      },
    );
    const answers = await answersOf(
      node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]),
    );
    expect(answers[0]).toBe("a ok: a result");
    expect(answers[1]).toMatch(
      /^b error: Error: u did not finish within 0\.1 s/,
    );
  });
});
