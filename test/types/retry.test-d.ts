import type { RetryPolicy as LangGraphRetryPolicy } from "@langchain/langgraph";
import {
  type FeedbackReader,
  type LimitRequest,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  type Permit,
  type RetryPolicy,
  type ServerFeedback,
  type SharedLimit,
  type SharedLimits,
  type ToolPolicy,
} from "parallel-tools-node";
import { describe, expectTypeOf, it } from "vitest";

describe("retry", () => {
  it("is LangGraph's own policy, both ways", () => {
    expectTypeOf<LangGraphRetryPolicy>().toExtend<RetryPolicy>();
    expectTypeOf<RetryPolicy>().toExtend<LangGraphRetryPolicy>();
    expectTypeOf<keyof RetryPolicy>().toEqualTypeOf<
      keyof LangGraphRetryPolicy
    >();
    const retry: LangGraphRetryPolicy = {
      maxAttempts: 5,
      retryOn: (error) => error instanceof TypeError,
    };
    new ParallelToolNode([], { policies: { t: { retry } } });
    new ParallelToolNode([], { defaultPolicy: { retry } });
  });

  it("may be false, and nothing else that is no policy", () => {
    expectTypeOf<ToolPolicy["retry"]>().toEqualTypeOf<
      RetryPolicy | false | undefined
    >();
    const policies: ToolPolicy[] = [
      { retry: false },
      { retry: {} },
      // @ts-expect-error -- which one?
      { retry: true },
      // @ts-expect-error -- maxAttempts
      { retry: 3 },
      // @ts-expect-error -- LangChain's name, not LangGraph's
      { retry: { stopAfterAttempt: 3 } },
      // @ts-expect-error -- decides at once
      { retry: { retryOn: async () => true } },
    ];
    expectTypeOf(policies).not.toBeAny();
  });
});

describe("feedback", () => {
  it("reads an error and says what its server said, or nothing", () => {
    expectTypeOf<ToolPolicy["feedback"]>().toEqualTypeOf<
      FeedbackReader | undefined
    >();
    // oxlint-disable-next-line no-explicit-any -- tools throw anything
    expectTypeOf<FeedbackReader>().parameters.toEqualTypeOf<[error: any]>();
    expectTypeOf<ReturnType<FeedbackReader>>().toEqualTypeOf<
      ServerFeedback | undefined
    >();
    const policies: ToolPolicy[] = [
      { feedback: () => undefined },
      { feedback: (error: TypeError) => ({ limited: error.message === "" }) },
      {
        feedback: () => ({
          limited: true,
          retryAfterMs: 1,
          remaining: 0,
          resetMs: 1,
        }),
      },
      // @ts-expect-error -- limited is needed
      { feedback: () => ({ retryAfterMs: 1 }) },
      // @ts-expect-error -- milliseconds, and as a number
      { feedback: () => ({ limited: true, retryAfterMs: "1s" }) },
      // @ts-expect-error -- at once
      { feedback: async () => ({ limited: true }) },
    ];
    expectTypeOf(policies).not.toBeAny();
  });
});

describe("limits", () => {
  it("are kept by what acquires permits and hears of pauses", () => {
    expectTypeOf<ParallelToolNodeOptions["limits"]>().toEqualTypeOf<
      SharedLimits | undefined
    >();
    const limits: SharedLimits = {
      acquire: async (request) => {
        expectTypeOf(request).toEqualTypeOf<LimitRequest>();
        expectTypeOf(request.limits).toEqualTypeOf<readonly SharedLimit[]>();
        expectTypeOf(request.cost).toBeNumber();
        expectTypeOf(request.signal).toEqualTypeOf<AbortSignal>();
        return { release() {}, cancel() {} };
      },
      pause: (limit, ms) => {
        expectTypeOf(limit).toEqualTypeOf<SharedLimit>();
        expectTypeOf(ms).toBeNumber();
      },
    };
    expectTypeOf<ReturnType<SharedLimits["acquire"]>>().toEqualTypeOf<
      Promise<Permit>
    >();
    new ParallelToolNode([], { limits, maxPauseMs: 1_000 });
    // @ts-expect-error -- a permit comes later
    const early: SharedLimits = { acquire: () => ({}), pause() {} };
    expectTypeOf(early).not.toBeAny();
    // @ts-expect-error -- both are needed
    new ParallelToolNode([], { limits: { pause() {} } });
    // @ts-expect-error -- a number
    new ParallelToolNode([], { maxPauseMs: "60s" });
  });
});
