import { CircuitOpenError } from "../errors/circuit-open-error.js";
import { describeValue } from "../errors/describe-value.js";
import { LimitsUnavailableError } from "../errors/limits-unavailable-error.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import { wait } from "./duration.js";
import { notRun } from "./not-run.js";
import { unresolvedReference } from "./unresolved-reference.js";

/** Why a call could not start, as a clause, and sentences on what to do next. */
type Reason = readonly [why: string, next: string];

/**
 * Something went wrong before the call could start.
 *
 * @param hasRun the call was run before, failed, and was to be run again
 */
export function couldNotStart(error: unknown, hasRun = false): string {
  if (UnresolvedReferenceError.isInstance(error)) {
    return unresolvedReference(error);
  }
  const [why, next] = reasonOf(error);
  return hasRun
    ? `Error: this call was run and failed, and it was not run again: ${why}. ${next}`
    : notRun(why, next);
}

function reasonOf(error: unknown): Reason {
  if (PolicyFunctionError.isInstance(error)) return POLICY_FAILED;
  if (CircuitOpenError.isInstance(error)) return circuitOpen(error);
  if (LimitsUnavailableError.isInstance(error)) return limitsUnavailable(error);
  return limitsFailed(error);
}

/** What went wrong is for the application, which is told elsewhere. */
const POLICY_FAILED: Reason = [
  "this call could not be prepared, through a fault of the application or an unusual argument",
  "If you can do with other arguments, make this call again with them; else go on without it.",
];

function circuitOpen({
  limit,
  failures,
  retryAfterMs,
}: CircuitOpenError): Reason {
  const calls = failures === 1 ? "the last call" : `the last ${failures} calls`;
  return [
    `${calls} of ${limit} failed, so no call of it is run for now`,
    `Make this call again in ${wait(retryAfterMs)} at the earliest, and go on with something else until then.`,
  ];
}

function limitsUnavailable({ reason }: LimitsUnavailableError): Reason {
  return [
    `the limits that this tool shares with other processes can't be read for now (${reason})`,
    "Make this call again later, or go on without it.",
  ];
}

function limitsFailed(error: unknown): Reason {
  const problem = error instanceof Error ? error.message : describeValue(error);
  return [
    `the limits of this tool could not be read (${problem})`,
    "Make this call again later, or go on without it.",
  ];
}
