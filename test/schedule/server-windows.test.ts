import { fc, test as property } from "@fast-check/vitest";
import { expect, vi } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import type { Limit } from "@/limits/limit.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import { overfullSpans } from "../support/check-spans.js";
import { FakeClock } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";

// 500 runs take a second on an idle machine.
vi.setConfig({ testTimeout: 60_000 });

const call = fc.record({
  durationMs: fc.nat({ max: 60 }),
  cost: fc.integer({ min: 1, max: 3 }),
  /** Which of the limits hold for it; those of the server always do. */
  limits: fc.subarray([0, 1]),
  /** Attempts that fail, and when the next one is due. */
  failures: fc.array(fc.constantFrom(0, 25), { maxLength: 2 }),
  /** What share of the jitter its requests take longer on their way. */
  delays: fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.nat({ max: 4 })),
});

const demand = fc.record({
  isElsewhere: fc.boolean(),
  rateLimit: fc
    .record({
      limit: fc.integer({ min: 3, max: 7 }),
      intervalMs: fc.integer({ min: 5, max: 200 }),
      jitterMs: fc.integer({ min: 0, max: 40 }),
    })
    .map((rate) => ({
      ...rate,
      algorithm: "sliding-window" as const,
      burst: rate.limit,
    })),
  caps: fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
  ),
  batches: fc.array(
    fc.record({
      atMs: fc.nat({ max: 400 }),
      calls: fc.array(call, { minLength: 1, maxLength: 15 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

property.prop([demand], { numRuns: 500 })(
  "a server never sees more than its window allows, whoever calls when, and however late requests arrive within the jitter",
  async ({ isElsewhere, rateLimit, caps, batches }) => {
    const clock = new FakeClock();
    const name = "resource server";
    const window: readonly Limit[] = isElsewhere
      ? [
          new SharedAdmission(
            [{ name, rateLimit }],
            createInProcessLimits(clock),
            clock,
          ),
        ]
      : createLimits(name, { rateLimit }, clock);
    const local = caps.map((concurrency, i) =>
      createLimits(`cap ${i}`, { concurrency }, clock),
    );
    const sets = new Map<string, readonly Limit[]>();
    const limitsOf = (own: readonly number[]) => {
      const key = own.join();
      const set = sets.get(key) ?? [
        ...own.flatMap((i) => local[i]!),
        ...window,
      ];
      sets.set(key, set);
      return set;
    };
    const seen: { at: number; cost: number }[] = [];
    let ended = 0;
    for (const { atMs, calls } of batches) {
      clock.schedule(() => {
        const { outcomes } = attempt(
          calls.map(({ limits, ...rest }) => ({
            ...rest,
            limits: limitsOf(limits),
          })),
          clock,
          {
            fails: (position, number) => {
              const { cost, delays, failures } = calls[position]!;
              const share = delays[(number - 1) % 3]! / 4;
              const at = clock.now() + share * rateLimit.jitterMs;
              seen.push({ at, cost });
              return number <= failures.length;
            },
          },
        );
        void outcomes.then(() => {
          ended += 1;
        });
      }, atMs);
    }
    await clock.drain();
    const attempts = batches.flatMap(({ calls }) =>
      calls.map(({ failures }) => failures.length + 1),
    );
    expect(ended).toBe(batches.length);
    expect(seen).toHaveLength(attempts.reduce((sum, n) => sum + n, 0));
    const { limit, intervalMs } = rateLimit;
    expect(overfullSpans(seen, limit, intervalMs)).toEqual([]);
  },
);
