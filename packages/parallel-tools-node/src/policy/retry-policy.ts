import { ConfigurationError } from "../errors/configuration-error.js";
import { type Guarded, guard } from "./guard.js";
import { readDuration } from "./read-duration.js";
import {
  type FieldReader,
  readBoolean,
  readByTable,
  readPositiveInteger,
} from "./read-fields.js";

/**
 * When and how often a call that failed is run again: the names and defaults of
 * LangGraph's own `RetryPolicy`, which can be given here as it is.
 */
export interface RetryPolicy {
  /** Milliseconds before the second attempt. @default 500 */
  initialInterval?: number;
  /** The interval grows by this factor with each attempt. @default 2 */
  backoffFactor?: number;
  /**
   * The longest interval in milliseconds. `Infinity`: no limit.
   *
   * @default 128_000
   */
  maxInterval?: number;
  /**
   * Attempts in all, with the first one and those that a server refused. An
   * integer of at least 1.
   *
   * @default 3
   */
  maxAttempts?: number;
  /** Adds up to a second to each interval, at random. @default true */
  jitter?: boolean;
  /**
   * Whether an error is worth another attempt. Not asked about a refusal (429)
   * where the tool is `readOnly` or `idempotent`: that is always worth one. It has to
   * answer at once, and any truthy value means yes. If it throws or returns a
   * promise, the call isn't run again, which is a warning on the console.
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
  readonly retryOn: Guarded<boolean> | undefined;
  readonly logWarning: boolean;
}

/** What a retry policy without fields means. */
export const DEFAULT_RETRY: ResolvedRetryPolicy = Object.freeze({
  initialInterval: 500,
  backoffFactor: 2,
  maxInterval: 128_000,
  maxAttempts: 3,
  jitter: true,
  retryOn: undefined,
  logWarning: true,
});

const FIELDS = {
  initialInterval: (option, value) => readDuration(option, value, { least: 0 }),
  backoffFactor: readFactor,
  maxInterval: (option, value) =>
    readDuration(option, value, { least: 0, orInfinity: true }),
  maxAttempts: readPositiveInteger,
  jitter: readBoolean,
  retryOn: readRetryOn,
  logWarning: readBoolean,
} satisfies {
  [Field in keyof Required<RetryPolicy>]: FieldReader<
    ResolvedRetryPolicy[Field]
  >;
};

/** Reads a `retry` option. */
export function readRetryPolicy(
  option: string,
  value: unknown,
): ResolvedRetryPolicy | false {
  if (value === false) return false;
  if (typeof value !== "object" || value === null) {
    throw new ConfigurationError(option, "a RetryPolicy or `false`", value);
  }
  return { ...DEFAULT_RETRY, ...readByTable(option, value, FIELDS) };
}

function readFactor(option: string, value: unknown): number {
  if (typeof value === "number" && value >= 1 && Number.isFinite(value)) {
    return value;
  }
  throw new ConfigurationError(option, "a number of at least 1", value);
}

function readRetryOn(option: string, value: unknown): Guarded<boolean> {
  if (typeof value === "function") {
    return guard(option, value, (_, answer) => Boolean(answer));
  }
  throw new ConfigurationError(option, "a function of the error", value);
}
