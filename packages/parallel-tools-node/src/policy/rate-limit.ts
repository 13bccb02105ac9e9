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
 *
 * Where a server has several limits, give a list of them: a call starts when all of
 * them have room.
 *
 * @example
 * ```ts
 * import type { RateLimit } from "parallel-tools-node";
 *
 * // 500 requests and 30,000 tokens a minute
 * const rateLimit: RateLimit[] = [
 *   { limit: 500, intervalMs: 60_000, counts: "calls" },
 *   { limit: 30_000, intervalMs: 60_000 },
 * ];
 * ```
 */
export interface RateLimit {
  /** Tokens per `intervalMs`. An integer of at least 1. */
  limit: number;
  /** Length of the interval in milliseconds. A finite number above 0. */
  intervalMs: number;
  /**
   * What a call takes. `"cost"`: as many tokens as its policy's `cost` says, which
   * is one where there is none. `"calls"`: one token, whatever it costs.
   *
   * @default "cost"
   */
  counts?: "calls" | "cost";
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
   * What it costs: a window of 100 ms with 10 ms of it lets in 91% of `limit` per
   * `intervalMs`, one of a second 98%. A bucket gives its full rate as long as what
   * flows in during this time fits into `burst - 1`. A longer interval with a higher
   * limit, or a larger burst, costs less.
   *
   * @default 2% of `intervalMs`, at most 100; at least 10 with `"sliding-window"`, so
   *   that short windows are kept, too; with `"token-bucket"` at most so much that the
   *   bucket gives 90% of its rate
   */
  jitterMs?: number;
}

/** A {@link RateLimit} with its defaults filled in. */
export interface ResolvedRateLimit {
  readonly limit: number;
  readonly intervalMs: number;
  /** Left out: `"cost"`. */
  readonly counts?: "calls" | "cost";
  readonly algorithm: "sliding-window" | "token-bucket";
  /** The most tokens that can ever be taken at one instant. */
  readonly burst: number;
  readonly jitterMs: number;
}

/** Roughly how much the way of a request across the internet varies. */
const MAX_DEFAULT_JITTER_MS = 100;
/** A process with other work is late by as much, whatever the interval. */
const LEAST_DEFAULT_JITTER_MS = 10;
/** The share of a call's time at the rate by which a bucket may space calls out. */
const MAX_SPACING = 0.02;
/** Timers are late by as much: what flows in meanwhile has to fit into the burst. */
const TIMER_MS = 2;

const FIELDS = {
  limit: readPositiveInteger,
  intervalMs: (option, value) => readDuration(option, value, { above: 0 }),
  counts: readCounts,
  algorithm: readAlgorithm,
  burst: readPositiveInteger,
  jitterMs: (option, value) => readDuration(option, value, { least: 0 }),
} satisfies {
  [Field in keyof Required<RateLimit>]: FieldReader<
    Required<ResolvedRateLimit>[Field]
  >;
};

/**
 * Reads a `rateLimit` option, which is one or a list; `undefined` means no limit. A
 * list of one is that one.
 */
export function readRateLimit(
  option: string,
  value: unknown,
): ResolvedRateLimit | readonly ResolvedRateLimit[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return readOne(option, value);
  // A copy also shows the holes of an array, which `map` would skip.
  const rates = Array.from(value as unknown[], (rate, i) =>
    readOne(`${option}[${i}]`, rate),
  );
  if (rates.length === 0) {
    throw new ConfigurationError(
      option,
      "a rate limit, or a list of at least one",
      value,
    );
  }
  return rates.length === 1 ? rates[0] : rates;
}

/** The rate limits of a `rateLimit`, which is one or several. */
export function ratesOf(
  rateLimit: ResolvedRateLimit | readonly ResolvedRateLimit[] | undefined,
): readonly ResolvedRateLimit[] {
  return rateLimit === undefined ? [] : [rateLimit].flat();
}

/** How many tokens a call of this cost takes. */
export function tokensOf(
  { counts }: Pick<ResolvedRateLimit, "counts">,
  cost: number,
): number {
  return counts === "calls" ? 1 : cost;
}

function readOne(option: string, value: unknown): ResolvedRateLimit {
  const required = ["limit", "intervalMs"] as const;
  const given = readByTable(option, value, FIELDS, required);
  const { limit, intervalMs, algorithm = "sliding-window", burst } = given;
  const { counts } = given;
  if (burst !== undefined && algorithm === "sliding-window") {
    throw new ConfigurationError(
      `${option}.burst`,
      'left out with the algorithm "sliding-window" (it goes with "token-bucket")',
      burst,
    );
  }
  const size = burst ?? limit;
  const {
    jitterMs = algorithm === "sliding-window"
      ? Math.max(defaultJitterMs(intervalMs), LEAST_DEFAULT_JITTER_MS)
      : Math.min(
          defaultJitterMs(intervalMs),
          Math.max(
            ((size - 1) * intervalMs) / limit - TIMER_MS,
            (MAX_SPACING * intervalMs) / limit,
          ),
        ),
  } = given;
  return {
    limit,
    intervalMs,
    algorithm,
    burst: size,
    jitterMs,
    ...(counts === "calls" && { counts }),
  };
}

function readCounts(option: string, value: unknown): "calls" | "cost" {
  if (value === "calls" || value === "cost") return value;
  throw new ConfigurationError(option, '"calls" or "cost"', value);
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

function defaultJitterMs(intervalMs: number): number {
  return Math.min(intervalMs / 50, MAX_DEFAULT_JITTER_MS);
}
