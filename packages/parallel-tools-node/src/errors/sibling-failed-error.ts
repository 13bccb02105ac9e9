const marker = Symbol.for("parallel-tools-node.SiblingFailedError");

/**
 * The reason of a tool's aborted signal where, with `handleToolErrors: false`,
 * another call of the batch threw. `cause` is what that call threw. Its name is
 * that of every abort, so that nothing retries it.
 */
export class SiblingFailedError extends Error {
  override readonly name = "AbortError";
  /** The 1-based place of the failed call in its message. */
  readonly ordinal: number;
  /** The tool that failed. */
  readonly toolName: string;
  readonly [marker] = true;

  constructor(ordinal: number, toolName: string, cause: unknown) {
    super(
      `Aborted: call ${ordinal} (${toolName}) of the same batch has failed.`,
      { cause },
    );
    this.ordinal = ordinal;
    this.toolName = toolName;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is SiblingFailedError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
