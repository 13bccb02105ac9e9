import type { BatchOptions } from "../batch/batch-options.js";
import { BATCH_OPTIONS } from "../batch/create-batch-host.js";
import { ConfigurationError } from "../errors/configuration-error.js";
import type { ModelLimits } from "../model/model-limits.js";
import { readFields, readNames } from "../policy/read-fields.js";

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
  /**
   * The resources by which requests of the agent to its model are admitted, as those of
   * `limitModel` are, and what a request costs. LangChain wraps the errors of a model
   * where a middleware sees its requests: `cause` is the original error. A model that
   * other middleware asks, such as `modelFallbackMiddleware`, is given to it as
   * `limitModel(model, middleware)`.
   *
   * @default requests to the model are not limited
   * @example
   * ```ts
   * import { createAgent } from "langchain";
   * import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
   *
   * const agent = createAgent({
   *   model: "openai:gpt-5.4",
   *   tools: [],
   *   middleware: [
   *     parallelToolsMiddleware({
   *       resources: {
   *         openai: { rateLimit: { limit: 200_000, intervalMs: 60_000 } },
   *       },
   *       model: { resources: "openai" },
   *     }),
   *   ],
   * });
   * ```
   */
  model?: ModelLimits | undefined;
  /**
   * The tools whose calls a human approves before they run, as
   * `humanInTheLoopMiddleware` has it. This option gates nothing itself: calls of the
   * model run as that middleware says. It is read by what may begin calls in another
   * way. `[]` says that there are none. If `humanInTheLoopMiddleware` stands in the
   * agent and this is left out, the console is told once.
   *
   * @default none
   * @example
   * ```ts
   * import { parallelToolsMiddleware } from "parallel-tools-node/middleware";
   *
   * // Beside `humanInTheLoopMiddleware({ interruptOn: { send_email: true } })`.
   * const middleware = parallelToolsMiddleware({
   *   needsApproval: ["send_email"],
   * });
   * ```
   */
  needsApproval?: readonly string[] | undefined;
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
  "model",
  "needsApproval",
  ...BATCH_OPTIONS,
] as const satisfies readonly (keyof ParallelToolsMiddlewareOptions)[];

/** What only the middleware is told. */
interface MiddlewareSettings {
  readonly name: string;
  readonly errorHandling: ErrorHandling;
  /** `undefined`: nothing was said of it. */
  readonly needsApproval: readonly string[] | undefined;
}

/**
 * Reads the options that only the middleware has, and refuses unknown options.
 *
 * @throws ConfigurationError
 */
export function readMiddlewareOptions(
  options: ParallelToolsMiddlewareOptions,
): MiddlewareSettings {
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
  const needsApproval =
    fields.needsApproval === undefined
      ? undefined
      : readNames("needsApproval", fields.needsApproval);
  if (handleToolErrors === undefined) {
    return { name, needsApproval, errorHandling: "as agent" };
  }
  const errorHandling = handleToolErrors ? "answered" : "thrown";
  return { name, needsApproval, errorHandling };
}
