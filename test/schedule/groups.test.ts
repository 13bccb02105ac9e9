import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import type { Outcome } from "@/schedule/outcome.js";
import { Schedule } from "@/schedule/schedule.js";
import type { ScheduledCall } from "@/schedule/scheduled-call.js";
import { FakeClock } from "../support/fake-clock.js";
import { simpleExecutor } from "../support/run-schedule.js";

interface Call {
  readonly durationMs: number;
  /** Calls and groups that stand before it: counted modulo how many there are. */
  readonly calls: readonly number[];
  readonly groups: readonly number[];
  readonly status: "ok" | "error" | "interrupted";
  readonly isCapped: boolean;
  readonly isRefused: boolean;
  readonly arrivesAt: number;
  /** How the call has ended elsewhere, if it hasn't begun here. */
  readonly elsewhere: { readonly at: number; readonly status: "ok" | "error" };
  readonly isElsewhere: boolean;
}

interface Batch {
  /** Where each group begins, and how many calls it has at most. */
  readonly groups: readonly { readonly from: number; readonly size: number }[];
  readonly calls: readonly Call[];
  readonly comeOneByOne: boolean;
  readonly abortAt: number;
}

const arbitraryCall = fc.record({
  durationMs: fc.integer({ min: 0, max: 20 }),
  calls: fc.array(fc.nat({ max: 99 }), { maxLength: 2 }),
  groups: fc.array(fc.nat({ max: 9 }), { maxLength: 2 }),
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constant("ok" as const) },
    { weight: 2, arbitrary: fc.constant("error" as const) },
    { weight: 1, arbitrary: fc.constant("interrupted" as const) },
  ),
  isCapped: fc.boolean(),
  isRefused: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  arrivesAt: fc.nat({ max: 60 }),
  elsewhere: fc.record({
    at: fc.nat({ max: 60 }),
    status: fc.constantFrom("ok" as const, "error" as const),
  }),
  isElsewhere: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
});

const arbitraryBatch: fc.Arbitrary<Batch> = fc.record({
  groups: fc.array(
    fc.record({
      from: fc.nat({ max: 12 }),
      size: fc.integer({ min: 1, max: 6 }),
    }),
    { maxLength: 3 },
  ),
  calls: fc.array(arbitraryCall, { minLength: 2, maxLength: 20 }),
  comeOneByOne: fc.boolean(),
  abortAt: fc.integer({ min: 0, max: 400 }),
});

/** Runs the batch with its groups, or with an edge on each call in their place. */
async function run(batch: Batch, isGrouped: boolean) {
  const clock = new FakeClock();
  const abort = new AbortController();
  const starts: string[] = [];
  const ends: string[] = [];
  const begun = new Set<number>();
  const size = batch.calls.length;
  const groups = batch.groups
    .map(({ from, size: most }) =>
      Array.from({ length: most }, (_, i) => from + i),
    )
    .filter((group) => group.every((member) => member < size));
  const limits = createLimits("node", { concurrency: 2 }, clock);
  const free = createLimits("node", {}, clock);
  const calls = batch.calls.map((call, i): ScheduledCall<string> => {
    const earlier = new Set(i === 0 ? [] : call.calls.map((one) => one % i));
    const nodes = new Set<number>();
    for (const group of call.groups) {
      const members = groups[group];
      if (members === undefined || members.some((one) => one >= i)) continue;
      if (isGrouped) nodes.add(size + group);
      else for (const one of members) earlier.add(one);
    }
    return {
      dependsOn: [...earlier, ...nodes],
      limits: call.isCapped ? limits : free,
      cost: 1,
      preset: call.isRefused ? { status: "refused" } : undefined,
    };
  });
  const schedule = new Schedule<string>({
    calls,
    groups: isGrouped ? groups : undefined,
    clock,
    comeOneByOne: batch.comeOneByOne,
    signal: abort.signal,
    executor: simpleExecutor({
      execute: async (position) => {
        const { durationMs, status } = batch.calls[position] as Call;
        if (durationMs > 0) await clock.sleep(durationMs);
        return status;
      },
      judgeValue: (_, status) => ({ status }),
    }),
    observer: {
      onReady: () => {},
      onStart: (position, now) => {
        begun.add(position);
        starts.push(`${now} ${position}`);
      },
      onAgain: () => {},
      onEnd: (position, now, { status, failed }) => {
        begun.add(position);
        ends.push(`${now} ${position} ${status} ${failed}`);
      },
    },
  });
  batch.calls.forEach(({ arrivesAt, elsewhere, isElsewhere }, position) => {
    if (batch.comeOneByOne) {
      clock.schedule(() => schedule.arrive(position), arrivesAt);
    }
    if (isElsewhere) {
      const outcome: Outcome<string> = { status: elsewhere.status };
      clock.schedule(() => {
        if (!begun.has(position)) schedule.settle(position, outcome);
      }, elsewhere.at);
    }
  });
  clock.schedule(() => abort.abort(), batch.abortAt);
  const outcomes = schedule.run();
  await clock.drain();
  return { starts, ends: ends.toSorted(), outcomes: await outcomes };
}

describe("a group of calls that others wait for", () => {
  test.prop([arbitraryBatch], { numRuns: 1_000 })(
    "lets them start, skips them and names causes just as an edge on each of its calls does",
    async (batch) => {
      expect(await run(batch, true)).toEqual(await run(batch, false));
    },
  );
});
