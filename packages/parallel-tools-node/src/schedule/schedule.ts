import { Limit } from "../limits/limit.js";
import { endWithoutRun } from "./end-without-run.js";
import { judgeSafely } from "./judge-safely.js";
import type { CallStarter, LimitWait } from "./lane.js";
import { Lanes } from "./lanes.js";
import type { Outcome, RunAgain, RunOutcome } from "./outcome.js";
import type { ScheduleOptions } from "./schedule-options.js";
import type { ScheduledCall } from "./scheduled-call.js";
import { TaskGraph } from "./task-graph.js";

/**
 * Runs a batch: starts each call at the first instant at which the calls that
 * it waits for have ended and all of its limits have room.
 *
 * A call goes: waiting (for calls, or to arrive) -> ready (waits for limits) ->
 * running -> ended; or from running to resting, when it is to be run again,
 * then to ready. From waiting, ready and resting it may end without running
 * (again): `skipped` when a call that it waited for failed, `interrupted` or
 * `aborted` when such a call was or when the batch is halted, as its preset
 * says, or as whoever calls `settle` says.
 */
export class Schedule<Value> implements CallStarter {
  readonly #options: ScheduleOptions<Value>;
  readonly #calls: ScheduledCall<Value>[];
  readonly #graph: TaskGraph;
  readonly #pathLengths: Int32Array;
  readonly #outcomes: (Outcome<Value> | undefined)[];
  /** Calls that have yet to end before this one is ready. */
  readonly #open: Int32Array;
  readonly #started: Uint8Array;
  readonly #lanes: Lanes;
  /** Calls that rest, and how to wake them no more. */
  readonly #resting = new Map<number, () => void>();
  #haltedAs: "interrupted" | "aborted" | undefined;
  /** Lists that each end of a call fills anew: garbage is what costs here. */
  readonly #ready: number[] = [];
  readonly #ended: number[] = [];
  /** Calls that have neither started nor ended, or rest. */
  #unstarted: number;
  /** Calls that have not ended. */
  #left: number;
  #listens = false;
  #resolve: (outcomes: Outcome<Value>[]) => void = () => {};

