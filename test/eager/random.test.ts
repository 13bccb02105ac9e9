import fc from "fast-check";
import process from "node:process";
import { expect, test } from "vitest";
import { arbitraryScene } from "./support/arbitrary-scene.js";
import { EAGER_HOSTS } from "./support/hosts.js";
import { expectSame } from "./support/compare.js";
import { useFakeTimers } from "./support/use-fake-timers.js";

useFakeTimers();

const RUNS = Number(process.env["EAGER_MESSAGES"] ?? 200);

test("random messages have the same end and the same events with eager start", async () => {
  let early = 0;
  await fc.assert(
    fc.asyncProperty(
      arbitraryScene,
      fc.constantFrom(...EAGER_HOSTS),
      async (drawn, host) => {
        const { eager, plain } = await expectSame(host, drawn.scene, {
          of: drawn.of,
        });
        const discarded = eager.reports.flatMap(
          (report) => report.discarded ?? [],
        );
        const runs = drawn.countRuns(plain.log);
        // Which calls have run when a run breaks off is a matter of their times. Where no
        // call comes there is no report either.
        const hasCome = Object.keys(runs).length > 0;
        const isOnce = hasCome && !eager.error && discarded.length === 0;
        expect(isOnce ? drawn.countRuns(eager.log) : runs).toEqual(runs);
        if (eager.reports.some(({ writtenMs }) => writtenMs !== undefined))
          early += 1;
      },
    ),
    // A failure prints its seed. Shrinking takes minutes.
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(early).toBeGreaterThan(RUNS / 4);
}, 600_000);
