import type { ToolCall } from "@langchain/core/messages/tool";
import {
  type BatchPlan,
  type BatchReport,
  type CallReport,
  type CallRun,
  ConfigurationError,
  type Dependency,
  type DependencyReason,
  type LowerBound,
  type OutcomeStatus,
  planBatch,
  type PlannedCall,
  PolicyFunctionError,
  SiblingFailedError,
  type Wait,
  type WaitReason,
} from "parallel-tools-node";
import { describe, expectTypeOf, it } from "vitest";

declare const toolCalls: ToolCall[];
declare const error: unknown;

describe("planBatch", () => {
  it("takes LangChain's own tool calls", () => {
    expectTypeOf(planBatch(toolCalls)).toEqualTypeOf<BatchPlan>();
    planBatch(toolCalls, { policies: { t: {} }, sequential: "replan" });
    planBatch([{ name: "t", args: {} }]);
    // @ts-expect-error -- a node's option, not a plan's
    planBatch(toolCalls, { maxConcurrency: 4 });
    // @ts-expect-error -- decided by the caller here
    planBatch(toolCalls, { sequential: () => true });
    // @ts-expect-error -- a call has arguments
    planBatch([{ name: "t" }]);
  });

  it("gives the shape, the depth and the calls with their reasons", () => {
    expectTypeOf<BatchPlan["shape"]>().toEqualTypeOf<
      "single" | "fan-out" | "chain" | "mixed"
    >();
    expectTypeOf<BatchPlan["depth"]>().toEqualTypeOf<number>();
    expectTypeOf<BatchPlan["calls"]>().toEqualTypeOf<readonly PlannedCall[]>();
    expectTypeOf<PlannedCall>().toExtend<{
      readonly index: number;
      readonly ordinal: number;
      readonly id: string | undefined;
      readonly name: string;
      readonly dependsOn: readonly Dependency[];
    }>();
    expectTypeOf<Dependency>().toEqualTypeOf<{
      readonly index: number;
      readonly indexes?: readonly number[];
      readonly reason: DependencyReason;
      readonly detail: string;
    }>();
    expectTypeOf<DependencyReason>().toEqualTypeOf<
      "reference" | "conflict" | "after" | "sequential"
    >();
  });
});

describe("a report", () => {
  it("has a call's seven ways to end", () => {
    expectTypeOf<CallReport["outcome"]>().toEqualTypeOf<OutcomeStatus>();
    expectTypeOf<OutcomeStatus>().toEqualTypeOf<
      | "ok"
      | "error"
      | "skipped"
      | "deferred"
      | "refused"
      | "interrupted"
      | "aborted"
    >();
    expectTypeOf<BatchReport["calls"]>().toEqualTypeOf<readonly CallReport[]>();
  });

  it("tells waits for a call from waits at a limit", () => {
    const tell = (wait: Wait) => {
      if (wait.for === "dependency") {
        expectTypeOf(wait.index).toEqualTypeOf<number>();
      } else {
        expectTypeOf(wait.for).toEqualTypeOf<
          "message" | "concurrency" | "rate" | "feedback" | "circuit" | "retry"
        >();
        expectTypeOf(wait.limit).toEqualTypeOf<string>();
      }
    };
    expectTypeOf(tell).parameter(0).toEqualTypeOf<Wait>();
    expectTypeOf<Wait["for"]>().toEqualTypeOf<WaitReason>();
    expectTypeOf<BatchReport["waitedMs"]>().toEqualTypeOf<
      Readonly<Record<WaitReason, number>>
    >();
  });

  it("has a ratio to its lower bound where there is one", () => {
    expectTypeOf<BatchReport["lowerBound"]>().toEqualTypeOf<LowerBound>();
    expectTypeOf<LowerBound["ratio"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<CallReport["runs"]>().toEqualTypeOf<readonly CallRun[]>();
  });
});

describe("isInstance", () => {
  it("narrows to a ConfigurationError", () => {
    if (!ConfigurationError.isInstance(error)) return;
    expectTypeOf(error).toEqualTypeOf<ConfigurationError>();
    expectTypeOf(error).toExtend<Error>();
    expectTypeOf(error.option).toEqualTypeOf<string>();
    expectTypeOf(error.expected).toEqualTypeOf<string>();
    expectTypeOf(error.received).toBeUnknown();
    // @ts-expect-error -- readonly
    error.option = "other";
  });

  it("narrows to a PolicyFunctionError", () => {
    if (!PolicyFunctionError.isInstance(error)) return;
    expectTypeOf(error).toEqualTypeOf<PolicyFunctionError>();
    expectTypeOf(error.option).toEqualTypeOf<string>();
  });

  it("narrows to a SiblingFailedError, which names the call", () => {
    if (!SiblingFailedError.isInstance(error)) return;
    expectTypeOf(error).toEqualTypeOf<SiblingFailedError>();
    expectTypeOf(error.ordinal).toEqualTypeOf<number>();
    expectTypeOf(error.toolName).toEqualTypeOf<string>();
  });
});
