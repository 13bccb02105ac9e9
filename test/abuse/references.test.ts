import { ParallelToolNode, planBatch } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { readReferencesOption } from "@/plan/references/read-references-option.js";
import { NotingTools } from "../support/noting-tools.js";
import { configurationProblem } from "../support/thrown-by.js";

const tools = new NotingTools().tools("search");

/** The same of a node and of `planBatch`. */
function problemOf(references: unknown): string {
  const options = { references } as object;
  const ofNode = configurationProblem(
    () => new ParallelToolNode(tools, options),
  );
  expect(configurationProblem(() => planBatch([], options))).toBe(ofNode);
  return ofNode;
}

describe("references", () => {
  it.each([
    [null, "a boolean or an object, got `null`"],
    [1, "a boolean or an object, got `1` (number)"],
    ["embedded", "a boolean or an object, got `embedded` (string)"],
    [() => true, "a boolean or an object, got `anonymous` (function)"],
    [[], "an object, got `[]` (array)"],
    [["embedded"], 'an object, got `["embedded"]` (array)'],
    [
      { embeded: true },
      "an object with no fields but `embedded`, `maxReferenceBytes`, got `embeded` (string)",
    ],
  ])("can't be %j", (references, problem) => {
    expect(problemOf(references)).toBe(
      `Expected \`references\` to be ${problem}`,
    );
  });

  it.each([
    [null, "`null`"],
    [1, "`1` (number)"],
    ["yes", "`yes` (string)"],
    [{}, "`{}` (object)"],
  ])("can't have %j for embedded", (embedded, shown) => {
    expect(problemOf({ embedded })).toBe(
      `Expected \`references.embedded\` to be a boolean, got ${shown}`,
    );
  });

  it.each([
    [0, "`0` (number)"],
    [-1, "`-1` (number)"],
    [1.5, "`1.5` (number)"],
    [Number.NaN, "`NaN` (number)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
    ["1000", "`1000` (string)"],
    [10n, "`10` (bigint)"],
    [null, "`null`"],
  ])("can't have %s for maxReferenceBytes", (maxReferenceBytes, shown) => {
    expect(problemOf({ maxReferenceBytes })).toBe(
      `Expected \`references.maxReferenceBytes\` to be an integer of at least 1, got ${shown}`,
    );
  });

  it("are off, or on with these defaults", () => {
    const rules = { embedded: false, maxReferenceBytes: 1_000_000 };
    expect(readReferencesOption(undefined)).toBeUndefined();
    expect(readReferencesOption(false)).toBeUndefined();
    expect(readReferencesOption(true)).toEqual(rules);
    expect(readReferencesOption({})).toEqual(rules);
    expect(
      readReferencesOption({ embedded: undefined, maxReferenceBytes: 1 }),
    ).toEqual({ ...rules, maxReferenceBytes: 1 });
    expect(readReferencesOption({ embedded: true })).toEqual({
      ...rules,
      embedded: true,
    });
  });

  it("are read once, and the option stays as it is", () => {
    const references = Object.freeze({ embedded: true });
    const options = Object.freeze({ references });
    new ParallelToolNode(tools, options);
    planBatch([], options);
    let reads = 0;
    const counted = {
      get embedded() {
        reads += 1;
        return true;
      },
    };
    readReferencesOption(counted);
    expect(reads).toBe(1);
  });
});

describe("a policy's references", () => {
  it.each([
    [null, "`null`"],
    [0, "`0` (number)"],
    ["never", "`never` (string)"],
    [{ embedded: true }, '`{"embedded":true}` (object)'],
  ])("can't be %j", (references, shown) => {
    const policy = { references } as object;
    const problem = (options: object) =>
      configurationProblem(() => new ParallelToolNode(tools, options));
    expect(problem({ policies: { search: policy } })).toBe(
      `Expected \`policies.search.references\` to be a boolean, got ${shown}`,
    );
    expect(problem({ defaultPolicy: policy })).toBe(
      `Expected \`defaultPolicy.references\` to be a boolean, got ${shown}`,
    );
  });
});

describe("reportArguments", () => {
  it.each([
    [null, "`null`"],
    [1, "`1` (number)"],
    ["all", "`all` (string)"],
    [["search"], '`["search"]` (array)'],
  ])("can't be %j", (reportArguments, shown) => {
    const options = { reportArguments } as object;
    expect(
      configurationProblem(() => new ParallelToolNode(tools, options)),
    ).toBe(`Expected \`reportArguments\` to be a boolean, got ${shown}`);
  });
});
