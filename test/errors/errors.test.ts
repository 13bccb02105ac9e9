import {
  AccessCycleError,
  CircuitOpenError,
  ServerPausedError,
  ConfigurationError,
  PolicyFunctionError,
  SiblingFailedError,
  ToolTimeoutError,
} from "parallel-tools-node";
import { UnreadableConversationError } from "parallel-tools-node/diagnose";
import { describe, expect, test } from "vitest";
import { describeKind, describeValue } from "@/errors/describe-value.js";

const cause = new Error("no");
const errors = [
  new ConfigurationError("maxCalls", "an integer of at least 1", 0),
  new PolicyFunctionError("policies.t.access", "threw", cause),
  new SiblingFailedError(2, "pay", cause),
  new UnreadableConversationError("a.json", "it is broken", "Mend it.", cause),
  new ToolTimeoutError(50, "pay"),
  new CircuitOpenError("resource db", 3, 1_500),
  new ServerPausedError("resource db", 3_600_000),
  new AccessCycleError(),
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
      {
        name: "PolicyFunctionError",
        option: "policies.t.access",
        problem: "threw",
        cause,
        message:
          "`policies.t.access` threw, so the call was not run. Functions of a policy get arguments as the model wrote them, before the tool's schema has checked them.",
      },
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
      {
        name: "ToolTimeoutError",
        limit: "call",
        timeoutMs: 50,
        toolName: "pay",
        message: "pay did not finish within 0.05 s.",
      },
      {
        name: "CircuitOpenError",
        limit: "resource db",
        failures: 3,
        retryAfterMs: 1_500,
        message:
          "3 calls in a row of resource db failed, so its circuit is open and this call was not run. A call is tried again in 1.5 s.",
      },
      {
        name: "ServerPausedError",
        limit: "resource db",
        retryAfterMs: 3_600_000,
        message:
          "The server behind resource db wants no calls for 60 min, which is longer than a call may wait for it, so this call was not run.",
      },
      {
        name: "AccessCycleError",
        message:
          "This call needs shared state that a call beside the one around it has, and that one waits for state of this side, so the call was not run. Let such calls take all that they need in one call, or always in the same order.",
      },
    ]);
  });

  test("is told from the others, by copies of this package too", () => {
    const classes = [
      ConfigurationError,
      PolicyFunctionError,
      SiblingFailedError,
      UnreadableConversationError,
      ToolTimeoutError,
      CircuitOpenError,
      ServerPausedError,
      AccessCycleError,
    ];
    const verdicts = classes.map((one) =>
      errors.map((error) => one.isInstance(error)),
    );
    expect(verdicts).toEqual(
      classes.map((_, one) => errors.map((__, other) => one === other)),
    );
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

test("the kind of a value is named without the value", () => {
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  const values = [undefined, null, 4, "4", 4n, true, [4], {}, () => 4];
  expect([...values, revoked.proxy].map(describeKind)).toEqual([
    "`undefined`",
    "`null`",
    "a number",
    "a string",
    "a bigint",
    "a boolean",
    "an array",
    "an object",
    "a function",
    "a value that can't be read",
  ]);
});
