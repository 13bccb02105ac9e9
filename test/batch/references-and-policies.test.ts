import type { ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { Command } from "@langchain/langgraph";
import {
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  findsNoOutput,
  unresolvedReference,
} from "@/answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "@/errors/unresolved-reference-error.js";
import { finish, playTime, REPEATABLE } from "../support/attempted-node.js";
import { httpError } from "../support/attempted-tools.js";
import { settle } from "../support/fake-clock.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { NotingTools, type Outputs } from "../support/noting-tools.js";
import { silenceWarnings } from "../support/silence-warnings.js";
import { Stage } from "../support/stage.js";

const warn = silenceWarnings();

type Call = ReturnType<typeof callOf>;

playTime();

/** A node with `get` and `use`; only `use` has a policy. */
function setUp(
  outputs: Outputs,
  policy: ToolPolicy,
  options: ParallelToolNodeOptions = {},
) {
  const stage = new NotingTools(outputs);
  const reports: BatchReport[] = [];
  const node = new ParallelToolNode(stage.tools("get", "use"), {
    references: true,
    policies: { use: policy },
    onReport: (report) => reports.push(report),
    ...options,
  });
  const run = async (...calls: Call[]) =>
    answerLines((await finish(node.invoke([ask(...calls)]))) as ToolMessage[]);
  return { stage, reports, run };
}

const get = (id: string) => callOf(id, "get");
const use = (id: string, x: unknown) => callOf(id, "use", { x });

describe("a policy's functions see what was put in", () => {
  it("to tell a call's cost, so that its rate holds", async () => {
    const seen: unknown[] = [];
    const { run, reports } = setUp(
      { a: { tokens: 3 } },
      {
        rateLimit: { limit: 4, intervalMs: 1_000, jitterMs: 0 },
        cost: (args) => {
          seen.push(args);
          return args["x"] as number;
        },
      },
    );
    await run(get("a"), use("b", "$1.tokens"), use("c", 2), use("d", 1));
    expect(seen).toEqual([{ x: 2 }, { x: 1 }, { x: 3 }]);
    const startMs = reports[0]?.calls.map((call) => call.startMs);
    expect(startMs).toEqual([0, 1_000, 0, 0]);
  });

  it("to tell a call's resources, so that their caps hold", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get", "use"), {
      references: true,
      resources: { eu: { concurrency: 1 }, us: { concurrency: 1 } },
      policies: { use: { resources: ({ x }) => x as string } },
    });
    const run = node.invoke([
      ask(get("a"), use("b", "$1"), use("c", "eu"), use("d", "us")),
    ]);
    await settle();
    await stage.finish("a", "eu");
    expect(stage.log).toEqual(["a start", "c start", "d start", "a end"]);
    await stage.finish("d");
    expect(stage.log).not.toContain("b start");
    await stage.finish("c");
    expect(stage.log.slice(-2)).toEqual(["c end", "b start"]);
    await stage.finish("b");
    await run;
  });

  it("and fail that call alone where they fail", async () => {
    const cost = ({ x }: Record<string, unknown>) => x as number;
    const rateLimit = { limit: 4, intervalMs: 1_000 };
    const { run, stage } = setUp({ a: "many" }, { rateLimit, cost });
    const lines = await run(get("a"), use("b", "$1"), use("c", 1));
    expect(lines[1]).toMatch(
      /^b error: Not run: the application could not prepare this call/,
    );
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining("`policies.use.cost` returned a string where")],
    ]);
    expect(lines[2]).toBe("c ok: c result");
    expect(stage.given.map(([id]) => id)).not.toContain("b");
  });

  it("but not to tell accesses, which are needed before", async () => {
    const stage = new Stage();
    const node = new ParallelToolNode(stage.tools("get", "use", "calm"), {
      references: true,
      policies: { use: { access: ({ x }) => [write(x as string)] } },
    });
    const run = node.invoke([
      ask(
        get("a"),
        use("b", "one"),
        use("c", "$1"),
        use("d", "two"),
        callOf("e", "calm", { x: "$1" }),
      ),
    ]);
    await stage.finish("a", "three");
    expect(stage.log).toEqual(["a start", "b start", "a end", "e start"]);
    await stage.finish("b");
    expect(stage.log.at(-1)).toBe("c start");
    await stage.finish("c");
    expect(stage.log.at(-1)).toBe("d start");
    await stage.finish("d");
    await stage.finish("e");
    await run;
  });
});

