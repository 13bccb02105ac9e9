import { Limit } from "../limits/limit.js";
import { BatchTimers } from "./batch-timers.js";
import { DependencyGraph } from "./dependency-graph.js";
import type { CallStarter, LimitWait } from "./lanes.js";
import { Lanes } from "./lanes.js";
import type { Outcome, RunAgain, RunOutcome } from "./outcome.js";
import type { ScheduleOptions } from "./schedule-options.js";
import type { BoundCall, ScheduledCall } from "./scheduled-call.js";

/**
 * Runs a batch: starts each call at the first instant at which the calls that
 * it waits for have ended and all of its limits have room.
 *
 * A call goes: waiting (for calls, or to arrive) -> ready (waits for limits) ->
 * running -> ended; or from running to resting, when it is to be run again,
 * then to ready. From waiting, ready and resting it may end without running
 * (again): `skipped` when a call that it waited for failed, `interrupted` or
 * `aborted` when such a call was or when the batch is halted, as its preset
 * says, or as whoever calls `settle` says. A call that outruns a limit in time
 * ends while its attempt runs on: see `BatchTimers`.
 */
export class Schedule<Value> implements CallStarter {
  readonly #options: ScheduleOptions<Value>;
  readonly #calls: readonly ScheduledCall<Value>[];
  /** What each call takes, where that is known. */
  readonly #bound: BoundCall[];
  readonly #outcomes: (Outcome<Value> | undefined)[];
  readonly #graph: DependencyGraph;
  readonly #started: Uint8Array;
  readonly #lanes: Lanes;
  #listensForAbort = false;
  readonly #timers: BatchTimers;
  #haltedAs: "interrupted" | "aborted" | undefined;
  /** A list that each end of a call fills anew: garbage is what costs here. */
  readonly #ready: number[] = [];
  /** Calls that have neither started nor ended, or rest. */
  #unstarted: number;
  /** Calls that have not ended. */
  #left: number;
  #resolve: (outcomes: Outcome<Value>[]) => void = () => {};

