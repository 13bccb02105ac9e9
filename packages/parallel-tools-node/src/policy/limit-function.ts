import { ConfigurationError } from "../errors/configuration-error.js";

/**
 * The part of a [p-limit](https://github.com/sindresorhus/p-limit) instance
 * that a cap needs, as `pLimit(4)` of version 6.1 or later returns it. Jobs that
 * the application itself runs in it count against the cap, too.
 */
export interface LimitFunction {
  readonly activeCount: number;
  readonly pendingCount: number;
  concurrency: number;
  <Result>(job: () => PromiseLike<Result> | Result): Promise<Result>;
}

/** Reads a `concurrency` option; `undefined` means no cap. */
export function readConcurrency(
  option: string,
  value: unknown,
): number | LimitFunction | undefined {
  if (value === undefined || value === Number.POSITIVE_INFINITY) {
    return undefined;
  }
  if (Number.isSafeInteger(value) && (value as number) >= 1) {
    return value as number;
  }
  if (isLimitFunction(value)) return value;
  throw new ConfigurationError(
    option,
    typeof value === "function"
      ? "an integer of at least 1 or a p-limit instance (6.1 or later, with `activeCount`, `pendingCount` and `concurrency`)"
      : "an integer of at least 1",
    value,
  );
}

function isLimitFunction(value: unknown): value is LimitFunction {
  return (
    typeof value === "function" &&
    "activeCount" in value &&
    typeof value.activeCount === "number" &&
    "pendingCount" in value &&
    typeof value.pendingCount === "number" &&
    "concurrency" in value &&
    typeof value.concurrency === "number"
  );
}
