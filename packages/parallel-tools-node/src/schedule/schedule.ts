import type { BlockedWalk } from "../limits/blocked-walk.js";
import { type Limit, offerRoom } from "../limits/limit.js";
import { BatchTimers } from "./batch-timers.js";
import { DependencyGraph } from "./dependency-graph.js";
import { EndsBeforeRun } from "./ends-before-run.js";
import type { CallStarter, LimitWait } from "./lane.js";
import { Lanes } from "./lanes.js";
import type { Outcome, RunAgain, RunOutcome } from "./outcome.js";
import type { ScheduleOptions } from "./schedule-options.js";
import type { BoundCall, ScheduledCall } from "./scheduled-call.js";
import { RunningCalls } from "./running-calls.js";
import type { NestedWork } from "./surroundings.js";

/**
 * Runs a batch. Each call starts at the first instant at which all that it waits for
 * has ended and all of its limits have room.
 *
 * The states of a call: waiting (for other calls, or to arrive) -> ready (waits
 * for its limits) -> running -> ended. A call that runs again goes from running to
 * resting (until its next attempt is due), then to ready.
 *
 * A call may also end from waiting, ready or resting: `skipped` if a call that it
 * waited for did not end well, `interrupted` if such a call was interrupted,
 * `interrupted` or `aborted` if the batch is halted, or as its preset, its late
 * binding, `share`, `judgeUnstarted` or `settle` says.
 *
 * When a time limit has passed, a running call ends or rests while its attempt
 * still runs. The attempt holds the limits until it settles: see `BatchTimers`.
 */
export class Schedule<Value> implements CallStarter, NestedWork {
  readonly #options: ScheduleOptions<Value>;
  readonly #calls: readonly ScheduledCall<Value>[];
  /** What each call takes of its limits, as far as this is known. */
  readonly #bound: BoundCall[];
  readonly #outcomes: (Outcome<Value> | undefined)[];
  readonly #graph: DependencyGraph;
  readonly #started: Uint8Array;
  readonly #running: RunningCalls;
  readonly #endsBeforeRun: EndsBeforeRun<Value>;
  readonly #lanes: Lanes;
  readonly #timers: BatchTimers;
  #haltedAs: "interrupted" | "aborted" | undefined;
  /** How calls end whose answers are being kept. They count as running. */
  readonly #keeping = new Map<number, Outcome<Value>>();
  /** One list for all ends of calls: a new list each time would be garbage. */
  readonly #ready: number[] = [];
  /** Calls that are waiting, ready or resting. */
  #unstarted: number;
  /** Calls that have not ended. */
  #left: number;
  #resolve: (outcomes: Outcome<Value>[]) => void = () => {};

