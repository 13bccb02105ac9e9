import {
  GraphInterrupt,
  isGraphBubbleUp,
  isGraphDrained,
  isGraphInterrupt,
  isParentCommand,
} from "@langchain/langgraph";
import { hasAsked } from "../langgraph/call-scratchpads.js";
import { attempt } from "../limits/feedback/attempt.js";

/**
 * Whether a thrown value is LangGraph's own signal (an interrupt, a drain, a
 * command for the parent graph), which no node may turn into a message.
 */
export function isControlFlow(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const signal = error as Error;
  const isSignal = () =>
    isGraphBubbleUp(signal) ||
    isGraphInterrupt(signal) ||
    isGraphDrained(signal);
  // An error whose fields throw when they are read isn't one of LangGraph's.
  return attempt(isSignal) ?? false;
}

/** Whether a thrown value is an interrupt, with or without questions. */
export function isInterrupt(error: unknown): error is GraphInterrupt {
  return isControlFlow(error) && isGraphInterrupt(error);
}

/**
 * The one signal that a task throws when several of its calls threw signals:
 *
 * 1. the first interrupt, since a task has one open question at a time
 * 2. else the first drain
 * 3. else the first command for the parent graph
 *
 * After an interrupt or a drain the batch runs again, so the other signals are
 * thrown again then.
 *
 * @param signals in the order of their calls
 */
export function firstControlFlow(signals: readonly unknown[]): unknown {
  return (
    signals.find(hasAsked) ??
    signals.find(isInterrupt) ??
    signals.find((signal) => !isParentCommand(signal as Error)) ??
    signals[0]
  );
}

/**
 * The questions of calls that are tasks of their own, as one interrupt. Each
 * question has its own id, so each can be answered.
 *
 * @param interrupts in the order of their calls
 */
export function allQuestions(
  interrupts: readonly GraphInterrupt[],
): GraphInterrupt {
  return new GraphInterrupt(
    interrupts.flatMap((error) => error.interrupts ?? []),
  );
}
