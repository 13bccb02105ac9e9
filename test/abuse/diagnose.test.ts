import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  diagnose,
  diagnosisToHtml,
  formatDiagnosis,
  UnreadableConversationError,
} from "parallel-tools-node/diagnose";
import { turns, user } from "../diagnose/support/conversation.js";
import { configurationProblem } from "../support/thrown-by.js";

const problemOf = (options: unknown) =>
  configurationProblem(() => diagnose([], options as object));

describe("diagnose refuses", () => {
  it.each([
    [
      { read: ["get"] },
      "Expected `options` to be an object with no fields but `policies`, `defaultPolicy`, `reads`, `writes`, `tools`, `maxFindings`, `showValues`, got `read` (string)",
    ],
    ["reads", "Expected `options` to be an object, got `reads` (string)"],
    [
      { reads: "get" },
      "Expected `reads` to be an array of names of tools, got `get` (string)",
    ],
    [
      { writes: [1] },
      "Expected `writes` to be an array of names of tools, got `[1]` (array)",
    ],
    [
      { reads: ["get"], writes: ["get"] },
      "Expected `writes` to be free of names in `reads`, got `get` (string)",
    ],
    [
      { tools: {} },
      "Expected `tools` to be an array of tools, got `{}` (object)",
    ],
    [
      { tools: [{}] },
      "Expected `tools` to be an array of tools with names, got `{}` (object)",
    ],
    [
      { tools: [null] },
      "Expected `tools` to be an array of tools with names, got `null`",
    ],
    [
      { maxFindings: -1 },
      "Expected `maxFindings` to be an integer of at least 0, got `-1` (number)",
    ],
    [
      { maxFindings: 1.5 },
      "Expected `maxFindings` to be an integer of at least 0, got `1.5` (number)",
    ],
    [
      { showValues: "yes" },
      "Expected `showValues` to be a boolean, got `yes` (string)",
    ],
    [{ policies: [] }, "Expected `policies` to be an object, got `[]` (array)"],
    [
      { policies: { get: { readOnly: 1 } } },
      "Expected `policies.get.readOnly` to be a boolean, got `1` (number)",
    ],
    [
      { defaultPolicy: { access: ["get"] } },
      'Expected `defaultPolicy.access` to be an array of `read(key)` and `write(key)`, got `["get"]` (array)',
    ],
  ])("the options %j", (options, problem) => {
    expect(problemOf(options)).toBe(problem);
  });

  it("what is no list of messages", () => {
    expect(
      configurationProblem(() => diagnose("hello" as unknown as object)),
    ).toBe(
      "Expected `messages` to be a list of messages, got `hello` (string)",
    );
  });
});

const reads = { defaultPolicy: { readOnly: true } };
const between = (output: unknown, args: object = { of: "beta" }) => [
  ...user("Look at alpha and beta"),
  ...turns(["get", { of: "alpha" }, output], ["get", args, ""]),
];

describe("diagnose ends in time where tools or models say", () => {
  const long = 100_000;
  it.each([
    ["digits", "1".repeat(long)],
    ["digits and commas", "1,".repeat(long)],
    ["digits, then a letter", `${"1,".repeat(long)}a`],
    ["dots", "1.".repeat(long)],
    ["colons", "1:".repeat(long)],
    ["dashes, then a letter", `${"-".repeat(long)}a`],
    ["a path without an end", "a/".repeat(long)],
    ["spaces", `may${" ".repeat(long)}1`],
    ["months", "may ".repeat(long)],
    ["days", "1 may ".repeat(long)],
    ["backslashes", "\\".repeat(long)],
    ["words", "word ".repeat(long)],
    ["one word", "w".repeat(long)],
    ["what looks like an error", "e".repeat(long)],
    ["what looks like nothing", `no ${"result ".repeat(long)}`],
  ])("%s", (_, text) => {
    const both = { note: text, of: "beta" };
    expect(diagnose(between(text), reads)).toMatchObject({ turns: 2 });
    expect(diagnose(between("", both), reads)).toMatchObject({ turns: 2 });
  });

  it("five hundred turns, each with a value of the one before", () => {
    const steps = Array.from(
      { length: 500 },
      (_, place) => ["get", { id: `ID-${place}` }, `ID-${place + 1}`] as const,
    );
    const chain = [...user("Start at ID-0"), ...turns(...steps)];
    expect(diagnose(chain, reads)).toMatchObject({
      turns: 500,
      turnsNeeded: 500,
    });
  });

  it("more turns than are looked at together, in pieces", () => {
    const steps = Array.from(
      { length: 1_200 },
      (_, place) => ["get", { of: `row${place}x` }, ""] as const,
    );
    const named = steps.map(([, { of }]) => of).join(" ");
    const talk = [...user(named), ...turns(...steps)];
    const { turns: all, findingCount } = diagnose(talk, reads);
    expect([all, findingCount]).toEqual([1_200, 2]);
  });
});

