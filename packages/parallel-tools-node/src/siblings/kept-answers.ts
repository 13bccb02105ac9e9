import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { keptTasks } from "../langgraph/pending-writes.js";
import { taskIdOf } from "../langgraph/task.js";

/** Whose checkpointer keeps nothing before a run ends (durability `"exit"`). */
const keepsLate = new WeakSet<BatchHost>();

const LONGEST_PAUSE_MS = 32;

/**
 * Which answers of a batch have ended, but may not be kept yet. LangGraph hands
 * an answer to the checkpointer when its call has ended, and goes on. A call that
 * depends on another must not: after a crash the other would run again, behind
 * what depends on it, and a read would see what was written after it.
 *
 * A call goes: ended -> kept, which is seen when one that depends on it asks.
 */
export class KeptAnswers {
  readonly #host: BatchHost;
  readonly #dependenciesOf: (position: number) => readonly number[];
  /** The configs of the tasks that have ended and are not known to be kept. */
  readonly #ended = new Map<number, LangGraphRunnableConfig>();

  constructor(
    host: BatchHost,
    dependenciesOf: (position: number) => readonly number[],
  ) {
    this.#host = host;
    this.#dependenciesOf = dependenciesOf;
  }

  /** @param config of the task that the call was */
  ended(position: number, config: LangGraphRunnableConfig): void {
    this.#ended.set(position, config);
  }

  /**
   * Resolves when all is kept that a call depends on, or `arrivalTimeoutMs`
   * later; `undefined`: it is.
   *
   * @returns what throws the reason when the run is aborted before
   */
  before(position: number, signal?: AbortSignal): Promise<void> | undefined {
    if (keepsLate.has(this.#host) || this.#ended.size === 0) return undefined;
    const open = this.#openBefore(position);
    return open.size === 0 ? undefined : this.#untilKept(open, signal);
  }

  async #untilKept(
    open: Map<number, LangGraphRunnableConfig>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock, arrivalTimeoutMs } = this.#host;
    const deadline = clock.now() + arrivalTimeoutMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      // The first, too: LangGraph has to hear of the end before it keeps it.
      await new Promise<void>((resolve) => clock.schedule(resolve, pauseMs));
      await this.#look(open);
      signal?.throwIfAborted();
      if (open.size === 0) return;
      if (clock.now() >= deadline) {
        keepsLate.add(this.#host);
        return;
      }
    }
  }

  async #look(open: Map<number, LangGraphRunnableConfig>): Promise<void> {
    const [first] = open.values();
    const kept = await keptTasks(first as LangGraphRunnableConfig);
    for (const [position, config] of open) {
      if (!kept.has(String(taskIdOf(config)))) continue;
      open.delete(position);
      this.#ended.delete(position);
    }
  }

  #openBefore(position: number): Map<number, LangGraphRunnableConfig> {
    const open = new Map<number, LangGraphRunnableConfig>();
    const before = new Set(this.#dependenciesOf(position));
    for (const one of before) {
      const config = this.#ended.get(one);
      if (config !== undefined) open.set(one, config);
      for (const other of this.#dependenciesOf(one)) before.add(other);
    }
    return open;
  }
}
