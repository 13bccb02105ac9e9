const marker = Symbol.for("parallel-tools-node.LimitsUnavailableError");

/**
 * The limits that several processes share could not be asked, and
 * `onUnavailable` is `"error"`. The call was not run, since it might have
 * exceeded them. `cause` is the error of Redis or of its client.
 *
 * @example
 * ```ts
 * import { LimitsUnavailableError } from "parallel-tools-node/redis";
 *
 * export function isTemporary(error: unknown): boolean {
 *   return LimitsUnavailableError.isInstance(error);
 * }
 * ```
 */
export class LimitsUnavailableError extends Error {
  override readonly name = "LimitsUnavailableError";
  /** What happened, e.g. `the connection is closed`. */
  readonly reason: string;
  readonly [marker] = true;

  constructor(reason: string, cause?: unknown) {
    super(
      `The limits that this tool shares with other processes can't be asked (${reason}), so the call was not run. With \`onUnavailable\` it can wait, or be limited in this process alone.`,
      cause === undefined ? undefined : { cause },
    );
    this.reason = reason;
  }

  /** Works across copies of this package, where `instanceof` does not. */
  static isInstance(error: unknown): error is LimitsUnavailableError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
