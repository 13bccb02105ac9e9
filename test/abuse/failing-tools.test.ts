import { ToolMessage } from "@langchain/core/messages";
import type { ToolPolicy } from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import {
  attemptedNode,
  calls,
  playTime,
  REPEATABLE,
} from "../support/attempted-node.js";
import { type Attempt, httpError } from "../support/attempted-tools.js";
import { answerLines } from "../support/messages.js";

playTime();

/** How a call of `t` ended whose attempts do this, and when each was made. */
async function outcomeOf(
  policy: ToolPolicy,
  attempts: readonly Attempt[],
  handleToolErrors = true,
) {
  const { stage, node } = attemptedNode(
    { a: attempts },
    { policies: { t: policy }, handleToolErrors },
  );
  const run = node.invoke(calls("a")).then(
    (answers: ToolMessage[]) => answerLines(answers)[0],
    (error: unknown) => ({ threw: error }),
  );
  await vi.runAllTimersAsync();
  const hangs = Symbol("hangs");
  const outcome = await Promise.race([
    run,
    new Promise((resolve) => {
      setImmediate(() => resolve(hangs));
    }),
  ]);
  expect(outcome).not.toBe(hangs);
  return { outcome, starts: stage.starts };
}

const words = (text: string) =>
  `a error: Error: ${text}\n Please fix your mistakes.`;

describe("a feedback function", () => {
  const refused = { throws: httpError(429, { "Retry-After": "1" }) };

  it("that throws has said nothing", async () => {
    const feedback = () => {
      throw new Error("in the reader");
    };
    expect(await outcomeOf({ feedback }, [refused])).toEqual({
      outcome: words("HTTP 429"),
      starts: ["a 0"],
    });
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["true", true],
    ["a number", 1_000],
    ["words", "limited"],
    ["a promise", Promise.resolve({ limited: true })],
    ["an array", [true]],
    ["an empty object", {}],
    ["what is only like true", { limited: "yes", retryAfterMs: 1_000 }],
  ])("that returns %s has not refused anything", async (_, said) => {
    const feedback = (() => said) as never;
    expect(await outcomeOf({ feedback }, [refused])).toMatchObject({
      starts: ["a 0"],
    });
  });

  it.each<[string, unknown]>([
    ["a string", "1000"],
    ["a negative number", -1],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["null", null],
    ["an object", { ms: 1_000 }],
  ])("that asks for a pause of %s has not said how long", async (_, ms) => {
    const feedback = (() => ({
      limited: true,
      retryAfterMs: ms,
      remaining: ms,
      resetMs: ms,
    })) as never;
    const policy = { ...REPEATABLE, feedback };
    const { starts } = await outcomeOf(policy, [refused, {}]);
    expect(starts).toEqual(["a 0", "a 50"]);
  });

  it("sees what a tool's error answer carries", async () => {
    const feedback = vi.fn<(error: unknown) => undefined>();
    const returns = new ToolMessage({
      status: "error",
      content: "no",
      tool_call_id: "a",
      artifact: { code: 7 },
    });
    await outcomeOf({ feedback }, [{ returns }]);
    expect(feedback.mock.calls).toEqual([[{ code: 7 }]]);
  });
});

describe("a retryOn", () => {
  it.each<[string, () => unknown, number]>([
    [
      "throws",
      () => {
        throw new Error("in retryOn");
      },
      1,
    ],
    ["returns nothing", () => undefined, 1],
    ["returns what is only like true", () => 1, 2],
  ])("that %s ends no batch", async (_, retryOn, expected) => {
    const { outcome, starts } = await outcomeOf(
      {
        retry: {
          retryOn: retryOn as () => boolean,
          maxAttempts: 2,
          logWarning: false,
        },
      },
      [{ throws: new Error("broken") }],
    );
    expect(outcome).toBe(words("broken"));
    expect(starts).toHaveLength(expected);
  });
});

const trap = () => {
  throw new Error("a trap");
};

/** An error, one of whose fields throws. */
function trapped(key: PropertyKey): Error {
  return Object.defineProperty(new Error("broken"), key, { get: trap });
}

function cyclic(): Error {
  const first = new Error("broken");
  const second = new Error("second", { cause: first });
  first.cause = second;
  return first;
}

const KEYS = [
  "status",
  "statusCode",
  "response",
  "headers",
  "code",
  "cause",
  "error",
  "$metadata",
  "$response",
  "lc_error_code",
  "rateLimitType",
  "stack",
];

describe.each<[string, ToolPolicy]>([
  ["no word on retries", {}],
  ["retries by default", { readOnly: true }],
  ["retries of its own", { retry: { logWarning: false, jitter: false } }],
])("a hostile error, under a policy with %s,", (_, policy) => {
  it.each([true, false])(
    "is answered or thrown like any other (handleToolErrors %s)",
    async (handleToolErrors) => {
      for (const error of [
        ...KEYS.map(trapped),
        cyclic(),
        Object.freeze(new Error("broken")),
        Object.assign(new Error("broken"), {
          status: { valueOf: trap, toString: trap },
        }),
        Object.assign(new Error("broken"), { status: Symbol("404") }),
        Object.assign(new Error("broken"), { headers: { "retry-after": {} } }),
        Object.assign(Object.create(null), { message: "broken" }),
      ]) {
        const { outcome } = await outcomeOf(
          policy,
          [{ throws: error }],
          handleToolErrors,
        );
        const threw = (outcome as { threw?: unknown }).threw;
        expect(threw ?? outcome).toBe(
          handleToolErrors ? words("broken") : error,
        );
      }
    },
  );

  it.each([undefined, null, 0, "", "words", Symbol("s"), 1n, () => {}])(
    "that is no object ends its call: %s",
    async (thrown) => {
      expect((await outcomeOf(policy, [{ throws: thrown }])).outcome).toEqual(
        expect.stringContaining("a error: Error: "),
      );
      const { outcome } = await outcomeOf(policy, [{ throws: thrown }], false);
      expect((outcome as { threw: unknown }).threw).toBe(thrown);
    },
  );
});
