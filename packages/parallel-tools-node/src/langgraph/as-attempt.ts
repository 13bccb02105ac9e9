/**
 * The host's secret: a task numbers its questions with the `interruptCounter` of
 * its scratchpad. A question gets the same answer again if the counter is set
 * back. LangGraph does this before its own retries.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/retry`, `interrupt`).
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { type Scratchpad, scratchpadOf } from "./task.js";

/** `interruptCounter` when an attempt began and when it ended. */
interface Attempt {
  readonly before: number;
  after: number;
}

/** The last attempt of each call, by the scratchpad of its task. */
const lastAttempts = new WeakMap<Scratchpad, Map<unknown, Attempt>>();

/**
 * Runs an attempt of a call that has a task to itself. If an earlier attempt
 * asked the same question, this attempt gets the same answer.
 *
 * Code that runs in the same task, such as another middleware, may have asked a
 * question since the last attempt. Then the counter is not set back, because
 * that question would lose its number.
 *
 * @param call identifies the call among those that the task runs
 */
export function asAttempt<Result>(
  config: LangGraphRunnableConfig,
  call: unknown,
  run: () => Promise<Result>,
): Promise<Result> {
  const scratchpad = scratchpadOf(config);
  if (scratchpad === undefined) return run();
  const calls = attemptsIn(scratchpad);
  const previous = calls.get(call);
  if (previous?.after === scratchpad.interruptCounter) {
    scratchpad.interruptCounter = previous.before;
  }
  const before = scratchpad.interruptCounter;
  const attempt: Attempt = { before, after: before };
  calls.set(call, attempt);
  const end = () => {
    attempt.after = scratchpad.interruptCounter;
  };
  const result = run();
  result.then(end, end);
  return result;
}

/**
 * An attempt that isn't run again, because what it gave is known. The questions that
 * it asked keep their numbers, for the next attempt and for who asks after it.
 *
 * @param count of its questions
 */
export function skipAttempt(
  config: LangGraphRunnableConfig,
  call: unknown,
  count: number,
): void {
  const scratchpad = scratchpadOf(config);
  if (scratchpad === undefined) return;
  const before = scratchpad.interruptCounter;
  const after = before + count;
  scratchpad.interruptCounter = after;
  attemptsIn(scratchpad).set(call, { before, after });
}

function attemptsIn(scratchpad: Scratchpad): Map<unknown, Attempt> {
  const calls = lastAttempts.get(scratchpad) ?? new Map<unknown, Attempt>();
  lastAttempts.set(scratchpad, calls);
  return calls;
}