describe("diagnose is not harmed by", () => {
  const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

  it("arguments and outputs of any depth", () => {
    const call = (args: string) => ({
      role: "assistant",
      tool_calls: [{ id: "1", function: { name: "get", arguments: args } }],
    });
    const answer = { role: "tool", tool_call_id: "1", content: deep(100_000) };
    const messages = [
      { role: "user", content: "go" },
      call(deep(100_000)),
      answer,
      call(`{"a":${deep(50_000)}}`),
      answer,
    ];
    expect(diagnose(messages, reads)).toMatchObject({ turns: 2 });
  });

  it("content that holds itself", () => {
    const content: unknown[] = [{ type: "text", text: "alpha" }];
    content.push(content);
    expect(diagnose([{ role: "user", content }], reads).calls).toBe(0);
  });

  it("names of fields that every object inherits", () => {
    const inherited = Object.create({
      role: "user",
      content: "hello",
    }) as object;
    expect(() => diagnose([inherited])).toThrow(UnreadableConversationError);
    const names = ["__proto__", "constructor", "toString", ""];
    const messages = [
      ...user("Look at alpha and beta"),
      ...turns(
        ...names.map(
          (name) =>
            [name, JSON.parse(`{"__proto__":"${name}1"}`), name] as const,
        ),
      ),
    ];
    const diagnosis = diagnose(messages, { reads: names });
    expect(diagnosis.calls).toBe(4);
    expect(formatDiagnosis(diagnosis)).toContain("4 calls");
    expect(diagnosisToHtml(diagnosis)).toContain("4 calls");
    expect({}).not.toHaveProperty("1");
  });
});

property.prop([fc.array(fc.anything({ maxDepth: 5 }), { maxLength: 6 })])(
  "whatever stands in a list of messages, diagnose reads it or says that it is unreadable",
  (messages) => {
    try {
      diagnose(messages, reads);
    } catch (error) {
      expect(UnreadableConversationError.isInstance(error)).toBe(true);
    }
  },
);

property.prop([
  fc.array(
    fc.oneof(
      fc.record({
        role: fc.constantFrom("user", "system"),
        content: fc.anything({ maxDepth: 3 }),
      }),
      fc.record({
        role: fc.constant("assistant"),
        content: fc.anything({ maxDepth: 3 }),
        tool_calls: fc.anything({ maxDepth: 4 }),
      }),
      fc.record({
        role: fc.constant("assistant"),
        tool_calls: fc.array(
          fc.record({
            id: fc.option(fc.constantFrom("a", "b")),
            function: fc.record({
              name: fc.string(),
              arguments: fc.oneof(fc.json(), fc.string()),
            }),
          }),
          { maxLength: 3 },
        ),
      }),
      fc.record({
        role: fc.constant("tool"),
        tool_call_id: fc.constantFrom("a", "b", 1),
        content: fc.oneof(fc.json(), fc.string()),
      }),
    ),
    { maxLength: 12 },
  ),
])("no conversation makes diagnose say what can't be", (messages) => {
  const diagnosis = diagnose(messages, reads);
  const { turns: all, turnsNeeded, turnsNeededAtMost } = diagnosis;
  expect(turnsNeeded).toBeLessThanOrEqual(turnsNeededAtMost);
  expect(turnsNeededAtMost).toBeLessThanOrEqual(all);
  for (const { calls, couldBe } of diagnosis.findings) {
    expect(couldBe.flat().toSorted((a, b) => a - b)).toEqual(
      calls.map(({ index }) => index),
    );
    for (const { needs, couldBeTurn, turn } of calls) {
      expect(couldBeTurn).toBeLessThanOrEqual(turn);
      for (const { index } of needs) {
        expect(calls[index]?.couldBeTurn).toBeLessThan(couldBeTurn);
        expect(calls[index]?.turn).toBeLessThan(turn);
      }
    }
  }
  expect(formatDiagnosis(diagnosis)).not.toMatch(/[^\P{Cc}\n]/u);
});
