import type { UnresolvedReferenceError } from "../errors/unresolved-reference-error.js";
import { notRun } from "./not-run.js";

/**
 * Why a reference has no value: `problem` is a clause that follows the
 * reference. `advice` takes the place of the references that are valid.
 */
export interface ReferenceProblem {
  readonly problem: string;
  readonly advice?: string;
}

const USE_VALUE = "Make this call again with the value itself.";
const USE_PART = "Make this call again with only the part that is needed.";

/** The call holds a reference that has no value. */
export function unresolvedReference({
  reference,
  problem,
  valid,
  advice,
}: UnresolvedReferenceError): string {
  const choice =
    valid.length === 0
      ? "There is nothing that this call could refer to."
      : `Valid would have been: ${valid.join(", ")}.`;
  return notRun(
    `the reference "${reference}" ${problem}`,
    advice ?? `${choice} ${USE_VALUE}`,
  );
}

/** It begins as a reference does, so a tool must not get it as a text. */
export function isNearlyReference(rightForm: string): ReferenceProblem {
  return {
    problem: "can't be read",
    advice: `The right form is \`${rightForm}\`: names and indexes from 0, and nothing beside them. ${USE_VALUE}`,
  };
}

export function pointsToItself(): ReferenceProblem {
  return { problem: "points to its own call" };
}

export function pointsOutside(ordinal: number, size: number): ReferenceProblem {
  return { problem: `points to call ${ordinal} of a message of ${size}` };
}

/** @param ownOrdinal of the call that holds the reference */
export function pointsToLater(
  ordinal: number,
  ownOrdinal: number,
): ReferenceProblem {
  return {
    problem: `points to call ${ordinal}, which comes later than call ${ownOrdinal}`,
  };
}

/** Policies make the call that it points to wait for the one that holds it. */
export function pointsToDependent(ordinal: number): ReferenceProblem {
  return {
    problem: `points to call ${ordinal}, which has to come after this one`,
    advice:
      "Make this call again with the value itself once that one is answered.",
  };
}

/** Nobody knows which place an unreadable call has, so none can be counted. */
export function pointsPastUnreadable(): ReferenceProblem {
  return {
    problem: "can't be counted: another call of the message could not be read",
    advice: USE_VALUE,
  };
}

/** Nobody knows whether `tool_calls` has the order in which the model wrote. */
export function pointsIntoUnknownOrder(): ReferenceProblem {
  return {
    problem:
      "can't be counted: calls of the message may have been put into another order before they were run",
    advice: USE_VALUE,
  };
}

/** Somebody took that call out of the message before its calls were run. */
export function pointsToRemoved(ordinal: number): ReferenceProblem {
  return {
    problem: `points to call ${ordinal}, which was taken out of the message and is not run`,
  };
}

export function findsNoOutput(ordinal: number): ReferenceProblem {
  return { problem: `finds nothing: call ${ordinal} has no output here` };
}

export function findsCutOutput(ordinal: number): ReferenceProblem {
  return {
    problem: `finds no more than a part: the output of call ${ordinal} was too large to be kept`,
    advice:
      "Make that call again for less, then this call with the value itself.",
  };
}

export function findsNoJson(ordinal: number): ReferenceProblem {
  return {
    problem: `finds nothing: call ${ordinal} gave what JSON can't hold`,
    advice: USE_VALUE,
  };
}

/**
 * @param place the reference as far as there is a value
 * @param value what stands there
 */
export function findsNoPart(place: string, value: unknown): ReferenceProblem {
  return { problem: `finds nothing: \`${place}\` ${describe(value)}` };
}

/** @param bytes what the call's references come to, or less */
export function standsForTooMuch(
  maxBytes: number,
  bytes: number,
): ReferenceProblem {
  return {
    problem: `stands for too much: the references of a call may put in ${maxBytes} bytes, and these come to ${bytes} or more`,
    advice: USE_PART,
  };
}

export function standsForTooDeep(): ReferenceProblem {
  return {
    problem: "stands for data that is nested too deeply",
    advice: USE_PART,
  };
}

function describe(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0
      ? "is an empty list"
      : `is a list of ${value.length}`;
  }
  if (value === null) return "is null";
  if (typeof value === "object") return "has no such field";
  return `is a ${typeof value}`;
}
