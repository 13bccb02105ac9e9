import type { BlockedWalk } from "../limits/blocked-walk.js";
import type { Holder } from "../limits/slots.js";
import type { Outcome } from "./outcome.js";
import type { Clock } from "../limits/clock.js";
import { LateCalls } from "./late-calls.js";
import type { BoundCall } from "./scheduled-call.js";
import {
  type NestedWork,
  NO_SURROUNDINGS,
  type RunningCall,
  type Surroundings,
} from "./surroundings.js";

interface RunningCallsOptions {
  readonly surroundings?: Surroundings | undefined;
  readonly comeOneByOne?: boolean | undefined;
}

/** The attempts of a batch that run, and the call around the batch. */
export class RunningCalls {
  readonly #surroundings: Surroundings;
  /** `undefined`: the calls come all at once, or inside of no call. */
  readonly #late: LateCalls | undefined;
  /** By position. */
  readonly #running: (RunningCall | undefined)[] = [];
  readonly #taken: (BoundCall | undefined)[] = [];
  #isOver = false;
  #handOut: Promise<void> | undefined;

  constructor(
    { surroundings = NO_SURROUNDINGS, comeOneByOne }: RunningCallsOptions,
    clock: Clock,
  ) {
    this.#surroundings = surroundings;
    if (comeOneByOne && surroundings.inside !== undefined) {
      this.#late = new LateCalls(clock, () => this.changed());
    }
  }

  /** A call of the batch has arrived. */
  onArrive(): void {
    this.#late?.onArrive();
  }

  /** Calls that have not arrived won't before others have ended. */
  get areOthersLate(): boolean {
    return this.#late?.areLate === true;
  }

  /** The call inside which the batch runs. */
  get inside(): Holder | undefined {
    return this.#surroundings.inside;
  }

  /** The batch begins. */
  begin(work: NestedWork): void {
    this.#surroundings.begin(work);
  }

  /** The batch is over. Resolves when its last answer may be handed out. */
  end(
    work: NestedWork,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#handOut = this.#surroundings.end(work, signal);
    }
    return this.#handOut;
  }

  /** Some call waits for something else than before. */
  changed(isNew = true, tellAgain?: (now: number) => void): boolean {
    return this.#surroundings.changed(isNew, tellAgain);
  }

  /** A call is about to start. Returns it as the holder of its slots. */
  open(position: number, bound: BoundCall): Holder {
    const running = this.#surroundings.open(bound.limits, bound.cost, position);
    this.#running[position] = running;
    this.#taken[position] = bound;
    return running;
  }

  at(position: number): RunningCall {
    return this.#running[position] as RunningCall;
  }

  /** An attempt has settled, or doesn't run after all: gives back what it has. */
  close(position: number): void {
    const running = this.#running[position];
    if (running === undefined) return;
    this.#running[position] = undefined;
    const { limits, cost } = this.#taken[position] as BoundCall;
    for (const limit of limits) limit.release(cost, running);
    running.end();
  }

  /** A call has ended, and its attempt runs on. */
  giveUp(position: number): void {
    const running = this.#running[position];
    if (running === undefined) return;
    const { limits, cost } = this.#taken[position] as BoundCall;
    for (const limit of limits) {
      if (!limit.outlivesCalls) limit.release(cost, running);
    }
  }

  /**
   * How many of these calls wait for calls alone that are blocked.
   *
   * @param outcomes by position: the attempt of a call that has ended doesn't count
   */
  countBlocked(
    walk: BlockedWalk,
    outcomes: readonly (Outcome<unknown> | undefined)[],
  ): number {
    let calls = 0;
    this.#running.forEach((running, position) => {
      if (outcomes[position] !== undefined) return;
      if (running?.isBlocked(walk)) calls += 1;
    });
    return calls;
  }
}
