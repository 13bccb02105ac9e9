import { GraphInterrupt } from "@langchain/langgraph";
import { ParallelToolNode, ToolTimeoutError } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { outOfTime } from "@/answers/not-run.js";
import { stopped } from "@/answers/no-result.js";
import {
  answersOf,
  attemptedNode,
  calls,
  finish,
  playTime,
} from "../support/attempted-node.js";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

playTime();

const LATE = new ToolTimeoutError(100);
const STOPPED = stopped(LATE, false);
const NOT_RUN = outOfTime(LATE);

describe("batchTimeoutMs", () => {
  it("keeps what has finished, and answers the rest at the limit", async () => {
    const { node, stage, reports } = attemptedNode(
      { a: [{ afterMs: 50 }], b: [{ afterMs: 500 }], c: [{ afterMs: 10 }] },
      { maxConcurrency: 1, batchTimeoutMs: 100 },
    );
    const run = node.invoke(calls("a", "b", "c"));
    let answeredAt = 0;
    void run.then(() => (answeredAt = performance.now()));
    expect(await answersOf(run)).toEqual([
      "a ok: a result",
      `b error: ${STOPPED}`,
      `c error: ${NOT_RUN}`,
    ]);
    expect(answeredAt).toBe(100);
    expect(stage.starts).toEqual(["a 0", "b 50"]);
    const outcomes = reports[0]?.calls.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["ok", "aborted", "aborted"]);
  });

  it("aborts what runs, with an error that names the limit", async () => {
    const { stage } = attemptedNode({});
    const gated = new Stage();
    const node = new ParallelToolNode([gated.tool("t"), stage.tool("u")], {
      batchTimeoutMs: 100,
    });
    await answersOf(node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]));
    const reason: unknown = gated.signals.get("a")?.reason;
    expect(reason).toBeInstanceOf(ToolTimeoutError);
    expect(reason).toMatchObject({
      limit: "batch",
      timeoutMs: 100,
      toolName: undefined,
      message: LATE.message,
    });
    await gated.finish("a");
  });

  it("aborts a single call, too, without a run's signal", async () => {
    const gated = new Stage();
    const node = new ParallelToolNode([gated.tool("t")], {
      batchTimeoutMs: 100,
    });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      `a error: ${STOPPED}`,
    ]);
    expect(gated.log).toEqual(["a start", "a signal"]);
  });

  it("ends what waits to be run again, and does not say that it wasn't run", async () => {
    const { node, stage } = attemptedNode(
      { a: [{ throws: new Error("no") }] },
      {
        policies: {
          t: { retry: { initialInterval: 1_000, logWarning: false } },
        },
        batchTimeoutMs: 100,
      },
    );
    const [answer] = await answersOf(node.invoke(calls("a")));
    expect(answer).toBe(`a error: ${STOPPED}`);
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("keeps the slots of what heeds no signal until it ends", async () => {
    const { node, stage } = attemptedNode(
      { a: [{ afterMs: 500 }] },
      { maxConcurrency: 1, batchTimeoutMs: 100 },
    );
    const first = node.invoke(calls("a"));
    const second = node.invoke(calls("b"));
    expect(await answersOf(first)).toEqual([`a error: ${STOPPED}`]);
    expect(await answersOf(second)).toEqual([`b error: ${NOT_RUN}`]);
    expect(await answersOf(node.invoke(calls("c")))).toEqual([
      "c ok: c result",
    ]);
    expect(stage.starts).toEqual(["a 0", "c 500"]);
  });

  it("makes no message of an interrupt, nor waits longer for the others", async () => {
    const { node } = attemptedNode(
      {
        a: [{ throws: new GraphInterrupt([{ value: "sure?" }]) }],
        b: [{ afterMs: 500 }],
      },
      { batchTimeoutMs: 100 },
    );
    const run = node.invoke(calls("a", "b"));
    let thrownAt = 0;
    void run.catch(() => (thrownAt = performance.now()));
    const thrown: unknown = await finish(run).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(GraphInterrupt);
    expect(thrownAt).toBe(100);
  });

  it("is thrown where errors are thrown", async () => {
    const { node } = attemptedNode(
      { a: [{}], b: [{ afterMs: 500 }] },
      { batchTimeoutMs: 100, handleToolErrors: false },
    );
    const run = node.invoke(calls("a", "b"));
    await expect(finish(run)).rejects.toMatchObject({
      name: "ToolTimeoutError",
      limit: "batch",
    });
  });

  it("does nothing to a batch that ends in time", async () => {
    const { node } = attemptedNode(
      { a: [{ afterMs: 99 }] },
      { batchTimeoutMs: 100 },
    );
    expect(await answersOf(node.invoke(calls("a", "b")))).toEqual([
      "a ok: a result",
      "b ok: b result",
    ]);
  });
});

describe("drainMs", () => {
  const reason = new Error("the user went away");

  it("bounds how long an aborted batch waits for what runs", async () => {
    const { node, stage } = attemptedNode(
      { a: [{ afterMs: 500 }], b: [{ afterMs: 20 }] },
      { maxConcurrency: 2, drainMs: 100 },
    );
    const controller = new AbortController();
    const run = node.invoke(calls("a", "b", "c"), {
      signal: controller.signal,
    });
    let thrownAt = 0;
    void run.catch(() => (thrownAt = performance.now()));
    await settle();
    controller.abort(reason);
    await expect(finish(run)).rejects.toBe(reason);
    expect(thrownAt).toBe(100);
    expect(stage.log).toEqual([
      "a start 0",
      "b start 0",
      "b end 20",
      "a end 500",
    ]);
  });

  it("counts from the abort, also when all calls have started", async () => {
    const { node } = attemptedNode({ a: [{ afterMs: 500 }] }, { drainMs: 0 });
    const controller = new AbortController();
    const run = node.invoke(calls("a"), { signal: controller.signal });
    await settle();
    controller.abort(reason);
    await expect(finish(run)).rejects.toBe(reason);
  });

  it("left out means that what runs is waited for until it ends", async () => {
    const { node } = attemptedNode({ a: [{ afterMs: 86_400_000 }] });
    const controller = new AbortController();
    const run = node.invoke(calls("a"), { signal: controller.signal });
    await settle();
    controller.abort(reason);
    expect(await answersOf(run)).toEqual(["a ok: a result"]);
  });

  it("bounds how long the others are waited for when an error is thrown", async () => {
    const { node } = attemptedNode(
      { a: [{ throws: new Error("broke") }], b: [{ afterMs: 500 }] },
      { drainMs: 100, handleToolErrors: false },
    );
    const run = node.invoke(calls("a", "b"));
    let thrownAt = 0;
    void run.catch(() => (thrownAt = performance.now()));
    await expect(finish(run)).rejects.toThrow("broke");
    expect(thrownAt).toBe(100);
  });
});
