import type { ToolMessage } from "@langchain/core/messages";
import { GraphInterrupt } from "@langchain/langgraph";
import { type BatchReport, ParallelToolNode } from "parallel-tools-node";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const reports: BatchReport[] = [];
const onReport = (report: BatchReport) => reports.push(report);

beforeEach(() => {
  reports.length = 0;
  vi.useFakeTimers({
    toFake: ["performance", "setTimeout", "clearTimeout"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}

it("a report says what each call waited for, when it ran and how it ended", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("get", "login"), {
    policies: { get: { after: ["login"], concurrency: 1 } },
    onReport,
  });
  const run = node.invoke([
    ask(callOf("g1", "get"), callOf("l", "login"), callOf("g2", "get")),
  ]);
  await pass(10);
  await stage.finish("l");
  await pass(20);
  await stage.finish("g1");
  await pass(5);
  await stage.fail("g2");
  await run;
  const afterLogin = [{ index: 1, reason: "after", detail: "login" }];
  const waited = { for: "dependency", index: 1, startMs: 0, ms: 10 };
  expect(reports).toEqual([
    {
      batchId: expect.any(String),
      beganAt: expect.any(Number),
      shape: "mixed",
      depth: 2,
      durationMs: 35,
      sumMs: 35,
      longestPathMs: 30,
      lowerBound: { ms: 35, ratio: 1, by: "concurrency", limit: "tool get" },
      waitedMs: {
        message: 0,
        dependency: 20,
        concurrency: 20,
        rate: 0,
        feedback: 0,
        circuit: 0,
        retry: 0,
      },
      criticalPath: [1, 2],
      calls: [
        {
          index: 0,
          ordinal: 1,
          id: "g1",
          name: "get",
          outcome: "ok",
          dependsOn: afterLogin,
          waits: [waited],
          attempts: 1,
          runs: [{ startMs: 10, endMs: 30 }],
          startMs: 10,
          endMs: 30,
        },
        {
          index: 1,
          ordinal: 2,
          id: "l",
          name: "login",
          outcome: "ok",
          dependsOn: [],
          waits: [],
          attempts: 1,
          runs: [{ startMs: 0, endMs: 10 }],
          startMs: 0,
          endMs: 10,
        },
        {
          index: 2,
          ordinal: 3,
          id: "g2",
          name: "get",
          outcome: "error",
          dependsOn: afterLogin,
          waits: [
            waited,
            { for: "concurrency", limit: "tool get", startMs: 10, ms: 20 },
          ],
          attempts: 1,
          runs: [{ startMs: 30, endMs: 35 }],
          startMs: 30,
          endMs: 35,
        },
      ],
    },
  ]);
});

it("a report names the limit that a call waited at", async () => {
  const stage = new Stage();
  const rateLimit = { limit: 1, intervalMs: 100, jitterMs: 0 };
  const node = new ParallelToolNode(stage.tools("t", "u", "v"), {
    resources: { serp: { rateLimit } },
    policies: { t: { rateLimit }, u: { resources: "serp" } },
    maxConcurrency: 5,
    onReport,
  });
  const calls = ["t", "t", "u", "u", "v"].map((name, i) =>
    callOf(`${i}`, name),
  );
  for (const { id = "" } of calls) await stage.finish(id);
  const run = node.invoke([ask(...calls)]);
  await pass(100);
  await run;
  expect(reports[0]?.calls.map(({ waits }) => waits)).toEqual([
    [],
    [{ for: "rate", limit: "tool t", startMs: 0, ms: 100 }],
    [],
    [{ for: "rate", limit: "resource serp", startMs: 0, ms: 100 }],
    [],
  ]);
});

it("a report names the cap of the node and that of the invocation", async () => {
  for (const [options, config, limit] of [
    [{ maxConcurrency: 1 }, {}, "node"],
    [{}, { maxConcurrency: 1 }, "batch"],
  ] as const) {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      ...options,
      onReport,
    });
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "t"))], config);
    await pass(7);
    await stage.finish("a");
    await stage.finish("b");
    await run;
    expect(reports.at(-1)?.calls[1]?.waits).toEqual([
      { for: "concurrency", limit, startMs: 0, ms: 7 },
    ]);
  }
});

