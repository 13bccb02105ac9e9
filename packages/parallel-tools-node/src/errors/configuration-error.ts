import { describeValue } from "./describe-value.js";

const marker = Symbol.for("parallel-tools-node.ConfigurationError");

/**
 * An option, a policy or a resource is not valid. Thrown where it is given, such as
 * by the constructor of a node. For a setting of one invocation, and for what a
 * `sequential` function returned, it is thrown before any call of the batch runs.
 *
 * @example
 * ```ts
 * import { ConfigurationError, ParallelToolNode } from "parallel-tools-node";
 *
 * try {
 *   new ParallelToolNode([], { maxConcurrency: 0 });
 * } catch (error) {
 *   if (ConfigurationError.isInstance(error)) console.error(error.option);
 *   // "maxConcurrency"
 * }
 * ```
 */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** The option's path, e.g. `policies.search.concurrency`. */
  readonly option: string;
  /** What was expected, e.g. `an integer of at least 1`. */
  readonly expected: string;
  /** The value that came. */
  readonly received: unknown;
  readonly [marker] = true;

  constructor(option: string, expected: string, received: unknown) {
    super(
      `Expected \`${option}\` to be ${expected}, got ${describeValue(received)}`,
    );
    this.option = option;
    this.expected = expected;
    this.received = received;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is ConfigurationError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
