import { setMaxListeners } from "node:events";
import { fc, test } from "@fast-check/vitest";
import { describe, expect, vi } from "vitest";
import { Slots } from "@/limits/slots.js";
import { FakeClock } from "../support/fake-clock.js";
import { arbitraryTree, drawSmallTree } from "./support/nested-tree.js";
import { playTree } from "./support/play-tree.js";

// Hundreds of trees take seconds, and longer on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe("a tree of calls", () => {
  test.prop([arbitraryTree()], { numRuns: 300 })(
    "ends with all answers, no leaf beyond a cap, no call beyond it but where all others are blocked, and no rate exceeded",
    async (tree) => {
      const { faults } = await playTree(tree, new FakeClock());
      expect(faults).toEqual([]);
    },
  );

  test.prop([arbitraryTree(drawSmallTree)], { numRuns: 500 })(
    "is lent no slot if it ends without",
    async (tree) => {
      const { lent } = await playTree(tree, new FakeClock());
      if (lent === 0) return;
      const lending = vi
        .spyOn(Slots.prototype, "mayBeBorrowedBy")
        .mockReturnValue(false);
      const { faults } = await playTree(tree, new FakeClock());
      lending.mockRestore();
      expect(faults.join()).toMatch("stuck");
    },
  );

  test.prop([arbitraryTree(), fc.integer({ min: 0, max: 300 })], {
    numRuns: 1_000,
  })(
    "that is aborted at any instant leaves no slot taken",
    async (tree, at) => {
      const clock = new FakeClock();
      const run = new AbortController();
      setMaxListeners(0, run.signal); // All batches of the tree listen.
      clock.schedule(() => run.abort(), at);
      const { faults } = await playTree(tree, clock, {
        signal: run.signal,
      });
      expect(faults).toEqual([]);
    },
  );
});
