import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { createLimits } from "@/limits/create-limits.js";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import { SharedAdmission } from "@/limits/shared-admission.js";
import { type ResolvedRateLimit, readRateLimit } from "@/policy/rate-limit.js";
import { overfullSpans } from "../support/check-spans.js";
import { FakeClock } from "../support/fake-clock.js";
import { simulate } from "../support/run-on-fake-clock.js";

function read(value: unknown): readonly ResolvedRateLimit[] {
  return [readRateLimit("rateLimit", value) ?? []].flat();
}

/** 3 calls and 10 tokens per 100 ms. */
const both = read([
  { limit: 3, intervalMs: 100, jitterMs: 0, counts: "calls" },
  { limit: 10, intervalMs: 100, jitterMs: 0 },
]);

/** In the process itself, and by a store with the interface of `limits`. */
const places = {
  "of the process": (
    rateLimit: readonly ResolvedRateLimit[],
    clock: FakeClock,
  ) => createLimits("resource llm", { rateLimit }, clock),
  "of a store": (rateLimit: readonly ResolvedRateLimit[], clock: FakeClock) => [
    new SharedAdmission(
      [{ name: "resource llm", rateLimit }],
      createInProcessLimits(clock),
      clock,
    ),
  ],
};

describe.each(Object.entries(places))("several rates %s", (_, create) => {
  it("hold together: each call starts when all of them have room", async () => {
    const clock = new FakeClock();
    const limits = create(both, clock);
    const costs = [1, 1, 1, 6, 5, 7];
    const calls = costs.map((cost) => ({ durationMs: 1, limits, cost }));
    const { traces } = simulate(calls, clock);
    await clock.drain();
    // The fourth call is one too many, the fifth tokens 11 and more.
    expect(traces.map(({ startAt }) => startAt)).toEqual([
      0, 0, 0, 100, 200, 300,
    ]);
  });

  it("count a call that costs more than they give as one", async () => {
    const clock = new FakeClock();
    const limits = create([both[0]!], clock);
    const calls = [50, 50, 50, 50].map((cost) => ({
      durationMs: 1,
      limits,
      cost,
    }));
    const { traces } = simulate(calls, clock);
    await clock.drain();
    expect(traces.map(({ startAt }) => startAt)).toEqual([0, 0, 0, 100]);
  });

  property.prop(
    [
      fc.array(
        fc.record({
          limit: fc.integer({ min: 3, max: 6 }),
          intervalMs: fc.integer({ min: 20, max: 200 }),
          jitterMs: fc.nat({ max: 20 }),
          counts: fc.constantFrom("calls", "cost"),
        }),
        { minLength: 2, maxLength: 3 },
      ),
      fc.array(
        fc.record({
          atMs: fc.oneof(fc.constant(0), fc.nat({ max: 300 })),
          cost: fc.integer({ min: 1, max: 3 }),
        }),
        { minLength: 1, maxLength: 25 },
      ),
    ],
    { numRuns: 100 },
  )(
    "are never exceeded, and no call waits without one",
    async (rates, asked) => {
      const clock = new FakeClock();
      const limits = create(read(rates), clock);
      const batches = asked.map(({ atMs, cost }) => {
        let startAt: number | undefined;
        clock.schedule(() => {
          const batch = simulate([{ durationMs: 1, limits, cost }], clock);
          void batch.outcomes.then(() => {
            startAt = batch.traces[0]!.startAt;
          });
        }, atMs);
        return { atMs, cost, start: () => startAt };
      });
      await clock.drain();
      const starts = batches.map(({ atMs, cost, start }) => {
        expect(start()).toBeDefined();
        return { at: start()!, atMs, cost };
      });
      for (const { limit, intervalMs, jitterMs, counts } of rates) {
        const taken = starts.map(({ at, cost }) => ({
          at,
          cost: counts === "calls" ? 1 : cost,
        }));
        expect(overfullSpans(taken, limit, intervalMs + jitterMs)).toEqual([]);
      }
      const hasRoom = (now: number, cost: number) =>
        rates.every(({ limit, intervalMs, jitterMs, counts }) => {
          const tokens = (each: number) => (counts === "calls" ? 1 : each);
          const used = starts
            .filter(({ at }) => at <= now && at > now - intervalMs - jitterMs)
            .reduce((sum, other) => sum + tokens(other.cost), 0);
          return used + tokens(cost) <= limit;
        });
      for (const { at, atMs } of starts) {
        for (let now = atMs; now < at; now += 1) {
          // It or one that came before it.
          const isBlocked = starts.some(
            (other) =>
              other.atMs <= atMs && other.at > now && !hasRoom(now, other.cost),
          );
          expect(isBlocked, `idle at ${now}`).toBe(true);
        }
      }
      expect(clock.pending).toBe(0);
    },
  );
});

describe("the names of several rates", () => {
  const namesOf = (...rates: object[]) =>
    createLimits(
      "tool t",
      { rateLimit: read(rates.map((rate) => ({ limit: 5, ...rate }))) },
      new FakeClock(),
    ).map(({ name }) => name);
  const second = { intervalMs: 1_000 };
  const minute = { intervalMs: 60_000 };
  const calls = { counts: "calls" };

  it("tell them apart by what they count, their interval or their place", () => {
    expect(namesOf(minute)).toEqual(["tool t"]);
    expect(namesOf({ ...minute, ...calls })).toEqual(["tool t"]);
    expect(namesOf(minute, { ...minute, ...calls })).toEqual([
      "tool t (cost)",
      "tool t (calls)",
    ]);
    expect(namesOf(second, minute, { ...minute, ...calls })).toEqual([
      "tool t (cost per 1 s)",
      "tool t (cost per 60 s)",
      "tool t (calls)",
    ]);
    expect(namesOf(second, { ...second, algorithm: "token-bucket" })).toEqual([
      "tool t (cost per 1 s, number 1)",
      "tool t (cost per 1 s, number 2)",
    ]);
  });
});

it("limits of a store with other numbers, or that count something else, stand apart", async () => {
  const clock = new FakeClock();
  const limits = createInProcessLimits(clock);
  const log: string[] = [];
  const { signal } = new AbortController();
  const [calls, cost] = both;
  for (const [id, rateLimit] of [
    ["calls", calls!],
    ["cost", { ...calls!, counts: "cost" } as const],
    ["both", [calls!, cost!]],
    ["cost again", { ...calls!, counts: "cost" } as const],
  ] as const) {
    const limit = { name: "llm", rateLimit };
    void limits.acquire({ limits: [limit], cost: 3, signal }).then(() => {
      log.push(`${clock.now()} ${id}`);
    });
  }
  await clock.drain();
  expect(log).toEqual(["0 calls", "0 cost", "0 both", "100 cost again"]);
});
