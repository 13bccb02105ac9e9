import { createHash } from "node:crypto";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { interrupt, isGraphInterrupt } from "@langchain/langgraph";
import type { Scratchpad } from "./task.js";

/**
 * The id that LangGraph gives to the next question of a task. It hashes the
 * task's namespace and, from 1.7, the number of answers. The hash is not
 * exported, so `interrupt` is asked for it (read in LangGraph 1.7.3).
 *
 * @param namespace `checkpoint_ns` of the task
 * @param answered how many of its questions have an answer
 */
export function nextQuestionId(
  namespace: string,
  answered: number,
): string | undefined {
  const scratchpad: Scratchpad = {
    interruptCounter: answered - 1,
    resume: Array.from({ length: answered }),
    subgraphCounter: 0,
  };
  const configurable = {
    __pregel_checkpointer: true,
    __pregel_scratchpad: scratchpad,
    checkpoint_ns: namespace,
  };
  try {
    AsyncLocalStorageProviderSingleton.runWithConfig({ configurable }, () =>
      interrupt(undefined),
    );
    return undefined;
  } catch (error) {
    return isGraphInterrupt(error) ? error.interrupts[0]?.id : undefined;
  }
}

/**
 * The id of a question of one of several calls in one task: no other question
 * has it, whenever it is put. LangGraph takes 32 hexadecimal digits for an id
 * (`isXXH3` in its `hash`).
 *
 * @param call what tells the call from all others of its task
 */
export function ownQuestionId(
  namespace: string,
  call: string,
  answered: number,
): string {
  return createHash("sha256")
    .update(JSON.stringify([namespace, call, answered]))
    .digest("hex")
    .slice(0, 32);
}
