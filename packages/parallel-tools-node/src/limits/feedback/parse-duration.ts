const UNITS_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

const PART = /(\d+(?:\.\d+)?)(ms|us|µs|ns|[dhms])/y;

/**
 * Reads a duration as OpenAI and Groq write it: `6m0s`, `1.5s`, `20ms`,
 * `1h2m3s` (the form of Go's `time.Duration`, and days). The units have to
 * become smaller from part to part; a bare number is no duration.
 *
 * @returns milliseconds; may be infinite
 */
export function parseDuration(text: string): number | undefined {
  let sum = 0;
  let lastUnitMs = Number.POSITIVE_INFINITY;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    const unitMs = UNITS_MS[match[2] ?? ""] ?? 0;
    if (unitMs >= lastUnitMs) return undefined;
    sum += Number(match[1]) * unitMs;
    lastUnitMs = unitMs;
  }
  return text === "" ? undefined : sum;
}
