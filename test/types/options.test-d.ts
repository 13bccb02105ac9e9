import type { ToolCall } from "@langchain/core/messages/tool";
import pLimit from "p-limit";
import {
  type Access,
  type BatchReport,
  ParallelToolNode,
  type ParallelToolNodeOptions,
  planBatch,
  type RateLimit,
  read,
  type Resource,
  resource,
  type SequentialOption,
  type ToolPolicy,
  write,
} from "parallel-tools-node";
import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
import { describe, expectTypeOf, it } from "vitest";

describe("options", () => {
  it("may all be left out", () => {
    expectTypeOf<object>().toExtend<ParallelToolNodeOptions>();
    new ParallelToolNode([]);
    new ParallelToolNode([], {});
  });

  it("are these", () => {
    expectTypeOf<keyof ParallelToolNodeOptions>().toEqualTypeOf<
      | "name"
      | "tags"
      | "handleToolErrors"
      | "policies"
      | "defaultPolicy"
      | "maxConcurrency"
      | "maxCalls"
      | "maxDepth"
      | "resources"
      | "limits"
      | "maxPauseMs"
      | "arrivalTimeoutMs"
      | "batchTimeoutMs"
      | "drainMs"
      | "maxOutputBytes"
      | "sequential"
      | "references"
      | "durable"
      | "eager"
      | "streamProgress"
      | "reportArguments"
      | "onReport"
      | "tracer"
    >();
  });

  it("have no others", () => {
    // @ts-expect-error -- it is maxConcurrency
    new ParallelToolNode([], { concurrency: 4 });
    // @ts-expect-error -- a number
    new ParallelToolNode([], { maxConcurrency: "4" });
    // @ts-expect-error -- a number
    new ParallelToolNode([], { maxCalls: true });
    // @ts-expect-error -- milliseconds
    new ParallelToolNode([], { batchTimeoutMs: "1s" });
    // @ts-expect-error -- milliseconds
    new ParallelToolNode([], { drainMs: "1s" });
    // @ts-expect-error -- bytes
    new ParallelToolNode([], { maxOutputBytes: "1kB" });
    // @ts-expect-error -- both numbers are needed
    const resource: Resource = { circuit: { failures: 3 } };
    expectTypeOf(resource).not.toBeAny();
    // @ts-expect-error -- a boolean, "replan" or a function
    new ParallelToolNode([], { sequential: "always" });
    // @ts-expect-error -- a function
    new ParallelToolNode([], { onReport: {} });
  });

  it("let a function decide for a batch", () => {
    new ParallelToolNode([], {
      sequential: ({ toolCalls, state }) => {
        expectTypeOf(toolCalls).toEqualTypeOf<readonly ToolCall[]>();
        expectTypeOf(state).toBeUnknown();
        return toolCalls.length > 3 && "replan";
      },
    });
    // @ts-expect-error -- decides at once
    const late: SequentialOption = async () => true;
    expectTypeOf(late).not.toBeAny();
  });

  it("hand the report of a batch to the listener", () => {
    new ParallelToolNode([], {
      onReport: (report) => {
        expectTypeOf(report).toEqualTypeOf<BatchReport>();
      },
    });
    new ParallelToolNode([], { onReport: async () => {} });
  });
});

