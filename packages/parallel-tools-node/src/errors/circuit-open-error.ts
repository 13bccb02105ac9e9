import { describeDuration } from "./describe-duration.js";

const marker = Symbol.for("parallel-tools-node.CircuitOpenError");

/**
 * A call was not run: calls that use the same resource failed one after the
 * other, so its `circuit` is open. With `handleToolErrors: false` this error is
 * thrown.
 *
 * @example
 * ```ts
 * import { CircuitOpenError } from "parallel-tools-node";
 *
 * export function waitFor(error: unknown): number {
 *   return CircuitOpenError.isInstance(error) ? error.retryAfterMs : 0;
 * }
 * ```
 */
export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";
  /** The name that a report has for it, e.g. `resource serp`. */
  readonly limit: string;
  /** How many failures in a row opened it. */
  readonly failures: number;
  /** Milliseconds until a call is tried again. */
  readonly retryAfterMs: number;
  readonly [marker] = true;

  constructor(limit: string, failures: number, retryAfterMs: number) {
    const calls = failures === 1 ? "1 call" : `${failures} calls in a row`;
    super(
      `${calls} of ${limit} failed, so its circuit is open and this call was not run. A call is tried again in ${describeDuration(retryAfterMs)}.`,
    );
    this.limit = limit;
    this.failures = failures;
    this.retryAfterMs = retryAfterMs;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is CircuitOpenError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
