import { BATCH_OPTIONS, type BatchOptions } from "../batch/batch-options.js";
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
   * What a tool throws becomes a message for the model, in the words of an agent
   * without middleware. `false`: it is thrown, and ends the run unless another
   * middleware deals with it.
   *
   * @default true
   */
  handleToolErrors?: boolean;
}

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
): { readonly name: string; readonly handlesErrors: boolean } {
  const fields = readFields("options", options, OPTIONS);
  const { name = "parallelToolsMiddleware", handleToolErrors = true } = fields;
  if (typeof name !== "string" || name === "") {
    throw new ConfigurationError("name", "a string that is not empty", name);
  }
  if (typeof handleToolErrors !== "boolean") {
    throw new ConfigurationError(
      "handleToolErrors",
      "a boolean",
      handleToolErrors,
    );
  }
  return { name, handlesErrors: handleToolErrors };
}
