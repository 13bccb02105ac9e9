import { describeDuration } from "./describe-duration.js";

const marker = Symbol.for("parallel-tools-node.ToolTimeoutError");

/**
 * A call took longer than its tool's `timeoutMs`, or its batch longer than
 * `batchTimeoutMs`. It is the reason of the tool's aborted signal, and is thrown
 * with `handleToolErrors: false`. By default a `retry` policy runs the call
 * again, as LangGraph does after its `NodeTimeoutError`.
 *
 * @example
 * ```ts
 * import { ToolTimeoutError } from "parallel-tools-node";
 *
 * export function isSlow(error: unknown): boolean {
 *   return ToolTimeoutError.isInstance(error) && error.limit === "call";
 * }
 * ```
 */
export class ToolTimeoutError extends Error {
  override readonly name = "ToolTimeoutError";
  /** Which limit it was: that of a call, or that of the whole batch. */
  readonly limit: "call" | "batch";
  /** The limit in milliseconds. */
  readonly timeoutMs: number;
  /** The tool that was called; `undefined` for the limit of a batch. */
  readonly toolName: string | undefined;
  readonly [marker] = true;

  constructor(timeoutMs: number, toolName?: string) {
    super(
      toolName === undefined
        ? `The tool calls of this message did not finish within ${describeDuration(timeoutMs)}.`
        : `${toolName} did not finish within ${describeDuration(timeoutMs)}.`,
    );
    this.limit = toolName === undefined ? "batch" : "call";
    this.timeoutMs = timeoutMs;
    this.toolName = toolName;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is ToolTimeoutError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
