import { fc, test } from "@fast-check/vitest";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type RateLimit,
  type ToolPolicy,
} from "parallel-tools-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "../support/fake-clock.js";
import { toolThat } from "../support/agent-tool.js";
import { ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";

const YEAR_MS = 365 * 86_400_000;
/** Far apart, and beyond what one timer of Node can wait (24.8 days). */
const INTERVALS = [1, 7, 50, 1_000, 3_600_000, 30 * 86_400_000, YEAR_MS];

silenceWarnings();
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "performance", "Date"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** When attempts of a batch of `count` calls started, and how many timers fired. */
async function play(
  count: number,
  options: ParallelToolNodeOptions,
  perform: (attempt: number) => string | Promise<string> = () => "done",
): Promise<{ starts: number[]; fired: number }> {
  const startedAt = performance.now();
  const starts: number[] = [];
  const node = new ParallelToolNode(
    [
      toolThat("class", "search", async () => {
        starts.push(performance.now() - startedAt);
        return perform(starts.length);
      }),
    ],
    options,
  );
  const calls = Array.from({ length: count }, (_, i) =>
    callOf(`${i}`, "search", { i }),
  );
  let isOver = false;
  const ended = node.invoke([ask(...calls)]).then(() => {
    isOver = true;
  });
  let fired = 0;
  for (;;) {
    await settle();
    await settle();
    if (isOver || vi.getTimerCount() === 0) break;
    vi.advanceTimersToNextTimer();
    fired += 1;
  }
  await ended;
  return { starts, fired };
}

function withPolicy(
  policy: ToolPolicy,
  options: ParallelToolNodeOptions = {},
): ParallelToolNodeOptions {
  return { policies: { search: policy }, ...options };
}

const rate = fc
  .record({
    limit: fc.integer({ min: 1, max: 8 }),
    /** Evenly over the orders of magnitude. */
    magnitude: fc.double({ min: 0, max: Math.log10(YEAR_MS), noNaN: true }),
    algorithm: fc.constantFrom("sliding-window", "token-bucket"),
  })
  .map(({ limit, magnitude, algorithm }) => {
    const intervalMs = 10 ** magnitude;
    return { limit, intervalMs, algorithm, jitterMs: 0 } satisfies RateLimit;
  });

describe("an interval of 1 ms to a year", () => {
  test.prop([rate, fc.integer({ min: 1, max: 30 })], { numRuns: 200 })(
    "of a rate is kept, used in full, and waited for without a busy loop",
    async (rateLimit, count) => {
      const { starts, fired } = await play(count, withPolicy({ rateLimit }));
      const { limit, intervalMs, algorithm } = rateLimit;
      expect(starts).toHaveLength(count);
      const isWindow = algorithm === "sliding-window";
      for (const [i, at] of starts.entries()) {
        const best = isWindow
          ? Math.floor(i / limit) * intervalMs
          : (Math.max(0, i + 1 - limit) * intervalMs) / limit;
        // Not before, and late by no more than timers of whole milliseconds are.
        const waits = isWindow ? Math.floor(i / limit) : i;
        expect(at).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        expect(at - best).toBeLessThanOrEqual(waits + best * 1e-9);
      }
      const longest = Math.ceil(intervalMs / (2 ** 31 - 1));
      expect(fired).toBeLessThanOrEqual(count * (longest + 1));
    },
  );

  it.each(INTERVALS)("of a retry is waited for: %d ms", async (intervalMs) => {
    const retry = {
      maxAttempts: 2,
      initialInterval: intervalMs,
      maxInterval: Number.POSITIVE_INFINITY,
      jitter: false,
      retryOn: () => true,
      logWarning: false,
    };
    const fail = (attempt: number) => {
      if (attempt === 1) throw new Error("once");
      return "done";
    };
    const policy = { readOnly: true, retry };
    const { starts } = await play(1, withPolicy(policy), fail);
    expect(starts[0]).toBe(0);
    expect(starts).toHaveLength(2);
    expect(Math.abs(starts[1]! - intervalMs)).toBeLessThan(1);
  });

  it.each(INTERVALS.filter((ms) => ms < YEAR_MS))(
    "of a pause is waited for: %d ms",
    async (pauseMs) => {
      const refuse = (attempt: number) => {
        if (attempt > 1) return "done";
        const headers = { "retry-after-ms": String(pauseMs) };
        throw Object.assign(new Error("busy"), { status: 429, headers });
      };
      const options = withPolicy(
        { readOnly: true, concurrency: 1 },
        { maxPauseMs: Number.POSITIVE_INFINITY },
      );
      const { starts } = await play(2, options, refuse);
      expect(starts).toHaveLength(3);
      expect(starts[0]).toBe(0);
      for (const at of starts.slice(1)) {
        expect(at).toBeGreaterThanOrEqual(pauseMs);
        expect(at).toBeLessThanOrEqual(pauseMs * 1.5 + 1_000);
      }
    },
  );

  it.each(INTERVALS)("of a time limit is heard: %d ms", async (timeoutMs) => {
    const startedAt = performance.now();
    const hang = () => new Promise<string>(() => {});
    await play(1, withPolicy({ timeoutMs }), hang);
    expect(Math.abs(performance.now() - startedAt - timeoutMs)).toBeLessThan(1);
  });
});
