import {
  ParallelToolNode,
  PolicyFunctionError,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";
import { waitedForFailed } from "@/answers/not-run.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { Stage } from "../support/stage.js";

const warn = silenceWarnings();

const input = [
  ask(
    callOf("a", "t", { good: true }),
    callOf("bad", "t", { good: false }),
    callOf("c", "other"),
  ),
];

/**
 * Runs the batch; the policy does `misbehave` for the arguments of `bad`. That call
 * is not run, and the model isn't told why. Returns what the console says.
 */
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
  expect(answers).toEqual([
    "a ok: a result",
    "bad error: Not run: the application could not prepare this call. Go on without it, or make it again with other arguments.",
    "c ok: c result",
  ]);
  return warn.mock.calls.flat();
}

function told(option: string, problem: string): string[] {
  const { message } = new PolicyFunctionError(option, problem);
  return [`parallel-tools-node: ${message}`];
}

function unreadable(key: string): object {
  return Object.defineProperty({}, key, { get: boom });
}

function boom(): never {
  throw new TypeError("Cannot read properties of undefined");
}

describe("access", () => {
  const policy = (wrap: (value: never) => (args: unknown) => never) => ({
    access: wrap([] as never),
  });

  it("that throws stops that call alone, and the application reads why", async () => {
    expect(await run(policy, boom)).toEqual(
      told("policies.t.access", 'threw "Cannot read properties of undefined"'),
    );
  });

  it.each([
    ["no account", 'threw "no account"'],
    [{ token: "secret" }, "threw an object"],
    [{ message: "no account", token: "secret" }, 'threw "no account"'],
    [undefined, "threw `undefined`"],
    [5, "threw a number"],
    ["x".repeat(300), `threw "${"x".repeat(200)}..."`],
    ["\u001b[31m\nred", 'threw "\\u001b[31m\\nred"'],
  ])("that throws %j is told by its text alone", async (thrown, problem) => {
    const rude = () => {
      throw thrown;
    };
    expect(await run(policy, rude)).toEqual(told("policies.t.access", problem));
  });

  it.each([
    [
      "throws what can't be read",
      () => {
        throw unreadable("message");
      },
      "threw an object",
    ],
    [
      "returns what can't be read",
      () => [unreadable("mode")],
      "returned a value that can't be read",
    ],
  ])("that %s stops that call alone", async (_, misbehave, problem) => {
    expect(await run(policy, misbehave)).toEqual(
      told("policies.t.access", problem),
    );
  });

  it.each([
    [undefined, "`undefined`"],
    [{ access: [] }, "an object"],
    ["file:a", "a string"],
    [[{ mode: "write" }], "an array"],
    [[{ mode: "write", key: 1 }], "an array"],
    [[{ mode: "delete", key: "a" }], "an array"],
    [Array(1), "an array"],
    [[null], "an array"],
  ])("can't return %s", async (value, shown) => {
    expect(await run(policy, () => value)).toEqual(
      told(
        "policies.t.access",
        `returned ${shown} where an array of \`read(key)\` and \`write(key)\` is due`,
      ),
    );
  });
});

describe("resources", () => {
  const policy = (wrap: (value: never) => (args: unknown) => never) => ({
    resources: wrap("db" as never),
  });

  it("that throws stops that call alone, and the application reads why", async () => {
    expect(await run(policy, boom)).toEqual(
      told(
        "policies.t.resources",
        'threw "Cannot read properties of undefined"',
      ),
    );
  });

  it.each([
    [undefined, "`undefined` where an array of names is due"],
    [[1], "an array where an array of names is due"],
    [Array(1), "an array where an array of names is due"],
    [
      "nope",
      "another name where names of declared resources (`db`, `serp`) are due",
    ],
    [
      ["db", "__proto__"],
      "another name where names of declared resources (`db`, `serp`) are due",
    ],
  ])("can't return %j", async (value, problem) => {
    expect(await run(policy, () => value)).toEqual(
      told("policies.t.resources", `returned ${problem}`),
    );
  });
});

describe("cost", () => {
  const policy = (wrap: (value: never) => (args: unknown) => never) => ({
    resources: "serp",
    cost: wrap(1 as never),
  });

  it("that throws stops that call alone, and the application reads why", async () => {
    expect(await run(policy, boom)).toEqual(
      told("policies.t.cost", 'threw "Cannot read properties of undefined"'),
    );
  });

  it.each([
    [0, "a number"],
    [1.5, "a number"],
    [Number.NaN, "a number"],
    ["1", "a string"],
    [undefined, "`undefined`"],
  ])("can't return %j", async (value, shown) => {
    expect(await run(policy, () => value)).toEqual(
      told(
        "policies.t.cost",
        `returned ${shown} where an integer of at least 1 is due`,
      ),
    );
  });

  it("can't ask for more than the limit ever gives", async () => {
    expect(await run(policy, () => 4)).toEqual(
      told(
        "policies.t.cost",
        "asked for 4 tokens, more than the rate limit of resource serp gives at once (3)",
      ),
    );
  });
});

it.each([
  [
    { resources: (): string => "nope" },
    "`defaultPolicy.resources` returned another name where names of declared resources (`serp`) are due, so the call was not run.",
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

it("with handleToolErrors false the error of a policy's function is thrown, and nothing starts", async () => {
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
  expect(warn).not.toHaveBeenCalled();
});

it("those who wait for a call whose policy function fails are skipped", async () => {
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

it("a fault of a policy's function is told once per function, over all batches", async () => {
  const stage = new Stage();
  const node = new ParallelToolNode(stage.tools("t", "other"), {
    policies: { t: { access: boom, cost: boom }, other: { cost: boom } },
  });
  await node.invoke(input);
  await node.invoke(input);
  const options = warn.mock.calls.map(
    ([text]) => /`(.*?)`/.exec(String(text))?.[1],
  );
  expect(options).toEqual(["policies.t.access", "policies.other.cost"]);
});