describe("policies", () => {
  it("are these fields, all of them optional", () => {
    expectTypeOf<object>().toExtend<ToolPolicy>();
    expectTypeOf<keyof ToolPolicy>().toEqualTypeOf<
      | "concurrency"
      | "rateLimit"
      | "resources"
      | "access"
      | "after"
      | "sequential"
      | "readOnly"
      | "idempotent"
      | "dedupe"
      | "cost"
      | "references"
      | "retry"
      | "timeoutMs"
      | "feedback"
      | "callers"
      | "eager"
    >();
  });

  it("see the arguments that they say they see", () => {
    const policy: ToolPolicy<{ path: string; pages: number }> = {
      access: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ path: string; pages: number }>();
        return [read("index"), write(args.path)];
      },
      resources: ({ path }) => ["disk", path],
      cost: ({ pages }) => pages,
    };
    new ParallelToolNode([], {
      policies: {
        write_file: policy,
        move: { access: ({ from }: { from: string }) => [write(from)] },
      },
      defaultPolicy: { resources: () => "disk" },
    });
  });

  it("see a record without an annotation", () => {
    const policy: ToolPolicy = {
      cost: (args) => {
        expectTypeOf(args).toEqualTypeOf<Record<string, unknown>>();
        return 1;
      },
    };
    expectTypeOf(policy).toExtend<ToolPolicy>();
  });

  it("take a number or the application's own p-limit", () => {
    const own: ToolPolicy = { concurrency: pLimit(4) };
    const shared: Resource = { concurrency: pLimit(4) };
    expectTypeOf(own.concurrency).toEqualTypeOf(shared.concurrency);
    // @ts-expect-error -- the instance, not the factory
    const factory: ToolPolicy = { concurrency: pLimit };
    expectTypeOf(factory).not.toBeAny();
  });

  it("take arrays that nobody may change", () => {
    const names = ["login", "open"] as const;
    const accesses: readonly Access[] = [read("a")];
    new ParallelToolNode([], {
      policies: { t: { after: names, resources: names, access: accesses } },
    });
  });

  it("have functions that give their value at once", () => {
    const late: ToolPolicy[] = [
      // @ts-expect-error -- at once
      { access: async () => [read("a")] },
      // @ts-expect-error -- at once
      { access: () => Promise.resolve([read("a")]) },
      // @ts-expect-error -- an array, not an iterator
      { access: function* generate() {} },
      // @ts-expect-error -- at once
      { resources: async () => "disk" },
      // @ts-expect-error -- at once
      { resources: async () => ["disk"] },
      // @ts-expect-error -- an array, not an iterator
      { resources: async function* generate() {} },
      // @ts-expect-error -- at once
      { cost: async () => 1 },
      // @ts-expect-error -- at once
      { cost: (): PromiseLike<number> => Promise.resolve(1) },
      // @ts-expect-error -- at once
      { feedback: async () => ({ limited: true }) },
      // @ts-expect-error -- at once, also where it says nothing
      { feedback: async () => undefined },
      // @ts-expect-error -- at once
      { retry: { retryOn: async () => true } },
    ];
    expectTypeOf(late).not.toBeAny();
    new ParallelToolNode([], {
      // @ts-expect-error -- and so in the options of a node
      policies: { t: { access: async () => [read("a")] } },
      // @ts-expect-error -- and in the default policy
      defaultPolicy: { cost: async () => 1 },
    });
    parallelToolsMiddleware({
      // @ts-expect-error -- and of the middleware
      policies: { t: { resources: async () => "disk" } },
      // @ts-expect-error -- a mode at once
      sequential: async () => true,
    });
    planBatch([], {
      // @ts-expect-error -- and of a plan
      policies: { t: { access: async () => [] } },
    });
  });

  it("have no other fields and no other values", () => {
    const bad: ToolPolicy[] = [
      // @ts-expect-error -- misspelt
      { concurency: 4 },
      // @ts-expect-error -- not a duration
      { rateLimit: "10/s" },
      // @ts-expect-error -- both numbers are needed
      { rateLimit: { limit: 10 } },
      // @ts-expect-error -- no such algorithm
      { rateLimit: { limit: 1, intervalMs: 1, algorithm: "fixed-window" } },
      // @ts-expect-error -- accesses, not keys
      { access: ["file:/a"] },
      // @ts-expect-error -- names, not one name
      { after: "login" },
      // @ts-expect-error -- "replan" or a boolean
      { sequential: "sequential" },
      // @ts-expect-error -- a boolean
      { readOnly: 1 },
      // @ts-expect-error -- milliseconds
      { timeoutMs: "1s" },
    ];
    expectTypeOf(bad).not.toBeAny();
    // @ts-expect-error -- and so in the options of a node
    new ParallelToolNode([], { policies: { t: { concurency: 4 } } });
  });
});

describe("Access", () => {
  it("is what read and write return, and stays as it is", () => {
    expectTypeOf(read).toEqualTypeOf<(key: string) => Access>();
    expectTypeOf(write).toEqualTypeOf<(key: string) => Access>();
    expectTypeOf<Access>().toEqualTypeOf<{
      readonly mode: "read" | "write";
      readonly key: string;
    }>();
    // @ts-expect-error -- read or write
    const access: Access = { mode: "delete", key: "a" };
    // @ts-expect-error -- readonly
    access.key = "b";
  });
});

describe("RateLimit", () => {
  it("is one or several, each of calls or of cost", () => {
    const calls: RateLimit = { limit: 1, intervalMs: 1, counts: "calls" };
    const rates = [calls, { limit: 1, intervalMs: 1 }] as const;
    const own: ToolPolicy = { rateLimit: rates };
    expectTypeOf(own.rateLimit).toEqualTypeOf<Resource["rateLimit"]>();
    expectTypeOf(resource({ rateLimit: rates })).toExtend<Resource>();
    expectTypeOf<RateLimit["counts"]>().toEqualTypeOf<
      "calls" | "cost" | undefined
    >();
    // @ts-expect-error -- calls or cost
    const tokens: RateLimit = { limit: 1, intervalMs: 1, counts: "tokens" };
    expectTypeOf(tokens).not.toBeAny();
    // @ts-expect-error -- options
    resource();
  });

  it("has two algorithms", () => {
    expectTypeOf<RateLimit["algorithm"]>().toEqualTypeOf<
      "sliding-window" | "token-bucket" | undefined
    >();
  });
});
