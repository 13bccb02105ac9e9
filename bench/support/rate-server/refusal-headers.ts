/** What a server says with a 429. */
export type HeaderForm = "exact" | "seconds" | "ietf" | "none";

/** What it could say. */
interface Refusal {
  /** Requests per interval, the interval in milliseconds. */
  readonly limit: number;
  readonly intervalMs: number;
  /** Milliseconds until one request would be let in. */
  readonly waitMs: number;
  /** Milliseconds until it would let in as many as at first. */
  readonly fullMs: number;
}

/**
 * `"exact"`: in milliseconds, as OpenAI does. `"seconds"`: `Retry-After` in
 * whole seconds (RFC 9110, 10.2.3). `"ietf"`: the fields of
 * draft-ietf-httpapi-ratelimit-headers. `"none"`: nothing.
 */
export function refusalHeaders(
  form: HeaderForm,
  { limit, intervalMs, waitMs, fullMs }: Refusal,
): Record<string, string> {
  switch (form) {
    case "exact":
      return {
        "retry-after-ms": `${Math.ceil(waitMs)}`,
        "x-ratelimit-limit-requests": `${limit}`,
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": `${Math.ceil(fullMs)}ms`,
      };
    case "seconds":
      return { "retry-after": `${toSeconds(waitMs)}` };
    case "ietf":
      return {
        ratelimit: `"default";r=0;t=${toSeconds(fullMs)}`,
        "ratelimit-policy": `"default";q=${limit};w=${toSeconds(intervalMs)}`,
      };
    case "none":
      return {};
  }
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
