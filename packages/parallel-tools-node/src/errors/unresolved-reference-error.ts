const marker = Symbol.for("parallel-tools-node.UnresolvedReferenceError");

/**
 * A call's arguments hold a reference for which there is no value. That call is
 * answered with this error and not run; calls that need its output are skipped.
 */
export class UnresolvedReferenceError extends Error {
  override readonly name = "UnresolvedReferenceError";
  /** As the model wrote it, e.g. `$3.id`. */
  readonly reference: string;
  /** The references that would have had a value, as far as they are known. */
  readonly valid: readonly string[];
  readonly [marker] = true;

  /**
   * @param problem what is wrong with it, as a clause that follows it
   * @param advice a sentence in place of the references that are valid
   */
  constructor(
    reference: string,
    problem: string,
    valid: readonly string[],
    advice = adviceFor(valid),
    cause?: unknown,
  ) {
    super(
      `The reference "${reference}" ${problem}, so the call was not run. ${advice}`,
      cause === undefined ? undefined : { cause },
    );
    this.reference = reference;
    this.valid = valid;
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
