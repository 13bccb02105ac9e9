const marker = Symbol.for("parallel-tools-node.PolicyFunctionError");

/**
 * A function in a policy (`access`, `resources` or `cost`) threw for the
 * arguments of one call, or returned a value that is not valid. That call is
 * answered with an error and not run; the rest of its batch runs.
 *
 * The usual cause: the function is given the arguments as the model wrote them,
 * before the tool's schema has checked them.
 */
export class PolicyFunctionError extends Error {
  override readonly name = "PolicyFunctionError";
  /** The function's path, e.g. `policies.write_file.access`. */
  readonly option: string;
  /** @internal What it did, e.g. `threw "no path"`. */
  readonly problem: string;
  readonly [marker] = true;

  constructor(option: string, problem: string, cause?: unknown) {
    super(
      `\`${option}\` ${problem} for these arguments, so the call was not run. Check the arguments against the tool's schema.`,
      cause === undefined ? undefined : { cause },
    );
    this.option = option;
    this.problem = problem;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is PolicyFunctionError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
