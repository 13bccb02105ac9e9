import { describe, expect, test } from "vitest";
import { diagnose } from "parallel-tools-node/diagnose";
import { model, system, turn, turns, user } from "./support/conversation.js";

const options = { reads: ["list", "get", "search", "sum"] };
const profile = { orders: ["ORD-1001", "ORD-1002", "ORD-1003"] };
const order = (id: string, output: unknown = "") =>
  ["get", { id }, output] as const;

const nPlusOne = [
  ...system("You serve customers."),
  ...user("What is in my orders?"),
  ...turns(
    ["list", {}, profile],
    order("ORD-1001", { item: "pen", price: 250 }),
    order("ORD-1002", { item: "ink", price: 310 }),
    order("ORD-1003", { item: "pad", price: 120 }),
    ["sum", { of: "250 + 310 + 120" }, "680"],
  ),
  ...model("680 in all."),
];

describe("a finding", () => {
  test("tells the turns, the DAG that would have served, and the N+1", () => {
    const diagnosis = diagnose(nPlusOne, options);
    expect(diagnosis).toMatchObject({
      conversations: 1,
      calls: 5,
      turns: 5,
      turnsNeeded: 3,
      turnsNeededAtMost: 3,
      shareSaved: 0.4,
      findingCount: 1,
      patterns: [
        {
          text: "list -> N x get",
          isNPlusOne: true,
          count: 1,
          turnsSaved: 2,
        },
      ],
      unknownTools: [],
    });
    const [finding] = diagnosis.findings;
    expect(finding).toMatchObject({
      conversation: 0,
      messages: [2, 4, 6, 8, 10],
      turns: 5,
      turnsNeeded: 3,
      couldBe: [[0], [1, 2, 3], [4]],
      nPlusOne: [{ list: "list", tool: "get", times: 3 }],
      oneByOne: [],
    });
    expect(finding?.calls[2]).toMatchObject({
      index: 2,
      name: "get",
      turn: 3,
      couldBeTurn: 2,
      access: "reads",
      needs: [
        {
          index: 0,
          reason: "output",
          detail: "its output showed `id` first",
          arguments: ["id"],
        },
      ],
    });
    expect(finding).not.toHaveProperty("secondsSaved");
  });

  test("holds no value, unless values are asked for", () => {
    expect(JSON.stringify(diagnose(nPlusOne, options))).not.toMatch(/ORD-|250/);
    const [finding] = diagnose(nPlusOne, {
      ...options,
      showValues: true,
    }).findings;
    expect(finding?.calls[1]?.needs[0]?.values).toEqual(["ORD-1001"]);
  });

  test("is none for a true chain", () => {
    const chain = [
      ...user("Who wrote the first book in stock?"),
      ...turns(
        ["list", {}, { first: "BK-7001" }],
        ["get", { id: "BK-7001" }, { author: "AU-3120" }],
        ["get", { id: "AU-3120" }, { name: "Lem" }],
      ),
    ];
    expect(diagnose(chain, options)).toMatchObject({
      turns: 3,
      turnsNeeded: 3,
      shareSaved: 0,
      findings: [],
      patterns: [],
    });
  });

  test("is none for calls that were asked for together", () => {
    const together = [
      ...user("Show ORD-1001 and ORD-1002"),
      ...turn(order("ORD-1001"), order("ORD-1002")),
    ];
    expect(diagnose(together, options)).toMatchObject({
      calls: 2,
      turns: 1,
      turnsNeeded: 1,
      findings: [],
    });
  });

  test("counts turns, not calls, where messages hold several", () => {
    const pairs = [
      ...user("Show ORD-1001, ORD-1002, ORD-1003 and ORD-1004"),
      ...turn(order("ORD-1001"), order("ORD-1002")),
      ...turn(order("ORD-1003"), order("ORD-1004")),
    ];
    const diagnosis = diagnose(pairs, options);
    expect(diagnosis).toMatchObject({ turns: 2, turnsNeeded: 1 });
    expect(diagnosis.findings[0]?.couldBe).toEqual([[0, 1, 2, 3]]);
    expect(diagnosis.findings[0]?.advice.map(({ kind }) => kind)).toEqual([
      "prompt",
    ]);
  });

  test("is one per stretch between two words of the user", () => {
    const messages = [
      ...user("Show ORD-1001 and ORD-1002"),
      ...turns(order("ORD-1001"), order("ORD-1002")),
      ...user("And now ORD-1003 and ORD-1004"),
      ...turns(order("ORD-1003"), order("ORD-1004")),
    ];
    expect(diagnose(messages, options)).toMatchObject({
      turns: 4,
      turnsNeeded: 2,
      findingCount: 2,
    });
  });

  test("says where the model may have looked first, and what that costs", () => {
    const messages = [
      ...user("Is there a direct train from Oslo to Rome, or one with a stop?"),
      ...turns(
        ["search", { from: "Oslo", to: "Rome", stop: "direct" }, "[]"],
        ["list", { from: "Oslo", to: "Rome", stop: "one" }, "found"],
      ),
    ];
    const diagnosis = diagnose(messages, options);
    expect(diagnosis).toMatchObject({
      turns: 2,
      turnsNeeded: 1,
      turnsNeededAtMost: 2,
    });
    expect(diagnosis.findings[0]?.calls[1]?.mayHaveLooked).toBe(
      "nothing-found",
    );
  });

  test("says so, too, where one call is the next of a line, such as of pages", () => {
    const pages = [
      ...user("Everything"),
      ...turns(
        ["list", { page: 1, size: 5 }, "first page"],
        ["list", { page: 2, size: 5 }, "second page"],
        ["get", { page: 3, size: 5 }, "another one"],
      ),
    ];
    const diagnosis = diagnose(pages, options);
    expect(diagnosis).toMatchObject({ turnsNeeded: 1, turnsNeededAtMost: 2 });
    expect(
      diagnosis.findings[0]?.calls.map(({ mayHaveLooked }) => mayHaveLooked),
    ).toEqual([undefined, "next-in-line", undefined]);
  });

  test("names the tools of which nothing was said", () => {
    const { unknownTools } = diagnose(nPlusOne, { reads: ["get"] });
    expect(unknownTools).toEqual([
      { name: "list", calls: 1 },
      { name: "sum", calls: 1 },
    ]);
  });
});

