import type { WarnOnce } from "./warn-once.js";

/** What helps in most cases. */
const OF_ARGUMENTS =
  "Functions of a policy get arguments as the model wrote them, before the tool's schema has checked them.";

const marker = Symbol.for("parallel-tools-node.PolicyFunctionError");

/**
 * A function in a policy (`access`, `resources` or `cost`) threw for the
 * arguments of one call, or returned a value that is not valid, such as a promise.
 * That call is answered with an error and not run; the rest of its batch runs. The
 * model isn't told why. Your application is: with `handleToolErrors: false` this
 * error is thrown; else its message is written to the console, once per function.
 *
 * A usual cause: the function is given the arguments as the model wrote them,
 * before the tool's schema has checked them.
 */
export class PolicyFunctionError extends Error {
  override readonly name = "PolicyFunctionError";
  /** The function's path, e.g. `policies.write_file.access`. */
  readonly option: string;
  /** @internal What it did, e.g. `threw "no path"`. Quotes no arguments, unless what was thrown does. */
  readonly problem: string;
  /** @internal The function returned a promise, which it does for any arguments. */
  readonly isLate: boolean;
  readonly [marker] = true;

  constructor(
    option: string,
    problem: string,
    cause?: unknown,
    isLate = false,
    advice = OF_ARGUMENTS,
  ) {
    super(
      `\`${option}\` ${problem}, so the call was not run. ${advice}`,
      cause === undefined ? undefined : { cause },
    );
    this.option = option;
    this.problem = problem;
    this.isLate = isLate;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is PolicyFunctionError {
    return typeof error === "object" && error !== null && marker in error;
  }
}

/**
 * Says on the console what a function of a policy did, once per function. The model
 * isn't told: it can't mend the application.
 *
 * @param fault what a guarded function threw
 */
export function warnOfFunction(
  warnings: WarnOnce,
  fault: unknown,
  consequence: string,
): void {
  const { option, problem } = fault as PolicyFunctionError;
  warnings.warn(option, `\`${option}\` ${problem}, so ${consequence}.`);
}
