import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import pLimit from "p-limit";
import { describe, expect, it, vi } from "vitest";
import { waitedForFailed } from "@/answers/not-run.js";
import { couldNotStart } from "@/answers/could-not-start.js";
import {
  attemptedNode,
  calls,
  playTime,
  REPEATABLE,
} from "../support/attempted-node.js";
import { httpError, type Script } from "../support/attempted-tools.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { ScriptedLimits } from "../support/scripted-limits.js";

const rateLimit = { limit: 5, intervalMs: 1_000 };

playTime();

function setUp(options: ParallelToolNodeOptions, script: Script = {}) {
  const limits = new ScriptedLimits();
  const { stage, node, reports } = attemptedNode(script, {
    limits,
    ...options,
  });
  const grantAll = () => {
    limits.onAsk = (asked) => asked.grant();
    for (const asked of limits.open()) asked.grant();
  };
  return { stage, limits, node, reports, grantAll };
}

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe("a node whose limits are kept elsewhere", () => {
  it("asks there for what its tools and resources have, under their names", async () => {
    const { limits, node, grantAll } = setUp({
      resources: { db: { concurrency: 3 }, serp: { rateLimit } },
      policies: {
        t: { concurrency: 2, resources: ["serp", "db"], cost: 4 },
      },
    });
    grantAll();
    await node.invoke(calls("a"));
    expect(limits.asks[0]?.request).toMatchObject({
      cost: 4,
      limits: [
        { name: "resource serp", rateLimit: { ...rateLimit, burst: 5 } },
        { name: "resource db", concurrency: 3 },
        { name: "tool t", concurrency: 2 },
      ],
    });
    expect(limits.log).toEqual(["ask 1", "grant 1", "release 1"]);
  });

  it("keeps neither those caps nor those rates itself", async () => {
    const { stage, node, grantAll } = setUp({
      policies: { t: { concurrency: 1, rateLimit } },
    });
    grantAll();
    await node.invoke(calls("a", "b", "c", "d", "e", "f", "g"));
    expect(new Set(stage.starts.map((line) => line.split(" ")[1]))).toEqual(
      new Set(["0"]),
    );
  });

  it("asks nobody for tools that have none", async () => {
    const { limits, node } = setUp({
      resources: { db: {} },
      policies: {
        t: { resources: "db" },
        u: { concurrency: pLimit(1), readOnly: true },
      },
      maxConcurrency: 4,
    });
    await node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]);
    expect(limits.log).toEqual([]);
  });

  it("keeps its own cap and p-limits itself, and asks when they have room", async () => {
    const { stage, limits, node, grantAll } = setUp(
      {
        maxConcurrency: 1,
        resources: { db: { concurrency: 9 } },
        policies: { t: { resources: "db" } },
      },
      { a: [{ afterMs: 50 }] },
    );
    const run = node.invoke([ask(callOf("a", "u"), callOf("b", "t"))]);
    await pass(49);
    expect(limits.log).toEqual([]);
    grantAll();
    await pass(1);
    await run;
    expect(stage.starts).toEqual(["a 0", "b 50"]);
  });

  it("keeps a batch's own cap before it asks", async () => {
    const { limits, node, grantAll } = setUp(
      { policies: { t: { concurrency: 9 } } },
      { a: [{ afterMs: 50 }], b: [{ afterMs: 50 }] },
    );
    const run = node.invoke(calls("a", "b", "c"), { maxConcurrency: 2 });
    grantAll();
    await pass(49);
    const granted = limits.log.filter((line) => line.startsWith("grant"));
    const cancelled = limits.log.filter((line) => line.startsWith("cancel"));
    expect(granted.length - cancelled.length).toBe(2);
    await pass(1);
    await run;
  });

  it("starts a call when its permit comes, and says what it waited for", async () => {
    const { stage, limits, node, reports } = setUp({
      resources: { db: { concurrency: 3 } },
      policies: { t: { concurrency: 2, resources: "db" } },
    });
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]);
    await pass(700);
    expect(stage.starts).toEqual(["b 0"]);
    limits.asks[0]?.grant();
    await run;
    expect(stage.starts).toEqual(["b 0", "a 700"]);
    expect(reports[0]?.calls[0]?.waits).toEqual([
      { for: "concurrency", limit: "resource db, tool t", startMs: 0, ms: 700 },
    ]);
  });

  it("releases the permit of each attempt, and asks for the next", async () => {
    const { stage, limits, node, grantAll } = setUp(
      { policies: { t: { ...REPEATABLE, concurrency: 2 } } },
      { a: [{ throws: httpError(429, { "Retry-After": "2" }) }, {}] },
    );
    grantAll();
    const run = node.invoke(calls("a"));
    await pass(1_999);
    expect(limits.log).toEqual(["ask 1", "grant 1", "release 1"]);
    await pass(1);
    await run;
    expect(stage.starts).toEqual(["a 0", "a 2000"]);
    expect(limits.log.slice(3)).toEqual(["ask 2", "grant 2", "release 2"]);
  });
});

