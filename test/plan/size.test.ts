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
