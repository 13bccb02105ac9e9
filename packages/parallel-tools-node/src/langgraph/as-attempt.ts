import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { type Scratchpad, scratchpadOf } from "./task.js";

/** The numbers of the last questions before, and at the end of, an attempt. */
interface Attempt {
  readonly before: number;
  after: number;
}

/** By scratchpad, then by whatever tells the call from others of its task. */
const last = new WeakMap<Scratchpad, Map<unknown, Attempt>>();

/**
 * Runs an attempt of a call that is a task of its own: what it asks that an
 * attempt before it has asked is answered as it was then. LangGraph does the same
 * for its own retries (1.7.3, `pregel/retry`).
 *
 * Someone around us may put questions in the same task. When he has asked since
 * the last attempt, his come first, and nothing is set back.
 *
 * @param call what tells the call from others that the task may run
 */
export function asAttempt<Result>(
  config: LangGraphRunnableConfig,
  call: unknown,
  run: () => Promise<Result>,
): Promise<Result> {
  const scratchpad = scratchpadOf(config);
  if (scratchpad === undefined) return run();
  const calls = last.get(scratchpad) ?? new Map<unknown, Attempt>();
  last.set(scratchpad, calls);
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
