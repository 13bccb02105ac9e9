import type { BatchOptions } from "../batch/batch-options.js";
import { BATCH_OPTIONS } from "../batch/create-batch-host.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import { readFields } from "../policy/read-fields.js";

/** Options of `parallelToolsMiddleware`: those of the node, as far as they apply. */
export interface ParallelToolsMiddlewareOptions extends BatchOptions {
  /**
   * The name of the middleware, which is unique in an agent.
   *
   * @default "parallelToolsMiddleware"
   */
  name?: string;
  /**
   * What becomes of what a tool throws. `true`: a message for the model, in the
   * words of an agent without middleware, whatever other middleware there is.
   * `false`: it is thrown, and ends the run unless another middleware deals with
   * it.
   *
   * @default as the agent does without this middleware: a message, if no other
   *   middleware has `wrapToolCall`; else it is thrown
   */
  handleToolErrors?: boolean | undefined;
}

/**
 * What becomes of what a tool throws. `"answered"`: a message for the model.
 * `"thrown"`: as it says. `"as agent"`: what the agent does without us.
 */
export type ErrorHandling = "answered" | "thrown" | "as agent";

const OPTIONS = [
  "name",
  "handleToolErrors",
  ...BATCH_OPTIONS,
] as const satisfies readonly (keyof ParallelToolsMiddlewareOptions)[];

/**
 * Reads what the node does not have, and that there is nothing else.
 *
 * @throws ConfigurationError
 */
export function readMiddlewareOptions(
  options: ParallelToolsMiddlewareOptions,
): { readonly name: string; readonly errorHandling: ErrorHandling } {
  const fields = readFields("options", options, OPTIONS);
  const { name = "parallelToolsMiddleware", handleToolErrors } = fields;
  if (typeof name !== "string" || name === "") {
    throw new ConfigurationError("name", "a string that is not empty", name);
  }
  if (handleToolErrors !== undefined && typeof handleToolErrors !== "boolean") {
    throw new ConfigurationError(
      "handleToolErrors",
      "a boolean",
      handleToolErrors,
    );
  }
  if (handleToolErrors === undefined) {
    return { name, errorHandling: "as agent" };
  }
  return { name, errorHandling: handleToolErrors ? "answered" : "thrown" };
}
