import { ToolMessage } from "@langchain/core/messages";
import {
  CircuitOpenError,
  type ParallelToolNodeOptions,
} from "parallel-tools-node";
import { describe, expect, it, vi } from "vitest";
import { couldNotStart } from "@/answers/could-not-start.js";
import { httpError } from "../support/attempted-tools.js";
import {
  answersOf,
  attemptedNode,
  calls,
  finish,
  playTime,
} from "../support/attempted-node.js";
import { ask, callOf } from "../support/messages.js";

playTime();

const CLOSED = couldNotStart(new CircuitOpenError("resource db", 2, 10_000));

function circuit(more: ParallelToolNodeOptions = {}): ParallelToolNodeOptions {
  return {
    resources: {
      db: { concurrency: 1, circuit: { failures: 2, resetMs: 10_000 } },
    },
    policies: { t: { resources: "db" } },
    ...more,
  };
}

const broken = [{ throws: new Error("down") }];

describe("the circuit of a resource", () => {
  it("answers calls that wait at once when it opens, and others run on", async () => {
    const { node, stage } = attemptedNode(
      { a: broken, b: broken, d: [{ afterMs: 5 }] },
      circuit(),
    );
    const message = ask(
      ...["a", "b", "c", "e"].map((id) => callOf(id, "t")),
      callOf("d", "u"),
    );
    const answers = await answersOf(node.invoke([message]));
    expect(answers.slice(2)).toEqual([
      `c error: ${CLOSED}`,
      `e error: ${CLOSED}`,
      "d ok: d result",
    ]);
    expect(stage.starts).toEqual(["a 0", "d 0", "b 0"]);
  });

  it("shares one reading of an error with the retries", async () => {
    const feedback = vi.fn<() => undefined>();
    const { node } = attemptedNode(
      { a: broken },
      circuit({ policies: { t: { resources: "db", feedback } } }),
    );
    await answersOf(node.invoke(calls("a")));
    expect(feedback).toHaveBeenCalledTimes(1);
  });

  it("holds for later batches, until one call has been tried", async () => {
    const { node, stage } = attemptedNode({ a: broken, b: broken }, circuit());
    await answersOf(node.invoke(calls("a", "b")));
    expect(await answersOf(node.invoke(calls("c")))).toEqual([
      `c error: ${CLOSED}`,
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answersOf(node.invoke(calls("d", "e")))).toEqual([
      "d ok: d result",
      "e ok: e result",
    ]);
    expect(stage.starts.map((line) => line[0])).toEqual(["a", "b", "d", "e"]);
  });

  it("counts timeouts, and answers those who wait behind a tool that hangs", async () => {
    const hangs = [{ afterMs: 60_000 }];
    const { node, stage } = attemptedNode(
      { a: hangs, b: hangs },
      circuit({
        policies: { t: { resources: "db", timeoutMs: 100 } },
        resources: {
          db: { concurrency: 2, circuit: { failures: 2, resetMs: 10_000 } },
        },
      }),
    );
    const run = node.invoke(calls("a", "b", "c"));
    let answeredAt = 0;
    void run.then(() => (answeredAt = performance.now()));
    expect((await answersOf(run))[2]).toBe(`c error: ${CLOSED}`);
    expect(answeredAt).toBeLessThanOrEqual(101);
    expect(stage.starts).toEqual(["a 0", "b 0"]);
  });

  it.each([
    ["a wrong request", () => httpError(404)],
    [
      "a wrong request, whose client is got",
      () => ({ response: { statusCode: 401 } }),
    ],
    ["a refusal", () => httpError(429)],
    ["a refusal with a 403", () => httpError(403, { "Retry-After": "0" })],
    ["a quota that is used up", () => ({ code: "insufficient_quota" })],
  ])("does not count %s", async (_, error) => {
    const throws = [{ throws: error() }];
    const { node } = attemptedNode(
      { a: throws, b: throws, c: throws },
      circuit({ policies: { t: { resources: "db", retry: false } } }),
    );
    await answersOf(node.invoke(calls("a", "b", "c")));
    expect(await answersOf(node.invoke(calls("d")))).toEqual([
      "d ok: d result",
    ]);
  });

  it.each([
    [
      "an abort by a timer of the tool",
      () => new DOMException("no", "AbortError"),
    ],
    ["a timeout of axios", () => failure({ code: "ECONNABORTED" })],
    [
      "a timeout of got",
      () => failure({ name: "TimeoutError", code: "ETIMEDOUT" }),
    ],
    ["what the server cancelled", () => new Error("Cancelled by server")],
    ["a server that is overloaded", () => httpError(529)],
  ])("counts %s", async (_, error) => {
    const throws = [{ throws: error() }];
    const { node } = attemptedNode(
      { a: throws, b: throws },
      circuit({ policies: { t: { resources: "db", retry: false } } }),
    );
    await answersOf(node.invoke(calls("a", "b")));
    expect(await answersOf(node.invoke(calls("d")))).toEqual([
      `d error: ${CLOSED}`,
    ]);
  });

  it("does not count what ended since the run was aborted", async () => {
    const throws = [
      { afterMs: 5, throws: new DOMException("no", "AbortError") },
    ];
    const { node } = attemptedNode({ a: throws, b: throws }, circuit());
    for (const id of ["a", "b"]) {
      const controller = new AbortController();
      const run = node.invoke(calls(id), { signal: controller.signal });
      setTimeout(() => controller.abort(), 2);
      await finish(run).catch(() => {});
    }
    expect(await answersOf(node.invoke(calls("d")))).toEqual([
      "d ok: d result",
    ]);
  });

  it("does not count answers that are errors: the tool could answer", async () => {
    const answer = (id: string) => [
      {
        returns: new ToolMessage({
          content: "no such row",
          status: "error",
          tool_call_id: id,
        }),
      },
    ];
    const { node } = attemptedNode(
      { a: answer("a"), b: answer("b") },
      circuit(),
    );
    expect(await answersOf(node.invoke(calls("a", "b", "c")))).toEqual([
      "a error: no such row",
      "b error: no such row",
      "c ok: c result",
    ]);
  });

  it("counts attempts, and ends a call that was to be run again", async () => {
    const { node, stage } = attemptedNode(
      { a: broken },
      circuit({
        policies: {
          t: {
            resources: "db",
            retry: { maxAttempts: 5, initialInterval: 10, logWarning: false },
          },
        },
      }),
    );
    const [answer] = await answersOf(node.invoke(calls("a")));
    expect(answer).toMatch(
      /^a error: Error: this call failed, and it was not tried again: the last 2 calls to the service/,
    );
    expect(stage.starts).toEqual(["a 0", "a 10"]);
  });

  it("throws where errors are thrown", async () => {
    const { node } = attemptedNode(
      { a: broken },
      circuit({
        handleToolErrors: false,
        resources: { db: { circuit: { failures: 1, resetMs: 10_000 } } },
      }),
    );
    await expect(finish(node.invoke(calls("a")))).rejects.toThrow("down");
    await expect(finish(node.invoke(calls("b")))).rejects.toMatchObject({
      name: "CircuitOpenError",
      retryAfterMs: 10_000,
    });
  });
});

function failure(fields: object): Error {
  return Object.assign(new Error("failed"), fields);
}
