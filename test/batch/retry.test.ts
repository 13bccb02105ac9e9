import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  Command,
  GraphDrained,
  GraphInterrupt,
  ParentCommand,
} from "@langchain/langgraph";
import {
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  attemptedNode,
  calls,
  finish,
  playTime,
  REPEATABLE,
} from "../support/attempted-node.js";
import {
  AttemptedTools,
  httpError,
  type Script,
} from "../support/attempted-tools.js";
import { answerLines, ask, callOf } from "../support/messages.js";
import { silenceWarnings } from "../support/silence-warnings.js";

const broken = { throws: new Error("broken") };
const refused = { throws: httpError(429, { "Retry-After": "1" }) };
const ok = {};
const quiet = { jitter: false, logWarning: false };

playTime();

const warn = silenceWarnings();

function setUp(
  script: Script,
  policy: ToolPolicy,
  options: ParallelToolNodeOptions = {},
) {
  return attemptedNode(script, { policies: { t: policy }, ...options });
}

describe("the defaults", () => {
  it.each<[string, ToolPolicy]>([
    ["readOnly", { readOnly: true }],
    ["idempotent", { idempotent: true }],
  ])(
    "are LangGraph's for a tool that is %s, without a word",
    async (_, policy) => {
      const { stage, node, reports } = setUp({ a: [broken] }, policy);
      expect(answerLines(await finish(node.invoke(calls("a"))))).toEqual([
        "a error: Error: broken\n Please fix your mistakes.",
      ]);
      expect(stage.starts).toEqual(["a 0", "a 500", "a 1500"]);
      expect(warn).not.toHaveBeenCalled();
      expect(reports[0]?.calls[0]).toMatchObject({
        attempts: 3,
        startMs: 0,
        endMs: 1_500,
        outcome: "error",
        waits: [
          { for: "retry", ms: 500 },
          { for: "retry", ms: 1_000 },
        ],
      });
    },
  );

  it("add up to a second at random", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const { stage, node } = setUp({ a: [broken] }, { readOnly: true });
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 1000", "a 2500"]);
  });

  it("hold for MCP annotations, where there is a policy", async () => {
    const run = async (options: ParallelToolNodeOptions) => {
      const stage = new AttemptedTools({ a: [broken] });
      const metadata = { annotations: { readOnlyHint: true } };
      const node = new ParallelToolNode([stage.tool("t", metadata)], options);
      await finish(node.invoke(calls("a")));
      return stage.starts.length;
    };
    expect(await run({})).toBe(1);
    expect(await run({ policies: { t: {} } })).toBe(3);
    expect(await run({ defaultPolicy: {} })).toBe(3);
  });

  it("do not hold for MCP annotations alone, beside a tool with a policy", async () => {
    const stage = new AttemptedTools({ a: [broken] });
    const metadata = { annotations: { readOnlyHint: true } };
    const tools = [stage.tool("t", metadata), stage.tool("u")];
    const node = new ParallelToolNode(tools, { policies: { u: {} } });
    await finish(node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]));
    expect(stage.starts).toEqual(["a 0", "b 0"]);
  });

  it("make no other attempt for a tool of which nothing of the kind is said", async () => {
    const { stage, node } = setUp({ a: [broken] }, { concurrency: 3 });
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0"]);
  });

  it("of an explicit policy are the same, and each attempt is a warning", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.25);
    const { stage, node } = setUp({ a: [broken, broken, ok] }, { retry: {} });
    expect(answerLines(await finish(node.invoke(calls("a"))))).toEqual([
      "a ok: a result",
    ]);
    expect(stage.starts).toEqual(["a 0", "a 750", "a 2000"]);
    expect(warn.mock.calls).toEqual([
      [
        `parallel-tools-node: attempt 2 of a call of \`t\` follows in 750 ms, after ${String(broken.throws)}`,
      ],
      [
        `parallel-tools-node: attempt 3 of a call of \`t\` follows in 1250 ms, after ${String(broken.throws)}`,
      ],
    ]);
  });
});

