import { fc, test } from "@fast-check/vitest";
import { planBatch, type PlanBatchOptions } from "parallel-tools-node";
import { describe, expect, it } from "vitest";

type Policies = NonNullable<PlanBatchOptions["policies"]>;

/** `"late $1 $2"` is a call of `late` that refers to calls 1 and 2. */
function plan(texts: readonly string[], policies: Policies) {
  return planBatch(
    texts.map((text) => {
      const [name = "", ...refs] = text.split(" ");
      return { name, args: { refs } };
    }),
    { references: true, policies },
  );
}

/** `["0<-1 after first"]`, and `"2: why not"` for a call with a problem. */
function linesOf({ calls }: ReturnType<typeof plan>): string[] {
  return calls.flatMap(({ index, dependsOn, problem }) => [
    ...dependsOn.map(
      (edge) => `${index}<-${edge.index} ${edge.reason} ${edge.detail}`,
    ),
    ...(problem ? [`${index}: ${problem.message}`] : []),
  ]);
}

function gaveWay(text: string, ordinal: number): string {
  return `The reference "${text}" points to call ${ordinal}, which has to come after this one, so the call was not run. Make this call again with the value itself once that one is answered.`;
}

describe("references and `after`", () => {
  it("go together where they ask for one order", () => {
    const policies = { late: { after: ["first"] } };
    expect(linesOf(plan(["late", "first", "use $1"], policies))).toEqual([
      "0<-1 after first",
      "2<-0 reference $1",
    ]);
    expect(linesOf(plan(["first", "late $1"], policies))).toEqual([
      "1<-0 reference $1",
    ]);
    expect(plan(["late", "first", "use $1", "use $3"], policies).depth).toBe(4);
  });

  it("lets conflicts follow the order that both give", () => {
    const policies: Policies = {
      late: { after: ["first"], access: [{ mode: "write", key: "k" }] },
      use: { access: [{ mode: "write", key: "k" }] },
    };
    expect(linesOf(plan(["late", "use", "first", "use $1"], policies))).toEqual(
      ["0<-2 after first", "0<-1 conflict k", "3<-0 reference $1"],
    );
  });

  it("close no cycle: the reference gives way, and its call does not run", () => {
    const policies = { late: { after: ["use"] } };
    expect(linesOf(plan(["late", "use $1"], policies))).toEqual([
      "0<-1 after use",
      `1: ${gaveWay("$1", 1)}`,
    ]);
  });

  it("close none over several calls either", () => {
    const policies = { late: { after: ["use"] } };
    expect(
      linesOf(plan(["late", "pass $1.a", "use $2", "free"], policies)),
    ).toEqual([
      "0<-2 after use",
      `1: ${gaveWay("$1.a", 1)}`,
      "2<-1 reference $2",
    ]);
  });

  it("name the reference that can't be waited for, not another of that call", () => {
    const policies = { late: { after: ["use"] } };
    expect(linesOf(plan(["a", "late", "use $1 $2.x"], policies))).toEqual([
      "1<-2 after use",
      `2: ${gaveWay("$2.x", 2)}`,
    ]);
  });

  it("leave alone a call that only refers to one in a cycle", () => {
    const policies = { late: { after: ["use"] } };
    expect(
      linesOf(plan(["late", "other $1", "use $1", "free"], policies)),
    ).toEqual([
      "0<-2 after use",
      "1<-0 reference $1",
      `2: ${gaveWay("$1", 1)}`,
    ]);
  });

  it("leave alone a call on the way to a cycle", () => {
    const policies = { first: { after: ["x"] }, late: { after: ["use"] } };
    expect(
      linesOf(plan(["first", "late", "x $2", "use $2"], policies)),
    ).toEqual([
      "0<-2 after x",
      "1<-3 after use",
      "2<-1 reference $2",
      `3: ${gaveWay("$2", 2)}`,
    ]);
  });

  it("still hold for a call whose reference gave way", () => {
    const policies = { late: { after: ["use"] }, use: { after: ["last"] } };
    expect(linesOf(plan(["late", "use $1", "last $1"], policies))).toEqual([
      "0<-1 after use",
      "1<-2 after last",
      `1: ${gaveWay("$1", 1)}`,
      `2: ${gaveWay("$1", 1)}`,
    ]);
  });

  it("are untangled in each of two cycles", () => {
    const policies = { late: { after: ["use"] }, last: { after: ["end"] } };
    const texts = ["late", "last", "use $1", "end $2", "other $1 $2"];
    expect(linesOf(plan(texts, policies))).toEqual([
      "0<-2 after use",
      "1<-3 after end",
      `2: ${gaveWay("$1", 1)}`,
      `3: ${gaveWay("$2", 2)}`,
      "4<-0 reference $1",
      "4<-1 reference $2",
    ]);
  });
});

const call = fc.record({
  tool: fc.nat(4),
  refs: fc.array(fc.nat(20), { maxLength: 3 }),
});
const isAfter = fc.array(fc.boolean(), { minLength: 10, maxLength: 10 });

test.prop([fc.array(call, { minLength: 1, maxLength: 14 }), isAfter], {
  numRuns: 500,
})(
  "whatever they ask for, each call can run, and no reference gives way without a cycle",
  (generated, flags) => {
    // A tool comes after tools of higher numbers only: that is no cycle.
    const afterOf = (tool: number) =>
      [1, 2, 3, 4]
        .filter((other) => other > tool && flags[tool + other])
        .map((other) => `t${other}`);
    const policies = Object.fromEntries(
      [0, 1, 2, 3, 4].map((tool) => [`t${tool}`, { after: afterOf(tool) }]),
    );
    const texts = generated.map(({ tool, refs }, i) =>
      [
        `t${tool}`,
        ...refs.filter(() => i > 0).map((r) => `$${(r % i) + 1}`),
      ].join(" "),
    );
    const { calls } = plan(texts, policies);
    const done = new Set<number>();
    for (const _ of calls) {
      for (const { index, dependsOn } of calls) {
        if (dependsOn.every((edge) => done.has(edge.index))) done.add(index);
      }
    }
    expect(done.size).toBe(calls.length);

    /** All that the call at `index` has to wait for, if nothing gives way. */
    const neededBy = (index: number) => {
      const needed = new Set<number>();
      const pending = [index];
      for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
        const [name = "", ...refs] = (texts[at] as string).split(" ");
        const after = policies[name]?.after ?? [];
        const next = [
          ...refs.map((ref) => Number(ref.slice(1)) - 1),
          ...calls.flatMap((other) =>
            after.includes(other.name) ? [other.index] : [],
          ),
        ].filter((other) => !needed.has(other));
        for (const other of next) needed.add(other);
        pending.push(...next);
      }
      return needed;
    };
    for (const { index, problem, dependsOn } of calls) {
      const [name = "", ...refs] = (texts[index] as string).split(" ");
      const waitsFor = dependsOn.map((edge) => edge.index);
      const after = policies[name]?.after ?? [];
      for (const other of calls) {
        if (after.includes(other.name)) expect(waitsFor).toContain(other.index);
      }
      if (problem === undefined) {
        const targets = refs.map((ref) => Number(ref.slice(1)) - 1);
        expect(waitsFor).toEqual(expect.arrayContaining(targets));
      } else {
        expect(neededBy(index)).toContain(index);
        const told = /points to call (\d+)/.exec(problem.message)?.[1];
        expect(neededBy(Number(told) - 1)).toContain(index);
      }
    }
  },
);
