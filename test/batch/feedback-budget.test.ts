import { ToolMessage } from "@langchain/core/messages";
import { describe, expect, it, vi } from "vitest";
import {
  answersOf,
  attemptedNode,
  calls,
  playTime,
  REPEATABLE,
  repeatableNode,
} from "../support/attempted-node.js";
import { httpError, refusedFor } from "../support/attempted-tools.js";
import { answerLines, ask, callOf } from "../support/messages.js";

const ok = {};

playTime();

describe("what a server says with another error", () => {
  it.each<[string, Record<string, string>]>([
    ["Retry-After", { "Retry-After": "4" }],
    ["RateLimit", { RateLimit: '"a";r=0;t=4' }],
    ["X-RateLimit", { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4" }],
  ])("pauses without another attempt: %s", async (_, headers) => {
    const { stage, node } = attemptedNode({
      a: [{ throws: httpError(500, headers) }],
    });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a error: Error: HTTP 500\n Please fix your mistakes.",
    ]);
    await answersOf(node.invoke(calls("b")));
    expect(stage.starts).toEqual(["a 0", "b 4000"]);
  });

  it.each<[string, Record<string, string>]>([
    ["no word", {}],
    ["calls that are left", { RateLimit: '"a";r=3;t=4' }],
  ])("pauses nothing with %s", async (_, headers) => {
    const { stage, node } = attemptedNode({
      a: [{ throws: httpError(500, headers) }],
    });
    await answersOf(node.invoke(calls("a")));
    await answersOf(node.invoke(calls("b")));
    expect(stage.starts).toEqual(["a 0", "b 0"]);
  });

  it("holds no call up for longer than maxPauseMs", async () => {
    const { stage, node } = attemptedNode(
      { a: [{ throws: httpError(500, { "Retry-After": "4" }) }] },
      { maxPauseMs: 1_500 },
    );
    await answersOf(node.invoke(calls("a")));
    expect(await answersOf(node.invoke(calls("b")))).toEqual([
      "b error: Not run: the service behind this tool takes no calls for now. Make this call again in 4 s at the earliest, and go on with something else until then.",
    ]);
    expect(stage.starts).toEqual(["a 0"]);
  });
});

describe("a 503", () => {
  const busy = { throws: httpError(503, { "Retry-After": "2" }) };

  it("pauses, but ends a call that may have done some work", async () => {
    const { stage, node } = attemptedNode({ a: [busy, ok] });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a error: Error: HTTP 503\n The server takes no more calls for now (attempts made: 1). The call may have taken effect all the same: find out before you make it again, in 2 s at the earliest, and go on with something else until then.",
    ]);
    await answersOf(node.invoke(calls("b")));
    expect(stage.starts).toEqual(["a 0", "b 2000"]);
  });

  it.each([
    { readOnly: true, dedupe: false },
    { idempotent: true },
    { retry: { logWarning: false } },
  ])("is followed by another attempt under %o", async (policy) => {
    const { stage, node } = attemptedNode(
      { a: [busy, ok], b: [busy] },
      { policies: { t: policy } },
    );
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 2000"]);
    // Three attempts, as for any failure.
    await answersOf(node.invoke(calls("b")));
    expect(stage.starts).toHaveLength(5);
  });

  it("is left to retryOn", async () => {
    const retryOn = vi.fn<(error: unknown) => boolean>(() => false);
    const { stage, node } = attemptedNode(
      { a: [busy] },
      { policies: { t: { retry: { retryOn, logWarning: false } } } },
    );
    await answersOf(node.invoke(calls("a")));
    expect(retryOn.mock.calls).toEqual([[busy.throws]]);
    expect(stage.starts).toEqual(["a 0"]);
  });
});