describe("a retry policy", () => {
  it("sets the intervals and the attempts", async () => {
    const retry = {
      ...quiet,
      initialInterval: 100,
      backoffFactor: 3,
      maxInterval: 500,
      maxAttempts: 5,
    };
    const { stage, node } = setUp({ a: [broken] }, { retry });
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 100", "a 400", "a 900", "a 1400"]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("adds its jitter to the longest interval, as LangGraph does", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const retry = { logWarning: false, maxInterval: 100, maxAttempts: 2 };
    const { stage, node } = setUp({ a: [broken] }, { retry });
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 600"]);
  });

  it("may allow one attempt only", async () => {
    const retry = { ...quiet, maxAttempts: 1 };
    const { stage, node } = setUp({ a: [broken], b: [refused] }, { retry });
    await finish(node.invoke(calls("a")));
    await finish(node.invoke(calls("b")));
    expect(stage.starts).toEqual(["a 0", "b 0"]);
  });

  it("asks retryOn, and of a tool that may be run twice not about refusals", async () => {
    const retryOn = vi.fn<(error: unknown) => boolean>(
      (error) => error === broken.throws,
    );
    const other = { throws: new Error("other") };
    const { stage, node } = setUp(
      { a: [refused, broken, other] },
      { ...REPEATABLE, retry: { ...quiet, retryOn, maxAttempts: 9 } },
    );
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 1000", "a 1500"]);
    expect(retryOn.mock.calls).toEqual([[broken.throws], [other.throws]]);
  });

  it("counts refusals and failures together", async () => {
    const { stage, node } = setUp(
      { a: [refused, broken, refused, ok] },
      { retry: { ...quiet, maxAttempts: 3 } },
    );
    const [answer] = answerLines(await finish(node.invoke(calls("a"))));
    expect(answer).toContain("(attempts made: 3)");
    expect(stage.starts).toHaveLength(3);
  });

  it("that nobody gave counts them apart", async () => {
    const { stage, node } = setUp(
      { a: [refused, refused, refused, broken, refused, broken, ok] },
      { idempotent: true },
    );
    expect(answerLines(await finish(node.invoke(calls("a"))))).toEqual([
      "a ok: a result",
    ]);
    expect(stage.starts).toHaveLength(7);
  });

  it("that is false allows no other attempt, and pauses all the same", async () => {
    const { stage, node } = setUp(
      { a: [broken], b: [refused] },
      { retry: false, readOnly: true },
    );
    await finish(node.invoke(calls("a")));
    const [answer] = answerLines(await finish(node.invoke(calls("b"))));
    expect(answer).toContain("(attempts made: 1). Make this call again in 1 s");
    await finish(node.invoke(calls("c")));
    expect(stage.starts).toEqual(["a 0", "b 0", "c 1000"]);
  });

  it("may come from defaultPolicy, and be taken back by a tool's own", async () => {
    const { stage, node } = setUp(
      { a: [broken], b: [broken] },
      { retry: false },
      { defaultPolicy: { retry: { ...quiet, maxAttempts: 2 } } },
    );
    await finish(node.invoke([ask(callOf("a", "t"), callOf("b", "u"))]));
    expect(stage.starts).toEqual(["a 0", "b 0", "b 500"]);
  });

  it("holds under handleToolErrors: false; the last error is thrown", async () => {
    const last = new Error("last");
    const { stage, node } = setUp(
      { a: [broken, broken, { throws: last }] },
      { readOnly: true },
      { handleToolErrors: false },
    );
    await expect(finish(node.invoke(calls("a")))).rejects.toBe(last);
    expect(stage.starts).toHaveLength(3);
  });
});

describe("no other attempt, whatever retryOn says, follows", () => {
  const retry = { ...quiet, retryOn: () => true };

  it.each([true, false])(
    "LangGraph's own signals (handleToolErrors %s)",
    async (handleToolErrors) => {
      for (const signal of [
        new GraphInterrupt([{ id: "i", value: "sure?" }]),
        new GraphDrained("drained"),
        new ParentCommand(new Command({ graph: Command.PARENT, goto: "x" })),
      ]) {
        const { stage, node } = setUp(
          { a: [{ throws: signal }] },
          { retry },
          { handleToolErrors },
        );
        await expect(finish(node.invoke(calls("a")))).rejects.toBe(signal);
        expect(stage.starts).toHaveLength(1);
      }
    },
  );

  it("an abort that the tool itself reports", async () => {
    const throws = new DOMException("too slow", "AbortError");
    const { stage, node } = setUp({ a: [{ throws }] }, { retry });
    await finish(node.invoke(calls("a")));
    expect(stage.starts).toHaveLength(1);
  });

  it("arguments that the schema refused", async () => {
    const inputs: unknown[] = [];
    const strict = tool((input) => inputs.push(input), {
      name: "t",
      schema: z.object({ n: z.number() }),
    });
    const retryOn = vi.fn<() => boolean>(() => true);
    const node = new ParallelToolNode([strict], {
      policies: { t: { retry: { ...quiet, retryOn } } },
    });
    const [answer] = await finish(
      node.invoke([ask(callOf("a", "t", { n: "one" }))]),
    );
    expect(answer).toMatchObject({ status: "error" });
    expect(inputs).toEqual([]);
    expect(retryOn).not.toHaveBeenCalled();
  });

  it("an answer that only says that it is an error", async () => {
    const returns = new ToolMessage({
      status: "error",
      content: "no",
      tool_call_id: "a",
    });
    const { stage, node } = setUp({ a: [{ returns }] }, { retry });
    const run = await finish(node.invoke(calls("a")));
    expect(answerLines(run)).toEqual(["a error: no"]);
    expect(stage.starts).toHaveLength(1);
  });
});