describe("a call that is run again", () => {
  it("has its references resolved once", async () => {
    let attempts = 0;
    const { run, stage } = setUp(
      {
        a: { id: 7 },
        b: () => {
          attempts += 1;
          if (attempts < 3) throw new Error("not yet");
          return "done";
        },
      },
      { idempotent: true },
    );
    const parse = vi.spyOn(JSON, "parse");
    const lines = await run(get("a"), use("b", ["$1.id", "$1"]));
    const reads = parse.mock.calls.filter(([text]) => text === '{"id":7}');
    expect(reads).toHaveLength(1);
    expect(lines[1]).toBe("b ok: done");
    const args = { x: [7, { id: 7 }] };
    expect(stage.given.slice(1)).toEqual([
      ["b", args],
      ["b", args],
      ["b", args],
    ]);
  });

  it("gives those that refer to it what it gave in the end", async () => {
    let attempts = 0;
    const { run, stage } = setUp(
      {
        a: () => {
          attempts += 1;
          if (attempts < 2) throw httpError(429, { "Retry-After": "1" });
          return attempts;
        },
      },
      REPEATABLE,
    );
    await run(use("a", 1), use("b", "$1"));
    expect(stage.givenTo("b")).toEqual({ x: 2 });
  });
});

describe("identical calls", () => {
  it("are told by their references, and run once", async () => {
    const { run, stage } = setUp({ a: { id: 7 } }, { readOnly: true });
    const lines = await run(
      get("a"),
      use("b", "$1.id"),
      use("c", "$1.id"),
      use("d", "$1"),
      use("e", ["$3", "$2"]),
    );
    expect(stage.given.map(([id]) => id)).toEqual(["a", "b", "d", "e"]);
    expect(lines[2]).toBe("c ok: b result");
    expect(stage.givenTo("e")).toEqual({ x: ["b result", "b result"] });
  });

  it("share an error of their references", async () => {
    const { run } = setUp({ a: {} }, { readOnly: true });
    const lines = await run(get("a"), use("b", "$1.id"), use("c", "$1.id"));
    expect(lines[1]).toContain('the reference "$1.id" finds nothing');
    expect(lines[2]?.slice(2)).toBe(lines[1]?.slice(2));
  });

  it("that give Commands are run each, with what was put in", async () => {
    const stage = new NotingTools({
      a: 7,
      b: () => new Command({ goto: "b" }),
      c: () => new Command({ goto: "c" }),
    });
    const node = new ParallelToolNode(stage.tools("get", "use"), {
      references: true,
      policies: { use: { readOnly: true } },
    });
    await node.invoke([ask(get("a"), use("b", "$1"), use("c", "$1"))]);
    expect(stage.given.slice(1)).toEqual([
      ["b", { x: 7 }],
      ["c", { x: 7 }],
    ]);
  });

  it("give a text as a text, whichever of them is referred to", async () => {
    const stage = new NotingTools();
    const asTool = RunnableLambda.from(() => "42").asTool({
      name: "get",
      schema: z.looseObject({}),
    });
    const node = new ParallelToolNode([asTool, stage.tool("use")], {
      references: true,
      policies: { get: { readOnly: true } },
    });
    await node.invoke([ask(get("a"), get("b"), use("c", ["$1", "$2"]))]);
    expect(stage.givenTo("c")).toEqual({ x: ["42", "42"] });
  });
});

describe("one call at a time", () => {
  it.each([{ sequential: true }, { policies: { use: { sequential: true } } }])(
    "has references, too: %j",
    async (options) => {
      const { run, stage } = setUp({ a: 1 }, {}, options);
      await run(get("a"), use("b", "$1"), use("c", ["$1", "$2"]));
      expect(stage.given).toEqual([
        ["a", {}],
        ["b", { x: 1 }],
        ["c", { x: [1, "b result"] }],
      ]);
    },
  );

  it("defers all behind the first call of a batch to replan", async () => {
    const { run, stage } = setUp({ a: 1 }, {}, { sequential: "replan" });
    const lines = await run(get("a"), use("b", "$1"));
    expect(lines[1]).toMatch(/^b error: Not run: call 1 \(get\)/);
    expect(stage.given).toHaveLength(1);
  });
});

