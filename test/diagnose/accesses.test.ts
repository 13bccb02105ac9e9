import { describe, expect, test } from "vitest";
import { read, write } from "parallel-tools-node";
import { diagnose, type DiagnoseOptions } from "parallel-tools-node/diagnose";
import { turn, turns, user } from "./support/conversation.js";
import { needsIn } from "./support/needs-in.js";

const two = [
  ...user("Do a and b"),
  ...turns(["first", { name: "a" }, ""], ["second", { name: "b" }, ""]),
];
/** A finding needs a turn that could be saved. */
const twoAndMore = [
  ...user("Do a, b and c"),
  ...turns(
    ["first", { name: "a" }, ""],
    ["second", { name: "b" }, ""],
    ["third", { name: "c" }, ""],
  ),
];
const reason = (options: DiagnoseOptions) =>
  needsIn(two, options)[1]?.join() ?? "";

describe("whether two calls are tied follows from this:", () => {
  test.each<[string, DiagnoseOptions, string]>([
    ["both count as writers if nothing is said", {}, "0 conflict"],
    ["one of them suffices", { reads: ["first"] }, "0 conflict"],
    ["whichever it is", { reads: ["second"] }, "0 conflict"],
    ["two reads share nothing", { reads: ["first", "second"] }, ""],
    [
      "a declared writer",
      { reads: ["first"], writes: ["second"] },
      "0 conflict",
    ],
    [
      "a policy tells who reads",
      { policies: { first: { readOnly: true }, second: { readOnly: true } } },
      "",
    ],
    ["also for all tools at once", { defaultPolicy: { readOnly: true } }, ""],
    [
      "a tool's own policy goes before that of all",
      {
        defaultPolicy: { readOnly: true },
        policies: { first: { readOnly: false } },
      },
      "0 conflict",
    ],
    [
      "MCP annotations of a server's list",
      {
        tools: [
          { name: "first", annotations: { readOnlyHint: true } },
          { name: "second", annotations: { readOnlyHint: true } },
        ],
      },
      "",
    ],
    [
      "MCP annotations of LangChain's tools",
      {
        reads: ["first"],
        tools: [
          { name: "second", metadata: { annotations: { readOnlyHint: true } } },
        ],
      },
      "",
    ],
    [
      "a hint that says the tool writes",
      {
        reads: ["first"],
        tools: [{ name: "second", annotations: { readOnlyHint: false } }],
      },
      "0 conflict",
    ],
    [
      "a hint that is no boolean is none",
      {
        reads: ["first"],
        tools: [{ name: "second", annotations: { readOnlyHint: "yes" } }],
      },
      "0 conflict",
    ],
    [
      "a policy goes before a hint",
      {
        reads: ["first"],
        policies: { second: { readOnly: false } },
        tools: [{ name: "second", annotations: { readOnlyHint: true } }],
      },
      "0 conflict",
    ],
    [
      "a name in `reads` goes before a policy",
      {
        reads: ["first", "second"],
        policies: { second: { readOnly: false } },
      },
      "",
    ],
    [
      "writes of different keys",
      {
        defaultPolicy: {
          access: ({ name }: { name: string }) => [write(`row:${name}`)],
        },
      },
      "",
    ],
    [
      "writes of one key",
      { defaultPolicy: { access: [write("row")] } },
      "0 conflict",
    ],
    ["reads of one key", { defaultPolicy: { access: [read("row")] } }, ""],
    [
      "a tool that reads may read any key that is written",
      { reads: ["first"], policies: { second: { access: [write("row")] } } },
      "0 conflict",
    ],
    [
      "a key that is only read ties nobody who reads",
      { reads: ["first"], policies: { second: { access: [read("row")] } } },
      "",
    ],
    [
      "an access function that fails tells nothing",
      {
        reads: ["first"],
        policies: {
          second: {
            access: () => {
              throw new Error("no such argument");
            },
          },
        },
      },
      "0 conflict",
    ],
    [
      "`after`",
      {
        reads: ["first", "second"],
        policies: { second: { after: ["first"] } },
      },
      "0 order",
    ],
    [
      "`after` ties nobody the other way round",
      {
        reads: ["first", "second"],
        policies: { first: { after: ["second"] } },
      },
      "",
    ],
    [
      "`sequential`",
      {
        reads: ["first", "second"],
        policies: { first: { sequential: "replan" } },
      },
      "0 order",
    ],
  ])("%s", (_, options, expected) => {
    expect(reason(options)).toBe(expected);
  });
});

describe("the evidence of a conflict", () => {
  const access = ({ name }: Record<string, unknown>) => [
    write(`of ${String(name === "b" ? "a" : name)}`),
  ];
  const shared = [write("of a")];
  const third = { access: [] };
  const byFunctions = { first: { access }, second: { access }, third };

  test.each<[string, DiagnoseOptions, string]>([
    [
      "names a key of the policies",
      {
        policies: {
          first: { access: shared },
          second: { access: shared },
          third,
        },
      },
      "both touch `of a`, and one writes it",
    ],
    [
      "names none that functions made of arguments",
      { policies: byFunctions },
      "both touch the same state, and one writes it",
    ],
    [
      "names none that a function made for one of the two",
      { policies: { first: { access: shared }, second: { access }, third } },
      "both touch the same state, and one writes it",
    ],
    [
      "names all with `showValues`",
      { policies: byFunctions, showValues: true },
      "both touch `of a`, and one writes it",
    ],
  ])("%s", (_, options, detail) => {
    const [finding] = diagnose(twoAndMore, options).findings;
    expect(finding?.calls[1]?.needs).toMatchObject([
      { reason: "conflict", detail },
    ]);
  });
});

test("a writer keeps its place between reads, and each side shares a turn", () => {
  const messages = [
    ...user("Look at a, b, c and d, and touch e"),
    ...turns(
      ["get", { name: "a" }, ""],
      ["get", { name: "b" }, ""],
      ["touch", { name: "e" }, ""],
      ["get", { name: "c" }, ""],
      ["get", { name: "d" }, ""],
    ),
  ];
  expect(needsIn(messages, { reads: ["get"] })).toEqual([
    [],
    [],
    ["0 conflict", "1 conflict"],
    ["2 conflict"],
    ["2 conflict"],
  ]);
});

test("calls of one message needed no further turn, whatever they share", () => {
  const messages = [
    ...user("Touch a and b"),
    ...turn(["touch", { name: "a" }, ""], ["touch", { name: "b" }, ""]),
  ];
  expect(needsIn(messages, {})).toEqual([[], []]);
});
