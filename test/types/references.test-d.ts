import {
  type CallReport,
  type Dependency,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  planBatch,
  type PlanBatchOptions,
  type PlannedCall,
  type ReferencesOption,
  type ToolPolicy,
  UnresolvedReferenceError,
} from "parallel-tools-node";
import { describe, expectTypeOf, it } from "vitest";

declare const error: unknown;

describe("references", () => {
  it("are a boolean or an object, of a node and of planBatch", () => {
    type Option = boolean | ReferencesOption | undefined;
    expectTypeOf<
      ParallelToolNodeOptions["references"]
    >().toEqualTypeOf<Option>();
    expectTypeOf<PlanBatchOptions["references"]>().toEqualTypeOf<Option>();
    expectTypeOf<ReferencesOption>().toEqualTypeOf<{
      embedded?: boolean;
      maxReferenceBytes?: number;
    }>();
    new ParallelToolNode([], { references: { embedded: true } });
    planBatch([], { references: { maxReferenceBytes: 1_000 } });
  });

  it("are nothing else", () => {
    // @ts-expect-error -- a boolean or an object
    new ParallelToolNode([], { references: "embedded" });
    // @ts-expect-error -- a boolean
    new ParallelToolNode([], { references: { embedded: 1 } });
    // @ts-expect-error -- a number
    planBatch([], { references: { maxReferenceBytes: "1 MB" } });
    // @ts-expect-error -- maxReferenceBytes
    planBatch([], { references: { maxBytes: 1 } });
  });

  it("are a boolean in a policy", () => {
    expectTypeOf<ToolPolicy["references"]>().toEqualTypeOf<
      boolean | undefined
    >();
    // @ts-expect-error -- on or off for a tool: the node says how
    new ParallelToolNode([], { defaultPolicy: { references: {} } });
  });
});

describe("a plan and a report", () => {
  it("have references as a reason, and problems", () => {
    expectTypeOf<"reference">().toExtend<Dependency["reason"]>();
    expectTypeOf<PlannedCall["problem"]>().toEqualTypeOf<Error | undefined>();
  });

  it("have arguments, which may be anything", () => {
    expectTypeOf<ParallelToolNodeOptions["reportArguments"]>().toEqualTypeOf<
      boolean | undefined
    >();
    expectTypeOf<CallReport["args"]>().toBeUnknown();
    // @ts-expect-error -- a boolean
    new ParallelToolNode([], { reportArguments: "all" });
  });
});

it("isInstance narrows to an UnresolvedReferenceError", () => {
  if (!UnresolvedReferenceError.isInstance(error)) return;
  expectTypeOf(error).toEqualTypeOf<UnresolvedReferenceError>();
  expectTypeOf(error).toExtend<Error>();
  expectTypeOf(error.reference).toEqualTypeOf<string>();
  expectTypeOf(error.valid).toEqualTypeOf<readonly string[]>();
  // @ts-expect-error -- readonly
  error.reference = "$1";
});
