import {
  planBatch,
  type PlanBatchOptions,
  read,
  type ToolPolicy,
  UnresolvedReferenceError,
  write,
} from "parallel-tools-node";
import { describe, expect, it } from "vitest";

const ANY = "any key: it depends on a reference";
const file: ToolPolicy<{ path: string }> = {
  access: ({ path }) => [write(path)],
};
const view: ToolPolicy<{ path: string }> = {
  access: ({ path }) => [read(path)],
};

/** `"put $1 x"` is a call of `put` with `{ path: "$1", text: "x" }`. */
function plan(texts: readonly string[], options: PlanBatchOptions = {}) {
  const calls = texts.map((call, i) => {
    const [name = "", path = "", text = ""] = call.split(" ");
    return { name, args: { path, text }, id: `id${i}` };
  });
  return planBatch(calls, { references: true, ...options });
}

/** `["1<-0 reference $1"]`: call 1 waits for call 0. */
function edges(texts: readonly string[], options?: PlanBatchOptions) {
  return plan(texts, options).calls.flatMap(({ index, dependsOn }) =>
    dependsOn.map(
      (edge) => `${index}<-${edge.index} ${edge.reason} ${edge.detail}`,
    ),
  );
}

function problems(texts: readonly string[], options?: PlanBatchOptions) {
  return plan(texts, options).calls.map(({ problem }) => problem?.message);
}

describe("references", () => {
  it("are off unless asked for", () => {
    const calls = ["get a", "put $1", "put ${9}"];
    for (const references of [undefined, false]) {
      const { shape, calls: planned } = planBatch(
        calls.map((name) => ({ name, args: { x: "$1" } })),
        references === undefined ? {} : { references },
      );
      expect(shape).toBe("fan-out");
      expect(planned.every(({ problem }) => problem === undefined)).toBe(true);
    }
  });

  it("make a call wait for those that it refers to, once each", () => {
    expect(edges(["get a", "get b", "put $2.id $1", "put $1 ${1.x}"])).toEqual([
      "2<-1 reference $2.id",
      "2<-0 reference $1",
      "3<-0 reference $1",
    ]);
  });

  it("count for shape and depth", () => {
    expect(plan(["a", "b $1", "c $2"])).toMatchObject({
      shape: "chain",
      depth: 3,
    });
    expect(plan(["a", "b $1", "c $1"])).toMatchObject({
      shape: "mixed",
      depth: 2,
    });
    expect(plan(["a", "b", "c $9"])).toMatchObject({
      shape: "fan-out",
      depth: 1,
    });
  });

  it("within a text count where that is asked for", () => {
    const calls = [
      { name: "a", args: {} },
      { name: "b", args: { text: "see ${1}" } },
    ];
    const depth = (embedded: boolean) =>
      planBatch(calls, { references: { embedded } }).depth;
    expect([depth(false), depth(true)]).toEqual([1, 2]);
  });

  it("are not looked for in a tool that has them off", () => {
    const policies = { sql: { references: false }, put: { references: true } };
    expect(edges(["a", "sql $1", "put $1"], { policies })).toEqual([
      "2<-0 reference $1",
    ]);
    expect(problems(["a", "sql ${7}"], { policies })).toEqual([
      undefined,
      undefined,
    ]);
    expect(
      edges(["a", "b $1", "put $1"], {
        policies: { put: { references: true } },
        defaultPolicy: { references: false },
      }),
    ).toEqual(["2<-0 reference $1"]);
  });

  it("that can't have a value are a problem of that call alone", () => {
    const { calls } = plan(["a", "b $2", "c $1 ${4}", "d $1"]);
    expect(calls.map(({ problem }) => problem?.constructor)).toEqual([
      undefined,
      UnresolvedReferenceError,
      UnresolvedReferenceError,
      undefined,
    ]);
    expect(calls[2]?.problem?.message).toBe(
      'The reference "${4}" points to call 4, which comes later than call 3, so the call was not run. Valid here: $1 (a), $2 (b).',
    );
    expect(calls[2]?.dependsOn).toMatchObject([{ index: 0 }]);
  });

  it("give way to the problem of a policy's own function", () => {
    const access = () => {
      throw new Error("no path");
    };
    const [, message] = problems(["a", "b ${9}"], {
      policies: { b: { access } },
    });
    expect(message).toContain('threw "no path"');
  });
});

