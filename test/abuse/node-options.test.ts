import { ParallelToolNode, planBatch } from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";
import {
  configurationProblem,
  configurationRejection,
} from "../support/thrown-by.js";

const tools = new Stage().tools("search", "fetch");

function problemOf(options: unknown): string {
  return configurationProblem(
    () => new ParallelToolNode(tools, options as object),
  );
}

const numbers: [unknown, string][] = [
  [0, "`0` (number)"],
  [-1, "`-1` (number)"],
  [1.5, "`1.5` (number)"],
  [Number.NaN, "`NaN` (number)"],
  [Number.NEGATIVE_INFINITY, "`-Infinity` (number)"],
  [2 ** 53, "`9007199254740992` (number)"],
  ["4", "`4` (string)"],
  [4n, "`4` (bigint)"],
  [true, "`true` (boolean)"],
  [null, "`null`"],
  [{}, "`{}` (object)"],
  [[4], "`[4]` (array)"],
];

describe.each(["maxConcurrency", "maxCalls", "maxOutputBytes"])(
  "%s",
  (option) => {
    it.each(numbers)("can't be %s", (value, shown) => {
      expect(problemOf({ [option]: value })).toBe(
        `Expected \`${option}\` to be an integer of at least 1, got ${shown}`,
      );
    });

    it("may be left out, and may be Infinity: no limit", () => {
      for (const value of [undefined, Number.POSITIVE_INFINITY]) {
        const node = new ParallelToolNode(tools, { [option]: value });
        expect(node.tools).toBe(tools);
      }
    });
  },
);

describe.each([
  ["batchTimeoutMs", 1],
  ["drainMs", 0],
])("%s", (option, least) => {
  it.each([
    [least - 1, `\`${least - 1}\` (number)`],
    [Number.NaN, "`NaN` (number)"],
    ["4", "`4` (string)"],
    [null, "`null`"],
  ])("can't be %s", (value, shown) => {
    expect(problemOf({ [option]: value })).toBe(
      `Expected \`${option}\` to be a number of milliseconds, at least ${least}, or Infinity, got ${shown}`,
    );
  });

  it("may be left out, and may be Infinity: no limit", () => {
    for (const value of [undefined, Number.POSITIVE_INFINITY, least, 2 ** 31]) {
      const node = new ParallelToolNode(tools, { [option]: value });
      expect(node.tools).toBe(tools);
    }
  });
});

it.each([
  [null, "`null`"],
  [true, "`true` (boolean)"],
  [{ start: () => {} }, "`{}` (object)"],
])("tracer can't be %o", (tracer, shown) => {
  expect(problemOf({ tracer })).toBe(
    `Expected \`tracer\` to be an object with \`begin\`, as \`openTelemetryTracer()\` gives, got ${shown}`,
  );
});

describe("options", () => {
  it.each([
    [null, "an object, got `null`"],
    ["options", "an object, got `options` (string)"],
    [[], "an object, got `[]` (array)"],
    [
      { concurrency: 4 },
      "an object with no fields but `name`, `tags`, `handleToolErrors`, `policies`, `defaultPolicy`, `maxConcurrency`, `maxCalls`, `maxDepth`, `resources`, `limits`, `maxPauseMs`, `arrivalTimeoutMs`, `batchTimeoutMs`, `drainMs`, `maxOutputBytes`, `sequential`, `references`, `durable`, `eager`, `streamProgress`, `reportArguments`, `onReport`, `tracer`, got `concurrency` (string)",
    ],
  ])("can't be %j", (options, problem) => {
    expect(problemOf(options)).toBe(`Expected \`options\` to be ${problem}`);
  });

  it("are not changed, frozen or not", () => {
    const options = Object.freeze({
      maxConcurrency: 3,
      policies: Object.freeze({
        search: Object.freeze({ concurrency: 2, after: Object.freeze([]) }),
      }),
      resources: Object.freeze({ db: Object.freeze({ concurrency: 1 }) }),
    });
    const copy = structuredClone(options);
    expect(new ParallelToolNode(tools, options).tools).toBe(tools);
    expect(options).toEqual(copy);
  });
});

describe("onReport", () => {
  it.each([
    [true, "`true` (boolean)"],
    [null, "`null`"],
    [{ call: 1 }, '`{"call":1}` (object)'],
  ])("can't be %j", (value, shown) => {
    expect(problemOf({ onReport: value })).toBe(
      `Expected \`onReport\` to be a function, got ${shown}`,
    );
  });
});

describe("sequential", () => {
  it.each([
    ["yes", "`yes` (string)"],
    [1, "`1` (number)"],
    [null, "`null`"],
  ])("can't be %j", (value, shown) => {
    expect(problemOf({ sequential: value })).toBe(
      `Expected \`sequential\` to be a boolean, "replan" or a function of the batch, got ${shown}`,
    );
  });

  it.each([
    [undefined, "`undefined`"],
    ["sequential", "`sequential` (string)"],
    [Promise.resolve(true), "`{}` (object)"],
  ])("can't be a function that returns %s", async (value, shown) => {
    const node = new ParallelToolNode(tools, {
      sequential: () => value as never,
    });
    expect(
      await configurationRejection(node.invoke([ask(callOf("a", "search"))])),
    ).toBe(
      `Expected \`sequential\` to be a function that returns a boolean or "replan", got ${shown}`,
    );
  });
});

describe("an invocation's", () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("search"));
  const input = [ask(callOf("a", "search"), callOf("b", "search"))];

  it.each([
    ["serial", "`serial` (string)"],
    [true, "`true` (boolean)"],
    [null, "`null`"],
  ])("toolExecution can't be %j", async (value, shown) => {
    const config = { configurable: { toolExecution: value } };
    expect(await configurationRejection(node.invoke(input, config))).toBe(
      `Expected \`config.configurable.toolExecution\` to be "parallel", "sequential" or "replan", got ${shown}`,
    );
    expect(stage.log).toEqual([]);
  });

  it.each([
    [0, "`0` (number)"],
    [-3, "`-3` (number)"],
    [Number.NaN, "`NaN` (number)"],
    ["2", "`2` (string)"],
    [0.5, "`0.5` (number)"],
  ])("maxConcurrency can't be %j", async (value, shown) => {
    const config = { maxConcurrency: value as number };
    expect(await configurationRejection(node.invoke(input, config))).toBe(
      `Expected \`config.maxConcurrency\` to be a number of at least 1, got ${shown}`,
    );
    expect(stage.log).toEqual([]);
  });
});

describe("planBatch", () => {
  it.each([
    [null, "`options` to be an object, got `null`"],
    [
      { maxCalls: 2 },
      "`options` to be an object with no fields but `policies`, `defaultPolicy`, `sequential`, `references`, got `maxCalls` (string)",
    ],
    [
      { sequential: "yes" },
      '`sequential` to be a boolean or "replan", got `yes` (string)',
    ],
    [
      { policies: { a: { concurrency: 0 } } },
      "`policies.a.concurrency` to be an integer of at least 1, got `0` (number)",
    ],
  ])("refuses %j", (options, problem) => {
    expect(configurationProblem(() => planBatch([], options as object))).toBe(
      `Expected ${problem}`,
    );
  });
});
