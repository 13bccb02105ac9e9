import {
  Command,
  isCommand,
  type LangGraphRunnableConfig,
  Send,
  task,
} from "@langchain/langgraph";
import { WarnOnce } from "../errors/warn-once.js";

/** Whether the answers of a batch are kept one by one, where `durable` asks for it. */
export class Durability {
  readonly #warnings = new WarnOnce();

  /** Only in a graph with a checkpointer. Warns once that there is none. */
  holdsFor(config: LangGraphRunnableConfig): boolean {
    if (canMakeTasks(config)) return true;
    this.#warnings.warn(
      "durable",
      "`durable` needs a graph with a checkpointer, and there is none. Calls are not kept: after an interrupt, those that had ended run again.",
    );
    return false;
  }
}

/** Whether functions can be made tasks whose results a checkpointer keeps. */
function canMakeTasks({ configurable = {} }: LangGraphRunnableConfig): boolean {
  return Boolean(
    configurable["__pregel_call"] && configurable["__pregel_checkpointer"],
  );
}

/**
 * Runs a function as a task of the graph below the task that is running. Its
 * result is kept with the checkpoint, and it isn't run again when the run goes on.
 *
 * LangGraph knows such tasks by their name and by how many were made before
 * (1.7.3, `call` in `pregel/runner`: it reads `callCounter` at once). Here the
 * number tells them apart, whenever the task is made.
 *
 * @param config of the task that is running
 * @param number one that no other task below it has
 */
export function numberedTask<Result>(
  config: LangGraphRunnableConfig,
  name: string,
  number: number,
  run: () => Promise<Result>,
): Promise<Result> {
  const counter = config.configurable?.["__pregel_scratchpad"] as Counter;
  const next = counter.callCounter;
  counter.callCounter = number;
  const result = task(name, run)() as Promise<Result>;
  counter.callCounter = Math.max(next, number + 1);
  return result;
}

interface Counter {
  callCounter: number;
}

/**
 * A result as it was before it went to a checkpoint and back. Messages come back
 * as such. Of a Command, and of a Send in it, only the fields come back, with
 * the name of the class under `lg_name` (1.7.3, `constants`).
 */
export function reviveResult<Result>(result: Result): Result {
  if (isCommand(result) || !isNamed(result, "Command")) return result;
  const { graph, update, resume, goto } = result as Fields;
  return new Command({
    ...(graph !== undefined && { graph: graph as string }),
    ...(update !== undefined && { update: update as Fields }),
    ...(resume !== undefined && { resume: resume as object }),
    goto: (Array.isArray(goto) ? goto.map(reviveTarget) : goto) as string[],
  }) as Result;
}

type Fields = Readonly<Record<string, unknown>>;

function reviveTarget(target: unknown): unknown {
  if (target instanceof Send || !isNamed(target, "Send")) return target;
  const { node, args } = target as Fields;
  return new Send(node as string, args);
}

function isNamed(value: unknown, name: string): boolean {
  return (value as Fields | null | undefined)?.["lg_name"] === name;
}
