/**
 * The host's secret: where the tasks of a step keep their results. Until the whole
 * step has ended, LangGraph keeps them as pending writes of the checkpoint from
 * which the step began, and it doesn't run those tasks again. The config of a task
 * has the checkpointer and, by namespace, the ids of the checkpoints around it
 * (`checkpoint_map`).
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/algo`, `pregel/loop`).
 */
import type {
  BaseCheckpointSaver,
  LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { CHECKPOINTER, NAMESPACE } from "./task.js";

export interface CheckpointConfig {
  readonly configurable: {
    readonly thread_id: string;
    readonly checkpoint_ns: string;
    readonly checkpoint_id: string;
  };
}

/** One write of a task. */
export type PendingWrite = readonly [
  taskId: string,
  channel: string,
  value: unknown,
];

/** A checkpoint that keeps the writes of the tasks of a step. */
export interface OpenCheckpoint {
  /** The checkpointer. */
  readonly saver: BaseCheckpointSaver;
  /** Finds the checkpoint. */
  readonly config: CheckpointConfig;
  /** Identifies the checkpoint among those of the same saver. */
  readonly place: string;
  /** `undefined`: the checkpoint has not been saved yet. */
  read(): Promise<readonly PendingWrite[] | undefined>;
  /** Saves writes under the id of a task. */
  put(id: string, writes: [channel: string, value: unknown][]): Promise<void>;
}

/**
 * What the tasks of a step have written, perhaps in another process.
 *
 * @param config of one of the tasks
 * @returns nothing if there is no checkpointer or if it can't be read
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
    // A batch can go on without the writes.
  }
  return [];
}

/**
 * The checkpoints above a task: first that of its own graph, then those of the
 * graphs around it that have the same checkpointer.
 *
 * @param config of the task
 */
export function openCheckpoints({
  configurable = {},
}: LangGraphRunnableConfig): OpenCheckpoint[] {
  const saver = configurable[CHECKPOINTER] as BaseCheckpointSaver | undefined;
  const checkpoints = configurable["checkpoint_map"] as
    | Record<string, string>
    | undefined;
  if (typeof saver?.getTuple !== "function") return [];
  const namespaces = outerNamespaces(configurable[NAMESPACE]);
  return namespaces.flatMap((namespace, level) => {
    const checkpointId = checkpoints?.[namespace];
    if (!checkpointId) return [];
    // A task that a task has made: its checkpoint is that of the graph around both.
    const outer = namespaces.slice(level + 1);
    if (outer.some((one) => checkpoints[one] === checkpointId)) return [];
    const config: CheckpointConfig = {
      configurable: {
        thread_id: configurable["thread_id"] as string,
        checkpoint_ns: namespace,
        checkpoint_id: checkpointId,
      },
    };
    return {
      saver,
      config,
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
 * For `agent:1|tools:2`, in which task 2 runs: `agent:1`, then the root, which is
 * empty. A task that a node has made is one level below that node, and the graph
 * of that node keeps its checkpoint.
 */
function outerNamespaces(namespace: unknown): string[] {
  const parts = typeof namespace === "string" ? namespace.split("|") : [];
  return parts.map((_, end) => parts.slice(0, end).join("|")).toReversed();
}
