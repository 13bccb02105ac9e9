import { planBatch, read, type ToolPolicy, write } from "parallel-tools-node";
import { expect, test } from "vitest";
import { PolicyBook } from "@/policy/policy-book.js";
import { hideAccessKeys } from "@/report/hide-access-keys.js";
import { deepFreeze } from "../support/deep-freeze.js";

const policies: Record<string, ToolPolicy> = {
  byFunction: { access: ({ key }) => [write(String(key))] },
  byConstant: { access: [write("a")] },
  reader: { access: [read("a")] },
  last: { after: ["reader"] },
  barrier: { sequential: true },
};

/** The edges of a plan, with keys and without: `"0 conflict a"`. */
function edges(...names: string[]) {
  const calls = names.map((name) => ({ name, args: { key: "a" } }));
  const plan = deepFreeze(planBatch(calls, { policies }));
  const book = new PolicyBook({ policies });
  const hidden = hideAccessKeys(
    plan,
    names.map((name) => book.of(name)),
  );
  const linesOf = (of: typeof plan) =>
    of.calls.map(({ dependsOn }) =>
      dependsOn.map((edge) => `${edge.index} ${edge.reason} ${edge.detail}`),
    );
  return { plan, hidden, all: linesOf(plan), shown: linesOf(hidden) };
}

test("a key that a function made is hidden, and the plan keeps it", () => {
  const { all, shown } = edges("byFunction", "byFunction");
  expect(all).toEqual([[], ["0 conflict a"]]);
  expect(shown).toEqual([[], ["0 conflict shared state"]]);
});

test.each([
  ["byFunction", "byConstant"],
  ["byConstant", "byFunction"],
])(
  "a key is hidden if a function made it for one of two calls: %s, %s",
  (one, other) => {
    expect(edges(one, other).shown).toEqual([[], ["0 conflict shared state"]]);
  },
);

test("constant keys and other reasons are shown", () => {
  const { all, shown } = edges(
    "byConstant",
    "reader",
    "last",
    "byFunction",
    "barrier",
  );
  expect(shown.slice(0, 3)).toEqual([[], ["0 conflict a"], ["1 after reader"]]);
  expect(shown[3]).toEqual(["1 conflict shared state"]);
  expect(shown[4]).toEqual(all[4]);
});

test("a plan without functions stays the same object", () => {
  const { plan, hidden } = edges("byConstant", "reader", "barrier");
  expect(hidden).toBe(plan);
});
