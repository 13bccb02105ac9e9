import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { functionsEnteredBy } from "./coverage.js";

const sources = "file:///walked/src/";

/** Loads a file of that name; what it evaluates to is handed back. */
function load(file: string, source: string): (value: number) => number {
  return vm.runInThisContext(source, { filename: file }) as (
    value: number,
  ) => number;
}

describe("the functions that a run enters", () => {
  it("are listed by source file, without those of other folders", async () => {
    const inside = load(
      `${sources}room/inside.ts`,
      "(() => { function never() {} return function inside(x) { return x; }; })()",
    );
    const outside = load(
      "file:///elsewhere/outside.ts",
      "(() => function outside(x) { return x; })()",
    );
    const entered = await functionsEnteredBy(
      async () => inside(outside(1)),
      sources,
    );
    expect([...entered]).toEqual([["room/inside.ts", ["inside"]]]);
  });

  it("leave out what the first run alone does", async () => {
    let loaded: ((value: number) => number) | undefined;
    const entered = await functionsEnteredBy(async () => {
      loaded ??= load(
        `${sources}late.ts`,
        "function once() {}; once(); (function late(x) { return x; })",
      );
      return loaded(1);
    }, sources);
    expect([...entered]).toEqual([["late.ts", ["late"]]]);
  });

  it("name a callback after the function around it, and skip tsx's helper", async () => {
    const sum = load(
      `${sources}sum.ts?namespace=1`,
      `(() => {
        const __name = (f) => f;
        return function sum(x) {
          return [x, 2].reduce(__name((a, b) => a + b), 0);
        };
      })()`,
    );
    const entered = await functionsEnteredBy(async () => sum(1), sources);
    expect([...entered]).toEqual([["sum.ts", ["sum", "sum>callback"]]]);
  });

  it("hold what runs in the turn after the answer", async () => {
    const later = load(
      `${sources}later.ts`,
      "(() => { return function start() { setImmediate(function tail() {}); }; })()",
    );
    const entered = await functionsEnteredBy(async () => later(1), sources);
    expect([...entered]).toEqual([["later.ts", ["start", "tail"]]]);
  });
});
