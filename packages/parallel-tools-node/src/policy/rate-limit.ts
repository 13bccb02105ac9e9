import { ConfigurationError } from "../errors/configuration-error.js";
import { readDuration } from "./read-duration.js";
import {
  type FieldReader,
  readByTable,
  readPositiveInteger,
} from "./read-fields.js";

/**
 * How many tokens calls may take in a span of time. A call takes one token, or its
 * policy's `cost`.
 */
export interface RateLimit {
  /** Tokens per `intervalMs`. An integer of at least 1. */
  limit: number;
  /** Length of the interval in milliseconds. A finite number above 0. */
  intervalMs: number;
  /**
   * `"sliding-window"`: at most `limit` tokens in any window of `intervalMs`,
   * wherever it begins. `"token-bucket"`: a bucket of `burst` tokens that
   * refills at `limit` per `intervalMs` (GCRA, as in ITU-T I.371).
   *
   * @default "sliding-window"
   */
  algorithm?: "sliding-window" | "token-bucket";
  /**
   * Size of the bucket; for `"token-bucket"` only. An integer of at least 1.
   *
   * @default `limit`
   */
  burst?: number;
  /**
   * Milliseconds by which one request may take longer to reach the server than
   * another. Calls start so much further apart that the server, too, sees the
   * limit kept: the window is longer by this, and the burst is smaller by what
   * flows in during this time. Most of it allows for a busy process that sends
   * its requests late (half of it, where processes share the limit). 0: the
   * starts themselves keep to the limit exactly, unless the process is more than
   * 10 ms late.
   *
   * @default 2% of `intervalMs`, at most 100
   */
  jitterMs?: number;
}

/** A {@link RateLimit} with its defaults filled in. */
export interface ResolvedRateLimit {
  readonly limit: number;
  readonly intervalMs: number;
  readonly algorithm: "sliding-window" | "token-bucket";
  /** The most tokens that can ever be taken at one instant. */
  readonly burst: number;
  readonly jitterMs: number;
}

/** Roughly how much the way of a request across the internet varies. */
const MAX_DEFAULT_JITTER_MS = 100;

const FIELDS = {
  limit: readPositiveInteger,
  intervalMs: (option, value) => readDuration(option, value, { above: 0 }),
  algorithm: readAlgorithm,
  burst: readPositiveInteger,
  jitterMs: (option, value) => readDuration(option, value, { least: 0 }),
} satisfies {
  [Field in keyof Required<RateLimit>]: FieldReader<ResolvedRateLimit[Field]>;
};

/** Reads a `rateLimit` option; `undefined` means no limit. */
export function readRateLimit(
  option: string,
  value: unknown,
): ResolvedRateLimit | undefined {
  if (value === undefined) return undefined;
  const required = ["limit", "intervalMs"] as const;
  const given = readByTable(option, value, FIELDS, required);
  const { limit, intervalMs, algorithm = "sliding-window", burst } = given;
  if (burst !== undefined && algorithm === "sliding-window") {
    throw new ConfigurationError(
      `${option}.burst`,
      'left out with the algorithm "sliding-window" (it goes with "token-bucket")',
      burst,
    );
  }
  const { jitterMs = Math.min(intervalMs / 50, MAX_DEFAULT_JITTER_MS) } = given;
  return { limit, intervalMs, algorithm, burst: burst ?? limit, jitterMs };
}

function readAlgorithm(
  option: string,
  value: unknown,
): ResolvedRateLimit["algorithm"] {
  if (value === "sliding-window" || value === "token-bucket") return value;
  throw new ConfigurationError(
    option,
    '"sliding-window" or "token-bucket"',
    value,
  );
}
