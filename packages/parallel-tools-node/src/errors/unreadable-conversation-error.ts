const marker = Symbol.for("parallel-tools-node.UnreadableConversationError");

/**
 * The input is not a recorded conversation, or is broken. `cause` is the error
 * of the parser or of the file system, if there was one.
 *
 * @example
 * ```ts
 * import {
 *   diagnose,
 *   UnreadableConversationError,
 * } from "parallel-tools-node/diagnose";
 *
 * try {
 *   diagnose([{ role: "narrator", content: "Once upon a time" }]);
 * } catch (error) {
 *   if (UnreadableConversationError.isInstance(error)) console.error(error.place);
 *   // "message 0"
 * }
 * ```
 */
export class UnreadableConversationError extends Error {
  override readonly name = "UnreadableConversationError";
  /** Where the problem is, e.g. `runs.jsonl, line 3, column 17`. */
  readonly place: string;
  /** What is wrong there, e.g. `expected a message, got a number`. */
  readonly problem: string;
  readonly [marker] = true;

  /** @param advice a sentence on what to do next */
  constructor(place: string, problem: string, advice: string, cause?: unknown) {
    super(
      `${place}: ${problem}. ${advice}`,
      cause === undefined ? undefined : { cause },
    );
    this.place = place;
    this.problem = problem;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is UnreadableConversationError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
