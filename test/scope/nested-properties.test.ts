import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FakeClock } from "../support/fake-clock.js";
import { arbitraryTree } from "./support/nested-tree.js";
import { playTree } from "./support/play-tree.js";

describe("a tree of calls", () => {
  test.prop([arbitraryTree()], { numRuns: 300 })(
    "ends, with no leaf beyond a cap and no call but those of point 3",
    async (tree) => {
      const { faults } = await playTree(tree, new FakeClock());
      expect(faults).toEqual([]);
    },
  );
});
