import pLimit from "p-limit";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

function nodeOn(stage: Stage, options: ParallelToolNodeOptions) {
  return new ParallelToolNode(stage.tools("t"), options);
}
const call = (...ids: string[]) => [ask(...ids.map((id) => callOf(id, "t")))];

describe("two nodes", () => {
  const policies = { t: { resources: "db" } };

  it("given the same resources object share its limits", async () => {
    const stage = new Stage();
    const resources = { db: { concurrency: 1 } };
    const first = nodeOn(stage, { resources, policies });
    const second = nodeOn(stage, { resources, policies });
    const runs = [first.invoke(call("a")), second.invoke(call("b"))];
    await settle();
    expect(stage.log).toEqual(["a start"]);
    await stage.finish("a");
    expect(stage.log).toEqual(["a start", "a end", "b start"]);
    await stage.finish("b");
    await Promise.all(runs);
  });

  it("given equal objects share nothing", async () => {
    const stage = new Stage();
    const nodes = [1, 2].map(() =>
      nodeOn(stage, { resources: { db: { concurrency: 1 } }, policies }),
    );
    const runs = nodes.map((node, i) => node.invoke(call(`${i}`)));
    await settle();
    expect(stage.log).toEqual(["0 start", "1 start"]);
    for (const id of ["0", "1"]) await stage.finish(id);
    await Promise.all(runs);
  });

  it("given the same p-limit share it, and neither starves", async () => {
    const stage = new Stage();
    const concurrency = pLimit(1);
    const first = nodeOn(stage, { policies: { t: { concurrency } } });
    const second = nodeOn(stage, { defaultPolicy: { concurrency } });
    const runs = [first.invoke(call("a", "b")), second.invoke(call("c"))];
    for (const id of ["a", "b", "c"]) await stage.finish(id);
    await Promise.all(runs);
    expect(stage.log).toEqual([
      "a start",
      "a end",
      "b start",
      "b end",
      "c start",
      "c end",
    ]);
    expect([concurrency.activeCount, concurrency.pendingCount]).toEqual([0, 0]);
  });
});

describe("batches of one node", () => {
  it("share the caps of the node and of its tools", async () => {
    for (const options of [
      { maxConcurrency: 1 },
      { policies: { t: { concurrency: 1 } } },
    ]) {
      const stage = new Stage();
      const node = nodeOn(stage, options);
      const runs = [node.invoke(call("a")), node.invoke(call("b"))];
      await settle();
      expect(stage.log).toEqual(["a start"]);
      await stage.finish("a");
      await stage.finish("b");
      await Promise.all(runs);
    }
  });

  it("have a cap of their own in config.maxConcurrency", async () => {
    const stage = new Stage();
    const node = nodeOn(stage, { maxConcurrency: 3 });
    const runs = [
      node.invoke(call("a", "b"), { maxConcurrency: 1 }),
      node.invoke(call("c", "d"), { maxConcurrency: 1 }),
    ];
    await settle();
    expect(stage.log).toEqual(["a start", "c start"]);
    await stage.finish("a");
    expect(stage.log.at(-1)).toBe("b start");
    for (const id of ["b", "c", "d"]) await stage.finish(id);
    await Promise.all(runs);
  });
});

describe("an application's own p-limit", () => {
  it("counts the jobs that the application runs in it", async () => {
    const stage = new Stage();
    const concurrency = pLimit(2);
    const node = nodeOn(stage, { policies: { t: { concurrency } } });
    let endJob!: () => void;
    const job = concurrency(
      () =>
        new Promise<void>((resolve) => {
          endJob = resolve;
        }),
    );
    await settle();
    const run = node.invoke(call("a", "b", "c"));
    await settle();
    expect(stage.log).toEqual(["a start"]);
    endJob();
    await job;
    await settle();
    expect(stage.log).toEqual(["a start", "b start"]);
    for (const id of ["a", "b", "c"]) await stage.finish(id);
    await run;
    expect([concurrency.activeCount, concurrency.pendingCount]).toEqual([0, 0]);
  });

  it("is entered once by a call that has it from two sides", async () => {
    const stage = new Stage();
    const concurrency = pLimit(1);
    const node = nodeOn(stage, {
      resources: { db: { concurrency } },
      policies: { t: { concurrency, resources: "db" } },
    });
    const run = node.invoke(call("a"));
    await settle();
    expect(stage.log).toEqual(["a start"]);
    expect([concurrency.activeCount, concurrency.pendingCount]).toEqual([1, 0]);
    await stage.finish("a");
    await run;
  });

  it("lets the application's jobs in, in their turn", async () => {
    const stage = new Stage();
    const concurrency = pLimit(1);
    const node = nodeOn(stage, { policies: { t: { concurrency } } });
    const run = node.invoke(call("a", "b"));
    await settle();
    const job = concurrency(() => {
      stage.log.push("job");
    });
    for (const id of ["a", "b"]) await stage.finish(id);
    await Promise.all([run, job]);
    expect(stage.log).toEqual(["a start", "a end", "b start", "b end", "job"]);
  });
});

describe("a rate limit", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("starts calls at its own pace, and other tools at once", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t", "free"), {
      policies: {
        t: { rateLimit: { limit: 2, intervalMs: 1_000, jitterMs: 0 } },
      },
    });
    const run = node.invoke([
      ask(...["a", "b", "c"].map((id) => callOf(id, "t")), callOf("f", "free")),
    ]);
    await settle();
    expect(stage.log.toSorted()).toEqual(["a start", "b start", "f start"]);
    for (const id of ["a", "b", "c", "f"]) await stage.finish(id);
    await vi.advanceTimersByTimeAsync(999);
    expect(stage.log).not.toContain("c start");
    await vi.advanceTimersByTimeAsync(1);
    expect(stage.log).toContain("c start");
    await run;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind when its batch is aborted", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const stage = new Stage();
    const controller = new AbortController();
    const node = nodeOn(stage, {
      policies: {
        t: { rateLimit: { limit: 1, intervalMs: 1_000, jitterMs: 0 } },
      },
    });
    const reason = new Error("gone");
    const run = node.invoke(call("a", "b"), { signal: controller.signal });
    const thrown = run.catch((error: unknown) => error);
    await stage.finish("a");
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(reason);
    expect(await thrown).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });
});