describe("the advice of a finding is", () => {
  const kinds = (messages: object, more = {}) =>
    diagnose(messages, { ...options, ...more }).findings[0]?.advice ?? [];

  test("several calls in a message, a prompt line, a cap", () => {
    expect(kinds(nPlusOne)).toEqual([
      {
        kind: "parallel-tool-calls",
        text: expect.stringContaining("No message holds more than one call"),
      },
      { kind: "prompt", text: expect.stringContaining("Add to the system") },
      { kind: "policy", text: expect.stringContaining("`get`") },
    ]);
  });

  test("to change a request that forbids parallel calls", () => {
    const [first] = kinds({ messages: nPlusOne, parallel_tool_calls: false });
    expect(first?.text).toContain("The request forbids parallel calls");
  });

  test("to change a system prompt that asks for one call at a time", () => {
    const messages = [
      ...system("You should only make one tool call at a time."),
      ...nPlusOne.slice(1),
    ];
    expect(kinds(messages)[1]?.text).toContain(
      "The system prompt asks for one call at a time",
    );
  });

  test("a policy for tools of which nothing was said", () => {
    const advice = kinds(nPlusOne, { reads: ["list", "get"] });
    expect(advice.map(({ text }) => text)).toContainEqual(
      expect.stringContaining("count as writers"),
    );
  });

  test("references, where a call needed a value that one finds", () => {
    const messages = [
      ...user("Who leads Acme and Zenith?"),
      ...turns(
        ["search", { name: "Acme" }, { company: { leader: "PER-9001" } }],
        ["get", { id: "PER-9001" }, { name: "Ada" }],
        ["search", { name: "Zenith" }, { company: { leader: "PER-9002" } }],
      ),
    ];
    expect(kinds(messages).at(-1)).toEqual({
      kind: "references",
      text: '`get` needed nothing of `search` but a value that a reference finds (`"$N.company.leader"` for `id`): with `references` both fit into one turn.',
    });
  });

  test("no reference to an entry of a list, which the model had to pick", () => {
    expect(kinds(nPlusOne).map(({ kind }) => kind)).not.toContain("references");
  });
});

describe("the patterns of a diagnosis are", () => {
  test("the ten that were found most often, also over many conversations", () => {
    const tools = Array.from({ length: 12 }, (_, place) => `tool_${place}`);
    const messages = tools.flatMap((name, place) =>
      Array.from({ length: place + 1 }, () => [
        ...user("Look at alpha and beta"),
        ...turns([name, { of: "alpha" }, ""], [name, { of: "beta" }, ""]),
      ]).flat(),
    );
    const { patterns } = diagnose(messages, { reads: tools });
    expect(patterns).toHaveLength(10);
    expect(patterns[0]).toEqual({
      text: "N x tool_11",
      isNPlusOne: false,
      count: 12,
      turnsSaved: 12,
    });
    expect(patterns.at(-1)?.text).toBe("N x tool_2");
  });
});

test("findings that save most are kept, and all are counted", () => {
  const messages = Array.from({ length: 9 }, (_, place) => [
    ...user("Look at all from alpha0 to alpha9"),
    ...turns(
      ...Array.from(
        { length: place + 2 },
        (__, index) => ["get", { of: `alpha${index}` }, ""] as const,
      ),
    ),
  ]).flat();
  const named = [
    ...user("alpha0 alpha1 alpha2 alpha3 alpha4 alpha5"),
    ...user("alpha6 alpha7 alpha8 alpha9"),
    ...messages,
  ];
  const { findings, findingCount } = diagnose(named, {
    ...options,
    maxFindings: 2,
  });
  expect(findingCount).toBe(9);
  expect(findings.map(({ turns: count }) => count)).toEqual([10, 9]);
});