describe("a report", () => {
  const calls = [get("a"), use("b", "$1.id"), use("c", "$1.x"), use("d", "$2")];

  it("holds the arguments that the tools saw, where they are asked for", async () => {
    const { run, reports } = setUp(
      { a: { id: 7 } },
      {},
      { reportArguments: true },
    );
    await run(...calls);
    expect(reports[0]?.calls.map(({ args }) => args)).toEqual([
      {},
      { x: 7 },
      { x: "$1.x" },
      { x: "b result" },
    ]);
  });

  it("holds none else, and nothing of the outputs", async () => {
    const { run, reports } = setUp({ a: { id: "secret" } }, {});
    await run(...calls);
    expect(reports[0]?.calls.every((call) => !("args" in call))).toBe(true);
    expect(JSON.stringify(reports)).not.toContain("secret");
    expect(reports[0]).toMatchObject({ shape: "mixed", depth: 3 });
    expect(reports[0]?.calls[1]?.dependsOn).toEqual([
      { index: 0, reason: "reference", detail: "$1.id" },
    ]);
  });

  it("holds copies: the history stays, whatever its readers do", async () => {
    const stage = new NotingTools({ a: { id: 7 } });
    const node = new ParallelToolNode(stage.tools("get", "use"), {
      references: true,
      reportArguments: true,
      onReport: (report) => {
        for (const { args } of report.calls) {
          Object.assign((args as { x: object }).x, { secret: "***" });
        }
      },
    });
    const message = ask(use("a", { secret: 1 }), use("b", { y: "$1" }));
    const before = JSON.stringify(message);
    await node.invoke([message]);
    expect(JSON.stringify(message)).toBe(before);
    expect(stage.given).toEqual([
      ["a", { x: { secret: 1 } }],
      ["b", { x: { y: { id: 7 } } }],
    ]);
  });

  it("holds arguments that can't be copied as they are", async () => {
    const x = { f: () => 1 };
    const { run, reports } = setUp({}, {}, { reportArguments: true });
    await run(use("a", x));
    expect(reports[0]?.calls[0]?.args).toEqual({ x });
  });

  it("holds arguments where references are off, too", async () => {
    const options = { references: false, reportArguments: true };
    const { run, reports } = setUp({}, {}, options);
    await run(use("a", "$1"));
    expect(reports[0]?.calls[0]?.args).toEqual({ x: "$1" });
  });
});

describe("a call that is sent on its own", () => {
  const messageOf = () =>
    ask(get("a"), use("b", "$1"), use("c", "$9"), use("d", "${9}"));

  async function send(index: number, answered: readonly ToolMessage[] = []) {
    const stage = new NotingTools();
    const node = new ParallelToolNode(stage.tools("get", "use"), {
      references: true,
    });
    const message = messageOf();
    const { messages } = (await node.invoke({
      messages: [message, ...answered],
      lg_tool_call: message.tool_calls?.[index],
    })) as { messages: ToolMessage[] };
    return { line: answerLines(messages)[0], given: stage.given };
  }

  it("can't see its siblings' outputs, and says so", async () => {
    const { problem } = findsNoOutput(1);
    const error = new UnresolvedReferenceError("$1", problem, []);
    expect(await send(1)).toEqual({
      line: `b error: ${unresolvedReference(error)}`,
      given: [],
    });
  });

  it("is read in its message: amounts stay, others point too far", async () => {
    expect((await send(2)).given).toEqual([["c", { x: "$9" }]]);
    expect((await send(3)).line).toContain(
      "points to call 9 of a message of 4",
    );
  });

  it("sees what was answered before", async () => {
    const { messages } = (await new ParallelToolNode(
      new NotingTools({ a: 7 }).tools("get"),
    ).invoke({ messages: [ask(get("a"))] })) as { messages: ToolMessage[] };
    expect((await send(1, messages)).given).toEqual([["b", { x: 7 }]]);
  });
});
