import { RunnableBinding } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { GraphInterrupt } from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type ProgressEvent,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  attemptedNode,
  calls,
  finish,
  playTime,
  REPEATABLE,
} from "../support/attempted-node.js";
import { httpError, type Script } from "../support/attempted-tools.js";
import { ask, callOf } from "../support/messages.js";

const broken = { throws: new Error("broken") };
const refused = { throws: httpError(429, { "Retry-After": "1" }) };
const ok = {};
const quiet = { jitter: false, logWarning: false };

playTime();

function setUp(
  script: Script,
  policy: ToolPolicy,
  options: ParallelToolNodeOptions = {},
) {
  return attemptedNode(script, { policies: { t: policy }, ...options });
}

describe("a call that waits for its next attempt", () => {
  it("holds no slot, and others run", async () => {
    const { stage, node } = setUp(
      { a: [broken, ok], b: [{ afterMs: 100 }], c: [{ afterMs: 1_000 }] },
      { retry: quiet, concurrency: 1 },
    );
    await finish(node.invoke(calls("a", "b", "c", "d")));
    expect(stage.starts).toEqual(["a 0", "b 0", "c 100", "a 1100", "d 1100"]);
  });

  it("is shown as waiting in the stream of progress", async () => {
    const { node } = setUp(
      { a: [broken, broken, ok] },
      { retry: quiet },
      { streamProgress: true },
    );
    const events: ProgressEvent[] = [];
    const writer = (event: ProgressEvent) => events.push(event);
    await finish(node.invoke(calls("a"), { writer } as object));
    const of = (event: string) =>
      events.filter((one) => one.event === event).map(({ atMs }) => atMs);
    expect(of("call_started")).toEqual([0, 500, 1_500]);
    expect(
      events.filter(({ event }) => event === "call_waiting"),
    ).toMatchObject([
      { id: "a", for: "retry", limit: "tool t", ms: 500, atMs: 0 },
      { id: "a", for: "retry", limit: "tool t", ms: 1_000, atMs: 500 },
    ]);
  });

  it("may wait for longer than a timer can", async () => {
    const monthMs = 31 * 86_400_000;
    const { stage, node } = setUp(
      { a: [broken, broken, ok] },
      {
        retry: {
          ...quiet,
          initialInterval: monthMs,
          maxInterval: Number.POSITIVE_INFINITY,
        },
      },
    );
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", `a ${monthMs}`, `a ${3 * monthMs}`]);
  });

  it("keeps its dependents waiting until it has really ended", async () => {
    const { stage, node } = setUp(
      { a: [broken, broken, ok] },
      { retry: quiet },
      { policies: { t: { retry: quiet }, u: { after: ["t"] } } },
    );
    await finish(node.invoke([ask(callOf("b", "u"), callOf("a", "t"))]));
    expect(stage.starts).toEqual(["a 0", "a 500", "a 1500", "b 1500"]);
  });

  it("ends with an abort of the run", async () => {
    const controller = new AbortController();
    const reason = new Error("gone");
    const { stage, node, reports } = setUp({ a: [broken] }, { retry: quiet });
    const run = node.invoke(calls("a"), { signal: controller.signal });
    run.catch(() => {});
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(reason);
    expect(vi.getTimerCount()).toBe(0);
    await expect(run).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stage.starts).toEqual(["a 0"]);
    expect(reports[0]?.calls[0]).toMatchObject({
      outcome: "aborted",
      attempts: 1,
      endMs: 100,
    });
  });

  it("ends with an abort while its server's pause lasts", async () => {
    const controller = new AbortController();
    const reason = new Error("gone");
    const { stage, node } = setUp({ a: [refused] }, REPEATABLE);
    const run = node.invoke(calls("a"), { signal: controller.signal });
    run.catch(() => {});
    await vi.advanceTimersByTimeAsync(100);
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("ends with an interrupt of a sibling", async () => {
    const interrupt = new GraphInterrupt([{ id: "i", value: "sure?" }]);
    const { stage, node, reports } = setUp(
      { a: [broken], b: [{ afterMs: 50, throws: interrupt }] },
      { retry: quiet },
    );
    const run = node.invoke(calls("a", "b"));
    run.catch(() => {});
    await vi.advanceTimersByTimeAsync(50);
    expect(vi.getTimerCount()).toBe(0);
    await expect(run).rejects.toBe(interrupt);
    expect(stage.starts).toEqual(["a 0", "b 0"]);
    expect(reports[0]?.calls[0]?.outcome).toBe("interrupted");
  });

  it("ends with a failure of a sibling, where errors are thrown", async () => {
    const error = new Error("b broke");
    const { stage, node } = setUp(
      { a: [broken], b: [{ afterMs: 50, throws: error }] },
      {},
      {
        policies: { t: { retry: { ...quiet, retryOn: (e) => e !== error } } },
        handleToolErrors: false,
      },
    );
    const run = node.invoke(calls("a", "b"));
    run.catch(() => {});
    await vi.advanceTimersByTimeAsync(50);
    expect(vi.getTimerCount()).toBe(0);
    await expect(run).rejects.toBe(error);
    expect(stage.starts).toEqual(["a 0", "b 0"]);
  });
});

describe("a report", () => {
  it("sums the running time of the attempts, and begins with the first", async () => {
    const { node, reports } = setUp(
      { a: [{ afterMs: 30, ...broken }, { afterMs: 40 }] },
      { retry: quiet },
    );
    await finish(node.invoke(calls("a")));
    expect(reports[0]).toMatchObject({
      sumMs: 70,
      longestPathMs: 70,
      durationMs: 570,
      calls: [
        {
          attempts: 2,
          startMs: 0,
          endMs: 570,
          waits: [{ for: "retry", ms: 500 }],
        },
      ],
    });
  });
});

describe("a tool that was made with LangChain's withRetry", () => {
  function setUpFlaky(policy: ToolPolicy, wrapped: boolean, status = 500) {
    let attempts = 0;
    const flaky = tool(
      () => {
        attempts += 1;
        throw httpError(status);
      },
      { name: "t", schema: z.looseObject({}) },
    );
    const bound = flaky.withRetry({ stopAfterAttempt: 1 });
    const binding = new RunnableBinding({ bound, config: {} });
    const named = Object.assign(binding, { name: "t" });
    const node = new ParallelToolNode([wrapped ? (named as never) : flaky], {
      policies: { t: policy },
    });
    return { node, attempts: () => attempts };
  }

  it.each<[string, ToolPolicy, boolean, number]>([
    ["not again for being readOnly", { readOnly: true }, true, 1],
    ["again if the policy says so", { retry: quiet }, true, 3],
    ["again if it wasn't", { readOnly: true }, false, 3],
    ["not again for retry: false", { retry: false }, true, 1],
  ])("is run %s", async (_, policy, wrapped, expected) => {
    const { node, attempts } = setUpFlaky(policy, wrapped);
    const [answer] = await finish(node.invoke(calls("a")));
    expect(answer).toMatchObject({ status: "error" });
    expect(attempts()).toBe(expected);
  });

  it.each<[string, ToolPolicy, boolean, number]>([
    ["not again for being readOnly", { readOnly: true }, true, 1],
    ["again if the policy says so", { retry: quiet }, true, 3],
    ["again if it wasn't", { readOnly: true }, false, 10],
  ])(
    "and is refused with 429 is run %s",
    async (_, policy, wrapped, expected) => {
      const { node, attempts } = setUpFlaky(policy, wrapped, 429);
      const [answer] = await finish(node.invoke(calls("a")));
      expect(answer).toMatchObject({
        status: "error",
        content: expect.stringContaining(`(attempts made: ${expected})`),
      });
      expect(attempts()).toBe(expected);
    },
  );
});
