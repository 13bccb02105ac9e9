import { AccessCycleError } from "../errors/access-cycle-error.js";
import { CircuitOpenError } from "../errors/circuit-open-error.js";
import { describeWait } from "../errors/describe-duration.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { ServerPausedError } from "../errors/server-paused-error.js";
import { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
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
    ? `Error: this call failed, and it was not tried again: ${why}. ${next}`
    : notRun(why, next);
}

function reasonOf(error: unknown): Reason {
  if (PolicyFunctionError.isInstance(error)) return POLICY_FAILED;
  if (AccessCycleError.isInstance(error)) return ACCESS_CYCLE;
  if (CircuitOpenError.isInstance(error)) return circuitOpen(error);
  if (ServerPausedError.isInstance(error)) return serverPaused(error);
  return LIMITS_FAILED;
}

/** What went wrong is for the application, which is told elsewhere. */
const POLICY_FAILED: Reason = [
  "the application could not prepare this call",
  "Go on without it, or make it again with other arguments.",
];

const ACCESS_CYCLE: Reason = [
  "what this call changes or reads is in use by others, and they wait for what you have in use",
  "Don't wait for it: finish without this call and say what is left to do, so that they can go on.",
];

function circuitOpen({ failures, retryAfterMs }: CircuitOpenError): Reason {
  const calls = failures === 1 ? "the last call" : `the last ${failures} calls`;
  return [
    `${calls} to the service behind this tool failed, so it gets none for now`,
    `Make this call again in ${describeWait(retryAfterMs)} at the earliest, and go on with something else until then.`,
  ];
}

function serverPaused({ retryAfterMs }: ServerPausedError): Reason {
  return [
    "the service behind this tool takes no calls for now",
    `Make this call again in ${describeWait(retryAfterMs)} at the earliest, and go on with something else until then.`,
  ];
}

/** The reason is for the application: it may hold addresses. */
const LIMITS_FAILED: Reason = [
  "the limits of this tool can't be checked for now",
  "Make this call again later, or go on without it.",
];
