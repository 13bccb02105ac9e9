import { fc, test } from "@fast-check/vitest";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { findReferences } from "@/plan/references/find-references.js";
import { lookUp } from "@/plan/references/look-up.js";
import { parseReference, type Reference } from "@/plan/references/reference.js";
import {
  replaceReferences,
  watchReferences,
} from "@/plan/references/replace-references.js";
import { planBatch, write } from "parallel-tools-node";
import { afterEach, describe, expect, it } from "vitest";
import { deepFreeze } from "../../support/deep-freeze.js";

const NAMES = ["a", "b", "0", "", "output", "toString", "length"];
const TRAPS = ["__proto__", "constructor", "prototype"];

const key = fc.constantFrom(...NAMES, ...TRAPS);
const step = fc.oneof(key, fc.nat(3));

/** Own properties even where the key is `__proto__`. */
const objectOf = (value: fc.Arbitrary<unknown>) =>
  fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as object);

/** A reference to one of three calls, as a model may write it. */
const reference = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 3 }))
  .chain(([ordinal, path]) => {
    const text = ordinal + path.map(textOfStep).join("");
    return fc.constantFrom(`$${text}`, `\${${text}}`);
  });

function textOfStep(part: string | number): string {
  if (typeof part === "number") return `[${part}]`;
  return /^[a-z_]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
}

const scrap = fc.constantFrom(
  ...'${}[]".\\ 0123a_é-'.split(""),
  "${1",
  "$${",
  "\uD83D",
  "$&",
);
const text = fc.oneof(
  reference,
  fc
    .array(fc.oneof(scrap, scrap, reference), { maxLength: 8 })
    .map((parts) => parts.join("")),
  fc.string(),
);

const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, false, 0, -1.5, 1e21),
    fc.array(tie("data"), { maxLength: 4 }),
    objectOf(tie("data")),
  ),
}));
const outputs = fc.array(data, { minLength: 3, maxLength: 3 });

/** What all objects have in common. */
const shapeOf = (prototype: object) =>
  Reflect.ownKeys(prototype).flatMap((name) => {
    const { value }: { value?: unknown } =
      Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    return [name, value];
  });
const SHAPES = [Object.prototype, Array.prototype].map(
  (prototype) => [prototype, shapeOf(prototype)] as const,
);

afterEach(() => {
  for (const [prototype, shape] of SHAPES) {
    const now = shapeOf(prototype);
    expect(now).toHaveLength(shape.length);
    expect(shape.every((part, i) => part === now[i])).toBe(true);
  }
});

/** As a dependent's arguments are resolved; `undefined` for what finds nothing. */
function resolve(args: unknown, values: readonly unknown[], embedded: boolean) {
  const valueOf = (found: Reference): unknown => {
    try {
      return lookUp(found, values[found.ordinal - 1]) ?? null;
    } catch (error) {
      if (error instanceof UnresolvedReferenceError) return "nothing";
      throw error;
    }
  };
  return replaceReferences(args, findReferences(args, embedded), {
    valueOf,
    textOf: (found) => {
      const value = valueOf(found);
      return typeof value === "string" ? value : JSON.stringify(value);
    },
  });
}

/** The same, said without any of the code under test but the reading. */
function expected(value: unknown, values: readonly unknown[]): unknown {
  if (typeof value === "string") {
    const found = parseReference(value);
    if (found === undefined) return value;
    return follow(found, values[found.ordinal - 1]) ?? null;
  }
  if (Array.isArray(value)) return value.map((item) => expected(item, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, expected(item, values)]),
  );
}

