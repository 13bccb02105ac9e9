import { ConfigurationError } from "../errors/configuration-error.js";

/** What a time in milliseconds may be. It is finite, unless this says otherwise. */
interface DurationBounds {
  /** The shortest. */
  readonly least?: number;
  /** It is longer than this: an alternative to `least`. */
  readonly above?: number;
  /** The longest. Only for what is kept elsewhere: clocks take any delay. */
  readonly most?: number;
  /** `Infinity` is allowed, and means that there is no limit. */
  readonly orInfinity?: boolean;
}

/**
 * Reads an option that is a time in milliseconds.
 *
 * @throws ConfigurationError
 */
export function readDuration(
  option: string,
  value: unknown,
  bounds: DurationBounds,
): number {
  if (typeof value === "number" && isWithin(value, bounds)) return value;
  throw new ConfigurationError(option, describe(bounds), value);
}

/**
 * Reads an option that is a limit in time, in milliseconds. `undefined` and
 * `Infinity` mean that there is none.
 *
 * @param least the shortest that makes sense
 * @throws ConfigurationError
 */
export function readTimeLimit(
  option: string,
  value: unknown,
  least: 0 | 1,
): number | undefined {
  if (value === undefined) return undefined;
  const ms = readDuration(option, value, { least, orInfinity: true });
  return ms === Number.POSITIVE_INFINITY ? undefined : ms;
}

function isWithin(ms: number, bounds: DurationBounds): boolean {
  const { least, above, most, orInfinity } = bounds;
  if (ms === Number.POSITIVE_INFINITY) return orInfinity === true;
  return (
    (least === undefined || ms >= least) &&
    (above === undefined || ms > above) &&
    (most === undefined || ms <= most) &&
    Number.isFinite(ms)
  );
}

function describe(bounds: DurationBounds): string {
  const { least, above, most, orInfinity } = bounds;
  const range =
    most !== undefined
      ? ` from ${least} to ${most}`
      : above !== undefined
        ? ` above ${above}`
        : `, at least ${least}`;
  return `a number of milliseconds${range}${orInfinity ? ", or Infinity" : ""}`;
}
