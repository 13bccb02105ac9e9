import { ConfigurationError } from "../errors/configuration-error.js";
import { readPositiveInteger } from "./rate-limit.js";
import { readDuration } from "./read-duration.js";
import { readFields } from "./read-fields.js";

/**
 * When and how often a call that failed is run again: the names and defaults of
 * LangGraph's own `RetryPolicy`, which can be given here as it is.
 */
export interface RetryPolicy {
  /** Milliseconds before the second attempt. @default 500 */
  initialInterval?: number;
  /** By which the interval grows with each attempt. @default 2 */
  backoffFactor?: number;
  /**
   * The longest interval in milliseconds. `Infinity`: no limit.
   *
   * @default 128_000
   */
  maxInterval?: number;
  /**
   * Attempts in all, the first and those that a server refused included. An
   * integer of at least 1.
   *
   * @default 3
   */
  maxAttempts?: number;
  /** Adds up to a second to each interval, at random. @default true */
  jitter?: boolean;
  /**
   * Whether an error is worth another attempt. Not asked about a refusal (429)
   * where the tool is `readOnly` or `idempotent`: that is always worth one.
   *
   * @default as in LangGraph: all but aborts, exhausted quotas and the HTTP
   *   statuses 400 to 407 and 409
   */
  // oxlint-disable-next-line no-explicit-any -- LangGraph's own type
  retryOn?: (error: any) => boolean;
  /** Says on the console that a call is run again. @default true */
  logWarning?: boolean;
}

/** A {@link RetryPolicy} with its defaults filled in. */
export interface ResolvedRetryPolicy {
  readonly initialInterval: number;
  readonly backoffFactor: number;
  readonly maxInterval: number;
  readonly maxAttempts: number;
  readonly jitter: boolean;
  readonly retryOn: ((error: unknown) => boolean) | undefined;
  readonly logWarning: boolean;
}

/** Of a policy with nothing in it. */
export const DEFAULT_RETRY: ResolvedRetryPolicy = Object.freeze({
  initialInterval: 500,
  backoffFactor: 2,
  maxInterval: 128_000,
  maxAttempts: 3,
  jitter: true,
  retryOn: undefined,
  logWarning: true,
});

const FIELDS = [
  "initialInterval",
  "backoffFactor",
  "maxInterval",
  "maxAttempts",
  "jitter",
  "retryOn",
  "logWarning",
] as const satisfies readonly (keyof RetryPolicy)[];

/** Reads a `retry` option. */
export function readRetryPolicy(
  option: string,
  value: unknown,
): ResolvedRetryPolicy | false {
  if (value === false) return false;
  if (typeof value !== "object" || value === null) {
    throw new ConfigurationError(option, "a RetryPolicy or `false`", value);
  }
  const fields = readFields(option, value, FIELDS);
  const resolved: Record<string, unknown> = { ...DEFAULT_RETRY };
  for (const field of FIELDS) {
    const given = fields[field];
    if (given !== undefined) {
      resolved[field] = readField(field, `${option}.${field}`, given);
    }
  }
  return resolved as unknown as ResolvedRetryPolicy;
}

function readField(
  field: (typeof FIELDS)[number],
  option: string,
  given: unknown,
): unknown {
  switch (field) {
    case "maxAttempts":
      return readPositiveInteger(option, given);
    case "initialInterval":
      return readDuration(option, given, { least: 0 });
    case "maxInterval":
      return readDuration(option, given, { least: 0, orInfinity: true });
    case "backoffFactor":
      return readFactor(option, given);
    case "retryOn":
      if (typeof given === "function") return given;
      throw new ConfigurationError(option, "a function of the error", given);
    default:
      if (typeof given === "boolean") return given;
      throw new ConfigurationError(option, "a boolean", given);
  }
}

function readFactor(option: string, given: unknown): number {
  if (typeof given === "number" && given >= 1 && Number.isFinite(given)) {
    return given;
  }
  throw new ConfigurationError(option, "a number of at least 1", given);
}