describe("a policy's access function that looks at a reference", () => {
  const options = { policies: { put: file, get: view } };

  it("orders its call against all that name a key, before and after", () => {
    const calls = [
      "get a",
      "put b",
      "free",
      "put $3",
      "free",
      "get c",
      "put a",
    ];
    expect(edges(calls, options)).toEqual([
      "3<-2 reference $3",
      `3<-0 conflict ${ANY}`,
      `3<-1 conflict ${ANY}`,
      "5<-3 conflict c",
      "6<-3 conflict a",
    ]);
  });

  it("leaves alone what stands around it and names no key", () => {
    const quiet = { ...options.policies, calm: { access: () => [] } };
    expect(
      edges(["free", "calm", "put $1", "calm", "free"], { policies: quiet }),
    ).toEqual(["2<-0 reference $1"]);
  });

  it("orders two of them, and what is between them, as a chain", () => {
    expect(edges(["a", "put $1", "put $1"], options)).toEqual([
      "1<-0 reference $1",
      "2<-0 reference $1",
      `2<-1 conflict ${ANY}`,
    ]);
    expect(
      edges(["a", "put $1", "get x", "get y", "put $1", "get x"], options),
    ).toEqual([
      "1<-0 reference $1",
      "2<-1 conflict x",
      "3<-1 conflict y",
      "4<-0 reference $1",
      `4<-2 conflict ${ANY}`,
      `4<-3 conflict ${ANY}`,
      "5<-4 conflict x",
    ]);
  });

  it("counts its reference as the reason where it is one already", () => {
    expect(edges(["put a", "put $1"], options)).toEqual(["1<-0 reference $1"]);
  });

  it("may fail at what it sees: that is no problem of the call", () => {
    const parse: ToolPolicy<{ path: string }> = {
      access: ({ path }) => [write((JSON.parse(path) as string[])[0] ?? "")],
    };
    const texts = ['put ["k"]', "free", "put $2"];
    const policies = { put: parse };
    expect(problems(texts, { policies })).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(edges(texts, { policies })).toContain(`2<-0 conflict ${ANY}`);
  });

  it("is not asked again across a barrier", () => {
    const policies = { ...options.policies, stop: { sequential: true } };
    expect(edges(["put a", "put $1", "stop", "get b"], { policies })).toEqual([
      "1<-0 reference $1",
      "2<-0 sequential stop",
      "2<-1 sequential stop",
      "3<-2 sequential stop",
    ]);
  });

  it("counts as one that looks though its reference has no value", () => {
    expect(edges(["put a", "put ${9}", "put b"], options)).toEqual([
      `1<-0 conflict ${ANY}`,
      "2<-1 conflict b",
    ]);
  });
});

describe("a policy's access that does not look at the reference", () => {
  it("keeps its call parallel: only what it names counts", () => {
    const calls = [
      { name: "find", args: {} },
      { name: "put", args: { path: "a", text: "$1" } },
      { name: "put", args: { path: "b", text: "$1" } },
      { name: "put", args: { path: "a", text: "free" } },
    ];
    const planned = planBatch(calls, {
      references: true,
      policies: { put: file },
    });
    expect(planned.calls.map(({ dependsOn }) => dependsOn)).toEqual([
      [],
      [{ index: 0, reason: "reference", detail: "$1" }],
      [{ index: 0, reason: "reference", detail: "$1" }],
      [{ index: 1, reason: "conflict", detail: "a" }],
    ]);
  });

  it("is what a list of accesses always is", () => {
    const policies = { put: { access: [write("db")] } };
    expect(edges(["put x", "get", "put $2", "put $2"], { policies })).toEqual([
      "2<-1 reference $2",
      "2<-0 conflict db",
      "3<-1 reference $2",
      "3<-2 conflict db",
    ]);
  });

  it("is what it is for a bare amount and where references are off", () => {
    const policies = { put: file };
    expect(edges(["put a", "put $9", "put b"], { policies })).toEqual([]);
    expect(
      edges(["put a", "put $1", "put b"], {
        policies: { put: { ...file, references: false } },
      }),
    ).toEqual([]);
  });
});

describe("with other rules of order,", () => {
  it("a replan call defers references, and those that can't be are not told", () => {
    const { calls } = plan(["a", "look $1", "b $1", "c ${9}"], {
      policies: { look: { sequential: "replan" } },
    });
    expect(calls.map(({ deferred = false }) => deferred)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(calls[3]?.problem).toBeUndefined();
    expect(calls[1]?.dependsOn).toEqual([
      { index: 0, reason: "reference", detail: "$1" },
    ]);
  });

  it("a batch that is sequential stays a chain", () => {
    expect(edges(["a", "b", "c $1"], { sequential: true })).toEqual([
      "1<-0 sequential b",
      "2<-0 reference $1",
      "2<-1 sequential c",
    ]);
  });

  it("equal references to equal calls are the same call, others are not", () => {
    const sameAs = (...texts: string[]) =>
      plan(texts, { policies: { get: { readOnly: true } } }).calls.map(
        ({ sameAs: same }) => same,
      );
    expect(sameAs("a", "get $1", "get $1.x", "get $1")).toEqual([
      undefined,
      undefined,
      undefined,
      1,
    ]);
    expect(sameAs("a", "get ${9}", "get ${9}")).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
