import type { CircuitVerdict } from "../limits/circuit.js";
import { attempt } from "../limits/feedback/attempt.js";
import type { HttpFeedback } from "../limits/feedback/read-feedback.js";
import { isAnswer, isUnsent, isWrongRequest } from "./is-retryable.js";

/** What a call failed with. */
export interface Failure {
  readonly error: unknown;
  /** The tool threw `error`. Otherwise it's the artifact of an error answer. */
  readonly wasThrown: boolean;
}

/**
 * What a failed call tells about its resource. An error that it threw means that
 * the resource fails, also an abort: those of the run don't come here, so the
 * tool's own timer, or its client's, has run out. Error answers of the tool, and
 * errors that are answers, such as a 404, mean that it works. A call that never
 * reached the resource, or that it refused, tells nothing.
 */
export function verdictOn(
  { error, wasThrown }: Failure,
  feedback: HttpFeedback | undefined,
): CircuitVerdict {
  if (!wasThrown) return "works";
  const isRefused = feedback?.limited === true && isRefusal(feedback);
  if (isRefused || isUnsent(error)) return "unknown";
  const isAnswered =
    feedback?.isUsedUp ||
    isWrongRequest(feedback?.status) ||
    // An error that can't be read tells as little as an answer.
    attempt(() => isAnswer(error)) !== false;
  return isAnswered ? "works" : "fails";
}

/** Whether the server surely did nothing for the request. With a 503 it may have. */
export function isRefusal({ isOverloaded }: HttpFeedback): boolean {
  return !isOverloaded;
}
