import { PolicyBook, type PolicyOptions } from "../policy/policy-book.js";
import { readFields } from "../policy/read-fields.js";
import { readSequential, type Sequential } from "../policy/sequential.js";
import type { BatchPlan } from "./batch-plan.js";
import { modeOf, planCalls } from "./plan-calls.js";
import { NO_REFERENCES, referencesOf } from "./references/call-references.js";
import {
  type ReferencesOption,
  readReferencesOption,
} from "./references/read-references-option.js";

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
  sequential?: Sequential;
  /**
   * As the node's option: arguments may refer to outputs of earlier calls.
   *
   * @default false
   */
  references?: boolean | ReferencesOption;
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
  readFields("options", options, [
    "policies",
    "defaultPolicy",
    "sequential",
    "references",
  ]);
  const sequential = readSequential("sequential", options.sequential ?? false);
  const rules = readReferencesOption(options.references);
  const book = new PolicyBook(options);
  const policies = toolCalls.map(({ name }) => book.of(name));
  return planCalls(
    toolCalls.map(({ name, args, id }, index) => ({ index, name, args, id })),
    policies,
    modeOf(sequential),
    rules &&
      toolCalls.map(({ args }, index) =>
        policies[index]?.references === false
          ? NO_REFERENCES
          : referencesOf(args, index, toolCalls, rules),
      ),
  ).plan;
}
