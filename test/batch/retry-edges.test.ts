import { RunnableLambda } from "@langchain/core/runnables";
import { ParallelToolNode } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  attemptedNode,
  answersOf,
  calls,
  finish,
  playTime,
  REPEATABLE,
  repeatableNode,
} from "../support/attempted-node.js";
import { httpError } from "../support/attempted-tools.js";
import { settle } from "../support/fake-clock.js";
import { ask, callOf } from "../support/messages.js";
import { ScriptedLimits } from "../support/scripted-limits.js";
playTime();
const quiet = { jitter: false, logWarning: false };

/** What a run gives or throws, or that it does neither. */
const orHangs = async (run: Promise<unknown>) => {
  const done = run.catch((error: unknown) => ({ threw: error }));
  await vi.runAllTimersAsync();
  await settle();
  return Promise.race([done, settle().then(() => "hangs")]);
};

it("a 503 that asks for more than maxPauseMs is not waited for", async () => {
  const { stage, node } = attemptedNode(
    { a: [{ throws: httpError(503, { "Retry-After": "3600" }) }] },
    { policies: { t: { idempotent: true } } },
  );
  await answersOf(node.invoke(calls("a")));
  expect(stage.starts).toEqual(["a 0"]);
});
it("the pauses of a call add up, whatever the status", async () => {
  const { stage, node } = attemptedNode(
    { a: [{ throws: httpError(503, { "Retry-After": "50" }) }] },
    { policies: { t: { idempotent: true } } },
  );
  await answersOf(node.invoke(calls("a")));
  expect(stage.starts).toEqual(["a 0", "a 50000"]);
});
it("maxPauseMs 0 lets no call wait for its server", async () => {
  const { stage, node } = repeatableNode(
    { a: [{ throws: httpError(429) }] },
    { maxPauseMs: 0 },
  );
  await answersOf(node.invoke(calls("a")));
  expect(stage.starts).toEqual(["a 0"]);
});
it("a Retry-After of 0 that is followed by refusals is no pause to keep to", async () => {
  const { stage, node } = repeatableNode({
    a: [{ throws: httpError(429, { "Retry-After": "0" }) }],
  });
  await answersOf(node.invoke(calls("a")));
  const times = stage.starts.map((start) => Number(start.slice(2)));
  expect(times.length).toBeGreaterThan(2);
  expect(times.at(-1)).toBeGreaterThan(3_000);
});
it("one refusal beside a long call doesn't close the tool for long", async () => {
  const { stage, node } = repeatableNode({
    a: [{ afterMs: 600_000 }],
    b: [{ throws: httpError(429, { "Retry-After": "1" }) }, {}],
  });
  const a = node.invoke(calls("a"));
  await vi.advanceTimersByTimeAsync(590_000);
  const b = node.invoke(calls("b"));
  await vi.advanceTimersByTimeAsync(1_000);
  const c = node.invoke(calls("c"));
  await finish(Promise.all([a, b, c]));
  const at = Number(stage.starts.at(-1)?.slice(2));
  expect(stage.starts.at(-1)).toMatch(/^c /);
  expect(at).toBeLessThanOrEqual(596_000);
});
it("a call that fails after an abort leaves no timer", async () => {
  const controller = new AbortController();
  const { node } = attemptedNode(
    { a: [{ afterMs: 20, throws: new Error("own") }] },
    { policies: { t: { retry: quiet } }, handleToolErrors: false },
  );
  const run = node.invoke(calls("a"), { signal: controller.signal });
  run.catch(() => {});
  await vi.advanceTimersByTimeAsync(10);
  controller.abort(new Error("gone"));
  await vi.advanceTimersByTimeAsync(10);
  const n = vi.getTimerCount();
  await vi.runAllTimersAsync();
  expect(n).toBe(0);
});
it("a call that fails after its sibling leaves no timer", async () => {
  const { node } = attemptedNode(
    {
      a: [{ afterMs: 20, throws: new Error("own") }],
      b: [{ afterMs: 10, throws: httpError(404) }],
    },
    {
      policies: { t: { readOnly: true, dedupe: false } },
      handleToolErrors: false,
    },
  );
  const run = node.invoke(calls("a", "b"));
  run.catch(() => {});
  await vi.advanceTimersByTimeAsync(20);
  const n = vi.getTimerCount();
  await vi.runAllTimersAsync();
  expect(n).toBe(0);
});
it("a refused call goes before calls of earlier batches that have not started", async () => {
  const { stage } = attemptedNode({
    a: [{ afterMs: 50 }],
    c: [{ afterMs: 10, throws: httpError(429, { "Retry-After": "1" }) }, {}],
  });
  const node = new ParallelToolNode(stage.tools("t", "u"), {
    resources: { r: { rateLimit: { limit: 100, intervalMs: 1, jitterMs: 0 } } },
    policies: {
      t: { ...REPEATABLE, resources: "r" },
      u: { resources: "r", after: ["t"] },
    },
  });
  const first = node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]);
  const second = node.invoke(calls("c"));
  await finish(Promise.all([first, second]));
  expect(stage.starts).toEqual(["a 0", "c 0", "c 1010", "b 1010"]);
});
it("a feedback function that gives a trap says nothing", async () => {
  const feedback = () => ({
    get limited(): boolean {
      throw new Error("trap");
    },
  });
  const { node } = attemptedNode(
    { a: [{ throws: new Error("x") }] },
    { policies: { t: { feedback } } },
  );
  expect(await orHangs(node.invoke(calls("a")))).not.toBe("hangs");
});
const trap = () => {
  throw new Error("trap");
};

