import type { ToolCall } from "@langchain/core/messages/tool";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { ConfigurationError } from "../errors/configuration-error.js";
import { catchRejection } from "../errors/thenable.js";
import { type BatchMode, modeOf } from "../plan/plan-calls.js";
import { isSequential, type Sequential } from "../policy/sequential.js";
import type { Batch } from "./read-batch.js";

/** Decides for a whole batch: `true` runs it one call at a time, in order. */
export type SequentialOption =
  | Sequential
  | ((batch: {
      readonly toolCalls: readonly ToolCall[];
      readonly state: unknown;
    }) => Sequential);

/** Reads the node's `sequential` option. */
export function readSequentialOption(value: unknown): SequentialOption {
  if (typeof value === "function") return value as SequentialOption;
  if (value === undefined || isSequential(value)) return value ?? false;
  throw new ConfigurationError(
    "sequential",
    'a boolean, "replan" or a function of the batch',
    value,
  );
}

/**
 * The mode in which a batch runs. `config.configurable.toolExecution` overrides
 * the node's `sequential` option.
 *
 * @throws ConfigurationError
 */
export function executionModeOf(
  option: SequentialOption,
  batch: Batch,
  config: LangGraphRunnableConfig,
): BatchMode {
  const override: unknown = config.configurable?.["toolExecution"];
  if (override !== undefined) {
    if (isMode(override)) return override;
    throw new ConfigurationError(
      "config.configurable.toolExecution",
      '"parallel", "sequential" or "replan"',
      override,
    );
  }
  if (typeof option !== "function") return modeOf(option);
  const { toolCalls, state } = batch;
  const chosen: unknown = option({ toolCalls, state });
  if (isSequential(chosen)) return modeOf(chosen);
  catchRejection(chosen);
  throw new ConfigurationError(
    "sequential",
    'a function that returns a boolean or "replan"',
    chosen,
  );
}

const MODES = {
  parallel: true,
  sequential: true,
  replan: true,
} satisfies Record<BatchMode, true>;

function isMode(value: unknown): value is BatchMode {
  return typeof value === "string" && Object.hasOwn(MODES, value);
}
