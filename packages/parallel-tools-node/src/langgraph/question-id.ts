/**
 * The host's secret: the ids of questions. LangGraph hashes the namespace of the
 * task and the number of its answers. It accepts any 32 hexadecimal digits as an
 * id in `new Command({ resume: { [id]: value } })`.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`interrupt`, `isXXH3` in `hash`).
 */
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { interrupt, isGraphInterrupt } from "@langchain/langgraph";
import {
  CHECKPOINTER,
  type Configurable,
  NAMESPACE,
  ownId,
  SCRATCHPAD,
  type Scratchpad,
} from "./task.js";

/**
 * The id that LangGraph gives to the next question of a task. LangGraph doesn't
 * export the hash, so this calls `interrupt` in a context made for the purpose.
 *
 * @param answered how many questions of the task have an answer
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
  const configurable: Configurable = {
    [CHECKPOINTER]: true,
    [SCRATCHPAD]: scratchpad,
    [NAMESPACE]: namespace,
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
 * The id of a question of one of several calls in a task. It doesn't depend on
 * the order in which the calls ask, and no other question has it.
 *
 * @param call identifies the call among all calls of its task
 * @param answered how many questions of the call have an answer
 */
export function ownQuestionId(
  namespace: string,
  call: string,
  answered: number,
): string {
  return ownId([namespace, call, answered]);
}
