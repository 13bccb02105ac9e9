import { isBaseMessage, type ToolMessage } from "@langchain/core/messages";
import type {
  BaseCheckpointSaver,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";

/** The channel of what a task has asked (LangGraph 1.7.3, `constants`). */
export const INTERRUPT = "__interrupt__";
/** The channel of what a task was answered. */
export const RESUME = "__resume__";

/** What a task has written: its id, a channel, and what went there. */
export type PendingWrite = readonly [
  taskId: string,
  channel: string,
  value: unknown,
];

/** Where the tasks of a step keep what they write until the step is done. */
export interface OpenCheckpoint {
  /** Who keeps it. */
  readonly saver: object;
  /** Tells it from others of the same saver. */
  readonly place: string;
  /** `undefined`: it is not kept yet. */
  read(): Promise<readonly PendingWrite[] | undefined>;
  /** Keeps writes under an id, in place of those on the same channels. */
  put(id: string, writes: [channel: string, value: unknown][]): Promise<void>;
}

/**
 * What the tasks of a step have written, perhaps in another process: LangGraph
 * keeps it with the checkpoint until the whole step is done, and doesn't run a
 * task again that has ended. Read in LangGraph 1.7.3 (`pregel/algo`,
 * `pregel/loop`).
 *
 * @param config of one of the tasks
 * @returns nothing without a checkpointer, or where it can't be read
 */
export async function pendingWrites(
  config: LangGraphRunnableConfig,
): Promise<readonly PendingWrite[]> {
  try {
    for (const checkpoint of openCheckpoints(config)) {
      const writes = await checkpoint.read();
      if (writes !== undefined) return writes;
    }
  } catch {
    // What can't be read is as good as not there.
  }
  return [];
}

/**
 * The answers of calls that are tasks of the same step and have ended.
 *
 * @param config of one of the tasks
 * @returns by the id of the call
 */
export async function pendingAnswers(
  config: LangGraphRunnableConfig,
): Promise<ReadonlyMap<string, ToolMessage>> {
  const answers = new Map<string, ToolMessage>();
  for (const [, , value] of await pendingWrites(config)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!isBaseMessage(item) || item.getType() !== "tool") continue;
      const answer = item as ToolMessage;
      answers.set(answer.tool_call_id, answer);
    }
  }
  return answers;
}

/**
 * The ids of the tasks of a step whose results are kept. What a task has asked,
 * or was answered, is no result.
 *
 * @param config of one of the tasks
 */
export async function keptTasks(
  config: LangGraphRunnableConfig,
): Promise<ReadonlySet<string>> {
  const writes = await pendingWrites(config);
  return new Set(
    writes.flatMap(([task, channel]) =>
      channel === INTERRUPT || channel === RESUME ? [] : [task],
    ),
  );
}

/**
 * The checkpoints that a task stands below: that of its own graph, then those of
 * the graphs around it which have the same checkpointer.
 *
 * @param config of the task
 */
export function openCheckpoints({
  configurable = {},
}: LangGraphRunnableConfig): OpenCheckpoint[] {
  const saver = configurable["__pregel_checkpointer"] as
    | BaseCheckpointSaver
    | undefined;
  const checkpoints = configurable["checkpoint_map"] as
    | Record<string, string>
    | undefined;
  if (typeof saver?.getTuple !== "function") return [];
  return outerNamespaces(configurable["checkpoint_ns"]).flatMap((namespace) => {
    const checkpointId = checkpoints?.[namespace];
    if (!checkpointId) return [];
    const config = {
      configurable: {
        thread_id: configurable["thread_id"] as string,
        checkpoint_ns: namespace,
        checkpoint_id: checkpointId,
      },
    };
    return {
      saver,
      place: JSON.stringify(Object.values(config.configurable)),
      read: async () => {
        const tuple = await saver.getTuple(config);
        return tuple && (tuple.pendingWrites ?? []);
      },
      put: (id, writes) => saver.putWrites(config, writes, id),
    } satisfies OpenCheckpoint;
  });
}

/**
 * Of `agent:1|tools:2`, in which task 2 runs: `agent:1`, then the root, which is
 * empty. A task that a node has made stands below that node, and has its
 * checkpoint with the graph of that node.
 */
function outerNamespaces(namespace: unknown): string[] {
  const parts = typeof namespace === "string" ? namespace.split("|") : [];
  return parts.map((_, end) => parts.slice(0, end).join("|")).toReversed();
}