  /** @throws Error for a cycle: such a batch could never end */
  constructor(options: ScheduleOptions<Value>) {
    const { calls } = options;
    this.#options = options;
    this.#timers = new BatchTimers(options.clock);
    this.#calls = calls;
    this.#bound = [...calls];
    // One that shares an end waits for it like any other dependency.
    this.#graph = new DependencyGraph(
      calls.map(({ dependsOn, sameAs }) =>
        sameAs === undefined ? dependsOn : [...dependsOn, sameAs],
      ),
    );
    this.#lanes = new Lanes(this.#bound, this.#graph, this);
    this.#outcomes = calls.map(() => undefined);
    this.#started = new Uint8Array(calls.length);
    this.#unstarted = calls.length;
    this.#left = calls.length;
  }

  /** Starts what can. Once. Gives the outcomes when nothing runs any more. */
  run(): Promise<Outcome<Value>[]> {
    const outcomes = new Promise<Outcome<Value>[]>((resolve) => {
      this.#resolve = resolve;
    });
    this.#begin();
    return outcomes;
  }

  /** A call has come, and may start from now on. Once per call. */
  arrive(position: number): void {
    if (this.#outcomes[position] !== undefined) return;
    if (!this.#graph.arrive(position)) return;
    const outcome = this.#endWithoutRun(position);
    if (outcome !== undefined) this.settle(position, outcome);
    else this.#dispatch([position], this.#options.clock.now());
  }

  /** A call has ended elsewhere, or won't be waited for. */
  settle(position: number, outcome: Outcome<Value>): void {
    if (this.#outcomes[position] !== undefined) return;
    const ready: number[] = [];
    const now = this.#options.clock.now();
    this.#end(position, outcome, ready, now);
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
    for (const position of this.#graph.begin(comeOneByOne ? 1 : 0)) {
      const outcome = this.#endWithoutRun(position);
      if (outcome === undefined) ready.push(position);
      else this.#end(position, outcome, ready, now);
    }
    this.#dispatch(ready, now);
    // Else nothing is left that an abort could keep from starting.
    if (this.#unstarted > 0 || (drainMs !== undefined && this.#left > 0)) {
      this.#listenForAbort();
    }
  }

  /** Nothing starts any more; what runs has been told to end. */
  abort(): void {
    this.#halt("aborted");
    const { drainMs } = this.#options;
    if (drainMs === undefined || this.#left === 0) return;
    const cutOff = () => ABORTED;
    this.#timers.watch("drain", drainMs, () => this.#halt("aborted", cutOff));
  }

  /** What finished is kept; all the rest ends now. */
  #endBatch(): void {
    const { executor } = this.#options;
    this.#halt("aborted", (...call) => executor.judgeCutOff(...call));
    executor.onBatchTimeout();
  }

  /** The first time, it begins to listen to the signal of the run. */
  #listenForAbort(): void {
    if (this.#listensForAbort) return;
    this.#listensForAbort = true;
    this.#options.signal?.addEventListener("abort", this.#onAbort);
    this.#checkAbort();
  }

  /** The event may come too late: nothing may start once the signal is aborted. */
  #checkAbort(): void {
    if (this.#options.signal?.aborted) this.abort();
  }

  readonly #onAbort = () => this.abort();

  #finish(): void {
    this.#timers.end();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#resolve(this.#outcomes as Outcome<Value>[]);
  }

  /** Records an end and all that follows from it; adds who is ready to `ready`. */
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
        const follows = this.#endWithoutRun(unblocked);
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

  /**
   * How a call ends without running, now that all that it waits for has ended.
   * `undefined`: it may run.
   */
  #endWithoutRun(position: number): Outcome<Value> | undefined {
    const call = this.#calls[position] as ScheduledCall<Value>;
    const outcome = endByOthers(call, this.#outcomes);
    if (outcome !== undefined) return outcome;
    if (call.sameAs === undefined) return this.#bind(position);
    const shared = this.#outcomes[call.sameAs] as Outcome<Value>;
    const hasRun = shared.status === "ok" || shared.status === "error";
    return hasRun
      ? (this.#options.executor.share(position, shared) ?? this.#bind(position))
      : shared;
  }

  readonly #outcomeAt = (position: number) => this.#outcomes[position];

  /** Learns the limits of a call that has them late; or how it ends. */
  #bind(position: number): Outcome<Value> | undefined {
    const call = this.#calls[position] as ScheduledCall<Value>;
    if (call.bindLate === undefined) return undefined;
    // It may halt the batch, which must not end this call as well.
    this.#started[position] = 1;
    const bound = call.bindLate(position, this.#outcomeAt);
    this.#started[position] = 0;
    if ("preset" in bound) return bound.preset;
    this.#bound[position] = bound;
    return undefined;
  }

  /** Starts what can start; the rest waits in lanes. */
  #dispatch(ready: number[], now: number): void {
    if (ready.length === 0 || this.#haltedAs !== undefined) return;
    this.#lanes.sort(ready);
    const { observer } = this.#options;
    if (observer) for (const position of ready) observer.onReady(position, now);
    this.#lanes.admit(ready, now, false);
    if (observer?.onBlocked === undefined) return;
    for (const position of ready) {
      if (this.#started[position] || this.#outcomes[position]) continue;
      observer.onBlocked(position, now, this.#lanes.limitOf(position)!);
    }
  }

  start(position: number, now: number, waits: readonly LimitWait[]): void {
    // A call that started just before may have aborted or halted the batch.
    this.#checkAbort();
    if (this.#outcomes[position] !== undefined) {
      this.#release(position, [], now);
      return;
    }
    this.#started[position] = 1;
    this.#unstarted -= 1;
    const { executor, observer } = this.#options;
    observer?.onStart(position, now, waits, this.#bound[position] as BoundCall);
    const { timeoutMs } = this.#calls[position] as ScheduledCall<Value>;
    if (timeoutMs !== undefined) {
      this.#timers.watch(position, timeoutMs, () => {
        this.#timers.giveUp(position);
        this.#timeOut(position, true);
      });
    }
    executor.execute(position).then(
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
    // Its judge may halt the batch, which must not end this one as well.
    this.#started[position] = 1;
    this.#unstarted -= 1;
    const { executor } = this.#options;
    this.settle(position, executor.judgeUnstarted(position, error));
  }

  /** An attempt has settled, perhaps after its call was given up. */
  #settled(position: number, judge: () => RunOutcome<Value> | RunAgain): void {
    if (this.#timers.settled(position)) {
      this.#release(position, [], this.#options.clock.now());
    } else {
      this.#attemptEnded(position, judge);
    }
  }

  /** The call ends, or rests; its limits stay taken until its attempt settles. */
  #timeOut(position: number, mayRunAgain: boolean): void {
    const { executor } = this.#options;
    this.#attemptEnded(position, () =>
      executor.judgeTimeout(position, mayRunAgain),
    );
  }

  #attemptEnded(
    position: number,
    judge: () => RunOutcome<Value> | RunAgain,
  ): void {
    const now = this.#options.clock.now();
    let outcome: RunOutcome<Value> | RunAgain;
    try {
      outcome = judge();
    } catch (error) {
      // What a tool gives or throws is foreign: to look at it may throw.
      outcome = { status: "error", error };
    }
    if (outcome.status === "again") {
      this.#rest(position, outcome.delayMs, now);
      return;
    }
    if (outcome.halt && outcome.status !== "ok" && outcome.status !== "error") {
      this.#halt(outcome.status);
    }
    const ready = this.#ready;
    ready.length = 0;
    this.#end(position, outcome, ready, now);
    this.#release(position, ready, now);
  }

  /** A call that ran is ready again in a while, unless the batch is halted. */
  #rest(position: number, delayMs: number, now: number): void {
    this.#started[position] = 0;
    this.#unstarted += 1;
    this.#options.observer?.onAgain(position, now, delayMs);
    const halted = this.#haltedAs;
    if (halted === undefined) this.#checkAbort();
    else this.#end(position, { status: halted }, [], now);
    if (this.#outcomes[position] !== undefined) {
      this.#release(position, [], now);
      return;
    }
    this.#listenForAbort();
    // A tool that heeds its signal needs a moment to do so.
    if (delayMs <= 0 && !this.#timers.isLeft(position)) {
      this.#release(position, [position], now, true);
      return;
    }
    this.#timers.rest(position, delayMs, () => this.#wake(position));
    this.#release(position, [], now);
  }

  /** It is run again, unless its last attempt heeds no signal and still runs. */
  #wake(position: number): void {
    if (!this.#timers.isLeft(position)) {
      this.#lanes.admit([position], this.#options.clock.now(), true);
      return;
    }
    // Its judge may halt the batch, which must not end this one as well.
    this.#started[position] = 1;
    this.#unstarted -= 1;
    this.#timeOut(position, false);
  }

  /** Gives the room of a call to those who wait for it or are ready now. */
  #release(
    position: number,
    ready: number[],
    now: number,
    isAgain = false,
  ): void {
    const { limits, cost } = this.#bound[position] as BoundCall;
    if (!this.#timers.isLeft(position)) {
      for (const limit of limits) limit.release(cost);
    }
    if (isAgain) this.#lanes.admit(ready, now, true);
    else this.#dispatch(ready, now);
    if (limits.length > 0) Limit.offerAll(limits, now);
  }

  /** Nothing starts any more. What runs is left to end, or is cut off, too. */
  #halt(
    status: "interrupted" | "aborted",
    cutOff?: (position: number, hasStarted: boolean) => Outcome<Value>,
  ): void {
    if (this.#haltedAs !== undefined && cutOff === undefined) return;
    this.#haltedAs ??= status;
    const now = this.#options.clock.now();
    this.#timers.stopResting();
    this.#lanes.close(now);
    this.#outcomes.forEach((known, position) => {
      const isRunning = this.#started[position] === 1;
      if (known !== undefined || (isRunning && cutOff === undefined)) return;
      const hasStarted = isRunning || this.#timers.isLeft(position);
      if (isRunning) this.#timers.giveUp(position);
      this.#record(position, cutOff?.(position, hasStarted) ?? { status }, now);
    });
    if (this.#left === 0) this.#finish();
  }
}

const ABORTED = Object.freeze({ status: "aborted" });

/** How the calls that it waited for, and its preset, end a call, if they do. */
function endByOthers<Value>(
  { dependsOn, preset }: ScheduledCall<Value>,
  outcomes: readonly (Outcome<Value> | undefined)[],
): Outcome<Value> | undefined {
  let failed: number | undefined;
  let isAbsent: boolean | undefined;
  let interrupted = false;
  let skipped = false;
  for (const from of dependsOn) {
    const outcome = outcomes[from] as Outcome<Value>;
    if (outcome.status === "interrupted") interrupted = true;
    else if (outcome.status !== "ok") {
      const culprit = outcome.failed ?? from;
      if (failed === undefined || culprit < failed) {
        failed = culprit;
        isAbsent = outcome.isAbsent;
      }
      skipped ||= outcome.status === "skipped";
    }
  }
  if (interrupted) return { status: "interrupted" };
  if (preset !== undefined && !skipped) return preset;
  if (failed === undefined) return undefined;
  return { status: "skipped", failed, ...(isAbsent && { isAbsent }) };
}
