import { getEventListeners } from "node:events";
import { tool } from "@langchain/core/tools";
import { fc } from "@fast-check/vitest";
import {
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  write,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  type Attempt,
  AttemptedTools,
  httpError,
} from "../support/attempted-tools.js";
import { playTime } from "../support/attempted-node.js";
import { ask, callOf } from "../support/messages.js";

playTime();

const INSTANTS = 250;
const reason = new Error("the user went away");

/** Everything that waits, in one node: caps, rates, pauses, retries, circuits. */
const OPTIONS: ParallelToolNodeOptions = {
  maxConcurrency: 4,
  batchTimeoutMs: 2_500,
  resources: {
    api: {
      concurrency: 2,
      rateLimit: { limit: 3, intervalMs: 200, jitterMs: 0 },
      circuit: { failures: 3, resetMs: 300 },
    },
  },
  policies: {
    limited: { resources: "api", idempotent: true, timeoutMs: 150 },
    writing: { access: [write("file")], timeoutMs: 300 },
    heeding: { after: ["writing"], retry: { logWarning: false } },
  },
};

const attempt: fc.Arbitrary<Attempt> = fc.oneof(
  fc.record({ afterMs: fc.nat({ max: 400 }) }),
  fc.record({
    afterMs: fc.nat({ max: 100 }),
    throws: fc.constantFrom<unknown>(
      new Error("broke"),
      httpError(429, { "retry-after": "1" }),
      httpError(503),
    ),
  }),
);

const scene = fc.record({
  instant: fc.nat({ max: 1_500 }),
  drainMs: fc.constantFrom(undefined, 0, 50),
  handleToolErrors: fc.boolean(),
  calls: fc.array(
    fc.record({
      name: fc.constantFrom("limited", "writing", "heeding"),
      attempts: fc.array(attempt, { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

/** Ends when it is aborted. */
function heedingTool(stage: AttemptedTools) {
  return tool(
    async (_, { signal }: { signal?: AbortSignal }) => {
      stage.log.push(`? start ${performance.now()}`);
      return new Promise<string>((resolve, reject) => {
        const timer = setTimeout(resolve, 120, "done");
        const stop = () => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener("abort", stop, { once: true });
      });
    },
    { name: "heeding", description: "h", schema: z.looseObject({}) },
  );
}

/** How often each tool runs, by what it notes. */
function runningIn(log: readonly string[]): number {
  return log.reduce((sum, line) => {
    if (line.startsWith("?")) return sum;
    return sum + (line.includes(" start ") ? 1 : -1);
  }, 0);
}

describe("an abort of the run", () => {
  it(`at any of ${INSTANTS} seeded instants starts nothing more, and leaves no timer and no listener`, async () => {
    const scenes = fc.sample(scene, { seed: 6, numRuns: INSTANTS });
    let aborted = 0;
    let atRest = 0;
    for (const { instant, drainMs, handleToolErrors, calls } of scenes) {
      const stage = new AttemptedTools(
        Object.fromEntries(calls.map(({ attempts }, i) => [`c${i}`, attempts])),
      );
      const reports: BatchReport[] = [];
      const node = new ParallelToolNode(
        [...stage.tools("limited", "writing"), heedingTool(stage)],
        {
          ...OPTIONS,
          resources: { ...OPTIONS.resources },
          handleToolErrors,
          onReport: (report) => reports.push(report),
          ...(drainMs !== undefined && { drainMs }),
        },
      );
      const controller = new AbortController();
      const { signal } = controller;
      let settledAt: number | undefined;
      const run = node
        .invoke([ask(...calls.map(({ name }, i) => callOf(`c${i}`, name)))], {
          signal,
        })
        .catch((error: unknown) => error)
        .finally(() => (settledAt = performance.now()));
      const beganAt = performance.now();
      await vi.advanceTimersByTimeAsync(instant);
      const before = stage.log.filter((line) => line.includes(" start "));
      const wasOver = settledAt !== undefined;
      controller.abort(reason);
      await vi.advanceTimersByTimeAsync(0);
      const isWaiting = settledAt === undefined;
      // The tools' own, the batch's limit, and each limit of a call in time.
      const left = runningIn(stage.log);
      const ours = vi.getTimerCount() - left;
      const mostOfOurs = isWaiting
        ? left + 1 + (drainMs === undefined ? 0 : 1)
        : 0;
      expect(ours).toBeGreaterThanOrEqual(0);
      expect(ours).toBeLessThanOrEqual(mostOfOurs);
      // Without `drainMs` the batch's own limit ends it.
      const waitMs = drainMs ?? 2_500;
      await vi.advanceTimersByTimeAsync(waitMs);
      expect(settledAt).toBeLessThanOrEqual(beganAt + instant + waitMs + 1);
      expect(vi.getTimerCount()).toBe(runningIn(stage.log));
      await vi.runAllTimersAsync();
      await run;
      expect(stage.log.filter((line) => line.includes(" start "))).toEqual(
        before,
      );
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      expect(reports).toHaveLength(1);
      if (!wasOver) aborted += 1;
      if (!wasOver && left === 0) atRest += 1;
    }
    // Else the instants would miss what they are for.
    expect(aborted).toBeGreaterThan(INSTANTS / 3);
    expect(atRest).toBeGreaterThan(0);
  }, 60_000);
});