describe("a pause", () => {
  const refused = { throws: httpError(429, { "Retry-After": "2" }) };

  it("is told to where the resource's limits are kept", async () => {
    const { limits, node, grantAll } = setUp(
      {
        resources: { db: { concurrency: 3 }, free: {} },
        policies: {
          t: { ...REPEATABLE, concurrency: 5, resources: ["db", "free"] },
          u: { ...REPEATABLE, rateLimit },
        },
      },
      { a: [refused, {}], b: [refused, {}] },
    );
    grantAll();
    const run = node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]);
    await pass(2_000);
    await run;
    // `free` has no limit that others could keep, nor is `t` what was refused.
    expect(limits.pauses.toSorted()).toEqual([
      "resource db 2000",
      "tool u 2000",
    ]);
  });

  it("that is asked for without a refusal is told as well, up to maxPauseMs", async () => {
    const { limits, node, grantAll } = setUp(
      { policies: { t: { concurrency: 1 } }, maxPauseMs: 1_500 },
      { a: [{ throws: httpError(500, { "Retry-After": "2" }) }] },
    );
    grantAll();
    await node.invoke(calls("a"));
    expect(limits.pauses).toEqual(["tool t 1500"]);
  });

  it("holds for all nodes with the same resources and limits", async () => {
    const resources = { db: { concurrency: 3 } };
    const policies = { t: { ...REPEATABLE, resources: "db" } };
    const script = { a: [refused, {}] };
    const { stage, limits, node, grantAll } = setUp(
      { resources, policies },
      script,
    );
    grantAll();
    const options = { resources, policies };
    const other = new ParallelToolNode(stage.tools("t"), {
      ...options,
      limits,
    });
    const local = new ParallelToolNode(stage.tools("t"), options);
    const run = node.invoke(calls("a"));
    await pass(1);
    const late = other.invoke(calls("b"));
    await local.invoke(calls("c"));
    await pass(1_998);
    expect(stage.starts).toEqual(["a 0", "c 1"]);
    await pass(5_000);
    await Promise.all([run, late]);
    expect(stage.starts).toHaveLength(4);
  });
});

describe("an abort", () => {
  it("takes back what was asked for, and gives back what comes all the same", async () => {
    const { stage, limits, node } = setUp({
      policies: { t: { concurrency: 2 } },
    });
    const controller = new AbortController();
    const reason = new Error("gone");
    const run = node.invoke(calls("a", "b"), { signal: controller.signal });
    run.catch(() => {});
    await pass(10);
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
    for (const asked of limits.asks) {
      expect(asked.request.signal.aborted).toBe(true);
    }
    limits.asks[0]?.grant();
    limits.asks[1]?.reject(new Error("aborted"));
    await pass();
    expect(limits.log.slice(-2)).toEqual(["grant 1", "cancel 1"]);
    expect(stage.log).toEqual([]);
  });
});

describe("limits that can't be had", () => {
  const gone = new Error("no connection");

  it("end one call with an error that the model sees, and skip what waits for it", async () => {
    const { stage, limits, node, grantAll } = setUp({
      policies: { t: { concurrency: 2 }, u: { after: ["t"] } },
    });
    const run = node.invoke([
      ask(callOf("a", "t"), callOf("b", "t"), callOf("c", "u")),
    ]);
    await pass(5);
    limits.asks[0]?.reject(gone);
    await pass();
    grantAll();
    expect(answerLines(await run)).toEqual([
      `a error: ${couldNotStart(gone)}`,
      "b ok: b result",
      `c error: ${waitedForFailed({ ordinal: 1, name: "t" })}`,
    ]);
    expect(stage.starts).toEqual(["b 5"]);
    expect(limits.log).toEqual(["ask 1", "ask 2", "grant 2", "release 2"]);
  });

  it("are no failure of the tool: nothing is retried", async () => {
    const { limits, node, reports } = setUp({
      policies: { t: { concurrency: 2, readOnly: true } },
    });
    const run = node.invoke(calls("a"));
    await pass();
    limits.asks[0]?.reject(gone);
    await run;
    expect(reports[0]?.calls[0]).toMatchObject({
      outcome: "error",
      attempts: 0,
    });
    expect(limits.asks).toHaveLength(1);
  });

  it("are thrown under handleToolErrors: false", async () => {
    const { limits, node } = setUp({
      policies: { t: { concurrency: 2 } },
      handleToolErrors: false,
    });
    const run = node.invoke(calls("a"));
    run.catch(() => {});
    await pass();
    limits.asks[0]?.reject(gone);
    await expect(run).rejects.toBe(gone);
  });
});
