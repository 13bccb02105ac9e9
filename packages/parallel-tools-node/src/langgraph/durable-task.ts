/**
 * The host's secrets about tasks that a task makes, and about their results:
 *
 * - `task` needs a function under `__pregel_call` in the configurable.
 * - LangGraph identifies such a task by its name and by `callCounter`, the number
 *   of tasks that were made before. `call` reads the counter synchronously.
 * - A Command comes back from a checkpoint as a plain object with its fields, and
 *   with "Command" under `lg_name`. The field `graph` is lost: `toJSON` omits it.
 *   Sends come back as plain objects, too. The constructor of Command turns them
 *   into Sends again.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/runner`, `constants`).
 */
import {
  Command,
  isCommand,
  type LangGraphRunnableConfig,
  task,
} from "@langchain/langgraph";
import { WarnOnce } from "../errors/warn-once.js";
import { CHECKPOINTER, SCRATCHPAD } from "./task.js";

/** Whether a graph can do what the option `durable` asks for. */
export class Durability {
  readonly #warnings = new WarnOnce();

  /** Only a graph with a checkpointer can. Warns once if there is none. */
  holdsFor(config: LangGraphRunnableConfig): boolean {
    if (canMakeTasks(config)) return true;
    this.#warnings.warn(
      "durable",
      "`durable` needs a graph with a checkpointer, and there is none. Calls are not kept: after an interrupt, those that had ended run again.",
    );
    return false;
  }
}

/** Whether a task can make other tasks whose results are checkpointed. */
function canMakeTasks({ configurable = {} }: LangGraphRunnableConfig): boolean {
  return Boolean(configurable["__pregel_call"] && configurable[CHECKPOINTER]);
}

/**
 * Runs a function as a task below the current task. Its result is kept with the
 * checkpoint, so a run that resumes doesn't run the function again. The number
 * identifies the task, whatever order the tasks are made in.
 *
 * @param config of the current task
 * @param number must differ from those of all other tasks below the current one
 */
export function numberedTask<Result>(
  config: LangGraphRunnableConfig,
  name: string,
  number: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const scratchpad = config.configurable?.[SCRATCHPAD] as Counter;
  const next = scratchpad.callCounter;
  scratchpad.callCounter = number;
  const result = task(name, run)() as Promise<Result>;
  scratchpad.callCounter = Math.max(next, number + 1);
  return result;
}

interface Counter {
  callCounter: number;
}

/**
 * Turns a result that comes from a checkpoint back into what it was. Only a
 * Command needs this: messages come back as messages.
 */
export function reviveResult<Result>(result: Result): Result {
  if (isCommand(result) || !isKeptCommand(result)) return result;
  const { graph, update, resume, goto } = result as Fields;
  return new Command({
    ...(graph !== undefined && { graph: graph as string }),
    ...(update !== undefined && { update: update as Fields }),
    ...(resume !== undefined && { resume: resume as object }),
    goto: goto as string[],
  }) as Result;
}

type Fields = Readonly<Record<string, unknown>>;

function isKeptCommand(value: unknown): boolean {
  return (value as Fields | null | undefined)?.["lg_name"] === "Command";
}
