import { readFields } from "../policy/read-fields.js";
import { PolicyBook, type PolicyOptions } from "../policy/policy-book.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import type { BatchPlan } from "./batch-plan.js";
import { planCalls } from "./plan-calls.js";

/** What `planBatch` reads of a tool call; LangChain's `ToolCall` fits. */
export interface PlannableCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly id?: string | undefined;
}

export interface PlanBatchOptions extends PolicyOptions {
  /**
   * `true`: one call at a time, in order. `"replan"`: the first call only.
   *
   * @default false: as the policies say
   */
  sequential?: boolean | "replan";
}

/**
 * Shows how a node with these policies would run the tool calls of a message,
 * without running anything. Pure.
 *
 * @throws ConfigurationError when the policies are not valid
 * @example
 * ```ts
 * import { planBatch, write } from "parallel-tools-node";
 *
 * const plan = planBatch(
 *   [
 *     { name: "write_file", args: { path: "a" }, id: "1" },
 *     { name: "write_file", args: { path: "a" }, id: "2" },
 *   ],
 *   { policies: { write_file: { access: ({ path }) => [write(path)] } } },
 * );
 * console.log(plan.shape); // "chain"
 * console.log(plan.calls[1]?.dependsOn);
 * // [{ index: 0, reason: "conflict", detail: "a" }]
 * ```
 */
export function planBatch(
  toolCalls: readonly PlannableCall[],
  options: PlanBatchOptions = {},
): BatchPlan {
  readFields("options", options, ["policies", "defaultPolicy", "sequential"]);
  const { sequential = false } = options;
  if (typeof sequential !== "boolean" && sequential !== "replan") {
    throw new ConfigurationError(
      "sequential",
      'a boolean or "replan"',
      sequential,
    );
  }
  const book = new PolicyBook(options);
  return planCalls(
    toolCalls.map(({ name, args, id }, index) => ({ index, name, args, id })),
    toolCalls.map(({ name }) => book.of(name)),
    sequential === true ? "sequential" : sequential || "parallel",
  );
}