  /** @throws Error for a cycle: such a batch could never end */
  constructor(options: ScheduleOptions<Value>) {
    const { calls } = options;
    this.#options = options;
    this.#calls = [...calls];
    // One that shares an end waits for it like any other dependency.
    this.#graph = new TaskGraph(
      calls.map(({ dependsOn, sameAs }) =>
        sameAs === undefined ? dependsOn : [...dependsOn, sameAs],
      ),
    );
    this.#pathLengths = this.#graph.pathLengths();
    this.#lanes = new Lanes(this.#calls, this.#pathLengths, this);
    this.#outcomes = Array.from({ length: calls.length });
    this.#open = new Int32Array(calls.length);
    this.#started = new Uint8Array(calls.length);
    this.#unstarted = calls.length;
    this.#left = calls.length;
  }

  /**
   * Starts what can start. Once. Gives the outcomes by position when nothing
   * runs any more.
   */
  run(): Promise<Outcome<Value>[]> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#begin();
    });
  }

  /** A call has come, and may start from now on. Once per call. */
  arrive(position: number): void {
    if (this.#outcomes[position] !== undefined) return;
    this.#open[position]! -= 1;
    if (this.#open[position] === 0) this.#unblock([position]);
  }

  /** A call that is not ready has ended elsewhere, or won't be waited for. */
  settle(position: number, outcome: Outcome<Value>): void {
    if (this.#outcomes[position] !== undefined) return;
    const ready: number[] = [];
    const now = this.#options.clock.now();
    this.#end(position, outcome, ready, now);
    this.#dispatch(ready, now);
  }

  #begin(): void {
    if (this.#left === 0) this.#finish();
    this.#haltIfAborted();
    if (this.#left === 0) return;
    const missing = this.#options.comeOneByOne ? 1 : 0;
    const roots: number[] = [];
    for (let i = 0; i < this.#calls.length; i += 1) {
      this.#open[i] = this.#graph.dependenciesOf(i).length + missing;
      if (this.#open[i] === 0) roots.push(i);
    }
    this.#unblock(roots);
    // Else nothing is left that an abort could keep from starting.
    if (this.#unstarted > 0) this.#listen();
  }

  #listen(): void {
    if (this.#listens) return;
    this.#listens = true;
    this.#options.signal?.addEventListener("abort", this.#abort);
  }

  readonly #abort = () => this.#halt("aborted");

  #finish(): void {
    if (this.#listens) {
      this.#options.signal?.removeEventListener("abort", this.#abort);
    }
    this.#resolve(this.#outcomes as Outcome<Value>[]);
  }

  /** Starts calls that wait for nothing any more, or ends them. */
  #unblock(positions: readonly number[]): void {
    const now = this.#options.clock.now();
    const ready: number[] = [];
    for (const position of positions) {
      const outcome = this.#endWithoutRun(position);
      if (outcome === undefined) ready.push(position);
      else this.#end(position, outcome, ready, now);
    }
    this.#dispatch(ready, now);
  }

  /** Records an end and all that follows from it; adds who is ready to `ready`. */
  #end(
    position: number,
    outcome: Outcome<Value>,
    ready: number[],
    now: number,
  ): void {
    this.#record(position, outcome, now);
    if (this.#graph.edges > 0) {
      // A list and no recursion: chains may be as long as the batch.
      const ended = this.#ended;
      ended.length = 0;
      ended.push(position);
      for (const from of ended) {
        const last = this.#graph.firstEdge(from + 1);
        for (let edge = this.#graph.firstEdge(from); edge < last; edge += 1) {
          const to = this.#graph.targetOf(edge);
          this.#open[to]! -= 1;
          if (this.#open[to]! > 0 || this.#outcomes[to] !== undefined) continue;
          const follows = this.#endWithoutRun(to);
          if (follows === undefined) ready.push(to);
          else {
            this.#record(to, follows, now);
            ended.push(to);
          }
        }
      }
    }
    if (this.#left === 0) this.#finish();
  }

  #record(position: number, outcome: Outcome<Value>, now: number): void {
    this.#outcomes[position] = outcome;
    if (this.#started[position] === 0) this.#unstarted -= 1;
    this.#left -= 1;
    this.#options.observer?.onEnd(position, now, outcome);
  }

  /** How an unblocked call ends without running, if it does. */
  #endWithoutRun(position: number): Outcome<Value> | undefined {
    const call = this.#calls[position] as ScheduledCall<Value>;
    const outcome = endWithoutRun(call, this.#outcomes);
    if (outcome !== undefined) return outcome;
    const { sameAs } = call;
    if (sameAs === undefined) return this.#bind(position);
    const shared = this.#outcomes[sameAs] as Outcome<Value>;
    if (shared.status !== "ok" && shared.status !== "error") return shared;
    return this.#options.share?.(position, shared) ?? this.#bind(position);
  }

  /** Learns the limits of a call that has them late; or how it ends. */
  #bind(position: number): Outcome<Value> | undefined {
    const call = this.#calls[position] as ScheduledCall<Value>;
    if (call.bindLate === undefined) return undefined;
    // It may halt the batch, which must not end this call as well.
    this.#started[position] = 1;
    const bound = call.bindLate((other) => this.#outcomes[other]);
    this.#started[position] = 0;
    if ("preset" in bound) return bound.preset;
    this.#calls[position] = { ...call, ...bound };
    return undefined;
  }

  /** Starts what can start; the rest waits in lanes. */
  #dispatch(ready: number[], now: number): void {
    if (ready.length === 0 || this.#haltedAs !== undefined) return;
    if (this.#graph.edges > 0) {
      ready.sort(
        (a, b) => this.#pathLengths[b]! - this.#pathLengths[a]! || a - b,
      );
    }
    const { observer } = this.#options;
    if (observer) for (const position of ready) observer.onReady(position, now);
    this.#lanes.admit(ready, now, false);
    if (observer?.onBlocked) this.#tellBlocked(ready, now);
  }

  #tellBlocked(ready: readonly number[], now: number): void {
    for (const position of ready) {
      if (this.#started[position] || this.#outcomes[position]) continue;
      const limit = this.#lanes.limitOf(position);
      if (limit) this.#options.observer?.onBlocked?.(position, now, limit);
    }
  }

  start(position: number, now: number, waits: readonly LimitWait[]): void {
    // A call that started just before may have aborted or halted the batch.
    this.#haltIfAborted();
    if (this.#outcomes[position] !== undefined) {
      this.#release(position, [], now);
      return;
    }
    this.#started[position] = 1;
    this.#unstarted -= 1;
    const { execute, observer, signal, judgeValue, judgeError } = this.#options;
    const call = this.#calls[position] as ScheduledCall<Value>;
    observer?.onStart(position, now, waits, call);
    execute(position, signal).then(
      (value) => this.#finished(position, () => judgeValue(position, value)),
      (error: unknown) =>
        this.#finished(position, () => judgeError(position, error)),
    );
  }

  leave(position: number, now: number, waits: readonly LimitWait[]): void {
    this.#options.observer?.onLeave?.(position, now, waits);
  }

  fail(position: number, error: unknown): void {
    // Its judge may halt the batch, which must not end this one as well.
    this.#started[position] = 1;
    this.#unstarted -= 1;
    const ready: number[] = [];
    const now = this.#options.clock.now();
    const judge = this.#options.judgeUnstarted;
    const outcome = judge?.(position, error) ?? { status: "error", error };
    this.#end(position, outcome, ready, now);
    this.#dispatch(ready, now);
  }

  #finished(position: number, judge: () => RunOutcome<Value> | RunAgain): void {
    const now = this.#options.clock.now();
    const outcome = judgeSafely(judge);
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
    if (halted !== undefined) {
      this.#end(position, { status: halted }, [], now);
    } else {
      this.#haltIfAborted();
    }
    if (this.#outcomes[position] !== undefined) {
      this.#release(position, [], now);
      return;
    }
    this.#listen();
    if (delayMs <= 0) {
      this.#release(position, [position], now, true);
      return;
    }
    this.#resting.set(
      position,
      this.#options.clock.schedule(() => {
        this.#resting.delete(position);
        this.#lanes.admit([position], this.#options.clock.now(), true);
      }, delayMs),
    );
    this.#release(position, [], now);
  }

  /** Gives the room of a call to those who wait for it or are ready now. */
  #release(
    position: number,
    ready: number[],
    now: number,
    isAgain = false,
  ): void {
    const { limits, cost } = this.#calls[position] as ScheduledCall<Value>;
    for (const limit of limits) limit.release(cost);
    if (isAgain) this.#lanes.admit(ready, now, true);
    else this.#dispatch(ready, now);
    if (limits.length > 0) Limit.offerAll(limits, now);
  }

  #haltIfAborted(): void {
    if (this.#options.signal?.aborted) this.#halt("aborted");
  }

  /** Nothing starts any more. What runs is left to end. */
  #halt(status: "interrupted" | "aborted"): void {
    if (this.#haltedAs !== undefined) return;
    this.#haltedAs = status;
    const now = this.#options.clock.now();
    for (const cancel of this.#resting.values()) cancel();
    this.#resting.clear();
    this.#lanes.close(now);
    this.#calls.forEach((_, position) => {
      if (this.#started[position] || this.#outcomes[position]) return;
      this.#record(position, { status }, now);
    });
    if (this.#left === 0) this.#finish();
  }
}
