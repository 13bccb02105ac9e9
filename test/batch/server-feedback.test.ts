import { ToolMessage } from "@langchain/core/messages";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import {
  type FeedbackReader,
  ParallelToolNode,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import {
  answersOf,
  attemptedNode,
  calls,
  playTime,
  REPEATABLE,
  repeatableNode,
} from "../support/attempted-node.js";
import {
  AttemptedTools,
  httpError,
  refusedFor,
} from "../support/attempted-tools.js";
import { answerLines, ask, callOf } from "../support/messages.js";

const refused = { throws: httpError(429) };
const ok = {};

playTime();

describe("a call that its server refuses with 429", () => {
  it("is run again when the server wants it", async () => {
    const { stage, node } = repeatableNode({ a: [refusedFor(2), ok] });
    const run = node.invoke(calls("a"));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(stage.starts).toEqual(["a 0"]);
    expect(await answersOf(run)).toEqual(["a ok: a result"]);
    expect(stage.starts).toEqual(["a 0", "a 2000"]);
  });

  it("pauses its tool for other calls and batches, and is the first to go then", async () => {
    const { stage, node } = attemptedNode(
      { a: [{ afterMs: 10, ...refusedFor(1) }, ok], b: [{ afterMs: 50 }] },
      { policies: { t: { ...REPEATABLE, concurrency: 2 } } },
    );
    const first = node.invoke(calls("a", "b", "c"));
    await vi.advanceTimersByTimeAsync(20);
    const second = node.invoke(calls("d"));
    await answersOf(first);
    await answersOf(second);
    const [a, b, ...rest] = stage.starts;
    expect([a, b, rest[0]]).toEqual(["a 0", "b 0", "a 1010"]);
    expect(rest.slice(1).map((line) => line[0])).toEqual(["c", "d"]);
  });

  it("holds up no other tool, not even with a shared cap", async () => {
    const { stage, node } = repeatableNode(
      { a: [refusedFor(5), ok] },
      { maxConcurrency: 1 },
    );
    const run = node.invoke([
      ask(callOf("a", "t"), callOf("b", "u"), callOf("c", "u")),
    ]);
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.starts).toEqual(["a 0", "b 0", "c 0"]);
    expect(await answersOf(run)).toEqual([
      "a ok: a result",
      "b ok: b result",
      "c ok: c result",
    ]);
    expect(stage.starts).toEqual(["a 0", "b 0", "c 0", "a 5000"]);
  });

  it("pauses its resource for all tools that share it, and only that one", async () => {
    const { stage, node } = attemptedNode(
      { a: [{ afterMs: 1, ...refusedFor(3) }, ok] },
      {
        resources: { serp: {}, db: {} },
        policies: {
          t: { ...REPEATABLE, resources: "serp" },
          u: { resources: () => ["serp"] },
        },
      },
    );
    const run = node.invoke(calls("a"));
    await vi.advanceTimersByTimeAsync(1);
    const other = node.invoke([ask(callOf("b", "u"))]);
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.starts).toEqual(["a 0"]);
    await answersOf(run);
    await answersOf(other);
    expect(stage.starts.slice(0, 2)).toEqual(["a 0", "a 3001"]);
    expect(stage.starts[2]).toMatch(/^b /);
  });

  it("leaves another resource open", async () => {
    const { stage, node } = attemptedNode(
      { a: [refusedFor(3), ok] },
      {
        resources: { serp: {}, db: {} },
        policies: {
          t: { ...REPEATABLE, resources: "serp" },
          u: { resources: "db" },
        },
      },
    );
    const run = node.invoke(calls("a"));
    await vi.advanceTimersByTimeAsync(1);
    await node.invoke([ask(callOf("b", "u"))]);
    expect(stage.starts).toEqual(["a 0", "b 1"]);
    await answersOf(run);
  });

  it("pauses other nodes that were given the same resources", async () => {
    const resources = { serp: { concurrency: 5 } };
    const policies = { t: { ...REPEATABLE, resources: "serp" } };
    const script = { a: [refusedFor(3), ok] };
    const { stage, node } = attemptedNode(script, { resources, policies });
    const options = { resources, policies };
    const other = new ParallelToolNode(stage.tools("t"), options);
    const stranger = new ParallelToolNode(stage.tools("t"), {
      ...options,
      resources: { serp: { ...resources.serp } },
    });
    const run = node.invoke(calls("a"));
    await vi.advanceTimersByTimeAsync(10);
    const late = other.invoke(calls("b"));
    await stranger.invoke(calls("c"));
    expect(stage.starts).toEqual(["a 0", "c 10"]);
    await answersOf(run);
    await answersOf(late);
    expect(stage.starts.slice(0, 3)).toEqual(["a 0", "c 10", "a 3000"]);
    expect(stage.starts[3]).toMatch(/^b /);
  });

  it("waits 50 to 100 ms and twice as long each time, if the server doesn't say", async () => {
    const { stage, node } = repeatableNode({
      a: [refused, refused, refused, ok],
    });
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 50", "a 150", "a 350"]);
  });

  it("is run again in its place, so that what depends on it waits", async () => {
    const { stage, node } = attemptedNode(
      { a: [refusedFor(1), ok] },
      { policies: { t: REPEATABLE, u: { after: ["t"] } } },
    );
    const run = node.invoke([ask(callOf("b", "u"), callOf("a", "t"))]);
    expect(await answersOf(run)).toEqual(["b ok: b result", "a ok: a result"]);
    expect(stage.starts).toEqual(["a 0", "a 1000", "b 1000"]);
  });

  it("is made ten times, and then answered with what the tool said and when to come back", async () => {
    const { stage, node } = repeatableNode({ a: [refusedFor(1)] });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a error: Error: HTTP 429\n The server takes no more calls for now (attempts made: 10). Make this call again in 1 s at the earliest, and go on with something else until then.",
    ]);
    expect(stage.starts).toHaveLength(10);
  });

  it("is run again under handleToolErrors: false too, and thrown at last", async () => {
    const script = { a: [refusedFor(1), ok], b: [refusedFor(100)] };
    const { stage, node } = repeatableNode(script, { handleToolErrors: false });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a ok: a result",
    ]);
    await expect(answersOf(node.invoke(calls("b")))).rejects.toBe(
      script.b[0]?.throws,
    );
    expect(stage.starts).toHaveLength(3);
  });

  it.each<[string, ParallelToolNodeOptions]>([
    ["of its own", { policies: { t: REPEATABLE } }],
    ["by default", { policies: {}, defaultPolicy: REPEATABLE }],
    [
      "by default, and an empty one of its own",
      { policies: { t: {} }, defaultPolicy: REPEATABLE },
    ],
  ])("is run again if a policy %s says so", async (_, options) => {
    const { stage, node } = attemptedNode({ a: [refused, ok] }, options);
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toHaveLength(2);
  });
});

