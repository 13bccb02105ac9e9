const marker = Symbol.for("parallel-tools-node.AccessCycleError");

/**
 * A call was not run: calls that run side by side wait in a circle for each other's
 * shared state (`access`). Each of them runs inside of a call that has what another
 * one needs. With `handleToolErrors: false` this error is thrown.
 *
 * @example
 * ```ts
 * import { AccessCycleError } from "parallel-tools-node";
 *
 * export function isTemporary(error: unknown): boolean {
 *   return AccessCycleError.isInstance(error);
 * }
 * ```
 */
export class AccessCycleError extends Error {
  override readonly name = "AccessCycleError";
  readonly [marker] = true;

  constructor() {
    super(
      "This call needs shared state that a call beside the one around it has, and that one waits for state of this side, so the call was not run. Let such calls take all that they need in one call, or always in the same order.",
    );
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is AccessCycleError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
