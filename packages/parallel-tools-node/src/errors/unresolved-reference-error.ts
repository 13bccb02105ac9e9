const marker = Symbol.for("parallel-tools-node.UnresolvedReferenceError");

/**
 * The arguments of a call hold a reference that has no value. That call is
 * answered with an error and not run; calls that need its output are skipped.
 */
export class UnresolvedReferenceError extends Error {
  override readonly name = "UnresolvedReferenceError";
  /** As the model wrote it, e.g. `$3.id`. */
  readonly reference: string;
  /** @internal What is wrong with it, e.g. `points to its own call`. */
  readonly problem: string;
  /** References that would have had a value, as far as they are known. */
  readonly valid: readonly string[];
  /** @internal What to do next; `undefined`: use a reference that is valid. */
  readonly advice: string | undefined;
  readonly [marker] = true;

  /**
   * @param problem a clause that follows the reference
   * @param advice a sentence in place of the references that are valid
   */
  constructor(
    reference: string,
    problem: string,
    valid: readonly string[],
    advice?: string,
    cause?: unknown,
  ) {
    super(
      `The reference "${reference}" ${problem}, so the call was not run. ${advice ?? adviceFor(valid)}`,
      cause === undefined ? undefined : { cause },
    );
    this.reference = reference;
    this.problem = problem;
    this.valid = valid;
    this.advice = advice;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is UnresolvedReferenceError {
    return typeof error === "object" && error !== null && marker in error;
  }
}

function adviceFor(valid: readonly string[]): string {
  return valid.length === 0
    ? "There is nothing that this call could refer to."
    : `Valid here: ${valid.join(", ")}.`;
}
