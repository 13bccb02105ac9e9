import {
  findReferences,
  type Place,
} from "@/plan/references/find-references.js";
import type { Reference } from "@/plan/references/reference.js";
import {
  replaceReferences,
  watchReferences,
} from "@/plan/references/replace-references.js";
import { describe, expect, it } from "vitest";

/** `values[0]` is the output of call 1. */
function replace(args: unknown, values: readonly unknown[], embedded = true) {
  const valueOf = ({ ordinal }: Reference) => values[ordinal - 1];
  return replaceReferences(args, findReferences(args, embedded), {
    valueOf,
    textOf: (reference) => `(${String(valueOf(reference))})`,
  });
}

describe("a reference that is all of a string", () => {
  it.each([
    [0],
    [-1.5],
    [true],
    [false],
    [null],
    [""],
    ["text"],
    [[]],
    [[1, [2]]],
    [{}],
    [{ a: { b: null } }],
  ])("is replaced by %j and its type is kept", (value) => {
    expect(replace({ a: "$1", b: ["${1}"] }, [value])).toEqual({
      a: value,
      b: [value],
    });
    expect(replace("$1", [value])).toBe(value);
  });
});

describe("a reference within a text", () => {
  it.each([
    ["text", "<(text)>"],
    ["", "<()>"],
    ["$& $1 $$", "<($& $1 $$)>"],
  ])("is replaced by %j as text", (value, text) => {
    expect(replace({ x: "<${1}>" }, [value])).toEqual({ x: text });
  });

  it("is one of several, and escapes lose their sign", () => {
    const x = "${2}-${1}-$${1}-$$${2}-$1-${HOME}";
    expect(replace({ x }, ["one", 2])).toEqual({
      x: "(2)-(one)-${1}-$${2}-$1-${HOME}",
    });
  });
});

describe("what was put in", () => {
  it("is not looked at again", () => {
    const values = ["$2", "${1}${2}", { x: "$1" }];
    expect(replace({ a: "$1", b: "<${2}${1}>", c: "$3" }, values)).toEqual({
      a: "$2",
      b: "<(${1}${2})($2)>",
      c: { x: "$1" },
    });
  });
});

describe("the arguments", () => {
  it("stay as they are, and the rest of them is shared", () => {
    const untouched = { deep: [1] };
    const args = { a: { b: ["$1", untouched] }, c: untouched };
    const before = structuredClone(args);
    const after = replace(args, [7]) as typeof args;
    expect(args).toEqual(before);
    expect(after).toEqual({ a: { b: [7, untouched] }, c: untouched });
    expect(after.c).toBe(untouched);
    expect(after.a.b[1]).toBe(untouched);
  });

  it("are given back if there is nothing to replace", () => {
    const args = { a: ["b"] };
    expect(replace(args, [])).toBe(args);
  });

  it("may be frozen", () => {
    const inner = Object.freeze({ x: "$1", y: Object.freeze(["$2"]) });
    const args = Object.freeze({ inner, z: "$1" });
    expect(replace(args, [1, 2])).toEqual({ inner: { x: 1, y: [2] }, z: 1 });
    expect(inner.x).toBe("$1");
  });

  it("may have any keys", () => {
    const args: unknown = JSON.parse(
      '{"__proto__":{"polluted":"$1"},"constructor":{"prototype":"$1"}}',
    );
    const after = replace(args, [{ evil: true }]);
    expect(JSON.stringify(after)).toBe(
      '{"__proto__":{"polluted":{"evil":true}},"constructor":{"prototype":{"evil":true}}}',
    );
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("polluted");
    expect({}).not.toHaveProperty("evil");
  });

  it("keep the order of their keys, and having no prototype", () => {
    const args = Object.assign(Object.create(null), {
      b: 1,
      a: "$1",
      c: 2,
    }) as object;
    const after = replace(args, [7]) as object;
    expect(Object.entries(after)).toEqual([
      ["b", 1],
      ["a", 7],
      ["c", 2],
    ]);
    expect(Object.getPrototypeOf(after)).toBeNull();
  });

  it("can be changed afterwards", () => {
    const after = replace({ a: { b: "$1" } }, [1]) as { a: { b?: unknown } };
    after.a.b = 2;
    delete after.a.b;
    expect(after).toEqual({ a: {} });
  });

  it("may hold themselves", () => {
    const args: Record<string, unknown> = { x: "$1" };
    args["self"] = args;
    expect(replace(args, [1])).toMatchObject({ x: 1 });
    expect(args["x"]).toBe("$1");
  });
});

