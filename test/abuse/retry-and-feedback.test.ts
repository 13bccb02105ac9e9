import { ParallelToolNode, type ToolPolicy } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { Stage } from "../support/stage.js";
import { configurationProblem } from "../support/thrown-by.js";

const tools = new Stage().tools("search", "fetch");

function problemOf(options: unknown): string {
  return configurationProblem(
    () => new ParallelToolNode(tools, options as object),
  );
}

/** Says it of a tool and of all tools. */
function expectRefused(field: string, value: unknown, problem: string): void {
  const policy = { [field]: value };
  for (const [path, options] of [
    ["policies.search", { policies: { search: policy } }],
    ["defaultPolicy", { defaultPolicy: policy }],
  ] as const) {
    expect(problemOf(options)).toBe(`Expected \`${path}.${field}${problem}`);
  }
}

describe("retry", () => {
  it.each([
    [true, "`true` (boolean)"],
    [null, "`null`"],
    [3, "`3` (number)"],
    ["always", "`always` (string)"],
    [() => true, "`anonymous` (function)"],
  ])("can't be %s", (value, shown) => {
    expectRefused(
      "retry",
      value,
      `\` to be a RetryPolicy or \`false\`, got ${shown}`,
    );
  });

  it("is an object with known fields", () => {
    expectRefused("retry", [], "` to be an object, got `[]` (array)");
    expectRefused(
      "retry",
      { retries: 3 },
      "` to be an object with no fields but `initialInterval`, `backoffFactor`, `maxInterval`, `maxAttempts`, `jitter`, `retryOn`, `logWarning`, got `retries` (string)",
    );
  });

  it.each([
    [0, "`0` (number)"],
    [-1, "`-1` (number)"],
    [1.5, "`1.5` (number)"],
    [Number.NaN, "`NaN` (number)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
    ["3", "`3` (string)"],
    [null, "`null`"],
  ])("can't have %s attempts", (maxAttempts, shown) => {
    expectRefused(
      "retry",
      { maxAttempts },
      `.maxAttempts\` to be an integer of at least 1, got ${shown}`,
    );
  });

  const notANumber: [unknown, string][] = [
    [-1, "`-1` (number)"],
    [Number.NaN, "`NaN` (number)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
    ["500", "`500` (string)"],
    [5n, "`5` (bigint)"],
    [null, "`null`"],
  ];

  it.each(notANumber)("can't begin with an interval of %s", (value, shown) => {
    expectRefused(
      "retry",
      { initialInterval: value },
      `.initialInterval\` to be a number of milliseconds, at least 0, got ${shown}`,
    );
  });

  it.each(notANumber.filter(([value]) => value !== Number.POSITIVE_INFINITY))(
    "can't have %s for its longest interval",
    (value, shown) => {
      expectRefused(
        "retry",
        { maxInterval: value },
        `.maxInterval\` to be a number of milliseconds, at least 0, or Infinity, got ${shown}`,
      );
    },
  );

  it.each([[0.5, "`0.5` (number)"], ...notANumber])(
    "can't grow by %s",
    (backoffFactor, shown) => {
      expectRefused(
        "retry",
        { backoffFactor },
        `.backoffFactor\` to be a number of at least 1, got ${shown}`,
      );
    },
  );

  it("has flags that are booleans, and a function to ask", () => {
    for (const field of ["jitter", "logWarning"]) {
      expectRefused(
        "retry",
        { [field]: 1 },
        `.${field}\` to be a boolean, got \`1\` (number)`,
      );
    }
    expectRefused(
      "retry",
      { retryOn: TypeError.name },
      ".retryOn` to be a function of the error, got `TypeError` (string)",
    );
  });

  it("may have no field, fields left open, and the least of each", () => {
    for (const retry of [
      false,
      {},
      { maxAttempts: undefined, retryOn: undefined },
      { initialInterval: 0, maxInterval: 0, backoffFactor: 1, maxAttempts: 1 },
    ] as const) {
      const policies = { search: { retry } as ToolPolicy };
      expect(new ParallelToolNode(tools, { policies }).tools).toBe(tools);
    }
  });

  it("is not changed, frozen or not", () => {
    const retry = Object.freeze({ maxAttempts: 2 });
    expect(
      new ParallelToolNode(tools, { policies: { search: { retry } } }).tools,
    ).toBe(tools);
    expect(retry).toEqual({ maxAttempts: 2 });
  });
});

describe("feedback", () => {
  it.each([
    [true, "`true` (boolean)"],
    [null, "`null`"],
    ["headers", "`headers` (string)"],
    [{ limited: true }, '`{"limited":true}` (object)'],
  ])("can't be %j", (value, shown) => {
    expectRefused(
      "feedback",
      value,
      `\` to be a function of the error, got ${shown}`,
    );
  });
});

describe("limits", () => {
  const acquire = async () => ({ release() {}, cancel() {} });
  it.each([
    [null, "`null`"],
    [true, "`true` (boolean)"],
    ["redis://", "`redis://` (string)"],
    [{}, "`{}` (object)"],
    [{ acquire }, "`{}` (object)"],
    [{ acquire, pause: 3 }, '`{"pause":3}` (object)'],
    [{ acquire: "yes", pause() {} }, '`{"acquire":"yes"}` (object)'],
  ])("can't be %j", (limits, shown) => {
    expect(problemOf({ limits })).toBe(
      `Expected \`limits\` to be an object with \`acquire\` and \`pause\`, as \`redisLimits()\` gives, got ${shown}`,
    );
  });
});

describe("maxPauseMs", () => {
  it.each([
    [-1, "`-1` (number)"],
    [Number.NaN, "`NaN` (number)"],
    ["60s", "`60s` (string)"],
    [60n, "`60` (bigint)"],
    [null, "`null`"],
  ])("can't be %s", (maxPauseMs, shown) => {
    expect(problemOf({ maxPauseMs })).toBe(
      `Expected \`maxPauseMs\` to be a number of milliseconds, at least 0, or Infinity, got ${shown}`,
    );
  });
});
