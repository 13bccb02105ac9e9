import {
  GraphInterrupt,
  isGraphBubbleUp,
  isGraphDrained,
  isGraphInterrupt,
  isParentCommand,
} from "@langchain/langgraph";

/**
 * Whether a thrown value is LangGraph's own signal (an interrupt, a drain, a
 * command for the parent graph), which no node may turn into a message.
 */
export function isControlFlow(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const signal = error as Error;
  return (
    isGraphBubbleUp(signal) ||
    isGraphInterrupt(signal) ||
    isGraphDrained(signal)
  );
}

/** Whether a thrown value asks for a human. */
function isInterrupt(error: unknown): error is GraphInterrupt {
  return isControlFlow(error) && isGraphInterrupt(error);
}

/**
 * What a batch throws for what its calls have thrown, in index order: the
 * first error; else all interrupts as one, so that none is lost; else the
 * first drain; else the first command for the parent. The first three leave
 * the batch to be run again, so what they hide comes again.
 */
export function chooseThrown(thrown: readonly unknown[]): unknown {
  const errors = thrown.filter((error) => !isControlFlow(error));
  if (errors.length > 0) return errors[0];
  const interrupts = thrown.filter(isInterrupt);
  if (interrupts.length === 1) return interrupts[0];
  if (interrupts.length > 1) {
    return new GraphInterrupt(
      interrupts.flatMap((error) => error.interrupts ?? []),
    );
  }
  return thrown.find((error) => !isParentCommand(error as Error)) ?? thrown[0];
}
