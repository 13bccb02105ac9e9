/**
 * The host's secrets about checkpoints that have more than one future.
 *
 * - `updateState` makes a new checkpoint. What the tasks of the step have written
 *   stays with its parent, and they run again under new ids.
 * - If a run is addressed to a checkpoint, the metadata of its tasks have the id
 *   of that checkpoint, in nested graphs, too. If the thread has gone on from it
 *   before, LangGraph runs all tasks of the step again, under the same ids, and
 *   hands them the answers that humans gave in the other future.
 *
 * Read in LangGraph 1.7.0, 1.7.1 and 1.7.3 (`pregel/index`, `pregel/loop`).
 */
import {
  type BaseCheckpointSaver,
  getConfig,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import type {
  CheckpointConfig,
  OpenCheckpoint,
  PendingWrite,
} from "./pending-writes.js";

/** How many checkpoints are asked for at a time. The first is mostly enough. */
const PAGE = 10;

/**
 * In which future of its checkpoint a step runs: how often the thread has gone on
 * from that checkpoint before. 0, unless a run was addressed to an old checkpoint.
 *
 * @param config of a task of the step
 * @param checkpoints above the task
 */
export async function futureOf(
  { metadata = getConfig()?.metadata }: LangGraphRunnableConfig,
  checkpoints: readonly OpenCheckpoint[],
): Promise<number> {
  if (metadata?.["checkpoint_id"] === undefined) return 0;
  let before = 0;
  for (const { saver, config } of checkpoints) {
    before += (await childrenOf(saver, config)).length;
  }
  return before;
}

/**
 * The writes of each checkpoint from which a checkpoint was made by edits of the
 * state. The nearest comes first. If such a checkpoint has another child, what it
 * keeps belongs to the future of that child.
 */
export async function writesBeforeEdits({
  saver,
  config,
}: OpenCheckpoint): Promise<readonly (readonly PendingWrite[])[]> {
  const writes: (readonly PendingWrite[])[] = [];
  let tuple = await saver.getTuple(config);
  while (tuple?.parentConfig && tuple.metadata?.source !== "loop") {
    const parent = tuple.parentConfig as CheckpointConfig;
    if ((await childrenOf(saver, parent)).length > 1) break;
    tuple = await saver.getTuple(parent);
    writes.push(tuple?.pendingWrites ?? []);
  }
  return writes;
}

/** The ids of the checkpoints that were made from a checkpoint. */
async function childrenOf(
  saver: BaseCheckpointSaver,
  { configurable: { checkpoint_id: parent, ...thread } }: CheckpointConfig,
): Promise<string[]> {
  const children: string[] = [];
  let before: LangGraphRunnableConfig | undefined;
  for (;;) {
    const options = { limit: PAGE, ...(before && { before }) };
    let size = 0;
    // The latest come first, so children come before their parent.
    for await (const one of saver.list({ configurable: thread }, options)) {
      const id = idOf(one.config);
      if (id === parent) return children;
      if (id !== undefined && idOf(one.parentConfig) === parent) {
        children.push(id);
      }
      before = one.config;
      size += 1;
    }
    if (size < PAGE) return children;
  }
}

function idOf(config: LangGraphRunnableConfig | undefined) {
  return config?.configurable?.["checkpoint_id"] as string | undefined;
}
