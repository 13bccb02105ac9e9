const marker = Symbol.for("parallel-tools-node.CircuitOpenError");

/**
 * A call was not run, since calls that use the same resource have failed one
 * after the other and its `circuit` is open. With `handleToolErrors: false` it
 * is thrown.
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
  /** As a report names it, e.g. `resource serp`. */
  readonly limit: string;
  /** Failures in a row that have opened it. */
  readonly failures: number;
  /** Milliseconds until a call is tried again. */
  readonly retryAfterMs: number;
  readonly [marker] = true;

  constructor(limit: string, failures: number, retryAfterMs: number) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    super(
      `This call was not run: ${failures} ${failures === 1 ? "call" : "calls in a row"} of ${limit} failed, so it is left alone for now. Nothing is wrong with this call: make it again in ${seconds} s at the earliest, and go on with something else until then.`,
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
