import { fc, test as property } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { gateUnderTest, MAX } from "../support/gate-under-test.js";
import { attempt } from "../support/run-attempts.js";

describe("a pause", () => {
  property.prop([
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.nat({ max: 5 }),
  ])(
    "that is guessed lies between half and the whole",
    async (random, before) => {
      const { clock, take, refuse } = gateUnderTest({ random: () => random });
      for (let i = 0; i < before; i += 1) {
        take();
        await clock.advance(Math.ceil(refuse()));
      }
      take();
      const whole = 100 * 2 ** before;
      const ms = refuse();
      expect(ms).toBeGreaterThanOrEqual(whole / 2);
      expect(ms).toBeLessThanOrEqual(whole);
      expect(ms).toBeCloseTo(whole * (0.5 + random / 2));
    },
  );
});

/**
 * A server that takes one call per `gapMs`, `burst` at once, and says how long
 * to wait if it is one that says so.
 */
const server = fc.record({
  gapMs: fc.integer({ min: 1, max: 300 }),
  burst: fc.integer({ min: 1, max: 6 }),
  says: fc.constantFrom("delay", "zero", "nothing"),
  durationMs: fc.integer({ min: 0, max: 200 }),
  calls: fc.integer({ min: 1, max: 25 }),
  startsCarefully: fc.boolean(),
  learns: fc.boolean(),
});

describe("calls before a server with a limit", () => {
  property.prop([server], { numRuns: 300 })(
    "are all taken in the end",
    async ({ gapMs, burst, says, durationMs, calls, ...options }) => {
      const { clock, gate } = gateUnderTest({ ...options, random: () => 0.5 });
      let due = Number.NEGATIVE_INFINITY;
      const tolerance = gapMs * (burst - 1);
      const verdicts: boolean[] = [];
      const { outcomes, ends } = attempt(
        Array.from({ length: calls }, () => ({ durationMs, limits: [gate] })),
        clock,
        {
          fails: () => {
            const now = clock.now();
            const isRefused = due - tolerance > now;
            if (!isRefused) due = Math.max(due, now) + gapMs;
            verdicts.push(isRefused);
            return isRefused;
          },
          onFail: (_, startedAt, now) => {
            const wait = Math.max(0, due - tolerance - now);
            const asked = { delay: wait, zero: 0, nothing: undefined }[says];
            // A server that says 0 is one whose answer took no time.
            const pauseMs = says === "zero" && durationMs === 0 ? 1 : asked;
            gate.refuse({ startedAt, now, maxPauseMs: MAX, pauseMs });
          },
        },
      );
      await clock.drain();
      await outcomes;
      expect(ends).toEqual(Array.from({ length: calls }, () => 1));
      expect(verdicts.filter((isRefused) => !isRefused)).toHaveLength(calls);
      expect(clock.pending).toBe(0);
    },
  );

  const operation = fc.record({
    what: fc.constantFrom("take", "take", "release", "refuse", "pause"),
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
    pauseMs: fc.option(fc.nat({ max: 5_000 }), { nil: undefined }),
    rate: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
  });

  property.prop(
    [
      fc.array(operation, { maxLength: 80 }),
      fc.boolean(),
      fc.boolean(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    ],
    { numRuns: 500 },
  )(
    "find it open again, whatever has happened before",
    async (operations, learns, startsCarefully, random) => {
      const { clock, gate } = gateUnderTest({
        learns,
        startsCarefully,
        random: () => random,
      });
      const started: number[] = [];
      for (const { what, afterMs, pauseMs, rate } of operations) {
        await clock.advance(afterMs);
        const now = clock.now();
        if (what === "take" && gate.hasRoom(1, now)) {
          gate.take(1, now);
          started.push(now);
        } else if (what === "pause" && pauseMs !== undefined) {
          gate.pause(pauseMs, now);
        } else if (what === "release" && started.shift() !== undefined) {
          gate.release(1);
          gate.offer(now);
        } else if (what === "refuse") {
          const startedAt = started.shift();
          if (startedAt === undefined) continue;
          gate.refuse({
            startedAt,
            now,
            maxPauseMs: MAX,
            pauseMs,
            rate: rate && rate / 1_000,
          });
          gate.release(1);
          gate.offer(now);
        }
      }
      const { outcomes, ends } = attempt(
        [0, 1, 2].map(() => ({ durationMs: 5, limits: [gate] })),
        clock,
      );
      // Whoever runs ends at last.
      for (const _ of started) gate.release(1);
      gate.offer(clock.now());
      await clock.drain();
      await outcomes;
      expect(ends).toEqual([1, 1, 1]);
      expect(gate.hasRoom(1, clock.now() + 10 * MAX)).toBe(true);
    },
  );
});
