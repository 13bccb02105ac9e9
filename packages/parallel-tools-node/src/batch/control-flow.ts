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
  // What can't be read is none of LangGraph's.
  return attempt(isSignal) ?? false;
}

/** Whether a thrown value is an interrupt, with questions or without. */
export function isInterrupt(error: unknown): error is GraphInterrupt {
  return isControlFlow(error) && isGraphInterrupt(error);
}

/**
 * What a task throws for the signals that its calls have thrown: the interrupt
 * of the lowest index, since a task has one question open at a time; else the
 * first drain; else the first command for the parent. The first two leave the
 * batch to be run again, so what they hide comes again.
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
 * All questions of calls that are tasks of their own, as one interrupt: each has
 * an id of its own, so each can be answered.
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
