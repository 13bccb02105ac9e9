import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { BatchHost } from "../batch/batch-host.js";
import type { WarnOnce } from "../errors/warn-once.js";
import { pendingAnswers } from "../langgraph/pending-writes.js";
import type { Batch } from "../batch/read-batch.js";
import { outcomeOf } from "../batch/outcome-of.js";
import type { Answer } from "../batch/run-tool.js";

/**
 * Which calls of a batch have come, which of them are under way, and which have
 * ended. Positions count the calls of the batch.
 */
export class Attendance implements ScheduleObserver {
  readonly #hasCome: Uint8Array;
  readonly #isActive: Uint8Array;
  readonly #hasEnded: Uint8Array;
  /** Calls that have not come, and whose end nobody knows. */
  #missing: number;
  /** Calls that are ready, run or rest. */
  #active = 0;
  /** Calls that have come and can't start before others have ended. */
  #waiting = 0;

  constructor(size: number) {
    this.#hasCome = new Uint8Array(size);
    this.#isActive = new Uint8Array(size);
    this.#hasEnded = new Uint8Array(size);
    this.#missing = size;
  }

  /** Nothing can happen before another call comes. */
  get isStuck(): boolean {
    return this.#missing > 0 && this.#active === 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get isOver(): boolean {
    return this.#missing + this.#active + this.#waiting === 0;
  }

  has(position: number): boolean {
    return this.#hasCome[position] === 1;
  }

  hasEnded(position: number): boolean {
    return this.#hasEnded[position] === 1;
  }

  /** The positions that have not come, and whose end nobody knows. */
  missing(): number[] {
    return this.#positions((i) => !this.has(i) && !this.hasEnded(i));
  }

  /** The positions that have come and can't start before others have ended. */
  blocked(): number[] {
    return this.#positions(
      (i) => this.has(i) && !this.hasEnded(i) && this.#isActive[i] === 0,
    );
  }

  onCome(position: number): void {
    this.#hasCome[position] = 1;
    if (this.hasEnded(position)) return;
    this.#missing -= 1;
    this.#waiting += 1;
  }

  onReady(position: number): void {
    this.#isActive[position] = 1;
    this.#waiting -= 1;
    this.#active += 1;
  }

  onStart(): void {}

  onAgain(): void {}

  onEnd(position: number): void {
    this.#hasEnded[position] = 1;
    if (this.#isActive[position] === 1) this.#active -= 1;
    else if (this.has(position)) this.#waiting -= 1;
    else this.#missing -= 1;
  }

  #positions(isOne: (position: number) => boolean): number[] {
    return [...this.#hasCome.keys()].filter(isOne);
  }
}

interface SiblingWatchOptions {
  readonly attendance: Attendance;
  readonly batch: Batch;
  readonly config: LangGraphRunnableConfig;
  readonly host: BatchHost;
  /** Calls that may be under way at once, those that wait included. */
  readonly room: number;
  readonly warnings: WarnOnce | undefined;
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
    this.#options.warnings?.warn(
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
