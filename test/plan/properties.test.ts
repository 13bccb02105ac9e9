import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  type Access,
  planBatch,
  read,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { FakeClock } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";

interface Args {
  readonly accesses: Access[];
  readonly durationMs: number;
}

const TOOLS = ["plain", "barrier", "late"] as const;

const policies: Record<string, ToolPolicy<Args>> = {
  plain: { access: ({ accesses }) => accesses },
  barrier: { sequential: true, access: ({ accesses }) => accesses },
  late: { after: ["plain"], access: ({ accesses }) => accesses },
};

const access = fc
  .tuple(fc.boolean(), fc.constantFrom("x", "y", "__proto__"))
  .map(([writes, key]) => (writes ? write(key) : read(key)));

const call = fc.record({
  name: fc.oneof(
    { weight: 6, arbitrary: fc.constant("plain") },
    { weight: 2, arbitrary: fc.constantFrom(...TOOLS) },
  ),
  args: fc.record({
    accesses: fc.array(access, { maxLength: 3 }),
    durationMs: fc.integer({ min: 1, max: 30 }),
  }),
});

/** Runs a plan on a fake clock and tells when each call ran. */
async function spansOf(calls: readonly { name: string; args: Args }[]) {
  const clock = new FakeClock();
  const plan = planBatch(
    calls.map(({ name, args }) => ({ name, args: { ...args } })),
    { policies },
  );
  const { traces, outcomes } = simulate(
    plan.calls.map(({ dependsOn }, position) => ({
      dependsOn: dependsOn.map(({ index }) => index),
      durationMs: calls[position]?.args.durationMs ?? 0,
    })),
    clock,
  );
  await clock.drain();
  await outcomes;
  return traces.map(({ startAt = -1, endAt = -1 }) => ({ startAt, endAt }));
}

function conflict(a: Args, b: Args): boolean {
  return a.accesses.some((one) =>
    b.accesses.some(
      (other) =>
        one.key === other.key &&
        (one.mode === "write" || other.mode === "write"),
    ),
  );
}

describe("a plan that is run", () => {
  test.prop([fc.array(call, { minLength: 1, maxLength: 20 })], {
    numRuns: 1_000,
  })(
    "keeps conflicting calls apart and in message order, barriers alone, and `after` after",
    async (calls) => {
      const spans = await spansOf(calls);
      const isReordered = calls.some(({ name }) => name === "late");
      calls.forEach((first, i) => {
        for (let j = i + 1; j < calls.length; j += 1) {
          const second = calls[j] as (typeof calls)[number];
          const a = spans[i] as { startAt: number; endAt: number };
          const b = spans[j] as { startAt: number; endAt: number };
          const isBarrier = [first, second].some(
            ({ name }) => name === "barrier",
          );
          if (isBarrier || conflict(first.args, second.args)) {
            const inOrder = a.endAt <= b.startAt;
            const swapped = isReordered && b.endAt <= a.startAt;
            expect(inOrder || swapped, `${i} and ${j} overlap`).toBe(true);
          }
          for (const [late, plain] of [
            [i, j],
            [j, i],
          ] as const) {
            if (
              calls[late]?.name === "late" &&
              calls[plain]?.name === "plain"
            ) {
              expect(spans[plain]?.endAt).toBeLessThanOrEqual(
                spans[late]?.startAt ?? -1,
              );
            }
          }
        }
      });
    },
  );

  test.prop([fc.array(call, { minLength: 1, maxLength: 20 })], {
    numRuns: 500,
  })(
    "has one edge per pair at most, and no more than accesses and barriers explain",
    (calls) => {
      const plan = planBatch(
        calls.map(({ name, args }) => ({ name, args: { ...args } })),
        { policies },
      );
      const edges: Record<string, number> = {};
      for (const { dependsOn } of plan.calls) {
        const indexes = dependsOn.map(({ index }) => index);
        expect(new Set(indexes).size).toBe(indexes.length);
        for (const { reason } of dependsOn) {
          edges[reason] = (edges[reason] ?? 0) + 1;
        }
      }
      const accesses = calls.flatMap(({ args }) => args.accesses).length;
      expect(edges["conflict"] ?? 0).toBeLessThanOrEqual(2 * accesses);
      expect(edges["sequential"] ?? 0).toBeLessThanOrEqual(2 * calls.length);
      expect(plan.depth).toBeGreaterThanOrEqual(1);
      expect(plan.depth).toBeLessThanOrEqual(calls.length);
    },
  );
});