it("a report says that a call beyond maxCalls was refused", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("get"), {
    maxCalls: 2,
    onReport,
  });
  for (const id of ["a", "b"]) await stage.finish(id);
  const answers: ToolMessage[] = await node.invoke([
    ask(callOf("a", "get"), callOf("b", "get"), callOf("c", "get")),
  ]);
  const outcomes = reports[0]?.calls.map(({ id, outcome }) => [id, outcome]);
  expect(outcomes).toEqual([
    ["a", "ok"],
    ["b", "ok"],
    ["c", "refused"],
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    "success",
    "success",
    "error",
  ]);
});

it("a report tells every way in which a call may end", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("get", "put", "replan"), {
    maxCalls: 6,
    policies: {
      get: { readOnly: true, retry: false },
      put: { after: ["get"] },
      replan: { sequential: "replan" },
    },
    onReport,
  });
  await stage.fail("bad");
  for (const id of ["good", "new plan"]) await stage.finish(id);
  await node.invoke([
    ask(
      callOf("good", "get", { q: 1 }),
      callOf("same", "get", { q: 1 }),
      callOf("bad", "get", { q: 2 }),
      callOf("skipped", "put"),
      callOf("new plan", "replan"),
      callOf("late", "put"),
    ),
  ]);
  expect(
    reports[0]?.calls.map(({ id, outcome, attempts, sameAs }) => [
      id,
      outcome,
      attempts,
      sameAs,
    ]),
  ).toEqual([
    ["good", "ok", 1, undefined],
    ["same", "ok", 0, 0],
    ["bad", "error", 1, undefined],
    ["skipped", "skipped", 0, undefined],
    ["new plan", "skipped", 0, undefined],
    ["late", "skipped", 0, undefined],
  ]);

  const quiet = new Stage();
  node.tools.splice(0, 3, ...quiet.tools("get", "put", "replan"));
  await quiet.finish("new plan");
  await node.invoke([ask(callOf("new plan", "replan"), callOf("late", "put"))]);
  expect(
    reports[1]?.calls.map(({ id, outcome, attempts }) => [
      id,
      outcome,
      attempts,
    ]),
  ).toEqual([
    ["new plan", "ok", 1],
    ["late", "deferred", 0],
  ]);
});

it("a report comes for batches that throw, with the calls that never started", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), {
    handleToolErrors: false,
    maxConcurrency: 1,
    onReport,
  });
  const input = [ask(callOf("a", "t"), callOf("b", "t"))];
  const outcomes = () => reports.at(-1)?.calls.map(({ outcome }) => outcome);

  await stage.fail("a");
  await expect(node.invoke(input)).rejects.toThrow("a broke");
  expect(outcomes()).toEqual(["error", "aborted"]);

  const asking = new Stage();
  node.tools.splice(0, 1, asking.tool("t"));
  await asking.fail("a", new GraphInterrupt([{ value: "sure?" }]));
  await expect(node.invoke(input)).rejects.toBeInstanceOf(GraphInterrupt);
  expect(outcomes()).toEqual(["interrupted", "interrupted"]);

  const signal = AbortSignal.abort(new Error("gone"));
  await expect(node.invoke(input, { signal })).rejects.toThrow("gone");
  expect(outcomes()).toEqual(["aborted", "aborted"]);
  expect(reports).toHaveLength(3);
});

it("a report comes once per batch and holds no arguments and no results", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t"), { onReport });
  await stage.finish("a", "secret result");
  await stage.fail("b", new Error("secret error"));
  const secret = { password: "secret argument" };
  await node.invoke([ask(callOf("a", "t", secret), callOf("b", "t", secret))]);
  expect(reports).toHaveLength(1);
  expect(JSON.stringify(reports)).not.toContain("secret");
});

it("the report of an empty batch is empty", async () => {
  const node = new ParallelToolNode([], { onReport });
  await node.invoke([ask()]);
  expect(reports).toEqual([
    {
      batchId: expect.any(String),
      beganAt: expect.any(Number),
      shape: "single",
      depth: 0,
      durationMs: 0,
      sumMs: 0,
      longestPathMs: 0,
      lowerBound: { ms: 0, by: "path" },
      waitedMs: {
        message: 0,
        dependency: 0,
        concurrency: 0,
        rate: 0,
        feedback: 0,
        circuit: 0,
        retry: 0,
      },
      criticalPath: [],
      calls: [],
    },
  ]);
});
