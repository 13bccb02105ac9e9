import pLimit from "p-limit";
import { ParallelToolNode, type Resource, resource } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { Stage } from "../support/stage.js";
import { configurationProblem } from "../support/thrown-by.js";

const tools = new Stage().tools("search", "fetch");

function problemOf(options: unknown): string {
  return configurationProblem(
    () => new ParallelToolNode(tools, options as object),
  );
}

/** Says it of a tool, of all tools, of a resource and of one that is made. */
function expectRefused(field: string, value: unknown, problem: string): void {
  const limits = { [field]: value };
  for (const [path, options] of [
    ["policies.search", { policies: { search: limits } }],
    ["defaultPolicy", { defaultPolicy: limits }],
    ["resources.db", { resources: { db: limits } }],
  ] as const) {
    expect(problemOf(options)).toBe(`Expected \`${path}.${field}${problem}`);
  }
  expect(configurationProblem(() => resource(limits as Resource))).toBe(
    `Expected \`resource.${field}${problem}`,
  );
}

describe("concurrency", () => {
  it.each([
    [0, "`0` (number)"],
    [-1, "`-1` (number)"],
    [Number.NaN, "`NaN` (number)"],
    [1.5, "`1.5` (number)"],
    ["4", "`4` (string)"],
    [null, "`null`"],
    [{ concurrency: 4 }, '`{"concurrency":4}` (object)'],
  ])("can't be %j", (value, shown) => {
    expectRefused(
      "concurrency",
      value,
      `\` to be an integer of at least 1, got ${shown}`,
    );
  });

  it("can't be a function that only looks like p-limit", () => {
    const limit = pLimit(2);
    const old = Object.assign(() => limit(() => {}), {
      activeCount: 0,
      pendingCount: 0,
    });
    for (const [value, shown] of [
      [pLimit, "pLimit"],
      [old, "anonymous"],
      [Object.assign(() => {}, { concurrency: 2 }), "anonymous"],
      [
        Object.assign(() => {}, {
          activeCount: 0,
          pendingCount: 0,
          concurrency: "2",
        }),
        "anonymous",
      ],
    ] as const) {
      expectRefused(
        "concurrency",
        value,
        `\` to be an integer of at least 1 or a p-limit instance (6.1 or later, with \`activeCount\`, \`pendingCount\` and \`concurrency\`), got \`${shown}\` (function)`,
      );
    }
  });
});

