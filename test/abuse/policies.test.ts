import { ParallelToolNode, read } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { Stage } from "../support/stage.js";
import { configurationProblem } from "../support/thrown-by.js";

const tools = new Stage().tools("search", "fetch", "login");

function problemOf(options: unknown): string {
  return configurationProblem(
    () => new ParallelToolNode(tools, options as object),
  );
}

/** Each is a policy's field, what it was given and how the message ends. */
function expectRefused(field: string, value: unknown, problem: string): void {
  const policy = { [field]: value };
  expect(problemOf({ policies: { search: policy } })).toBe(
    `Expected \`policies.search.${field}${problem}`,
  );
  expect(problemOf({ defaultPolicy: policy })).toBe(
    `Expected \`defaultPolicy.${field}${problem}`,
  );
}

describe("policies", () => {
  it.each([
    [null, "an object, got `null`"],
    [[], "an object, got `[]` (array)"],
    ["search", "an object, got `search` (string)"],
    [
      { serach: {} },
      "keyed by names of this node's tools (`search`, `fetch`, `login`), got `serach` (string)",
    ],
    [
      { toString: {} },
      "keyed by names of this node's tools (`search`, `fetch`, `login`), got `toString` (string)",
    ],
  ])("can't be %j", (policies, problem) => {
    expect(problemOf({ policies })).toBe(
      `Expected \`policies\` to be ${problem}`,
    );
  });

  it("name the tools of a node that has none", () => {
    const build = () => new ParallelToolNode([], { policies: { search: {} } });
    expect(configurationProblem(build)).toBe(
      "Expected `policies` to be keyed by names of this node's tools (none), got `search` (string)",
    );
  });
});

describe("a policy", () => {
  const fields =
    "`concurrency`, `rateLimit`, `resources`, `access`, `after`, `sequential`, `readOnly`, `idempotent`, `dedupe`, `cost`, `references`, `retry`, `timeoutMs`, `feedback`, `eager`, `callers`";

  it.each([
    [null, "an object, got `null`"],
    [4, "an object, got `4` (number)"],
    [[], "an object, got `[]` (array)"],
    [
      { concurency: 4 },
      `an object with no fields but ${fields}, got \`concurency\` (string)`,
    ],
    [
      { timeout: 4 },
      `an object with no fields but ${fields}, got \`timeout\` (string)`,
    ],
  ])("can't be %j", (policy, problem) => {
    expect(problemOf({ policies: { search: policy } })).toBe(
      `Expected \`policies.search\` to be ${problem}`,
    );
    expect(problemOf({ defaultPolicy: policy })).toBe(
      `Expected \`defaultPolicy\` to be ${problem}`,
    );
  });

  it.each(["readOnly", "idempotent", "dedupe"])("has a boolean %s", (field) => {
    expectRefused(field, "yes", "` to be a boolean, got `yes` (string)");
    expectRefused(field, null, "` to be a boolean, got `null`");
  });

  it.each([
    [0, "`0` (number)"],
    [-1, "`-1` (number)"],
    [Number.NaN, "`NaN` (number)"],
    ["1s", "`1s` (string)"],
    [null, "`null`"],
  ])("can't have %s for timeoutMs", (value, shown) => {
    expectRefused(
      "timeoutMs",
      value,
      `\` to be a number of milliseconds, at least 1, or Infinity, got ${shown}`,
    );
  });

  it.each([
    ["parallel", "`parallel` (string)"],
    [0, "`0` (number)"],
    [() => true, "`anonymous` (function)"],
  ])("can't have %s for sequential", (value, shown) => {
    expectRefused(
      "sequential",
      value,
      `\` to be a boolean or "replan", got ${shown}`,
    );
  });

  it.each([
    ["file", "`file` (string)"],
    [{ mode: "read", key: "a" }, '`{"mode":"read","key":"a"}` (object)'],
    [["file"], '`["file"]` (array)'],
    [[null], "`[null]` (array)"],
    [[{ mode: "delete", key: "a" }], '`[{"mode":"delete","key":"a"}]` (array)'],
    [[{ mode: "read", key: 1 }], '`[{"mode":"read","key":1}]` (array)'],
    [[read], "`[null]` (array)"],
  ])("can't have %j for access", (value, shown) => {
    expectRefused(
      "access",
      value,
      `\` to be an array of \`read(key)\` and \`write(key)\`, got ${shown}`,
    );
  });

  it.each([
    [0, "`0` (number)"],
    [2.5, "`2.5` (number)"],
    ["2", "`2` (string)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
  ])("can't cost %j", (value, shown) => {
    expectRefused(
      "cost",
      value,
      `\` to be an integer of at least 1, got ${shown}`,
    );
  });

  it.each([
    [7, "`7` (number)"],
    [["db", 7], '`["db",7]` (array)'],
    [null, "`null`"],
  ])("can't have %j for resources", (value, shown) => {
    expectRefused(
      "resources",
      value,
      `\` to be an array of names, got ${shown}`,
    );
  });
});

describe("after", () => {
  it("is an array of names", () => {
    for (const [value, shown] of [
      ["login", "`login` (string)"],
      [[1], "`[1]` (array)"],
      [null, "`null`"],
    ] as const) {
      expectRefused("after", value, `\` to be an array of names, got ${shown}`);
    }
  });

  it("names tools of the node", () => {
    expectRefused(
      "after",
      ["fetch", "logout"],
      "` to be names of this node's tools (`search`, `fetch`, `login`), got `logout` (string)",
    );
  });

  it("has no cycle of any length", () => {
    const problem = (after: Record<string, string[]>) =>
      problemOf({
        policies: Object.fromEntries(
          Object.entries(after).map(([name, names]) => [
            name,
            { after: names },
          ]),
        ),
      });
    expect(problem({ search: ["search"] })).toBe(
      'Expected `policies.search.after` to be free of cycles (here: `search` after `search`), got `["search"]` (array)',
    );
    expect(problem({ search: ["fetch"], fetch: ["search"] })).toBe(
      'Expected `policies.search.after` to be free of cycles (here: `search` after `fetch` after `search`), got `["fetch"]` (array)',
    );
    expect(
      problem({ search: ["login"], login: ["fetch"], fetch: ["login"] }),
    ).toBe(
      'Expected `policies.login.after` to be free of cycles (here: `login` after `fetch` after `login`), got `["fetch"]` (array)',
    );
  });

  it("has no cycle that the default closes", () => {
    expect(
      problemOf({
        policies: { login: { after: ["search"] } },
        defaultPolicy: { after: ["login"] },
      }),
    ).toBe(
      'Expected `policies.search.after` to be free of cycles (here: `search` after `login` after `search`), got `["login"]` (array)',
    );
  });
});
