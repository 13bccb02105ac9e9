import { describe, expect, test } from "vitest";
import { planBatch, read, type ToolPolicy, write } from "parallel-tools-node";

const file: ToolPolicy<{ path: string }> = {
  access: ({ path }) => [write(path)],
};
const view: ToolPolicy<{ path: string }> = {
  access: ({ path }) => [read(path)],
};

/** `"write a"` is a call of the tool `write` with `{ path: "a" }`. */
function callsOf(...texts: string[]) {
  return texts.map((text, i) => {
    const [name = "", path = ""] = text.split(" ");
    return { name, args: { path }, id: `id${i}` };
  });
}

/** `["1<-0 conflict a"]`: call 1 waits for call 0. */
function edgesOf(plan: ReturnType<typeof planBatch>): string[] {
  return plan.calls.flatMap(({ index, dependsOn }) =>
    dependsOn.map(
      (edge) => `${index}<-${edge.index} ${edge.reason} ${edge.detail}`,
    ),
  );
}

describe("planBatch", () => {
  test("finds no dependency where none is declared", () => {
    const plan = planBatch(callsOf("write a", "write a", "view a"));
    expect(plan).toEqual({
      shape: "fan-out",
      depth: 1,
      calls: [0, 1, 2].map((index) => ({
        index,
        ordinal: index + 1,
        id: `id${index}`,
        name: index === 2 ? "view" : "write",
        dependsOn: [],
      })),
    });
  });

  test("lets reads of a key share it and keeps writes in the order of the message", () => {
    const plan = planBatch(
      callsOf("view a", "view a", "write a", "view a", "view b", "write a"),
      { policies: { write: file, view } },
    );
    expect(edgesOf(plan)).toEqual([
      "2<-0 conflict a",
      "2<-1 conflict a",
      "3<-2 conflict a",
      "5<-3 conflict a",
    ]);
    expect(plan).toMatchObject({ shape: "mixed", depth: 4 });
  });

  test("takes a call that reads and writes a key for a writer, and two keys with one edge between two calls", () => {
    const plan = planBatch(callsOf("copy a", "copy a"), {
      policies: {
        copy: { access: [read("a"), write("a"), write("b"), write("a")] },
      },
    });
    expect(edgesOf(plan)).toEqual(["1<-0 conflict a"]);
    expect(plan).toMatchObject({ shape: "chain", depth: 2 });
  });

  test("treats keys that are names of object properties as any other key", () => {
    const plan = planBatch(
      callsOf("write __proto__", "view constructor", "view __proto__"),
      { policies: { write: file, view } },
    );
    expect(edgesOf(plan)).toEqual(["2<-0 conflict __proto__"]);
  });

  test("puts calls after those of the tools that they come `after`, wherever they stand", () => {
    const plan = planBatch(callsOf("query", "login", "query", "login"), {
      policies: { query: { after: ["login"] } },
    });
    expect(edgesOf(plan)).toEqual([
      "0<-1 after login",
      "0<-3 after login",
      "2<-1 after login",
      "2<-3 after login",
    ]);
    expect(plan.depth).toBe(2);
  });

  test("ignores `after` for a tool that the message does not call", () => {
    const plan = planBatch(callsOf("query", "query"), {
      policies: { query: { after: ["login"] } },
    });
    expect(plan.shape).toBe("fan-out");
  });

  test("lets a default `after` leave out the tool that it names", () => {
    const plan = planBatch(callsOf("query", "login", "save"), {
      defaultPolicy: { after: ["login"] },
    });
    expect(edgesOf(plan)).toEqual(["0<-1 after login", "2<-1 after login"]);
  });

  test("lets conflicts follow the order that `after` gives, so that no cycle arises", () => {
    const plan = planBatch(callsOf("late", "early"), {
      policies: {
        late: { after: ["early"], access: [write("x")] },
        early: { access: [write("x")] },
      },
    });
    expect(edgesOf(plan)).toEqual(["0<-1 after early"]);
  });

  test("makes a sequential call wait for all before it and all after it wait for it", () => {
    const plan = planBatch(
      callsOf("view a", "view b", "test", "view c", "test", "test"),
      { policies: { view, test: { sequential: true } } },
    );
    expect(edgesOf(plan)).toEqual([
      "2<-0 sequential test",
      "2<-1 sequential test",
      "3<-2 sequential test",
      "4<-3 sequential test",
      "5<-4 sequential test",
    ]);
  });

  test("leaves out edges across a barrier, since the barrier waits for all before it", () => {
    const plan = planBatch(
      callsOf("login", "write a", "test", "write a", "query"),
      {
        policies: {
          write: file,
          test: { sequential: true },
          query: { after: ["login"] },
        },
      },
    );
    expect(edgesOf(plan)).toEqual([
      "2<-0 sequential test",
      "2<-1 sequential test",
      "3<-2 sequential test",
      "4<-2 sequential test",
    ]);
  });

  test("defers all that stands after a replan call", () => {
    const plan = planBatch(callsOf("view a", "look", "view b", "look"), {
      policies: { view, look: { sequential: "replan" } },
    });
    expect(plan.calls.map(({ deferred }) => deferred)).toEqual([
      undefined,
      undefined,
      true,
      true,
    ]);
    expect(edgesOf(plan)).toEqual([
      "1<-0 sequential look",
      "2<-1 sequential look",
      "3<-1 sequential look",
    ]);
  });

  test("chains a whole batch, or defers all but its first call, when asked to", () => {
    const calls = callsOf("a", "b", "c");
    expect(edgesOf(planBatch(calls, { sequential: true }))).toEqual([
      "1<-0 sequential b",
      "2<-1 sequential c",
    ]);
    expect(
      planBatch(calls, { sequential: "replan" }).calls.map(
        ({ deferred }) => deferred,
      ),
    ).toEqual([undefined, true, true]);
  });

  test("marks a call whose policy function fails and plans the others", () => {
    const plan = planBatch(callsOf("write", "view a", "write a"), {
      policies: {
        view,
        write: {
          access: ({ path }: { path: string }) => {
            if (path === "") throw new TypeError("no path");
            return [write(path)];
          },
        },
      },
    });
    expect(plan.calls[0]?.problem?.message).toBe(
      '`policies.write.access` threw "no path", so the call was not run. Functions of a policy get arguments as the model wrote them, before the tool\'s schema has checked them.',
    );
    expect(edgesOf(plan)).toEqual(["2<-1 conflict a"]);
  });

  test("calls the shape of nothing and of one call single", () => {
    expect(planBatch([])).toEqual({ shape: "single", depth: 0, calls: [] });
    expect(planBatch(callsOf("a")).shape).toBe("single");
  });
});