describe.each<[string, () => unknown]>([
  [
    "a name",
    () => Object.defineProperty(new Error("x"), "name", { get: trap }),
  ],
  [
    "a mark of LangGraph",
    () => Object.defineProperty(new Error("x"), "is_bubble_up", { get: trap }),
  ],
  ["a prototype", () => new Proxy(new Error("x"), { getPrototypeOf: trap })],
  [
    "everything",
    () =>
      new Proxy(new Error("x"), {
        get: trap,
        has: trap,
        getOwnPropertyDescriptor: trap,
      }),
  ],
])("an error that throws when asked for %s", (_, createError) => {
  it.each([
    [true, {}],
    [true, { readOnly: true }],
    [false, {}],
    [false, { readOnly: true }],
  ])(
    "ends its call: handleToolErrors %j, %j",
    async (handleToolErrors, policy) => {
      const { node } = attemptedNode(
        { a: [{ throws: createError() }] },
        { policies: { t: policy }, handleToolErrors },
      );
      expect(await orHangs(node.invoke(calls("a")))).not.toBe("hangs");
    },
  );
});

it("limits whose pause throws keep no call from ending", async () => {
  const limits = new ScriptedLimits();
  limits.onAsk = (ask) => ask.grant();
  limits.pause = () => {
    throw new Error("no redis");
  };
  const { node } = attemptedNode(
    { a: [{ throws: httpError(429) }, {}] },
    { limits, policies: { t: { concurrency: 1 } } },
  );
  expect(await orHangs(node.invoke(calls("a")))).not.toBe("hangs");
});
it("an acquire that throws at once has rejected", async () => {
  const limits = new ScriptedLimits();
  let n = 0;
  const real = limits.acquire.bind(limits);
  limits.onAsk = (ask) => ask.grant();
  limits.acquire = (request) => {
    n += 1;
    if (n === 2) throw new Error("sync");
    return real(request);
  };
  const { node } = attemptedNode(
    { a: [{ throws: httpError(429) }, {}] },
    { limits, policies: { t: { concurrency: 1 } } },
  );
  expect(await orHangs(node.invoke(calls("a")))).not.toBe("hangs");
});
it("an abort is final, even if feedback calls it a refusal", async () => {
  const throws = new DOMException("too slow", "AbortError");
  const { stage, node } = attemptedNode(
    { a: [{ throws }] },
    { policies: { t: { feedback: () => ({ limited: true }) } } },
  );
  await answersOf(node.invoke(calls("a")));
  expect(stage.starts).toHaveLength(1);
});
it("a rest that an abort cuts short is reported as long as it was", async () => {
  const controller = new AbortController();
  const { node, reports } = attemptedNode(
    { a: [{ throws: new Error("x") }] },
    { policies: { t: { retry: quiet } } },
  );
  const run = node.invoke(calls("a"), { signal: controller.signal });
  run.catch(() => {});
  await vi.advanceTimersByTimeAsync(100);
  controller.abort(new Error("gone"));
  await run.catch(() => {});
  expect(reports[0]?.calls[0]?.waits).toEqual([
    { for: "retry", limit: "tool t", startMs: 0, ms: 100 },
  ]);
});
it("a batch that throws for want of limits waits for the calls that run", async () => {
  const limits = new ScriptedLimits();
  const { node } = attemptedNode(
    { b: [{ afterMs: 100 }] },
    { limits, policies: { t: { concurrency: 1 } }, handleToolErrors: false },
  );
  let isOver = false;
  const run = node
    .invoke([ask(callOf("a", "t"), callOf("b", "u"))])
    .catch(() => {
      isOver = true;
    });
  await vi.advanceTimersByTimeAsync(10);
  limits.asks[0]?.reject(new Error("gone"));
  await vi.advanceTimersByTimeAsync(10);
  const early = isOver;
  await finish(run);
  expect(early).toBe(false);
});
it("a tool made with withRetry and asTool is left to itself", async () => {
  let n = 0;
  const flaky = RunnableLambda.from(() => {
    n += 1;
    throw httpError(500);
  }).withRetry({ stopAfterAttempt: 1 });
  const node = new ParallelToolNode(
    [
      flaky.asTool({
        name: "t",
        description: "-",
        schema: z.looseObject({}),
      }) as never,
    ],
    { policies: { t: { readOnly: true } } },
  );
  await finish(node.invoke(calls("a")));
  expect(n).toBe(1);
});
