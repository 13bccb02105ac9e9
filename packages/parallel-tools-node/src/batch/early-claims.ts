import type { ToolCall } from "@langchain/core/messages/tool";
import type { Clock } from "../limits/clock.js";
import type { Limit } from "../limits/limit.js";
import type { DiscardedRun, EarlyStart } from "../report/early-start.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import type { EarlyBatch, EarlyCall } from "./early-batches.js";

/** An early run has the limits of its call. */
const NO_LIMITS: readonly Limit[] = Object.freeze([]);

/** The calls of a batch that take an early run. Positions count its calls. */
export class EarlyClaims {
  readonly #batch: EarlyBatch;
  readonly #clock: Clock;
  readonly #onClaim: (position: number, start: EarlyStart) => void;
  readonly #calls: (EarlyCall | undefined)[] = [];

  /**
   * @param onClaim is told of each call that takes an early run
   */
  constructor(
    batch: EarlyBatch,
    clock: Clock,
    onClaim: (position: number, start: EarlyStart) => void,
  ) {
    this.#batch = batch;
    this.#clock = clock;
    this.#onClaim = onClaim;
  }

  /** The early run of a call, if it takes one. */
  at(position: number): EarlyCall | undefined {
    return this.#calls[position];
  }

  /**
   * What a call takes that is about to start: nothing, and only the rest of its time, if
   * there is an early run of it.
   *
   * @param index of the call in the message
   * @param written the call before its references were resolved
   */
  claim(
    position: number,
    index: number,
    written: ToolCall,
    bound: BoundCall,
  ): BoundCall {
    const early = this.#batch.claim(index, written);
    if (early === undefined) return bound;
    this.#calls[position] = early;
    this.#onClaim(position, early.start);
    const { cost, timeoutMs } = bound;
    const runMs = this.#clock.now() - early.start.startedAt;
    return {
      limits: NO_LIMITS,
      cost,
      timeoutMs: timeoutMs && Math.max(1, timeoutMs - runMs),
      again: bound,
    };
  }

  /** The batch has ended. Gives the early runs that nobody took. */
  close(): readonly DiscardedRun[] {
    return this.#batch.close();
  }
}