describe("a tool without any policy", () => {
  it("fails as on the stock node: the same words, no pause, no other attempt", async () => {
    const script = { a: [{ afterMs: 5, ...refusedFor(9) }] };
    const annotations = { readOnlyHint: true, idempotentHint: true };
    const runs: unknown[] = [];
    for (const Node of [ToolNode, ParallelToolNode]) {
      const stage = new AttemptedTools(script);
      const node = new Node([stage.tool("u", { annotations })]);
      const run = node.invoke([ask(callOf("a", "u"))]);
      await vi.advanceTimersByTimeAsync(5);
      const lines = answerLines(await run);
      await node.invoke([ask(callOf("b", "u"))]);
      runs.push([lines, stage.log]);
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[1]).toEqual([
      ["a error: Error: HTTP 429\n Please fix your mistakes."],
      ["a start 0", "a fail 5", "b start 5", "b end 5"],
    ]);
  });

  it("fails as on the stock node beside a tool with a policy, too", async () => {
    const { stage, node } = attemptedNode({ a: [refusedFor(9)] });
    const run = node.invoke([ask(callOf("a", "u"), callOf("b", "t"))]);
    expect(await answersOf(run)).toEqual([
      "a error: Error: HTTP 429\n Please fix your mistakes.",
      "b ok: b result",
    ]);
    expect(stage.starts).toEqual(["a 0", "b 0"]);
  });
});

