import { describe, expect, test } from "vitest";
import { planBatch, type ToolPolicy, write } from "parallel-tools-node";

/** `"a"` is a call of the tool `a`; `"a x"` one with the arguments `{ x: "x" }`. */
function callsOf(...texts: string[]) {
  return texts.map((text, i) => {
    const [name = "", x = ""] = text.split(" ");
    return { name, args: { x }, id: `id${i}` };
  });
}

const times = (count: number, text: string) =>
  Array.from({ length: count }, () => text);

/** The calls `from` to `to`, without `to`. */
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i);

const policies: Record<string, ToolPolicy> = { b: { after: ["a"] } };

describe("a call that comes after many calls of one tool", () => {
  test("has an edge on each, up to 16", () => {
    const { calls } = planBatch(callsOf(...times(16, "a"), "b"), { policies });
    expect(calls[16]?.dependsOn).toEqual(
      range(0, 16).map((index) => ({ index, reason: "after", detail: "a" })),
    );
  });

  test("has one edge for all of them, if there are more", () => {
    const { calls } = planBatch(callsOf(...times(17, "a"), "b"), { policies });
    expect(calls[17]?.dependsOn).toEqual([
      { index: 16, reason: "after", detail: "a", indexes: range(0, 17) },
    ]);
  });

  test("has none but that on calls with which it conflicts, too", () => {
    const access = [write("k")];
    const { calls } = planBatch(callsOf(...times(17, "a"), "b", "b"), {
      policies: { a: { access }, b: { after: ["a"], access } },
    });
    expect(calls[17]?.dependsOn).toHaveLength(1);
    expect(calls[18]?.dependsOn).toEqual([
      calls[17]?.dependsOn[0],
      { index: 17, reason: "conflict", detail: "k" },
    ]);
  });

  test("names by its edge none that it refers to", () => {
    const { calls } = planBatch(
      [
        ...callsOf(...times(17, "a")),
        { name: "b", args: { x: ["$17", "$16"] } },
        { name: "b", args: {} },
      ],
      { policies, references: true },
    );
    const edges = calls[17]?.dependsOn;
    expect(edges?.map(({ index, reason }) => [index, reason])).toEqual([
      [16, "reference"],
      [15, "reference"],
      [14, "after"],
    ]);
    expect(edges?.[2]?.indexes).toEqual(range(0, 17));
    expect(edges?.[2]?.indexes).toBe(calls[18]?.dependsOn[0]?.indexes);
  });

  test("needs no edge for all of them if it refers to all of them", () => {
    const { calls } = planBatch(
      [
        ...callsOf(...times(17, "a")),
        {
          name: "b",
          args: { x: range(1, 18).map((ordinal) => `$${ordinal}`) },
        },
      ],
      { policies, references: true },
    );
    expect(calls[17]?.dependsOn).toHaveLength(17);
    expect(calls[17]?.dependsOn.every(({ indexes }) => !indexes)).toBe(true);
  });

  test("waits by it for those since the last barrier, which waits for the others", () => {
    const { calls } = planBatch(
      callsOf(...times(20, "a"), "test", ...times(17, "a"), "b"),
      { policies: { b: { after: ["a"] }, test: { sequential: true } } },
    );
    expect(calls[38]?.dependsOn).toEqual([
      { index: 37, reason: "after", detail: "a", indexes: range(21, 38) },
      { index: 20, reason: "sequential", detail: "test" },
    ]);
  });

  test("is itself a barrier without further edges on them", () => {
    const { calls } = planBatch(callsOf(...times(17, "a"), "c", "b", "b"), {
      policies: { b: { after: ["a"], sequential: true } },
    });
    expect(calls[18]?.dependsOn).toMatchObject([
      { index: 16, reason: "after", indexes: range(0, 17) },
      { index: 17, reason: "sequential" },
    ]);
    expect(calls[19]?.dependsOn).toMatchObject([
      { index: 18, reason: "sequential" },
    ]);
  });
});
