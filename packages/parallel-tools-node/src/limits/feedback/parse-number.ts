/** Digits with or without decimals; no sign, no exponent. May be infinite. */
export function parseDecimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text)
    ? Number(text)
    : undefined;
}

/**
 * A number of calls. Rounded down: some servers count in decimals (Reddit's
 * `x-ratelimit-remaining: 99.0`).
 */
export function parseCount(text: string | undefined): number | undefined {
  return plausibleCount(parseDecimal(text));
}

/** A number of calls, rounded down, if it can be one. */
export function plausibleCount(value: unknown): number | undefined {
  if (typeof value !== "number" || !(value >= 0)) return undefined;
  const count = Math.floor(value);
  return Number.isSafeInteger(count) ? count : undefined;
}
