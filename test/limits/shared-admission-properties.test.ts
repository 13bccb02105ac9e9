import { fc, test as property } from "@fast-check/vitest";
import { expect } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import type { Permit, SharedLimit } from "@/limits/shared-limits.js";
import { FakeClock, settle } from "../support/fake-clock.js";
import { attempt } from "../support/run-attempts.js";

const rateLimit = {
  limit: 5,
  intervalMs: 1_000,
  algorithm: "token-bucket",
  burst: 4,
  jitterMs: 0,
} as const;
const serp: SharedLimit = { name: "resource serp", rateLimit };

/** Grants and rejects at random, and checks what becomes of each permit. */
const scenario = fc.record({
  /** Each with a batch, when it comes and when it's aborted, if it is. */
  batches: fc.array(
    fc.record({
      arrivesAt: fc.nat({ max: 300 }),
      abortsAt: fc.option(fc.nat({ max: 600 }), { nil: undefined, freq: 2 }),
      calls: fc.array(
        fc.record({
          durationMs: fc.integer({ min: 0, max: 80 }),
          cost: fc.integer({ min: 1, max: 2 }),
          /** Only there, here as well, or only here. */
          kept: fc.constantFrom(0, 0, 1, 1, 2),
          failures: fc.array(fc.constantFrom(0, 30), { maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  cap: fc.integer({ min: 1, max: 3 }),
  /** How long each ask takes and whether it's heard, over and over. */
  answers: fc.array(
    fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.nat({ max: 120 })),
      isRejected: fc.boolean(),
      heedsAbort: fc.boolean(),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  rejects: fc.boolean(),
});

property.prop([scenario], { numRuns: 150 })(
  "each permit is released or cancelled exactly once, each call has one, and nothing hangs",
  async ({ batches, cap, answers, rejects }) => {
    const clock = new FakeClock();
    const fates: string[] = [];
    let held = 0;
    let asks = 0;
    const open = new Map<number, number>();
    const permitOf = (number: number, onEnd: () => void): Permit => {
      fates[number] = "";
      const end = (fate: string) => () => {
        fates[number] += fate;
        onEnd();
      };
      return { release: end("released"), cancel: end("cancelled") };
    };
    const admission = new SharedAdmission(
      [serp],
      {
        acquire: ({ cost, signal }) => {
          const answer = answers[asks % answers.length]!;
          const number = (asks += 1);
          open.set(cost, (open.get(cost) ?? 0) + 1);
          expect(open.get(cost)).toBeLessThanOrEqual(8);
          const close = () => open.set(cost, (open.get(cost) ?? 0) - 1);
          signal.addEventListener("abort", close, { once: true });
          return new Promise((resolve, reject) => {
            if (answer.heedsAbort) {
              signal.addEventListener("abort", () => reject(signal.reason));
            }
            clock.schedule(() => {
              if (!signal.aborted) {
                signal.removeEventListener("abort", close);
                close();
              }
              if (rejects && answer.isRejected) reject(new Error("no"));
              else if (!(signal.aborted && answer.heedsAbort)) {
                held += 1;
                resolve(permitOf(number, () => (held -= 1)));
              }
            }, answer.afterMs);
          });
        },
        pause: () => {},
      },
      clock,
    );
    const caps = createLimits("cap", { concurrency: cap }, clock);
    const limitSets = [[admission], [...caps, admission], caps];
    const results = batches.map(async ({ arrivesAt, abortsAt, calls }) => {
      await clock.sleep(arrivesAt);
      const controller = new AbortController();
      if (abortsAt !== undefined) {
        clock.schedule(() => controller.abort(), abortsAt);
      }
      const run = attempt(
        calls.map(({ kept, ...call }) => ({
          ...call,
          limits: limitSets[kept]!,
        })),
        clock,
        { signal: controller.signal },
      );
      await run.outcomes;
      return { ...run, calls };
    });
    await clock.drain();
    const runs = await Promise.all(results);
    await settle();
    for (const { ends } of runs) {
      for (const count of ends) expect(count).toBe(1);
    }
    const starts = runs.flatMap((run) =>
      run.starts.filter((_, i) => run.calls[i]!.kept !== 2),
    );
    const started = starts.reduce((sum, count) => sum + count, 0);
    const known = fates.filter((fate) => fate !== undefined);
    expect(known.filter((fate) => fate === "released")).toHaveLength(started);
    for (const fate of known) expect(["released", "cancelled"]).toContain(fate);
    expect(held).toBe(0);
    expect(clock.pending).toBe(0);
    expect(caps.every((limit) => limit.hasRoom(1, clock.now()))).toBe(true);
  },
);
