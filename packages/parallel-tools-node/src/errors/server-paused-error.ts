import { describeDuration } from "./describe-duration.js";

const marker = Symbol.for("parallel-tools-node.ServerPausedError");

/**
 * A call was not run: the server behind it wants no calls for longer than the call
 * may be held up (`maxPauseMs`). With `handleToolErrors: false` this error is
 * thrown.
 *
 * @example
 * ```ts
 * import { ServerPausedError } from "parallel-tools-node";
 *
 * export function waitFor(error: unknown): number {
 *   return ServerPausedError.isInstance(error) ? error.retryAfterMs : 0;
 * }
 * ```
 */
export class ServerPausedError extends Error {
  override readonly name = "ServerPausedError";
  /** The name that a report has for it, e.g. `resource serp`. */
  readonly limit: string;
  /** Milliseconds until the server takes calls again, as it has said. */
  readonly retryAfterMs: number;
  readonly [marker] = true;

  constructor(limit: string, retryAfterMs: number) {
    super(
      `The server behind ${limit} wants no calls for ${describeDuration(retryAfterMs)}, which is longer than a call may wait for it, so this call was not run.`,
    );
    this.limit = limit;
    this.retryAfterMs = retryAfterMs;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is ServerPausedError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