describe("rateLimit", () => {
  const rate = (fields: object) => ({ limit: 2, intervalMs: 1000, ...fields });

  it("is an object with known fields", () => {
    expectRefused("rateLimit", 10, "` to be an object, got `10` (number)");
    expectRefused("rateLimit", null, "` to be an object, got `null`");
    expectRefused(
      "rateLimit",
      rate({ interval: 1 }),
      "` to be an object with no fields but `limit`, `intervalMs`, `counts`, `algorithm`, `burst`, `jitterMs`, got `interval` (string)",
    );
  });

  it.each([
    [undefined, "`undefined`"],
    [0, "`0` (number)"],
    [0.5, "`0.5` (number)"],
    ["10", "`10` (string)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
  ])("can't have a limit of %j", (limit, shown) => {
    expectRefused(
      "rateLimit",
      rate({ limit }),
      `.limit\` to be an integer of at least 1, got ${shown}`,
    );
  });

  it.each([
    [undefined, "`undefined`"],
    [0, "`0` (number)"],
    [-1, "`-1` (number)"],
    [Number.NaN, "`NaN` (number)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
    ["1s", "`1s` (string)"],
  ])("can't have an interval of %j", (intervalMs, shown) => {
    expectRefused(
      "rateLimit",
      rate({ intervalMs }),
      `.intervalMs\` to be a number of milliseconds above 0, got ${shown}`,
    );
  });

  it.each([
    [-1, "`-1` (number)"],
    [Number.NaN, "`NaN` (number)"],
    [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
    ["20ms", "`20ms` (string)"],
  ])("can't have a jitter of %j", (jitterMs, shown) => {
    expectRefused(
      "rateLimit",
      rate({ jitterMs }),
      `.jitterMs\` to be a number of milliseconds, at least 0, got ${shown}`,
    );
  });

  it("knows two algorithms", () => {
    for (const [algorithm, shown] of [
      ["fixed-window", "`fixed-window` (string)"],
      [null, "`null`"],
    ]) {
      expectRefused(
        "rateLimit",
        rate({ algorithm }),
        `.algorithm\` to be "sliding-window" or "token-bucket", got ${shown}`,
      );
    }
  });

  it("counts calls or the cost", () => {
    for (const [counts, shown] of [
      ["tokens", "`tokens` (string)"],
      [null, "`null`"],
    ]) {
      expectRefused(
        "rateLimit",
        rate({ counts }),
        `.counts\` to be "calls" or "cost", got ${shown}`,
      );
      expectRefused(
        "rateLimit",
        [rate({}), rate({ counts })],
        `[1].counts\` to be "calls" or "cost", got ${shown}`,
      );
    }
  });

  it("is one or a list of at least one", () => {
    expectRefused(
      "rateLimit",
      [],
      "` to be a rate limit, or a list of at least one, got `[]` (array)",
    );
    expectRefused(
      "rateLimit",
      [rate({}), 4],
      "[1]` to be an object, got `4` (number)",
    );
    expectRefused(
      "rateLimit",
      // oxlint-disable-next-line no-sparse-arrays -- that is the abuse
      [rate({}), , rate({})],
      "[1]` to be an object, got `undefined`",
    );
    expectRefused(
      "rateLimit",
      [rate({}), [rate({})]],
      '[1]` to be an object, got `[{"limit":2,"intervalMs":1000}]` (array)',
    );
  });

  it("has a burst with the token bucket only", () => {
    for (const algorithm of [undefined, "sliding-window"]) {
      expectRefused(
        "rateLimit",
        rate({ algorithm, burst: 4 }),
        '.burst` to be left out with the algorithm "sliding-window" (it goes with "token-bucket"), got `4` (number)',
      );
    }
    expectRefused(
      "rateLimit",
      rate({ algorithm: "token-bucket", burst: 0 }),
      ".burst` to be an integer of at least 1, got `0` (number)",
    );
  });
});

describe("resources", () => {
  it.each([
    [null, "resources` to be an object, got `null`"],
    [["db"], 'resources` to be an object, got `["db"]` (array)'],
    [{ db: 4 }, "resources.db` to be an object, got `4` (number)"],
    [{ db: null }, "resources.db` to be an object, got `null`"],
    [
      { db: { limit: 4 } },
      "resources.db` to be an object with no fields but `concurrency`, `rateLimit`, `circuit`, got `limit` (string)",
    ],
  ])("can't be %j", (resources, problem) => {
    expect(problemOf({ resources })).toBe(`Expected \`${problem}`);
  });

  it.each([
    [undefined, "an object, got `undefined`"],
    [null, "an object, got `null`"],
    [4, "an object, got `4` (number)"],
    [
      { limit: 4 },
      "an object with no fields but `concurrency`, `rateLimit`, `circuit`, got `limit` (string)",
    ],
  ])("can't be made of %j", (options, problem) => {
    expect(configurationProblem(() => resource(options as Resource))).toBe(
      `Expected \`resource\` to be ${problem}`,
    );
  });

  it.each([
    [4, "` to be an object, got `4` (number)"],
    [
      { failures: 3, resetMs: 10, trials: 2 },
      "` to be an object with no fields but `failures`, `resetMs`, got `trials` (string)",
    ],
    [
      { resetMs: 10 },
      ".failures` to be an integer of at least 1, got `undefined`",
    ],
    [
      { failures: 0, resetMs: 10 },
      ".failures` to be an integer of at least 1, got `0` (number)",
    ],
    [
      { failures: 3 },
      ".resetMs` to be a number of milliseconds, at least 1, got `undefined`",
    ],
    [
      { failures: 3, resetMs: Number.POSITIVE_INFINITY },
      ".resetMs` to be a number of milliseconds, at least 1, got `Infinity` (number)",
    ],
    [
      { failures: 3, resetMs: 0 },
      ".resetMs` to be a number of milliseconds, at least 1, got `0` (number)",
    ],
  ])("can't have %j for a circuit", (circuit, problem) => {
    expect(problemOf({ resources: { db: { circuit } } })).toBe(
      `Expected \`resources.db.circuit${problem}`,
    );
  });

  it("have to be declared to be used", () => {
    const resources = { db: {}, serp: {} };
    expect(
      problemOf({ resources, policies: { search: { resources: "sepr" } } }),
    ).toBe(
      "Expected `policies.search.resources` to be names of declared resources (`db`, `serp`), got `sepr` (string)",
    );
    expect(
      problemOf({ resources, defaultPolicy: { resources: ["db", "x"] } }),
    ).toBe(
      "Expected `defaultPolicy.resources` to be names of declared resources (`db`, `serp`), got `x` (string)",
    );
    expect(
      problemOf({ policies: { search: { resources: "constructor" } } }),
    ).toBe(
      "Expected `policies.search.resources` to be names of declared resources (none), got `constructor` (string)",
    );
  });
});

describe("cost", () => {
  const rateLimit = { limit: 2, intervalMs: 1000 };
  const problem =
    ".cost` to be at most 2, which is all that its rate limit can give at once, got `3` (number)";

  it("is no more than the tool's own limit can give", () => {
    expect(problemOf({ policies: { search: { cost: 3, rateLimit } } })).toBe(
      `Expected \`policies.search${problem}`,
    );
    expect(problemOf({ defaultPolicy: { cost: 3, rateLimit } })).toBe(
      `Expected \`defaultPolicy${problem}`,
    );
  });

  it("is no more than a resource or the default's limit can give", () => {
    expect(
      problemOf({
        resources: { db: { rateLimit } },
        policies: { search: { cost: 3, resources: "db" } },
      }),
    ).toBe(`Expected \`policies.search${problem}`);
    expect(
      problemOf({
        defaultPolicy: { rateLimit },
        policies: { search: { cost: 3 } },
      }),
    ).toBe(`Expected \`policies.search${problem}`);
  });

  it("is no more than each of several limits can give, if it counts the cost", () => {
    const calls = { limit: 1, intervalMs: 1000, counts: "calls" };
    const several = [calls, { limit: 9, intervalMs: 1000 }, rateLimit];
    const resources = { db: { rateLimit: several } };
    expect(
      problemOf({ policies: { search: { cost: 3, rateLimit: several } } }),
    ).toBe(`Expected \`policies.search${problem}`);
    const policies = { search: { cost: 3, resources: "db" } };
    expect(problemOf({ resources, policies })).toBe(
      `Expected \`policies.search${problem}`,
    );
    new ParallelToolNode(tools, {
      resources: { llm: { rateLimit: { ...rateLimit, counts: "calls" } } },
      policies: { search: { cost: 3, resources: "llm" } },
    });
  });

  it("may be as much as a burst", () => {
    const burst = {
      ...rateLimit,
      algorithm: "token-bucket",
      burst: 3,
    } as const;
    const node = new ParallelToolNode(tools, {
      policies: { search: { cost: 3, rateLimit: burst } },
    });
    expect(node.tools).toBe(tools);
  });
});
