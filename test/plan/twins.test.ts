import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { planBatch, read, type ToolPolicy, write } from "parallel-tools-node";

type Args = { readonly key: string };

const policies: Record<string, ToolPolicy<Args>> = {
  write: { dedupe: true, access: ({ key }) => [write(key)] },
  read: { readOnly: true, access: ({ key }) => [read(key)] },
  copy: { dedupe: true, access: ({ key }) => [read("x"), write(key)] },
  test: { dedupe: true, sequential: true },
  look: { dedupe: true, sequential: "replan" },
  log: { access: ({ key }) => [write(key)] },
  build: { sequential: true },
  free: { dedupe: true },
  late: { dedupe: true, after: ["free", "build"] },
};

/** `"write x"` is a call of the tool `write` with `{ key: "x" }`. */
function callsOf(...texts: string[]) {
  return texts.map((text) => {
    const [name = "", key = ""] = text.split(" ");
    return { name, args: { key } };
  });
}

/** For each call the one whose answer it shares; `-` if it is run. */
function twinsOf(texts: string, sequential = false): string {
  const { calls } = planBatch(callsOf(...texts.split(", ")), {
    policies,
    sequential,
  });
  return calls.map(({ sameAs = "-" }) => sameAs).join(" ");
}

describe("identical calls with nothing between them that they depend on", () => {
  test.each([
    ["write x, write x", "- 0"],
    ["write x, write x, write x", "- 0 0"],
    ["write x, write y, write x, write y", "- - 0 1"],
    ["write x, read y, write x", "- - 0"],
    ["read x, write x, write x", "- - 1"],
    ["write x, write x, read x, read x", "- 0 - 2"],
    ["copy y, copy y", "- 0"],
    ["copy y, read x, copy y", "- - 0"],
    ["test x, test x, test x", "- 0 0"],
    ["free x, test x, test x, free x, free x", "- - 1 - 3"],
    ["late x, free x, late x, free x", "- - 0 1"],
  ])("run once: %s", (texts, twins) => {
    expect(twinsOf(texts)).toBe(twins);
  });

  test.each([
    ["write x, read x, write x", "- - -"],
    ["write x, read x, write x, write x", "- - - 2"],
    ["write x, log x, write x", "- - -"],
    ["copy y, read y, copy y", "- - -"],
    ["copy y, write x, copy y", "- - -"],
    ["test x, free x, test x", "- - -"],
    ["test x, test y, test x", "- - -"],
    ["write x, build x, write x", "- - -"],
    ["log x, log x", "- -"],
    ["build x, build x", "- -"],
  ])("are not those of: %s", (texts, twins) => {
    expect(twinsOf(texts)).toBe(twins);
  });

  test.each([
    ["free x, free x, free x", "- 0 0"],
    ["free x, free y, free x", "- - -"],
    ["write x, write x, log x, write x", "- 0 - -"],
    ["log x, log x, read x, read x", "- - - 2"],
    ["test x, test x", "- 0"],
  ])("run once where the batch runs one call at a time: %s", (texts, twins) => {
    expect(twinsOf(texts, true)).toBe(twins);
  });

  test("are deferred behind a replan call, as all that follows it", () => {
    const { calls } = planBatch(callsOf("look x", "look x", "free x"), {
      policies,
    });
    expect(calls.map(({ deferred }) => deferred)).toEqual([
      undefined,
      true,
      true,
    ]);
    expect(calls.some((call) => "sameAs" in call)).toBe(false);
  });

  test("are so far apart when they come after many calls, too", () => {
    const many = Array.from({ length: 20 }, (_, i) => `free ${i}`);
    const texts = [...many, "late x", "late x", "late y"].join(", ");
    expect(twinsOf(texts).split(" ").slice(20)).toEqual(["-", "20", "-"]);
  });

  test("keep their edges on one another, by which later calls wait for all", () => {
    const { calls } = planBatch(
      callsOf("write x", "write x", "write x", "read x"),
      { policies },
    );
    expect(
      calls.map(({ dependsOn }) => dependsOn.map(({ index }) => index)),
    ).toEqual([[], [0], [1], [2]]);
  });
});

const NAMES = Object.keys(policies).filter((name) => name !== "look");

const batches = fc.array(
  fc.record({
    name: fc.constantFrom(...NAMES),
    args: fc.record({ key: fc.constantFrom("x", "x", "y") }),
  }),
  { minLength: 1, maxLength: 8 },
);

type Call = ReturnType<typeof callsOf>[number];

const AFTER: Record<string, readonly string[]> = { late: ["free", "build"] };

/** The order of a plan: that of the message, as far as `after` allows. */
function orderOf(batch: readonly Call[]): number[] {
  const isLate = (i: number) => AFTER[batch[i]?.name ?? ""] !== undefined;
  const awaited = batch.flatMap(({ name }, i) =>
    AFTER["late"]?.includes(name) ? [i] : [],
  );
  const last = awaited.at(-1) ?? -1;
  const all = batch.map((_, i) => i);
  const early = all.filter((i) => i <= last && !isLate(i));
  return [...early, ...all.filter((i) => !early.includes(i))];
}

/** The keys that a call reads and writes. */
function accessOf({ name, args: { key } }: Call) {
  const reads = name === "read" ? [key] : name === "copy" ? ["x"] : [];
  const writes = ["write", "copy", "log"].includes(name) ? [key] : [];
  return { reads, writes };
}

function hasToWait(later: Call, earlier: Call, sequential: boolean): boolean {
  const [a, b] = [accessOf(later), accessOf(earlier)];
  return (
    sequential ||
    [later, earlier].some(({ name }) => ["test", "build"].includes(name)) ||
    AFTER[later.name]?.includes(earlier.name) === true ||
    a.writes.some((key) => [...b.reads, ...b.writes].includes(key)) ||
    b.writes.some((key) => a.reads.includes(key))
  );
}

/**
 * By the definition: a call is the same as an earlier one if all that it has to
 * wait for, directly or not, is that one, or was waited for by that one, too.
 */
function twinsByDefinition(batch: readonly Call[], sequential: boolean) {
  const order = orderOf(batch);
  const awaited = new Map<number, Set<number>>();
  const sameAs = new Map<number, number>();
  const originalOf = (i: number) => sameAs.get(i) ?? i;
  order.forEach((i, place) => {
    const earlier = order.slice(0, place);
    const direct = earlier.filter((j) =>
      hasToWait(batch[i]!, batch[j]!, sequential),
    );
    const all = new Set(direct.flatMap((j) => [j, ...awaited.get(j)!]));
    awaited.set(i, all);
    const { name, args } = batch[i]!;
    if (name === "log" || name === "build") return;
    const original = earlier.find((j) => {
      if (sameAs.has(j) || batch[j]?.name !== name) return false;
      if (batch[j]?.args.key !== args.key) return false;
      return [...all].every(
        (one) =>
          originalOf(one) === j ||
          awaited.get(j)!.has(one) ||
          awaited.get(j)!.has(originalOf(one)),
      );
    });
    if (original !== undefined) sameAs.set(i, original);
  });
  return batch.map((_, i) => sameAs.get(i));
}

test.prop([batches, fc.boolean()], { numRuns: 3_000 })(
  "identical calls are those between which nothing is that they wait for",
  (batch, sequential) => {
    const { calls } = planBatch(batch, { policies, sequential });
    expect(calls.map(({ sameAs }) => sameAs)).toEqual(
      twinsByDefinition(batch, sequential),
    );
  },
);