describe("maxPauseMs", () => {
  it("is a minute by default: who is to wait longer is answered at once", async () => {
    const { stage, node } = repeatableNode({
      a: [refusedFor(60), ok],
      b: [refusedFor(60.001)],
    });
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 60000"]);
    const run = node.invoke(calls("b"));
    expect(answerLines(await run)).toEqual([
      "b error: Error: HTTP 429\n The server takes no more calls for now (attempts made: 1). Make this call again in 61 s at the earliest, and go on with something else until then.",
    ]);
  });

  it("may be Infinity: a server is waited for as long as it wants", async () => {
    const monthInSeconds = 31 * 86_400;
    const { stage, node } = repeatableNode(
      { a: [refusedFor(monthInSeconds), ok] },
      { maxPauseMs: Number.POSITIVE_INFINITY },
    );
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      "a ok: a result",
    ]);
    expect(stage.starts).toEqual(["a 0", `a ${monthInSeconds * 1_000}`]);
  });

  it("holds for others as well: those that would wait longer are answered at once", async () => {
    const { stage, node } = repeatableNode({ a: [refusedFor(3_600), ok] });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      expect.stringContaining("in 60 min at the earliest"),
    ]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(await answersOf(node.invoke(calls("b")))).toEqual([
      expect.stringContaining("in 50 min at the earliest"),
    ]);
    // When less than a minute is left, calls wait.
    await vi.advanceTimersByTimeAsync(2_950_000);
    await answersOf(node.invoke(calls("a")));
    expect(stage.starts).toEqual(["a 0", "a 3600000"]);
  });

  it("holds for those that wait already, also for a cap", async () => {
    const names = ["a", "b", "c", "d"];
    const { stage, node } = repeatableNode(
      { a: [{ afterMs: 100, ...refusedFor(3_600) }] },
      { policies: { t: { idempotent: true, concurrency: 1 } } },
    );
    const answers = await answersOf(node.invoke(calls(...names)));
    expect(answers.map((line) => line.slice(0, 7))).toEqual(
      names.map((name) => `${name} error`),
    );
    expect(answers.at(-1)).toContain("in 60 min at the earliest");
    expect(stage.starts).toEqual(["a 0"]);
    expect(Date.now() - Date.UTC(2026, 0, 1)).toBeLessThan(1_000);
  });

  it("is over in all for a call that is refused and paused again and again", async () => {
    const { stage, node } = repeatableNode(
      {
        a: [refusedFor(50), refusedFor(50), ok],
        b: [ok],
      },
      { policies: { t: { idempotent: true, concurrency: 1 } } },
    );
    const answers = await answersOf(node.invoke(calls("a", "b")));
    // At 50 s it is a that asks, and b would have waited for 100 s then.
    expect(answers.at(-1)).toContain("Not run");
    expect(stage.starts).toEqual(["a 0", "a 50000"]);
  });

  it("is the longest that one call is held up in all", async () => {
    const { stage, node } = repeatableNode({ a: [refusedFor(25)] });
    expect(await answersOf(node.invoke(calls("a")))).toEqual([
      expect.stringContaining(
        "(attempts made: 3). Make this call again in 25 s",
      ),
    ]);
    expect(stage.starts).toEqual(["a 0", "a 25000", "a 50000"]);
  });

  it("keeps the words and the artifact of a tool that answers with an error", async () => {
    const artifact = { status: 429, headers: { "Retry-After": "90" } };
    const returns = new ToolMessage({
      status: "error",
      content: [{ type: "text", text: "the quota is used up" }],
      tool_call_id: "a",
      artifact,
    });
    const { node } = repeatableNode({ a: [{ returns }] });
    const answers = await node.invoke(calls("a"));
    expect(answerLines(answers)).toEqual([
      "a error: the quota is used up\n The server takes no more calls for now (attempts made: 1). Make this call again in 90 s at the earliest, and go on with something else until then.",
    ]);
    expect(answers[0]).toMatchObject({ artifact, name: "t" });
  });
});

describe("a report", () => {
  it("counts attempts and says what was waited for, by its name", async () => {
    const { node, reports } = attemptedNode(
      { a: [{ afterMs: 10, ...refusedFor(1) }, { afterMs: 20 }] },
      {
        resources: { serp: { concurrency: 4 } },
        policies: { u: { resources: "serp" }, t: REPEATABLE },
      },
    );
    await answersOf(node.invoke(calls("a")));
    expect(reports[0]).toMatchObject({
      sumMs: 30,
      durationMs: 1_030,
      longestPathMs: 30,
      calls: [
        {
          attempts: 2,
          startMs: 0,
          endMs: 1_030,
          outcome: "ok",
          waits: [{ for: "feedback", limit: "tool t", ms: 1_000 }],
        },
      ],
    });
    await answersOf(node.invoke([ask(callOf("a2", "u"))]));
    expect(reports[1]?.calls[0]).toMatchObject({ attempts: 1, waits: [] });
  });

  it("names the resource, and counts the wait of who was never refused", async () => {
    const { node, reports } = attemptedNode(
      { a: [{ afterMs: 10, ...refusedFor(1) }, ok] },
      {
        resources: { serp: { concurrency: 1 } },
        policies: { t: { ...REPEATABLE, resources: "serp" } },
      },
    );
    await answersOf(node.invoke(calls("a", "b")));
    expect(reports[0]?.calls.map(({ waits }) => waits[0])).toEqual([
      { for: "feedback", limit: "resource serp", startMs: 10, ms: 1_000 },
      expect.objectContaining({ for: "feedback", limit: "resource serp" }),
    ]);
  });

  it("has the attempts of a call that was given up", async () => {
    const { node, reports } = repeatableNode({ a: [refusedFor(25)] });
    await answersOf(node.invoke(calls("a")));
    expect(reports[0]?.calls[0]).toMatchObject({
      attempts: 3,
      outcome: "error",
      startMs: 0,
      endMs: 50_000,
    });
    expect(reports[0]?.sumMs).toBe(0);
  });
});