  /** @throws Error if there is a cycle: such a batch could never end */
  constructor(options: ScheduleOptions<Value>) {
    const { calls, groups = [], maxPauseMs = Infinity, clock } = options;
    this.#options = options;
    this.#timers = new BatchTimers(clock);
    this.#calls = calls;
    this.#bound = [...calls];
    this.#outcomes = calls.map(() => undefined);
    this.#graph = new DependencyGraph(calls, groups, this.#outcomes);
    this.#running = new RunningCalls(options, clock);
    this.#lanes = new Lanes(
      this.#bound,
      this.#graph,
      this,
      maxPauseMs,
      this.#running,
    );
    this.#started = new Uint8Array(calls.length);
    this.#unstarted = calls.length;
    this.#left = calls.length;
    this.#endsBeforeRun = new EndsBeforeRun(options, {
      graph: this.#graph,
      outcomes: this.#outcomes,
      bound: this.#bound,
      started: this.#started,
    });
  }

  /** Must be called once. Resolves when all calls have ended. */
  run(): Promise<Outcome<Value>[]> {
    const outcomes = new Promise<Outcome<Value>[]>((resolve) => {
      this.#resolve = resolve;
    });
    this.#running.begin(this);
    this.#begin();
    return outcomes;
  }

  isStuck(walk: BlockedWalk): boolean {
    const stuck =
      this.#graph.countWaiting(this.#running.areOthersLate) +
      this.#running.countBlocked(walk, this.#outcomes) +
      this.#lanes.heldUpForEver(this.#options.clock.now(), walk);
    return stuck === this.#left;
  }

  /** A call has arrived and may start. Must be called once per call. */
  arrive(position: number): void {
    if (this.#outcomes[position] !== undefined) return;
    this.#running.onArrive();
    if (!this.#graph.arrive(position)) return;
    const outcome = this.#endsBeforeRun.of(position);
    if (outcome !== undefined) this.#settle(position, outcome);
    else this.#dispatch([position], this.#options.clock.now());
  }

  /** Ends a call with an outcome from outside. Ignored if it has ended. */
  settle(position: number, outcome: Outcome<Value>): void {
    this.#graph.endsElsewhere(position);
    this.#settle(position, outcome);
  }

  #settle(position: number, outcome: Outcome<Value>): void {
    if (this.#outcomes[position] !== undefined) return;
    const ready: number[] = [];
    const now = this.#options.clock.now();
    this.#end(position, outcome, ready, now);
    this.#running.changed();
    this.#dispatch(ready, now);
  }

  #begin(): void {
    if (this.#left === 0) this.#finish();
    this.#checkAbort();
    if (this.#left === 0) return;
    const { comeOneByOne, batchTimeoutMs, drainMs } = this.#options;
    if (batchTimeoutMs !== undefined) {
      this.#timers.watch("batch", batchTimeoutMs, () => this.#endBatch());
    }
    const now = this.#options.clock.now();
    const ready: number[] = [];
    const roots = this.#graph.begin(comeOneByOne ? 1 : 0);
    this.#calls.forEach(({ ended }, position) => {
      if (ended === undefined) return;
      this.#graph.endsElsewhere(position);
      this.#end(position, ended, ready, now);
    });
    for (const position of roots) {
      if (this.#outcomes[position] !== undefined) continue;
      const outcome = this.#endsBeforeRun.of(position);
      if (outcome === undefined) ready.push(position);
      else this.#end(position, outcome, ready, now);
    }
    this.#dispatch(ready, now);
    // A listener is needed only if an abort could still change something.
    if (this.#unstarted > 0 || (drainMs !== undefined && this.#left > 0)) {
      this.#listenForAbort();
    }
  }

  /** Starts no more calls. Running calls have `drainMs` to end. */
  abort(): void {
    this.#halt("aborted");
    const { drainMs } = this.#options;
    if (drainMs === undefined || this.#left === 0) return;
    const cutOff = () => ({ status: "aborted" }) as const;
    this.#timers.watch("drain", drainMs, () => this.#halt("aborted", cutOff));
  }

  /** The time of the batch is over: all calls end that have not ended. */
  #endBatch(): void {
    const { executor } = this.#options;
    this.#halt("aborted", (...call) => executor.judgeCutOff(...call));
    executor.onBatchTimeout();
  }

  #listenForAbort(): void {
    // Nothing happens if it listens already.
    this.#options.signal?.addEventListener("abort", this.#onAbort);
    this.#checkAbort();
  }

  /** The abort event may come late, so the signal is also checked before a start. */
  #checkAbort(): void {
    if (this.#options.signal?.aborted) this.abort();
  }

  readonly #onAbort = () => this.abort();

  #finish(): void {
    this.#timers.end();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    const end = () => this.#resolve(this.#outcomes as Outcome<Value>[]);
    void (this.handOut?.then(end) ?? end());
  }

  /**
   * Resolves when the answers may be handed out. `undefined`: now. The last one has
   * to wait until the call around the batch may go on.
   */
  get handOut(): Promise<void> | undefined {
    if (this.#left > 0) return undefined;
    return this.#running.end(this, this.#options.signal);
  }

  /** Records an outcome and those that follow from it. Adds to `ready`. */
  #end(
    position: number,
    outcome: Outcome<Value>,
    ready: number[],
    now: number,
  ): void {
    this.#record(position, outcome, now);
    if (this.#graph.hasEdges) {
      this.#graph.end(position, (unblocked) => {
        if (this.#outcomes[unblocked] !== undefined) return false;
        const follows = this.#endsBeforeRun.of(unblocked);
        if (follows === undefined) ready.push(unblocked);
        else this.#record(unblocked, follows, now);
        return follows !== undefined;
      });
    }
    if (this.#left === 0) this.#finish();
  }

  #record(position: number, outcome: Outcome<Value>, now: number): void {
    this.#outcomes[position] = outcome;
    if (this.#started[position] === 0) this.#unstarted -= 1;
    this.#left -= 1;
    this.#options.observer?.onEnd(position, now, outcome);
  }

  /** Starts the ready calls that can start. The others wait in lanes. */
  #dispatch(ready: number[], now: number, freed?: readonly Limit[]): void {
    if (ready.length === 0 || this.#haltedAs !== undefined) return;
    this.#lanes.sort(ready);
    const { observer } = this.#options;
    if (observer) for (const position of ready) observer.onReady(position, now);
    this.#lanes.admit(ready, now, false, freed);
    if (observer?.onBlocked === undefined) return;
    for (const position of ready) {
      if (this.#started[position] || this.#outcomes[position]) continue;
      observer.onBlocked(position, now, this.#lanes.limitOf(position)!);
    }
  }

  mayStart(position: number): boolean {
    this.#checkAbort();
    return this.#outcomes[position] === undefined;
  }

  start(position: number, now: number, waits: readonly LimitWait[]): void {
    if (!this.mayStart(position)) {
      this.#release(position, [], now);
      return;
    }
    this.#started[position] = 1;
    this.#unstarted -= 1;
    const { executor, observer } = this.#options;
    observer?.onStart(position, now, waits, this.#bound[position] as BoundCall);
    const { timeoutMs } = this.#bound[position] as BoundCall;
    if (timeoutMs !== undefined) {
      this.#timers.watch(position, timeoutMs, () => {
        this.#timers.giveUp(position);
        this.#timeOut(position, true);
      });
    }
    executor.execute(position, this.#running.at(position)).then(
      (value) =>
        this.#settled(position, () => executor.judgeValue(position, value)),
      (error: unknown) =>
        this.#settled(position, () => executor.judgeError(position, error)),
    );
  }

  leave(position: number, now: number, waits: readonly LimitWait[]): void {
    this.#options.observer?.onLeave?.(position, now, waits);
  }

  fail(position: number, error: unknown): void {
    // The judge may halt the batch, and that must not end this call.
    this.#started[position] = 1;
    this.#unstarted -= 1;
    const { executor } = this.#options;
    this.#settle(position, executor.judgeUnstarted(position, error));
  }

  /** An attempt has settled, perhaps after it was given up. */
  #settled(position: number, judge: Judge<Value>): void {
    if (!this.#timers.settled(position)) this.#attemptEnded(position, judge);
    else this.#release(position, [], this.#options.clock.now());
  }

  /** The call ends or rests. It holds its limits until the attempt settles. */
  #timeOut(position: number, mayRunAgain: boolean): void {
    const { executor } = this.#options;
    this.#attemptEnded(position, () =>
      executor.judgeTimeout(position, mayRunAgain),
    );
  }

  #attemptEnded(position: number, judge: Judge<Value>): void {
    const now = this.#options.clock.now();
    let outcome: RunOutcome<Value> | RunAgain;
    try {
      outcome = judge();
    } catch (error) {
      // The value or error comes from a tool, so reading it may throw.
      outcome = { status: "error", error };
    }
    if (outcome.status === "again") {
      this.#rest(position, outcome.delayMs, now);
      return;
    }
    if (outcome.halt && outcome.status !== "ok" && outcome.status !== "error") {
      this.#halt(outcome.status);
    }
    const kept = this.#options.executor.keep?.(position, outcome);
    if (kept !== undefined) {
      this.#keeping.set(position, outcome);
      void kept.then(() => this.#settle(position, outcome));
      this.#release(position, [], now);
      return;
    }
    const ready = this.#ready;
    ready.length = 0;
    this.#end(position, outcome, ready, now);
    this.#release(position, ready, now);
  }

  /** Makes a call ready again in `delayMs`, unless the batch is halted. */
  #rest(position: number, delayMs: number, now: number): void {
    this.#started[position] = 0;
    this.#unstarted += 1;
    const bound = this.#bound[position] as BoundCall;
    this.#bound[position] = bound.again ?? bound;
    this.#options.observer?.onAgain(position, now, delayMs);
    const halted = this.#haltedAs;
    if (halted === undefined) this.#checkAbort();
    else this.#end(position, { status: halted }, [], now);
    if (this.#outcomes[position] !== undefined) {
      this.#release(position, [], now);
      return;
    }
    this.#listenForAbort();
    // An attempt that was given up gets a moment to settle after its abort.
    if (delayMs <= 0 && !this.#timers.isGivenUp(position)) {
      this.#release(position, [position], now, true);
      return;
    }
    this.#timers.rest(position, delayMs, () => this.#wake(position));
    this.#release(position, [], now);
  }

  /** Runs a call again, unless its last attempt ignores its abort and still runs. */
  #wake(position: number): void {
    if (!this.#timers.isGivenUp(position)) {
      this.#lanes.admit([position], this.#options.clock.now(), true);
      return;
    }
    // The judge may halt the batch, and that must not end this call.
    this.#started[position] = 1;
    this.#unstarted -= 1;
    this.#timeOut(position, false);
  }

  /** Releases limits, unless an attempt still runs. Starts what can start now. */
  #release(
    position: number,
    ready: number[],
    now: number,
    isAgain = false,
  ): void {
    const { limits } = this.#bound[position] as BoundCall;
    if (this.#timers.isGivenUp(position)) this.#running.giveUp(position);
    else this.#running.close(position);
    this.#running.changed();
    if (isAgain) this.#lanes.admit(ready, now, true, limits);
    else this.#dispatch(ready, now, limits);
    if (limits.length > 0) offerRoom(limits, now);
  }

  /** Ends all calls that don't run. With `cutOff`, running calls end, too. */
  #halt(status: "interrupted" | "aborted", cutOff?: CutOff<Value>): void {
    if (this.#haltedAs !== undefined && cutOff === undefined) return;
    this.#haltedAs ??= status;
    const now = this.#options.clock.now();
    this.#timers.stopResting();
    this.#lanes.close(now);
    this.#outcomes.forEach((known, position) => {
      const isRunning = this.#started[position] === 1;
      if (known !== undefined || (isRunning && cutOff === undefined)) return;
      this.#record(position, this.#cut(position, cutOff) ?? { status }, now);
    });
    if (this.#left === 0) this.#finish();
  }

  /** How a call ends that is cut off, as far as it is known. */
  #cut(position: number, cutOff: CutOff<Value> | undefined) {
    const ended = this.#keeping.get(position);
    if (ended !== undefined) return ended;
    if (this.#started[position] === 1) this.#timers.giveUp(position);
    return cutOff?.(position, this.#timers.isGivenUp(position));
  }
}

type Judge<Value> = () => RunOutcome<Value> | RunAgain;
type CutOff<Value> = (position: number, hasStarted: boolean) => Outcome<Value>;