it("what gives the values is asked once per reference, in order", () => {
  const asked: string[] = [];
  const args = { a: "$2", b: "${1}${2.x}", c: "$2" };
  const note = ({ text }: Reference, at?: Place) => {
    asked.push(at === undefined ? `${text} in a text` : `${text} at ${at.key}`);
    return "";
  };
  replaceReferences(args, findReferences(args, true), {
    valueOf: note,
    textOf: (reference) => note(reference),
  });
  expect(asked).toEqual([
    "$2 at a",
    "${1} in a text",
    "${2.x} in a text",
    "$2 at c",
  ]);
});

it("what is thrown in place of a value is thrown, and nothing has changed", () => {
  const args = { a: "$1", b: "$2" };
  const problem = new Error("nothing there");
  expect(() =>
    replaceReferences(args, findReferences(args, false), {
      valueOf: ({ ordinal }) => {
        if (ordinal === 2) throw problem;
        return ordinal;
      },
      textOf: () => "",
    }),
  ).toThrow(problem);
  expect(args).toEqual({ a: "$1", b: "$2" });
});

interface Watched {
  readonly id: number;
  readonly text: string;
  readonly a: { readonly id: string; readonly free: number };
  readonly list: readonly string[];
}

describe("arguments that are watched", () => {
  const args: Watched = {
    id: 1,
    text: "the ${1}",
    a: { id: "$1", free: 2 },
    list: ["$1"],
  };

  function watch(given: Watched) {
    let reads = 0;
    const onRead = () => {
      reads += 1;
    };
    const found = findReferences(given, true);
    const seen = watchReferences(given, found, onRead) as Watched;
    return { seen, reads: () => reads };
  }

  it("look as they are", () => {
    const { seen } = watch(args);
    expect(seen).not.toBe(args);
    expect(JSON.stringify(seen)).toBe(JSON.stringify(args));
    expect(Array.isArray(seen.list)).toBe(true);
  });

  it.each<[string, (seen: Watched) => unknown]>([
    ["another field", ({ id }) => id],
    ["the object around it", ({ a }) => a],
    ["a field beside it", ({ a }) => a.free],
    ["the length of its list", ({ list }) => list.length],
    ["the keys", ({ a }) => Object.keys(a)],
    ["whether it is there", ({ a }) => "id" in a],
  ])("don't tell of a look at %s", (_, look) => {
    const { seen, reads } = watch(args);
    look(seen);
    expect(reads()).toBe(0);
  });

  it.each<[string, (seen: Watched) => unknown]>([
    ["it", ({ a }) => a.id],
    ["it, by its place", ({ list }) => list[0]],
    ["a text that it is in", ({ text }) => text],
    ["all fields", ({ a }) => ({ ...a })],
    ["all values", ({ a }) => Object.values(a)],
    ["each item", ({ list }) => [...list]],
    ["all as JSON", (seen) => JSON.stringify(seen)],
  ])("tell of a look at %s", (_, look) => {
    const { seen, reads } = watch(args);
    look(seen);
    expect(reads()).toBeGreaterThan(0);
  });

  it("may be frozen", () => {
    const { seen, reads } = watch(Object.freeze({ ...args }));
    expect(seen.id).toBe(1);
    expect(reads()).toBe(0);
    expect(seen.text).toBe("the ${1}");
    expect(reads()).toBe(1);
  });
});
