import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Outcome } from "../schedule/outcome.js";
import type { Attendance } from "./attendance.js";
import type { BatchHost } from "../batch/batch-host.js";
import type { WarnOnce } from "../errors/warn-once.js";
import { pendingAnswers } from "../langgraph/pending-writes.js";
import type { Batch } from "../batch/read-batch.js";
import { outcomeOf } from "../batch/outcome-of.js";
import type { Answer } from "../batch/run-tool.js";

interface SiblingWatchOptions {
  readonly attendance: Attendance;
  readonly batch: Batch;
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  /** Calls that may be under way at once, those that wait included. */
  readonly room: number;
  readonly warnings: WarnOnce;
  /** Whether a call has ended that is answered when all have. */
  readonly isHolding: () => boolean;
  readonly settle: (position: number, outcome: Outcome<Answer>) => void;
}

/**
 * Sees to it that nobody waits for ever for a call that never comes: it ended
 * before the run was paused, another middleware answered or dropped it, or the
 * graph has no room for it.
 *
 *     moving -- nothing can happen before another call comes --> stuck
 *     stuck -- one turn of the event loop later --> looked up: what has ended
 *       before is known from the checkpointer
 *     looked up -- no room for one more task --> one that waits is skipped
 *     looked up -- `arrivalTimeoutMs` later --> what is still missing is absent
 *     any -- a call comes or ends, and something can happen --> moving
 */
export class SiblingWatch {
  readonly #options: SiblingWatchOptions;
  #cancel: (() => void) | undefined;
  /** Counts the times that it was stuck. */
  #times = 0;

  constructor(options: SiblingWatchOptions) {
    this.#options = options;
  }

  /** Something has happened. */
  check(): void {
    const { attendance, host, isHolding } = this.#options;
    this.end();
    // Without anybody to tell there is no need to know how it ended.
    const isAwaited =
      attendance.waiting > 0 ||
      isHolding() ||
      host.onReport !== undefined ||
      this.#mayDrop;
    if (attendance.isStuck && isAwaited) this.#later(0, () => this.#onStuck());
  }

  end(): void {
    this.#times += 1;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #onStuck(): Promise<void> {
    if (await this.#lookUp()) return;
    const { attendance, batch, host, room } = this.#options;
    if (this.#mayDrop) {
      const all = batch.toolCalls.length;
      this.#warnOfDrop(all - attendance.missing().length, all);
    }
    if (attendance.waiting > 0 && attendance.waiting >= room) {
      this.#makeRoom();
    } else {
      this.#later(host.arrivalTimeoutMs, () => this.#onTimeout());
    }
  }

  /** Pregel (LangGraph 1.7.3) runs one task then and forgets the others. */
  get #mayDrop(): boolean {
    return this.#options.room === 1;
  }

  #warnOfDrop(run: number, all: number): void {
    this.#options.warnings.warn(
      "dropped calls",
      `LangGraph has run ${run} of the ${all} tool calls of a message and dropped the others, as it does with \`maxConcurrency: 1\` where each call is a task of its own. Use \`version: "v1"\` of the agent, which keeps to it, or leave \`maxConcurrency\` out and use the option \`sequential: true\`.`,
    );
  }

  async #onTimeout(): Promise<void> {
    if (await this.#lookUp()) return;
    for (const position of this.#options.attendance.missing()) {
      this.#options.settle(position, { status: "aborted", isAbsent: true });
    }
  }

  /** Whether things have moved on. */
  async #lookUp(): Promise<boolean> {
    const { attendance, batch, config, settle } = this.#options;
    const times = this.#times;
    const answers = await pendingAnswers(config);
    if (times !== this.#times) return true;
    let hasMoved = false;
    for (const position of attendance.missing()) {
      const value = answers.get(batch.toolCalls[position]?.id ?? "");
      if (value === undefined) continue;
      hasMoved = true;
      settle(position, outcomeOf(value));
    }
    return hasMoved;
  }

  /** The graph runs no more tasks at once, and all of them wait for others. */
  #makeRoom(): void {
    const { attendance, settle } = this.#options;
    const [failed] = attendance.missing();
    const position = attendance.blocked().at(-1);
    if (failed === undefined || position === undefined) return;
    settle(position, { status: "skipped", failed, isAbsent: true });
  }

  #later(delayMs: number, act: () => Promise<void>): void {
    const { attendance, host, isHolding } = this.#options;
    this.#cancel = host.clock.schedule(
      () => void act(),
      delayMs,
      delayMs > 0 && attendance.waiting === 0 && !isHolding(),
    );
  }
}
