import { expect, test } from "vitest";
import { planBatch, read, write } from "parallel-tools-node";

function edgesOf(plan: ReturnType<typeof planBatch>): number {
  return plan.calls.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
}

const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ name, args: { i } }));

test("many readers between two writers of a key take two edges each", () => {
  const plan = planBatch(
    [...many("set", 1), ...many("get", 1_000), ...many("set", 1)],
    {
      policies: {
        set: { access: [write("x")] },
        get: { access: [read("x")] },
      },
    },
  );
  expect(edgesOf(plan)).toBe(2_000);
});

test("many readers and then many writers take one edge per writer beside those of the first", () => {
  const plan = planBatch([...many("get", 1_000), ...many("set", 1_000)], {
    policies: {
      set: { access: [write("x")] },
      get: { access: [read("x")] },
    },
  });
  expect(edgesOf(plan)).toBe(1_000 + 999);
});

test("barriers take one edge per call on either side", () => {
  const plan = planBatch(
    [...many("a", 500), ...many("b", 10), ...many("a", 500)],
    { policies: { b: { sequential: true } } },
  );
  expect(edgesOf(plan)).toBe(500 + 9 + 500);
});

test("many calls after many others take one edge each, and share one list", () => {
  const plan = planBatch([...many("b", 500), ...many("a", 500)], {
    policies: { b: { after: ["a"] } },
  });
  expect(edgesOf(plan)).toBe(500);
  const lists = plan.calls.map(({ dependsOn }) => dependsOn[0]?.indexes);
  expect(new Set(lists.slice(0, 500)).size).toBe(1);
  expect(lists[0]).toEqual(Array.from({ length: 500 }, (_, i) => 500 + i));
  expect(Object.isFrozen(lists[0])).toBe(true);
  expect(plan).toMatchObject({ shape: "mixed", depth: 2 });
});
