import { setMaxListeners } from "node:events";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, vi } from "vitest";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { arbitraryTree } from "./support/nested-tree.js";
import { playTree } from "./support/play-tree.js";
import { seenBy, withoutNesting } from "./support/stores.js";

// Hundreds of trees take seconds, and longer on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe("a tree of calls with limits in a store", () => {
  test.prop([arbitraryTree(), fc.integer({ min: 1, max: 3 })], {
    numRuns: 80,
  })(
    "ends with all answers in one process or several, no leaf beyond a cap and no rate exceeded",
    async (tree, processes) => {
      const clock = new FakeClock();
      const stores = seenBy(processes, createInProcessLimits(clock));
      const { faults } = await playTree(tree, clock, { stores });
      expect(faults).toEqual([]);
    },
  );

  test.prop([arbitraryTree(), fc.integer({ min: 1, max: 3 })], {
    numRuns: 80,
  })(
    "ends where the store knows nothing of nested calls",
    async (tree, processes) => {
      const clock = new FakeClock();
      const store = withoutNesting(createInProcessLimits(clock));
      const stores = seenBy(processes, store);
      const { faults } = await playTree(tree, clock, { stores });
      expect(faults).toEqual([]);
    },
  );

  test.prop(
    [
      arbitraryTree(),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 300 }),
    ],
    { numRuns: 120 },
  )(
    "that is aborted at any instant leaves no slot taken",
    async (tree, processes, at) => {
      const clock = new FakeClock();
      const run = new AbortController();
      setMaxListeners(0, run.signal); // All batches of the tree listen.
      clock.schedule(() => run.abort(), at);
      const store = createInProcessLimits(clock);
      const { faults } = await playTree(tree, clock, {
        signal: run.signal,
        stores: seenBy(processes, store),
      });
      expect(faults).toEqual([]);
      const log: number[] = [];
      tree.limits.forEach(({ concurrency, isPLimit, isCareful }, i) => {
        if (concurrency === undefined || isPLimit || isCareful) return;
        const limits = [{ name: `limit ${i}`, concurrency }];
        for (let taken = 0; taken < concurrency; taken += 1) {
          const { signal } = new AbortController();
          void store
            .acquire({ limits, cost: 1, signal })
            .then(() => log.push(i));
        }
      });
      await clock.drain();
      const slots = tree.limits.map(({ concurrency, isPLimit, isCareful }) =>
        isPLimit || isCareful ? 0 : (concurrency ?? 0),
      );
      expect(
        slots.map((_, i) => log.filter((one) => one === i).length),
      ).toEqual(slots);
    },
  );
});