function follow({ path }: Reference, output: unknown): unknown {
  let value = output;
  for (const part of path) {
    const isThere =
      typeof value === "object" &&
      value !== null &&
      Object.hasOwn(value, part) &&
      !TRAPS.includes(String(part)) &&
      (!Array.isArray(value) || typeof part === "number");
    if (!isThere) return "nothing";
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

describe("whatever a model writes,", () => {
  test.prop([fc.oneof(text, fc.string({ unit: "binary" }))])(
    "a string is a reference as a whole or not at all",
    (source) => {
      const found = parseReference(source);
      if (found !== undefined) {
        expect(found.text).toBe(source.trim());
        expect(found.text).toMatch(/^\$(\{\s*)?(0|[1-9]\d*)/);
        expect(Number.isSafeInteger(found.ordinal)).toBe(true);
      }
    },
  );

  test.prop([fc.integer({ min: 0, max: 999_999_999 }), fc.array(step)])(
    "any path can be written and is read as it was meant",
    (ordinal, path) => {
      fc.pre(path[0] !== "output");
      const source = ordinal + path.map(textOfStep).join("");
      const meant = { ordinal, path };
      expect(parseReference(`$${source}`)).toMatchObject(meant);
      expect(parseReference(`\${${source}}`)).toMatchObject(meant);
    },
  );

  test.prop([data, outputs])(
    "each reference is replaced by its part of an output, all else stays",
    (args, values) => {
      deepFreeze(args);
      deepFreeze(values);
      const resolved = resolve(args, values, false);
      const meant = expected(args, values);
      expect(JSON.stringify(resolved)).toBe(JSON.stringify(meant));
    },
  );

  test.prop([fc.oneof(text, fc.string()), fc.array(scrap)])(
    "a text around references keeps what is none",
    (source, scraps) => {
      for (const whole of [source, scraps.join("")]) {
        const found = findReferences({ whole }, true);
        if (!/\$\{\s*\d/.test(whole) && parseReference(whole) === undefined) {
          // No more than what looks like one.
          expect(found.flatMap(({ pieces }) => pieces)).toEqual(
            found.map(() => whole),
          );
        }
        const same = replaceReferences({ whole }, found, {
          valueOf: (piece) => piece.text,
          textOf: (piece) => piece.text,
        });
        // What was escaped loses a sign, and spaces around one reference go with it.
        const isOne = found.some(({ isWhole }) => isWhole);
        const plain = isOne ? whole.trim() : whole;
        if (!whole.includes("$${")) expect(same).toEqual({ whole: plain });
      }
    },
  );

  test.prop([data, outputs])("a text is put in as it is", (args, values) => {
    deepFreeze(args);
    deepFreeze(values);
    const resolved = resolve({ args, x: "<${1}>" }, values, true);
    const [first] = values;
    const inText = typeof first === "string" ? first : JSON.stringify(first);
    expect(resolved).toMatchObject({ x: `<${inText}>` });
  });

  test.prop([data])("who watches sees the same arguments", (args) => {
    const all = deepFreeze({ args });
    const found = findReferences(all, true);
    let reads = 0;
    const seen = watchReferences(all, found, () => {
      reads += 1;
    });
    expect(reads).toBe(0);
    expect(JSON.stringify(seen)).toBe(JSON.stringify(all));
    expect(reads).toBe(found.length);
  });

  test.prop([fc.array(fc.tuple(key, data), { maxLength: 6 }), fc.boolean()])(
    "a batch of it has a plan without a cycle",
    (entries, embedded) => {
      const calls = entries.map(([name, x]) => ({ name, args: { x } }));
      const plan = planBatch(deepFreeze(calls), {
        references: { embedded },
        defaultPolicy: {
          access: (args) => [write(JSON.stringify(args))],
          dedupe: true,
        },
      });
      for (const { index, dependsOn } of plan.calls) {
        for (const { index: earlier } of dependsOn) {
          expect(earlier).toBeLessThan(index);
        }
      }
    },
  );
});

describe("whatever a tool gives,", () => {
  test.prop([fc.anything(), fc.array(step, { maxLength: 4 })])(
    "a path finds a part of it or an UnresolvedReferenceError is thrown",
    (output, path) => {
      const wanted = { text: "$1", ordinal: 1, path, isBare: false };
      let value: unknown;
      try {
        value = lookUp(wanted, output);
      } catch (error) {
        expect(error).toBeInstanceOf(UnresolvedReferenceError);
        value = "nothing";
      }
      expect(value).toBe(follow(wanted, output));
    },
  );
});

describe("arguments of 100,000 levels", () => {
  const LEVELS = 100_000;

  it("are resolved at the bottom and at every level", () => {
    let list: unknown = "$1";
    let tree: object = {};
    for (let i = 0; i < LEVELS; i += 1) {
      list = [list];
      tree = { r: "$1", tree };
    }
    let bottom = resolve(list, ["found"], true);
    while (Array.isArray(bottom)) bottom = bottom[0] as unknown;
    expect(bottom).toBe("found");
    let count = 0;
    let at = resolve(tree, ["found"], false) as { r?: string; tree?: object };
    for (; at.tree !== undefined; at = at.tree as typeof at) {
      if (at.r === "found") count += 1;
    }
    expect(count).toBe(LEVELS);
  }, 10_000);

  it("can be planned", () => {
    let x: unknown = "$1";
    for (let i = 0; i < LEVELS; i += 1) x = i % 2 === 0 ? [x] : { x };
    const plan = planBatch(
      [
        { name: "a", args: {} },
        { name: "b", args: { x } },
      ],
      { references: true, defaultPolicy: { dedupe: true } },
    );
    expect(plan.calls[1]?.dependsOn).toMatchObject([{ reason: "reference" }]);
  });
});

describe("time grows with the length of a text and no faster", () => {
  /** Below this a clock measures itself. */
  const LEAST_MS = 0.5;

  function timeOf(source: string): number {
    const start = performance.now();
    resolve({ source }, ["x", "y", "z"], true);
    return Math.max(LEAST_MS, performance.now() - start);
  }

  /**
   * By how much longer a text takes that is eight times as long: 8 where the
   * time is linear, 64 where it is quadratic. The least of several pairs, since
   * a busy machine or its garbage collector only ever adds.
   */
  function growth(textOf: (length: number) => string): number {
    const short = textOf(50_000);
    const long = textOf(400_000);
    let least = Number.POSITIVE_INFINITY;
    for (let pair = 0; pair < 10 && least >= 16; pair += 1) {
      const shortMs = timeOf(short);
      least = Math.min(least, timeOf(long) / shortMs);
    }
    return least;
  }

  it.each([
    ["${1", "${1"],
    ["$1", "$1"],
    ["${1}", "${1}"],
    ["$${1}", "$${1}"],
    ["an open quote", '${1["'],
    ["an open quote with escapes", String.raw`${"$"}{1["\"`],
    ["an open index", "${1[0"],
    ["a long path", `\${1${".a".repeat(480)}`],
    ["a long quote", `\${1["${"a".repeat(980)}`],
  ])("where it repeats %s", (_, unit) => {
    const ratio = growth((length) =>
      unit.repeat(Math.ceil(length / unit.length)),
    );
    expect(ratio).toBeLessThan(24);
  });

  it.each(["${1.", '${1["', "$", "${1[", "${"])(
    "where it begins with %s and never ends",
    (start) => {
      const ratio = growth((length) => start + "a".repeat(50 * length));
      expect(ratio).toBeLessThan(24);
    },
  );
});
