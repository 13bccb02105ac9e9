import { CircuitOpenError } from "../errors/circuit-open-error.js";
import { describeValue } from "../errors/describe-value.js";
import { LimitsUnavailableError } from "../errors/limits-unavailable-error.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import { wait } from "./duration.js";
import { notRun } from "./not-run.js";
import { unresolvedReference } from "./unresolved-reference.js";

/** Something went wrong before the call could start. */
export function couldNotStart(error: unknown): string {
  if (UnresolvedReferenceError.isInstance(error)) {
    return unresolvedReference(error);
  }
  if (PolicyFunctionError.isInstance(error)) return policyFailed(error);
  if (CircuitOpenError.isInstance(error)) return circuitOpen(error);
  if (LimitsUnavailableError.isInstance(error)) return limitsUnavailable(error);
  return limitsFailed(error);
}

function policyFailed({ problem }: PolicyFunctionError): string {
  return notRun(
    `a rule that the application has for this tool ${problem} for these arguments`,
    "Check them against the tool's schema, then make this call again.",
  );
}

function circuitOpen({
  limit,
  failures,
  retryAfterMs,
}: CircuitOpenError): string {
  const calls = failures === 1 ? "the last call" : `the last ${failures} calls`;
  return notRun(
    `${calls} of ${limit} failed, so no call of it is run for now`,
    `Nothing is wrong with this call: make it again in ${wait(retryAfterMs)} at the earliest, and go on with something else until then.`,
  );
}

function limitsUnavailable({ reason }: LimitsUnavailableError): string {
  return notRun(
    `the limits that this tool shares with other processes can't be read for now (${reason})`,
    "Nothing is wrong with this call: make it again later, or go on without it.",
  );
}

function limitsFailed(error: unknown): string {
  const problem = error instanceof Error ? error.message : describeValue(error);
  return notRun(
    `the limits of this tool could not be read (${problem})`,
    "Make this call again later, or go on without it.",
  );
}
