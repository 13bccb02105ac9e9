import {
  ParallelToolNode,
  PolicyFunctionError,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { waitedForFailed } from "@/answers/not-run.js";
import { couldNotStart } from "@/answers/could-not-start.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { Stage } from "../support/stage.js";

const input = [
  ask(
    callOf("a", "t", { good: true }),
    callOf("bad", "t", { good: false }),
    callOf("c", "other"),
  ),
];

/** Runs the batch; the policy does `misbehave` for the arguments of `bad`. */
async function run(
  policy: (misbehave: (value: never) => (args: unknown) => never) => ToolPolicy,
  misbehave: () => unknown,
) {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "other"), {
    resources: { db: {}, serp: { rateLimit: { limit: 3, intervalMs: 1000 } } },
    policies: {
      t: policy(
        (good) => (args) =>
          (args as { good: boolean }).good ? good : (misbehave() as never),
      ),
    },
  });
  await stage.finish("a");
  await stage.finish("c");
  const answers = answerLines(await node.invoke(input));
  expect(stage.log.toSorted()).toEqual([
    "a end",
    "a start",
    "c end",
    "c start",
  ]);
  return answers;
}

function expected(problem: string): string[] {
  const error = new PolicyFunctionError("policies.t.access", problem);
  return [
    "a ok: a result",
    `bad error: ${couldNotStart(error)}`,
    "c ok: c result",
  ];
}

function boom(): never {
  throw new TypeError("Cannot read properties of undefined");
}

describe("access", () => {
  const policy = (wrap: (value: never) => (args: unknown) => never) => ({
    access: wrap([] as never),
  });

  it("that throws is the answer to that call, and the others run", async () => {
    expect(await run(policy, boom)).toEqual(
      expected('threw "Cannot read properties of undefined"'),
    );
  });

  it("that throws what is no Error is told too", async () => {
    const rude = () => {
      // oxlint-disable-next-line no-throw-literal -- what is tested
      throw { code: 5 };
    };
    expect(await run(policy, rude)).toEqual(
      expected('threw "`{"code":5}` (object)"'),
    );
  });

  it.each([
    [undefined, "`undefined`"],
    ["file:a", "`file:a` (string)"],
    [Promise.resolve([]), "`{}` (object)"],
    [[{ mode: "write" }], '`[{"mode":"write"}]` (array)'],
  ])("can't return %s", async (value, shown) => {
    expect(await run(policy, () => value)).toEqual(
      expected(
        `returned ${shown} where an array of \`read(key)\` and \`write(key)\` is due`,
      ),
    );
  });
});

describe("resources", () => {
  const policy = (wrap: (value: never) => (args: unknown) => never) => ({
    resources: wrap("db" as never),
  });

  it("that throws is the answer to that call, and the others run", async () => {
    expect(await run(policy, boom)).toEqual(
      expected('threw "Cannot read properties of undefined"'),
    );
  });

  it.each([
    [undefined, "`undefined` where an array of names is due"],
    [[1], "`[1]` (array) where an array of names is due"],
    ["nope", "`nope` where a declared resource (`db`, `serp`) is due"],
    [
      ["db", "__proto__"],
      "`__proto__` where a declared resource (`db`, `serp`) is due",
    ],
  ])("can't return %j", async (value, problem) => {
    expect(await run(policy, () => value)).toEqual(
      expected(`returned ${problem}`),
    );
  });
});

describe("cost", () => {
  const policy = (wrap: (value: never) => (args: unknown) => never) => ({
    resources: "serp",
    cost: wrap(1 as never),
  });

  it("that throws is the answer to that call, and the others run", async () => {
    expect(await run(policy, boom)).toEqual(
      expected('threw "Cannot read properties of undefined"'),
    );
  });

  it.each([
    [0, "`0` (number)"],
    [Number.NaN, "`NaN` (number)"],
    ["1", "`1` (string)"],
    [undefined, "`undefined`"],
  ])("can't return %j", async (value, shown) => {
    expect(await run(policy, () => value)).toEqual(
      expected(`returned ${shown} where an integer of at least 1 is due`),
    );
  });

  it("can't ask for more than the limit ever gives", async () => {
    expect(await run(policy, () => 4)).toEqual(
      expected(
        "asked for 4 tokens of the rate limit of resource serp, which gives at most 3 at once,",
      ),
    );
  });
});

it.each([
  [
    { resources: (): string => "nope" },
    "`defaultPolicy.resources` returned `nope` where a declared resource (`serp`) is due",
  ],
  [
    { resources: "serp", cost: () => 4 },
    "`defaultPolicy.cost` asked for 4 tokens",
  ],
  [
    { resources: (): string => "serp", cost: 4 },
    "`defaultPolicy.resources` asked for 4 tokens",
  ],
])(
  "a function of the default policy is named as such: %j",
  async (defaultPolicy, text) => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("t"), {
      defaultPolicy,
      resources: { serp: { rateLimit: { limit: 3, intervalMs: 1_000 } } },
      handleToolErrors: false,
    });
    const run = node.invoke([ask(callOf("a", "t"))]);
    await expect(run).rejects.toThrow(text);
  },
);

it("with handleToolErrors false the error is thrown, and nothing starts", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "other"), {
    handleToolErrors: false,
    policies: { t: { access: boom } },
  });
  await expect(node.invoke(input)).rejects.toMatchObject({
    name: "PolicyFunctionError",
    option: "policies.t.access",
    cause: new TypeError("Cannot read properties of undefined"),
  });
  expect(stage.log).toEqual([]);
});

it("those who wait for such a call are skipped", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "other"), {
    policies: { t: { cost: boom }, other: { after: ["t"] } },
  });
  const answers = answerLines(await node.invoke(input));
  expect(answers[2]).toBe(
    `c error: ${waitedForFailed({ ordinal: 1, name: "t" })}`,
  );
  expect(stage.log).toEqual([]);
});
