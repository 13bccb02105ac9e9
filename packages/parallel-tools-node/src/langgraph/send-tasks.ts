/**
 * The host's secret: the id of a task that came by `Send`. It is a UUID (v5) of
 * the namespace, the step, the node and the number of the Send in that step, below
 * the id of the checkpoint. So the results of the other Sends of a step can be
 * found, also those that name no call.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/algo`).
 */
import { isBaseMessage, type ToolMessage } from "@langchain/core/messages";
import { v5 } from "@langchain/core/utils/uuid";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { openCheckpoints, pendingWrites } from "./pending-writes.js";
import { stepWrites } from "./step-writes.js";
import {
  INTERRUPT,
  isResumed,
  namespaceOf,
  nodeOf,
  RESUME,
  taskIdOf,
} from "./task.js";

const PUSH = "__pregel_push";
/** What a task writes that has not ended, or that has failed. */
const NO_RESULTS = new Set([
  INTERRUPT,
  RESUME,
  "__error__",
  "__error_source_node__",
]);

/** A task that came by `Send` and has ended. */
export interface EndedSend {
  /** The number of the Send among those of the step, if it is known. */
  readonly number?: number;
  /** The id of the task, if it is known. */
  readonly task?: string;
  /** The tool messages in its result. There may be none, for a Command. */
  readonly messages: readonly ToolMessage[];
}

/** The number of the Send from which a task came. `undefined`: it isn't known. */
export function sendNumberOf({
  metadata,
}: LangGraphRunnableConfig): number | undefined {
  const [kind, number] = (metadata?.["langgraph_path"] ?? []) as unknown[];
  return kind === PUSH && typeof number === "number" ? number : undefined;
}

/**
 * The Sends of a step to the same node that have ended, perhaps in another
 * process, in their order. If their ids can't be computed, each tool message
 * in their results stands for a Send without a number.
 *
 * @param config of one of the tasks
 * @param most the highest number of a Send to look for
 */
export async function endedSends(
  config: LangGraphRunnableConfig,
  most: number,
): Promise<EndedSend[]> {
  // What lies there may be of another future, in which all tasks have come.
  if (isResumed(config) && (await stepWrites(config)).future > 0) return [];
  const results = new Map<string, unknown[]>();
  for (const [task, channel, value] of await pendingWrites(config)) {
    if (NO_RESULTS.has(channel)) continue;
    results.set(task, [...(results.get(task) ?? []), value]);
  }
  const idOf = taskIds(config);
  if (idOf === undefined) {
    return toolMessagesIn([...results.values()].flat()).map((message) => ({
      messages: [message],
    }));
  }
  const ended: EndedSend[] = [];
  for (let number = 0; number <= most; number += 1) {
    const task = idOf(number);
    const values = results.get(task);
    if (values) ended.push({ number, task, messages: toolMessagesIn(values) });
  }
  return ended;
}

/** The ids of the tasks by number. `undefined` if they can't be computed. */
function taskIds(
  config: LangGraphRunnableConfig,
): ((number: number) => string) | undefined {
  const own = sendNumberOf(config);
  const checkpoint =
    openCheckpoints(config)[0]?.config.configurable.checkpoint_id;
  if (own === undefined || checkpoint === undefined) return undefined;
  const step = String(config.metadata?.["langgraph_step"]);
  const node = nodeOf(config);
  const namespace = namespaceOf(config).replace(/:[^:|]*$/, "");
  const bytes = Buffer.from(checkpoint.replaceAll("-", ""), "hex");
  const idOf = (number: number) =>
    v5(JSON.stringify([namespace, step, node, PUSH, String(number)]), bytes);
  try {
    return idOf(own) === taskIdOf(config) ? idOf : undefined;
  } catch {
    return undefined; // The id of the checkpoint isn't a UUID.
  }
}

function toolMessagesIn(values: readonly unknown[]): ToolMessage[] {
  return values
    .flat()
    .filter((item) => isBaseMessage(item) && item.getType() === "tool")
    .map((item) => item as ToolMessage);
}
