import {
  NO_REFERENCES,
  referencesOf,
} from "@/plan/references/call-references.js";
import { ReferenceLinks } from "@/plan/references/reference-links.js";
import { describe, expect, it } from "vitest";

function messageOf(count: number) {
  return Array.from({ length: count }, (_, i) => ({ name: `tool${i + 1}` }));
}

/** Of the call at `index` in a message of `count`, whose only argument is `x`. */
function read(x: unknown, { index = 2, count = 4, embedded = false } = {}) {
  const rules = { embedded, maxReferenceBytes: 1 };
  return referencesOf({ x }, index, messageOf(count), rules);
}

function problemOf(...args: Parameters<typeof read>): string | undefined {
  return read(...args).problem?.message;
}

describe("a call's references", () => {
  it("point to earlier calls, each named by its first reference", () => {
    const { found, targets, problem } = read(
      ["$2.b", "${1}", "$2", "$1.a", "none"],
      { index: 2 },
    );
    expect(found.map(({ text }) => text)).toEqual([
      "$2.b",
      "${1}",
      "$2",
      "$1.a",
    ]);
    expect([...targets]).toEqual([
      [1, "$2.b"],
      [0, "${1}"],
    ]);
    expect(problem).toBeUndefined();
  });

  it("are found in a text where that is on", () => {
    const text = "from ${1.a} to ${2}";
    expect([...read(text, { embedded: true }).targets]).toEqual([
      [0, "${1.a}"],
      [1, "${2}"],
    ]);
    expect(read(text)).toBe(NO_REFERENCES);
  });

  it("are none in most calls", () => {
    expect(read("no $ at all")).toBe(NO_REFERENCES);
  });

  it.each(["$0", "$5", "$100", "$999999999"])(
    "%s is an amount in a message of four calls",
    (text) => {
      expect(read(text)).toBe(NO_REFERENCES);
      expect(read(text, { embedded: true })).toBe(NO_REFERENCES);
      expect(read([text, "$1"]).found).toHaveLength(1);
    },
  );

  it("may be only escapes, which point nowhere and still are replaced", () => {
    const { found, targets, problem } = read("$${1}", { embedded: true });
    expect(found).toHaveLength(1);
    expect([...targets]).toEqual([]);
    expect(problem).toBeUndefined();
  });
});

describe("a reference that can't have a value", () => {
  const valid = "Valid here: $1 (tool1), $2 (tool2).";

  it.each([
    ["$3", "points to its own call"],
    ["${3.id}", "points to its own call"],
    ["$4", "points to call 4, which comes later than call 3"],
    ["$4.id", "points to call 4, which comes later than call 3"],
    ["${5}", "points to call 5 of a message of 4"],
    ["$5.id", "points to call 5 of a message of 4"],
    ["$5.output", "points to call 5 of a message of 4"],
    ["$5[0]", "points to call 5 of a message of 4"],
    ["${0}", "points to call 0 of a message of 4"],
    ["$0.id", "points to call 0 of a message of 4"],
  ])("%s %s", (text, problem) => {
    expect(problemOf(text)).toBe(
      `The reference "${text}" ${problem}, so the call was not run. ${valid}`,
    );
  });

  it("is told of where it is in a text, too", () => {
    expect(problemOf("a ${9} b", { embedded: true })).toBe(
      `The reference "\${9}" points to call 9 of a message of 4, so the call was not run. ${valid}`,
    );
  });

  it("is the first of several, and the others still count", () => {
    const { problem, targets } = read(["$1", "$4", "$3", "$2"]);
    expect(problem?.reference).toBe("$4");
    expect(problem?.valid).toEqual(["$1 (tool1)", "$2 (tool2)"]);
    expect([...targets.keys()]).toEqual([0, 1]);
  });

  it("has no choice in the first call", () => {
    expect(problemOf("$1", { index: 0 })).toBe(
      'The reference "$1" points to its own call, so the call was not run. There is nothing that this call could refer to.',
    );
  });

  it("is told no more of a name than a tool can have", () => {
    const long = "x".repeat(1_000_000);
    const message = [{ name: long }, { name: "b" }];
    const rules = { embedded: false, maxReferenceBytes: 1 };
    const { problem } = referencesOf({ x: "$2" }, 1, message, rules);
    expect(problem?.valid).toEqual([`$1 (${"x".repeat(128)}...)`]);
  });

  it("is told ten calls at most", () => {
    const validAt = (index: number) =>
      read("${99}", { index, count: 20 }).problem?.valid;
    const ten = messageOf(10).map(({ name }, i) => `$${i + 1} (${name})`);
    expect(validAt(10)).toEqual(ten);
    expect(validAt(11)).toEqual([...ten, "..."]);
  });
});

describe("links", () => {
  const calls = [{ index: 1 }, { index: 2 }, { index: 4 }];

  it("join positions, and leave out calls that were answered before", () => {
    const links = new ReferenceLinks(calls, [
      NO_REFERENCES,
      read("$2.a", { index: 2, count: 5 }),
      read(["$1", "$3", "$2", "$4"], { index: 4, count: 5 }),
    ]);
    expect(links.targets).toEqual([[], [0], [1, 0]]);
    expect(links.of(2).edges).toEqual([
      { position: 1, edge: { index: 2, reason: "reference", detail: "$3" } },
      { position: 0, edge: { index: 1, reason: "reference", detail: "$2" } },
    ]);
  });

  it("are none where references are off", () => {
    const links = new ReferenceLinks(calls, []);
    expect(links.of(1)).toMatchObject({ found: [], edges: [] });
    expect(links.of(1).problem).toBeUndefined();
  });
});
