import {
  ConfigurationError,
  PolicyFunctionError,
  SiblingFailedError,
} from "parallel-tools-node";
import { UnreadableConversationError } from "parallel-tools-node/diagnose";
import { describe, expect, test } from "vitest";
import { describeValue } from "@/errors/describe-value.js";

const cause = new Error("no");
const errors = [
  new ConfigurationError("maxCalls", "an integer of at least 1", 0),
  new PolicyFunctionError("policies.t.access", "threw", cause),
  new SiblingFailedError(2, "pay", cause),
  new UnreadableConversationError("a.json", "it is broken", "Mend it.", cause),
];

describe("each error", () => {
  test("keeps its facts in fields and builds its message from them", () => {
    expect(errors).toMatchObject([
      {
        name: "ConfigurationError",
        option: "maxCalls",
        expected: "an integer of at least 1",
        received: 0,
        message:
          "Expected `maxCalls` to be an integer of at least 1, got `0` (number)",
      },
      { name: "PolicyFunctionError", option: "policies.t.access", cause },
      {
        name: "AbortError",
        ordinal: 2,
        toolName: "pay",
        cause,
        message: "Aborted: call 2 (pay) of the same batch has failed.",
      },
      {
        name: "UnreadableConversationError",
        place: "a.json",
        problem: "it is broken",
        cause,
        message: "a.json: it is broken. Mend it.",
      },
    ]);
  });

  test("is told from the others, by copies of this package too", () => {
    const classes = [
      ConfigurationError,
      PolicyFunctionError,
      SiblingFailedError,
      UnreadableConversationError,
    ];
    const verdicts = classes.map((one) =>
      errors.map((error) => one.isInstance(error)),
    );
    expect(verdicts).toEqual([
      [true, false, false, false],
      [false, true, false, false],
      [false, false, true, false],
      [false, false, false, true],
    ]);
    const copy = {
      [Symbol.for("parallel-tools-node.ConfigurationError")]: true,
    };
    expect(ConfigurationError.isInstance(copy)).toBe(true);
    for (const other of [undefined, null, "text", new Error("x")]) {
      expect(ConfigurationError.isInstance(other)).toBe(false);
    }
  });
});

test("a value in a message is short, with its type, whatever it is", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  expect(
    [
      undefined,
      null,
      Number.NaN,
      "4",
      10n,
      Symbol("x"),
      [1, 2],
      { a: 1 },
      { a: 1n },
      function named() {},
      "x".repeat(100),
      revoked.proxy,
    ].map(describeValue),
  ).toEqual([
    "`undefined`",
    "`null`",
    "`NaN` (number)",
    "`4` (string)",
    "`10` (bigint)",
    "`Symbol(x)` (symbol)",
    "`[1,2]` (array)",
    '`{"a":1}` (object)',
    "`[object Object]` (object)",
    "`named` (function)",
    `\`${"x".repeat(80)}...\` (string)`,
    "a value that can't be read",
  ]);
});
