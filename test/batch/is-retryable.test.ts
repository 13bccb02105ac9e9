import { fc, test as property } from "@fast-check/vitest";
import { stampRetryable } from "@langchain/core/errors";
import { ToolInputParsingException } from "@langchain/core/tools";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { isFinal, isRetryable } from "@/batch/is-retryable.js";

/** Attempts that LangGraph makes of a node that always throws this. */
async function attemptsOfLangGraph(error: unknown): Promise<number> {
  let attempts = 0;
  const graph = new StateGraph(Annotation.Root({ x: Annotation<number> }))
    .addNode(
      "n",
      () => {
        attempts += 1;
        throw error;
      },
      {
        retryPolicy: {
          initialInterval: 0,
          jitter: false,
          maxAttempts: 2,
          logWarning: false,
        },
      },
    )
    .addEdge(START, "n")
    .compile();
  await graph.invoke({ x: 0 }).catch(() => {});
  return attempts;
}

describe("what is worth another attempt by default", () => {
  const decides = (error: unknown) => !isFinal(error) && isRetryable(error);
  const error = (message: string, fields: object = {}) =>
    Object.assign(new Error(message), fields);

  it.each<[string, Error]>([
    ["any error", error("broken")],
    ["a type error", new TypeError("x is undefined")],
    ["a cancellation", error("Cancelled by the user")],
    ["a later cancellation", error("It was Cancelled")],
    ["an abort by its message", error("AbortError: gone")],
    ["an abort by its name", error("gone", { name: "AbortError" })],
    ["a value that the graph refused", error("x", { name: "GraphValueError" })],
    ["a connection that was given up", error("x", { code: "ECONNABORTED" })],
    ["a connection that was reset", error("x", { code: "ECONNRESET" })],
    ["a used-up quota", error("x", { error: { code: "insufficient_quota" } })],
    ["another code", error("x", { error: { code: "server_error" } })],
    ["a used-up quota elsewhere", error("x", { code: "insufficient_quota" })],
    ["a status in words", error("x", { status: "404" })],
    ["a status that is none", error("x", { status: "not found" })],
    ["no status", error("x", { status: null })],
    ["a response without one", error("x", { response: {}, status: 404 })],
    [
      "a response with one",
      error("x", { response: { status: 500 }, status: 404 }),
    ],
    ["a response that is null", error("x", { response: null, status: 400 })],
    ...[
      200, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 418, 422, 429,
      500, 502, 503,
    ].flatMap((status): [string, Error][] => [
      [`status ${status}`, error("x", { status })],
      [`a response of status ${status}`, error("x", { response: { status } })],
    ]),
  ])("is what LangGraph retries: %s", async (_, thrown) => {
    const isRetried = (await attemptsOfLangGraph(thrown)) === 2;
    expect(decides(thrown)).toBe(isRetried);
  });

  const status = fc.oneof(
    fc.constantFrom(400, 404, 408, 409, 410, 500, "404", "500", null, ""),
    fc.integer({ min: 395, max: 412 }),
  );
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2 });

  property.prop(
    [
      fc.record({
        message: fc.constantFrom("x", "Cancel", "AbortError", "cancel", ""),
        name: fc.constantFrom("Error", "AbortError", "GraphValueError", "X"),
        status: optional(status),
        response: optional(fc.record({ status: optional(status) })),
        code: optional(fc.constantFrom("ECONNABORTED", "E", 429)),
        error: optional(
          fc.record({ code: fc.constantFrom("insufficient_quota", "x") }),
        ),
      }),
    ],
    { numRuns: 100 },
  )(
    "is what LangGraph retries, whatever the error's fields",
    async (fields) => {
      const thrown = error(fields.message, fields);
      const isRetried = (await attemptsOfLangGraph(thrown)) === 2;
      expect(decides(thrown)).toBe(isRetried);
    },
  );

  it("is never what LangChain has marked as not worth it", () => {
    expect(decides(stampRetryable(new Error("no"), false))).toBe(false);
    expect(decides(stampRetryable(new Error("yes"), true))).toBe(true);
  });

  it("may be no Error at all", () => {
    for (const thrown of ["no", undefined, null, 7, {}, []]) {
      expect(decides(thrown)).toBe(true);
    }
  });

  it("is nothing that the schema refused", () => {
    const thrown = new ToolInputParsingException("no", "{}");
    expect(isFinal(thrown)).toBe(true);
  });
});
