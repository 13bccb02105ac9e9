import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchHost } from "../batch/batch-host.js";
import { keptTasks } from "../langgraph/pending-writes.js";
import { taskIdOf } from "../langgraph/task.js";

/** Hosts whose checkpointer saves only when a run ends (durability `"exit"`). */
const keepsLate = new WeakSet<BatchHost>();

const LONGEST_PAUSE_MS = 32;

/**
 * Delays a call until the checkpointer has kept the answers that it depends on.
 *
 * When a call has ended, LangGraph hands its answer to the checkpointer and goes on
 * without waiting. If a dependent call started then and the process crashed, the
 * first call would run again after the dependent one. A read, for instance, would
 * see what was written after it.
 *
 * A call goes: ended -> kept. This is checked when a dependent call is due.
 */
export class KeptAnswers {
  readonly #host: BatchHost;
  readonly #dependenciesOf: (position: number) => readonly number[];
  /** The configs of ended tasks whose answers aren't known to be kept. */
  readonly #ended = new Map<number, LangGraphRunnableConfig>();

  constructor(
    host: BatchHost,
    dependenciesOf: (position: number) => readonly number[],
  ) {
    this.#host = host;
    this.#dependenciesOf = dependenciesOf;
  }

  /** @param config of the call's task */
  ended(position: number, config: LangGraphRunnableConfig): void {
    this.#ended.set(position, config);
  }

  /**
   * Resolves when everything that a call depends on is kept, or after
   * `arrivalTimeoutMs`. Rejects with the reason if the run is aborted before.
   * `undefined`: there is nothing to wait for.
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
      // Before the first look, too: LangGraph has to learn that the task ended.
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
