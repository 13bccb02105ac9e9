const marker = Symbol.for("parallel-tools-node.SiblingFailedError");

/**
 * Why a tool's signal was aborted: with `handleToolErrors: false`, another call
 * of its batch has thrown. `cause` is what that call threw. Its name is that of
 * every abort, so that nobody retries it.
 */
export class SiblingFailedError extends Error {
  override readonly name = "AbortError";
  /** 1-based place of the call that failed in its message. */
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