describe("identical calls", () => {
  const policies = { view: { ...view, readOnly: true }, write: file };

  test("of a read-only tool share the answer of the first", () => {
    const plan = planBatch(
      [
        { name: "view", args: { path: "a", deep: { x: 1, y: [2] } } },
        { name: "view", args: { deep: { y: [2], x: 1 }, path: "a" } },
        { name: "view", args: { path: "a", deep: { x: 1, y: [3] } } },
      ],
      { policies },
    );
    expect(plan.calls.map(({ sameAs }) => sameAs)).toEqual([
      undefined,
      0,
      undefined,
    ]);
  });

  test("do not share across a write of what they read, or across a barrier", () => {
    expect(
      planBatch(callsOf("view a", "write a", "view a", "view a"), {
        policies,
      }).calls.map(({ sameAs }) => sameAs),
    ).toEqual([undefined, undefined, undefined, 2]);
    expect(
      planBatch(callsOf("view a", "test", "view a"), {
        policies: { ...policies, test: { sequential: true } },
      }).calls.map(({ sameAs }) => sameAs),
    ).toEqual([undefined, undefined, undefined]);
  });

  test("are run each when the policy says so, or when arguments are not JSON", () => {
    expect(
      planBatch(callsOf("view a", "view a"), {
        policies: { view: { readOnly: true, dedupe: false } },
      }).calls[1]?.sameAs,
    ).toBeUndefined();
    const args = { at: new Date(0) };
    expect(
      planBatch(
        [
          { name: "view", args },
          { name: "view", args: { at: new Date(1) } },
        ],
        { defaultPolicy: { dedupe: true } },
      ).calls[1]?.sameAs,
    ).toBeUndefined();
  });
});