describe("how long to wait", () => {
  const error = (fields: object) =>
    Object.assign(new Error("no"), { status: 429 }, fields);

  it.each<[string, object]>([
    ["a number", { throws: error({ headers: { "retry-after": 7 } }) }],
    [
      "Headers",
      { throws: error({ headers: new Headers([["Retry-After", "7"]]) }) },
    ],
    ["a Map", { throws: error({ headers: new Map([["Retry-After", "7"]]) }) }],
    [
      "a response",
      {
        throws: Object.assign(new Error("no"), {
          response: { status: 429, headers: { "retry-after": "7" } },
        }),
      },
    ],
    [
      "a Response",
      {
        throws: new Response("", {
          status: 429,
          headers: { "Retry-After": "7" },
        }),
      },
    ],
    [
      "a cause",
      {
        throws: new Error("no", {
          cause: error({ headers: { "retry-after": "7" } }),
        }),
      },
    ],
    [
      "a date",
      {
        throws: error({
          headers: { "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" },
        }),
      },
    ],
    [
      "milliseconds",
      { throws: error({ headers: { "retry-after-ms": "7000" } }) },
    ],
    ["RateLimit", { throws: error({ headers: { ratelimit: '"a";r=0;t=7' } }) }],
    [
      "X-RateLimit",
      {
        throws: error({
          headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7" },
        }),
      },
    ],
    [
      "a plain object",
      {
        throws: { status: 429, message: "no", headers: { "retry-after": "7" } },
      },
    ],
    [
      "a ToolMessage",
      {
        returns: new ToolMessage({
          status: "error",
          content: "no",
          tool_call_id: "a",
          artifact: { status: 429, headers: { "Retry-After": "7" } },
        }),
      },
    ],
  ])("is read from %s", async (_, attempt) => {
    const { stage, node } = repeatableNode({ a: [attempt, ok] });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a ok: a result",
    ]);
    expect(stage.starts).toEqual(["a 0", "a 7000"]);
  });

  it("is what the policy's own function says", async () => {
    const { stage, node } = attemptedNode(
      { a: [{ throws: "BUSY 250" }, { throws: "BUSY" }, ok] },
      {
        policies: {
          t: {
            ...REPEATABLE,
            feedback: (said: string) => {
              const ms = Number(said.split(" ")[1]);
              return { limited: true, ...(ms > 0 && { retryAfterMs: ms }) };
            },
          },
        },
      },
    );
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 250", "a 300"]);
  });

  it("is what that function says of the artifact of an error message", async () => {
    const artifact = { kind: "quota", seconds: 3 };
    const returns = new ToolMessage({
      status: "error",
      content: "no",
      tool_call_id: "a",
      artifact,
    });
    const feedback = vi.fn<FeedbackReader>((said: typeof artifact) => ({
      limited: said.kind === "quota",
      retryAfterMs: said.seconds * 1_000,
    }));
    const { stage, node } = attemptedNode(
      { a: [{ returns }, ok] },
      { policies: { t: { ...REPEATABLE, feedback } } },
    );
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 3000"]);
    expect(feedback.mock.calls).toEqual([[artifact]]);
  });

  it("is not read from headers, where the policy's own function says nothing", async () => {
    const { stage, node } = attemptedNode(
      { a: [refusedFor(1)] },
      { policies: { t: { feedback: () => undefined } } },
    );
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a error: Error: HTTP 429\n Please fix your mistakes.",
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });
});
