import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { findAfterCycle } from "@/policy/find-after-cycle.js";
import { NO_POLICY } from "@/policy/policy-book.js";

/** `{ b: ["a"] }`: b comes after a. */
function cycleIn(after: Record<string, readonly string[]>) {
  return findAfterCycle(
    new Map(
      Object.entries(after).map(([name, names]) => [
        name,
        { ...NO_POLICY, after: names },
      ]),
    ),
  );
}

test("a cycle is told from its first tool back to it", () => {
  expect(cycleIn({ a: ["b"], b: ["c"], c: ["b"] })).toEqual(["b", "c", "b"]);
  expect(cycleIn({ a: ["a"] })).toEqual(["a", "a"]);
});

test("two ways to one tool are no cycle", () => {
  expect(
    cycleIn({ a: [], b: ["a"], c: ["a"], d: ["b", "c", "a"] }),
  ).toBeUndefined();
});

test("a chain of 20,000 tools is walked without recursion", () => {
  const chain = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [`t${i}`, [`t${i + 1}`]]),
  );
  expect(cycleIn(chain)).toBeUndefined();
  expect(cycleIn({ ...chain, t20000: ["t0"] })).toHaveLength(20_002);
});

const tools = fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 3 }), {
  minLength: 1,
  maxLength: 8,
});

property.prop([tools], { numRuns: 1_000 })(
  "a cycle is found where taking away tools that wait for nobody leaves some",
  (lists) => {
    const after = Object.fromEntries(
      lists.map((list, i) => [`${i}`, list.map(String)]),
    );
    const left = new Set(Object.keys(after));
    for (let before = -1; before !== left.size; ) {
      before = left.size;
      for (const name of left) {
        const waits = after[name]?.some((other) => left.has(other));
        if (!waits) left.delete(name);
      }
    }
    const cycle = cycleIn(after);
    expect(cycle !== undefined).toBe(left.size > 0);
    cycle?.slice(1).forEach((name, i) => {
      expect(after[cycle[i] ?? ""]).toContain(name);
    });
    if (cycle) expect(cycle.at(-1)).toBe(cycle[0]);
  },
);
