const marker = Symbol.for("parallel-tools-node.ToolTimeoutError");

/**
 * A call took longer than its tool's `timeoutMs`, or its batch longer than
 * `batchTimeoutMs`. The reason of the tool's aborted signal, and, with
 * `handleToolErrors: false`, what is thrown. LangGraph's `NodeTimeoutError` is
 * its like: a `retry` policy takes it for worth another attempt.
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
  /** Whose limit it was: `timeoutMs` of a call, or that of the whole batch. */
  readonly limit: "call" | "batch";
  /** The limit in milliseconds. */
  readonly timeoutMs: number;
  /** The tool that was called; of a batch's limit there is none to name. */
  readonly toolName: string | undefined;
  readonly [marker] = true;

  constructor(timeoutMs: number, toolName?: string) {
    super(
      toolName === undefined
        ? `The tool calls of this message did not finish within ${timeoutMs} ms.`
        : `${toolName} did not finish within ${timeoutMs} ms.`,
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
