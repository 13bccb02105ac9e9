import { createAgent } from "langchain";
import type { ParallelToolNodeOptions } from "parallel-tools-node";
import {
  type ParallelToolsMiddlewareOptions,
  parallelToolsMiddleware,
  ToolCallFailedError,
} from "parallel-tools-node/middleware";
import { describe, expectTypeOf, it } from "vitest";

describe("the middleware", () => {
  it("takes the options of the node, less its tags, with its model and who needs approval", () => {
    expectTypeOf<keyof ParallelToolsMiddlewareOptions>().toEqualTypeOf<
      Exclude<keyof ParallelToolNodeOptions, "tags"> | "model" | "needsApproval"
    >();
    parallelToolsMiddleware();
    parallelToolsMiddleware({ policies: { a: { concurrency: 1 } } });
    // @ts-expect-error -- it is maxConcurrency
    parallelToolsMiddleware({ concurrency: 4 });
    // @ts-expect-error -- a boolean
    parallelToolsMiddleware({ handleToolErrors: "yes" });
  });

  it("goes into an agent without a cast", () => {
    createAgent({
      model: "openai:gpt-4o-mini",
      tools: [],
      middleware: [parallelToolsMiddleware({ maxConcurrency: 2 })],
    });
  });
});

it("ToolCallFailedError tells its fields once it is known", () => {
  const error: unknown = undefined;
  if (ToolCallFailedError.isInstance(error)) {
    expectTypeOf(error.toolName).toBeString();
    expectTypeOf(error.toolCallId).toEqualTypeOf<string | undefined>();
  }
});
