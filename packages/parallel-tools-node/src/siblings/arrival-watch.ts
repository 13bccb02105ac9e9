import type { BatchHost } from "../batch/batch-host.js";
import type { Batch } from "../batch/read-batch.js";
import type { Answer } from "../batch/run-tool.js";
import type { WarnOnce } from "../errors/warn-once.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { EndedCall } from "./ended-calls.js";
import type { SendNumbers } from "./send-numbers.js";

/**
 * The state of each call in a batch whose calls come one by one:
 *
 *     missing -- it arrives --> waiting -- its dependencies end --> active
 *     any -- it ends --> ended
 *
 * Positions count the calls of the batch.
 */
export class SiblingStates implements ScheduleObserver {
  readonly #hasArrived: Uint8Array;
  readonly #isActive: Uint8Array;
  readonly #hasEnded: Uint8Array;
  /** The number of calls that have neither arrived nor ended elsewhere. */
  #missing: number;
  /** The number of calls that are ready, run, or wait for their next attempt. */
  #active = 0;
  /** The number of calls that have arrived and wait for dependencies. */
  #waiting = 0;

  constructor(size: number) {
    this.#hasArrived = new Uint8Array(size);
    this.#isActive = new Uint8Array(size);
    this.#hasEnded = new Uint8Array(size);
    this.#missing = size;
  }

  /** Nothing can happen before another call arrives. */
  get isStuck(): boolean {
    return this.#missing > 0 && this.#active === 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  hasArrived(position: number): boolean {
    return this.#hasArrived[position] === 1;
  }

  hasEnded(position: number): boolean {
    return this.#hasEnded[position] === 1;
  }

  /** Positions of the calls that have neither arrived nor ended elsewhere. */
  missing(): number[] {
    return this.#positions((i) => !this.hasArrived(i) && !this.hasEnded(i));
  }

  /** Positions of the calls that have arrived and wait for dependencies. */
  blocked(): number[] {
    return this.#positions(
      (i) => this.hasArrived(i) && !this.hasEnded(i) && this.#isActive[i] === 0,
    );
  }

  onArrive(position: number): void {
    this.#hasArrived[position] = 1;
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
    else if (this.hasArrived(position)) this.#waiting -= 1;
    else this.#missing -= 1;
  }

  #positions(isIncluded: (position: number) => boolean): number[] {
    return [...this.#hasArrived.keys()].filter(isIncluded);
  }
}

interface ArrivalWatchOptions {
  readonly states: SiblingStates;
  readonly batch: Batch;
  readonly host: BatchHost;
  /** The graph runs at most so many calls at once, waiting calls included. */
  readonly maxTasks: number;
  readonly warnings: WarnOnce | undefined;
  /** Whether the error of a call is held back until all calls have ended. */
  readonly hasHeldError: () => boolean;
  /** How missing calls have ended before the run was paused, by position. */
  readonly lookUp: () => Promise<ReadonlyMap<number, EndedCall>>;
  /** What is known of the Sends of the graph. */
  readonly sends: () => SendNumbers;
  /** `task`: the one in which the call has ended, if that is known. */
  readonly settle: (
    position: number,
    outcome: Outcome<Answer>,
    task?: string,
  ) => void;
}

/**
 * Makes sure that no call waits for ever for a call that never arrives: it ended
 * before the run was paused, another middleware answered or dropped it, or the
 * graph has no room for its task.
 *
 *     moving -- nothing can happen before another call arrives --> stuck
 *     stuck -- one turn of the event loop later --> looked up: the checkpointer
 *       says which missing calls have ended before
 *     looked up -- no room for one more task --> one waiting call is skipped
 *     looked up -- `arrivalTimeoutMs` later --> the missing calls are absent
 *     any -- a call arrives or ends, and something can happen --> moving
 */
export class ArrivalWatch {
  readonly #options: ArrivalWatchOptions;
  #cancel: (() => void) | undefined;
  /** Goes up with each check, so that a look-up can tell that it is outdated. */
  #checks = 0;

  constructor(options: ArrivalWatchOptions) {
    this.#options = options;
  }

  /** To be called when a call has arrived or ended. */
  check(): void {
    const { states, host, hasHeldError } = this.#options;
    this.end();
    // Otherwise it makes no difference how the missing calls end.
    const isAwaited =
      states.waiting > 0 ||
      hasHeldError() ||
      host.onReport !== undefined ||
      this.#mayDropCalls;
    if (states.isStuck && isAwaited) this.#later(0, () => this.#onStuck());
  }

  end(): void {
    this.#checks += 1;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #onStuck(): Promise<void> {
    if (await this.#lookUp()) return;
    const { states, batch, host, maxTasks } = this.#options;
    if (this.#mayDropCalls) {
      const all = batch.toolCalls.length;
      this.#warnOfDrop(all - states.missing().length, all);
    }
    if (this.#giveUpUnsent()) return;
    if (states.waiting > 0 && states.waiting >= maxTasks) {
      this.#makeRoom();
    } else {
      this.#later(host.arrivalTimeoutMs, () => this.#onTimeout());
    }
  }

  /** With a cap of 1, Pregel (LangGraph 1.7.3) runs one task and drops the rest. */
  get #mayDropCalls(): boolean {
    return this.#options.maxTasks === 1;
  }

  #warnOfDrop(run: number, all: number): void {
    this.#options.warnings?.warn(
      "dropped calls",
      `LangGraph has run ${run} of the ${all} tool calls of a message and dropped the others, as it does with \`maxConcurrency: 1\` where each call is a task of its own. Use \`version: "v1"\` of the agent, which keeps to it, or leave \`maxConcurrency\` out and use the option \`sequential: true\`.`,
    );
  }

  /**
   * Some hosts take a call for answered if an earlier turn used its id, and don't
   * send it.
   *
   * @returns whether the batch is moving again
   */
  #giveUpUnsent(): boolean {
    const { states, batch, settle } = this.#options;
    const missing = batch.seemAnswered.filter(
      (position) => !states.hasArrived(position) && !states.hasEnded(position),
    );
    if (missing.length === 0) return false;
    const sends = this.#options.sends();
    const unsent = missing.filter((position) => sends.isUnsent(position));
    for (const position of unsent) {
      settle(position, { status: "aborted", isAbsent: true });
    }
    return unsent.length > 0;
  }

  async #onTimeout(): Promise<void> {
    if (await this.#lookUp()) return;
    for (const position of this.#options.states.missing()) {
      this.#options.settle(position, { status: "aborted", isAbsent: true });
    }
  }

  /**
   * Settles the missing calls whose answers the checkpointer has.
   *
   * @returns whether the batch is moving again
   */
  async #lookUp(): Promise<boolean> {
    const { lookUp, settle } = this.#options;
    const checks = this.#checks;
    const ended = await lookUp();
    if (checks !== this.#checks) return true;
    for (const [position, { outcome, task }] of ended) {
      settle(position, outcome, task);
    }
    return ended.size > 0;
  }

  /** Skips a call: all tasks that the graph runs at once wait for missing calls. */
  #makeRoom(): void {
    const { states, settle } = this.#options;
    const [failed] = states.missing();
    const position = states.blocked().at(-1);
    if (failed === undefined || position === undefined) return;
    settle(position, { status: "skipped", failed, isAbsent: true });
  }

  #later(delayMs: number, act: () => Promise<void>): void {
    const { states, host, hasHeldError } = this.#options;
    this.#cancel = host.clock.schedule(
      () => void act(),
      delayMs,
      delayMs > 0 && states.waiting === 0 && !hasHeldError(),
    );
  }
}
