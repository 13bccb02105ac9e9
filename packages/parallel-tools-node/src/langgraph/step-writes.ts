import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { futureOf } from "./forks.js";
import {
  type OpenCheckpoint,
  openCheckpoints,
  type PendingWrite,
} from "./pending-writes.js";

/** What the tasks of a step have written before the run resumed. */
export interface StepWrites {
  /** Where the step keeps its writes. `undefined`: nowhere. */
  readonly checkpoint: OpenCheckpoint | undefined;
  readonly writes: readonly PendingWrite[];
  /** How often the thread has gone on from this checkpoint before: see `forks`. */
  readonly future: number;
}

/** By the signal of the step. */
const steps = new WeakMap<AbortSignal, Promise<StepWrites>>();

/**
 * Reads the writes of a step, once for all its tasks. Rejects if the checkpointer
 * does.
 *
 * @param config of a task of the step
 */
export function stepWrites(
  config: LangGraphRunnableConfig,
): Promise<StepWrites> {
  const { signal } = config;
  const known = signal && steps.get(signal);
  if (known !== undefined) return known;
  const writes = read(config);
  if (signal !== undefined) {
    steps.set(signal, writes);
    writes.catch(() => steps.delete(signal)); // The next attempt reads again.
  }
  return writes;
}

async function read(config: LangGraphRunnableConfig): Promise<StepWrites> {
  const checkpoints = openCheckpoints(config);
  const [checkpoint] = checkpoints;
  const [writes = [], future] = await Promise.all([
    checkpoint?.read(),
    futureOf(config, checkpoints),
  ]);
  return { checkpoint, writes, future };
}
