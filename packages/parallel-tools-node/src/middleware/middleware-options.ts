import type { BatchOptions } from "../batch/batch-options.js";
import { BATCH_OPTIONS } from "../batch/create-batch-host.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import { readFields } from "../policy/read-fields.js";

/** Options of `parallelToolsMiddleware`. */
export interface ParallelToolsMiddlewareOptions extends BatchOptions {
  /**
   * The name of the middleware. It must be unique in an agent.
   *
   * @default "parallelToolsMiddleware"
   */
  name?: string;
  /**
   * What happens to an error that a tool throws. `true`: it becomes a message for
   * the model, with the text of an agent without middleware, even if there is
   * other middleware. `false`: it is thrown, and ends the run unless another
   * middleware handles it.
   *
   * @default as in the agent without this middleware: a message if no other
   *   middleware has `wrapToolCall`; otherwise it is thrown
   */
  handleToolErrors?: boolean | undefined;
}

/**
 * What happens to an error that a tool throws. `"answered"`: it becomes a message
 * for the model. `"thrown"`: it is thrown. `"as agent"`: the same as in the agent
 * without this middleware.
 */
export type ErrorHandling = "answered" | "thrown" | "as agent";

const OPTIONS = [
  "name",
  "handleToolErrors",
  ...BATCH_OPTIONS,
] as const satisfies readonly (keyof ParallelToolsMiddlewareOptions)[];

/**
 * Reads the options that only the middleware has, and refuses unknown options.
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
