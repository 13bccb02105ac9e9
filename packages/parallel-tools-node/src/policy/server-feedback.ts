import { ConfigurationError } from "../errors/configuration-error.js";

/** What a server has said about its limits, with an error. */
export interface ServerFeedback {
  /** The server had no capacity for the call, or for a request of the call. */
  limited: boolean;
  /** Milliseconds until the call may be made again. */
  retryAfterMs?: number;
  /** Calls that the server would still take before `resetMs` is over. */
  remaining?: number;
  /** Milliseconds until the server takes calls again in full. */
  resetMs?: number;
}

/** Reads an error of a tool; `undefined`: it says nothing about limits. */
export type FeedbackReader = (
  // oxlint-disable-next-line no-explicit-any -- tools throw anything
  error: any,
) => ServerFeedback | undefined;

/** Reads a `feedback` option. */
export function readFeedbackOption(
  option: string,
  value: unknown,
): FeedbackReader {
  if (typeof value === "function") return value as FeedbackReader;
  throw new ConfigurationError(option, "a function of the error", value);
}

/**
 * Asks a `feedback` function about an error. If the function throws, or returns
 * something else than feedback, the server has said nothing.
 */
export function readServerFeedback(
  reader: FeedbackReader,
  error: unknown,
): ServerFeedback | undefined {
  try {
    return readSaid(reader(error));
  } catch {
    return undefined;
  }
}

function readSaid(said: unknown): ServerFeedback | undefined {
  if (typeof said !== "object" || said === null) return undefined;
  const { limited, ...rest } = said as Record<string, unknown>;
  const numbers: Record<string, number> = {};
  for (const field of ["retryAfterMs", "remaining", "resetMs"] as const) {
    const value = rest[field];
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) {
      numbers[field] = value;
    }
  }
  return { limited: limited === true, ...numbers };
}
