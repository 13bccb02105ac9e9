import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  type Access,
  planBatch,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { nodesOf } from "@/plan/plan-calls.js";
import { FakeClock } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";

interface Args {
  readonly accesses: Access[];
  readonly durationMs: number;
  readonly ends: "ok" | "error";
}

interface Call {
  readonly name: string;
  readonly args: Args;
}

const AFTER: Record<string, readonly string[]> = {
  b: ["a"],
  c: ["a", "b"],
};

const access = ({ accesses }: Args) => accesses;

const policies: Record<string, ToolPolicy<Args>> = {
  a: { access },
  b: { access, after: AFTER["b"] ?? [] },
  c: { access, after: AFTER["c"] ?? [] },
  barrier: { access, sequential: true },
};

const call = (names: fc.Arbitrary<string>) =>
  fc.record({
    name: names,
    args: fc.record({
      accesses: fc.array(
        fc
          .tuple(fc.boolean(), fc.constantFrom("x", "y", "z"))
          .map(([writes, key]) => (writes ? write(key) : read(key))),
        { maxLength: 1 },
      ),
      durationMs: fc.integer({ min: 1, max: 30 }),
      ends: fc
        .integer({ min: 0, max: 19 })
        .map((n) => (n === 0 ? ("error" as const) : ("ok" as const))),
    }),
  });

/** About forty calls, most of them of `a`, so that there are groups of them. */
const calls = fc
  .tuple(
    fc.array(call(fc.constant("a")), { minLength: 15, maxLength: 22 }),
    fc.array(call(fc.constantFrom("b", "b", "b", "c")), { maxLength: 22 }),
    fc.array(call(fc.constantFrom("a", "b", "c", "barrier")), { maxLength: 3 }),
  )
  .chain((parts) => {
    const all = parts.flat();
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

/** The order of a plan: that of the message, as far as `after` allows. */
function orderOf(batch: readonly Call[]): number[] {
  const left = batch.map((_, i) => i);
  const order: number[] = [];
  while (left.length > 0) {
    const at = left.findIndex((i) =>
      left.every(
        (other) => !AFTER[batch[i]?.name ?? ""]?.includes(batch[other]!.name),
      ),
    );
    order.push(...left.splice(at, 1));
  }
  return order;
}

function hasToWait(later: Call, earlier: Call): boolean {
  const isBarrier = [later, earlier].some(({ name }) => name === "barrier");
  return (
    isBarrier ||
    AFTER[later.name]?.includes(earlier.name) === true ||
    later.args.accesses.some((one) =>
      earlier.args.accesses.some(
        (other) =>
          one.key === other.key &&
          (one.mode === "write" || other.mode === "write"),
      ),
    )
  );
}

/** When each call starts, or which call keeps it from starting, pair by pair. */
function modelOf(batch: readonly Call[]): string[] {
  const endAt: number[] = [];
  const cause: (number | undefined)[] = [];
  const lines: string[] = [];
  const done: number[] = [];
  for (const i of orderOf(batch)) {
    const { args } = batch[i] as Call;
    const awaited = done.filter((j) => hasToWait(batch[i]!, batch[j]!));
    const readyAt = Math.max(0, ...awaited.map((j) => endAt[j]!));
    const causes = awaited.flatMap((j) => cause[j] ?? []);
    if (causes.length > 0) {
      cause[i] = Math.min(...causes);
      endAt[i] = readyAt;
      lines[i] = `skipped for ${cause[i]} at ${readyAt}`;
    } else {
      if (args.ends === "error") cause[i] = i;
      endAt[i] = readyAt + args.durationMs;
      lines[i] = `start at ${readyAt}`;
    }
    done.push(i);
  }
  return lines;
}

async function run(batch: readonly Call[]): Promise<string[]> {
  const clock = new FakeClock();
  const plan = planBatch(
    batch.map(({ name, args }) => ({ name, args: { ...args } })),
    { policies },
  );
  const { dependsOn, groups } = nodesOf(plan.calls, (index) => index);
  const { traces, outcomes } = simulate(
    batch.map(({ args }, i) => ({
      durationMs: args.durationMs,
      ends: args.ends,
      dependsOn: dependsOn[i] ?? [],
    })),
    clock,
    undefined,
    groups,
  );
  await clock.drain();
  return (await outcomes).map(({ status, failed }, i) =>
    status === "skipped"
      ? `skipped for ${failed} at ${traces[i]?.endAt}`
      : `start at ${traces[i]?.startAt}`,
  );
}

describe("calls after many others", () => {
  test.prop([calls], { numRuns: 200 })(
    "start the moment when the last of them has ended, or are skipped for the first that failed",
    async (batch) => {
      expect(await run(batch)).toEqual(modelOf(batch));
    },
  );

  test.prop([calls], { numRuns: 200 })(
    "have one edge per other call at most",
    (batch) => {
      const plan = planBatch(
        batch.map(({ name, args }) => ({ name, args: { ...args } })),
        { policies },
      );
      for (const { dependsOn } of plan.calls) {
        const named = dependsOn.flatMap(
          ({ index, indexes = [index] }) => indexes,
        );
        expect(new Set(named).size).toBe(named.length);
      }
    },
  );
});
