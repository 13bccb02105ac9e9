import { ConfigurationError } from "../errors/configuration-error.js";
import { describeKind } from "../errors/describe-value.js";
import { catchRejectionsIn } from "../errors/thenable.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { type Guarded, guard } from "./guard.js";

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

/**
 * Reads an error of a tool, at once. `undefined`: it says nothing about limits.
 */
export type FeedbackReader = (
  // oxlint-disable-next-line no-explicit-any -- tools throw anything
  error: any,
) => ServerFeedback | undefined;

/** Reads a `feedback` option. */
export function readFeedbackOption(
  option: string,
  value: unknown,
): Guarded<unknown> {
  if (typeof value === "function") {
    return guard(option, value, (_, said) => said);
  }
  throw new ConfigurationError(option, "a function of the error", value);
}

/**
 * Asks a `feedback` function about an error. If the function throws, or returns
 * something else than feedback, the server has said nothing. A field that is not
 * valid counts as left out.
 *
 * @param onFault is told what was wrong with the function or its value
 */
export function readServerFeedback(
  reader: Guarded<unknown>,
  error: unknown,
  onFault: (fault: PolicyFunctionError) => void,
): ServerFeedback | undefined {
  const { option } = reader;
  try {
    return readSaid(reader(error), (problem) => {
      onFault(new PolicyFunctionError(option, problem));
    });
  } catch (fault) {
    onFault(
      PolicyFunctionError.isInstance(fault)
        ? fault
        : new PolicyFunctionError(option, "returned what can't be read", fault),
    );
    return undefined;
  }
}

function readSaid(
  said: unknown,
  onProblem: (problem: string) => void,
): ServerFeedback | undefined {
  if (said === undefined || said === null) return undefined;
  if (typeof said !== "object") {
    onProblem(`returned ${describeKind(said)} where an object is due`);
    return undefined;
  }
  const { limited, ...rest } = said as Record<string, unknown>;
  catchRejectionsIn(said);
  if (limited !== undefined && typeof limited !== "boolean") {
    onProblem(
      `returned ${describeKind(limited)} as \`limited\` where a boolean is due`,
    );
  }
  const numbers: Record<string, number> = {};
  for (const field of ["retryAfterMs", "remaining", "resetMs"] as const) {
    const value = rest[field];
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) {
      numbers[field] = value;
    } else if (value !== undefined) {
      onProblem(
        `returned ${describeKind(value)} as \`${field}\` where a finite number of at least 0 is due`,
      );
    }
  }
  return { limited: limited === true, ...numbers };
}
