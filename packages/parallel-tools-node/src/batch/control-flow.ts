import {
  GraphInterrupt,
  isGraphBubbleUp,
  isGraphDrained,
  isGraphInterrupt,
  isParentCommand,
} from "@langchain/langgraph";
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

/** Whether a thrown value asks for a human. */
function isInterrupt(error: unknown): error is GraphInterrupt {
  return isControlFlow(error) && isGraphInterrupt(error);
}

/**
 * What a batch throws for the signals that its calls have thrown: all
 * interrupts as one, so that none is lost; else the first drain; else the first
 * command for the parent. The first two leave the batch to be run again, so
 * what they hide comes again.
 *
 * @param signals in the order in which they were thrown, which is the order in
 *   which LangGraph hands out the answers to the interrupts of one task
 */
export function mergeControlFlow(signals: readonly unknown[]): unknown {
  const interrupts = signals.filter(isInterrupt);
  if (interrupts.length === 1) return interrupts[0];
  if (interrupts.length > 1) {
    return new GraphInterrupt(
      interrupts.flatMap((error) => error.interrupts ?? []),
    );
  }
  return (
    signals.find((signal) => !isParentCommand(signal as Error)) ?? signals[0]
  );
}
