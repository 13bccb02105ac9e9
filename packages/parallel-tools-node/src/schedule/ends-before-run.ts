import type { DependencyGraph } from "./dependency-graph.js";
import type { Executor } from "./executor.js";
import type { Outcome } from "./outcome.js";
import type { ScheduleOptions } from "./schedule-options.js";
import type { BoundCall, ScheduledCall } from "./scheduled-call.js";

/** What is known of the calls of a batch, by position. */
interface BatchState<Value> {
  readonly graph: DependencyGraph;
  /** Is only read. */
  readonly outcomes: readonly (Outcome<Value> | undefined)[];
  /** A late binding is noted there. */
  readonly bound: BoundCall[];
  /** 1 for each call that a halt of the batch must not end. */
  readonly started: Uint8Array;
}

/** Tells how calls end that don't run, when all that they waited for has ended. */
export class EndsBeforeRun<Value> {
  readonly #calls: readonly ScheduledCall<Value>[];
  readonly #executor: Executor<Value>;
  readonly #state: BatchState<Value>;

  constructor(
    { calls, executor }: Pick<ScheduleOptions<Value>, "calls" | "executor">,
    state: BatchState<Value>,
  ) {
    this.#calls = calls;
    this.#executor = executor;
    this.#state = state;
  }

  /** `undefined`: the call may run. */
  of(position: number): Outcome<Value> | undefined {
    const { graph, outcomes } = this.#state;
    const { sameAs, preset } = this.#calls[position]!;
    const others = graph.outcomeOfOthers(position);
    if (others.status === "interrupted") return others;
    if (preset !== undefined && others.status !== "skipped") return preset;
    if (others.status !== "ok") return { ...others, status: "skipped" };
    if (sameAs === undefined) return this.#bind(position);
    const shared = outcomes[sameAs] as Outcome<Value>;
    if (shared.status === "ok" || shared.status === "error") {
      return this.#executor.share(position, shared) ?? this.#bind(position);
    }
    // One that never came keeps no other from running.
    const isAbsent = shared.isAbsent && shared.status === "aborted";
    return isAbsent ? this.#bind(position) : shared;
  }

  /** Calls `bindLate`. Returns how the call ends, or `undefined` if it may run. */
  #bind(position: number): Outcome<Value> | undefined {
    const { bound, outcomes, started } = this.#state;
    const { bindLate } = this.#calls[position] as ScheduledCall<Value>;
    if (bindLate === undefined) return undefined;
    // `bindLate` may halt the batch, and that must not end this call.
    started[position] = 1;
    const binding = bindLate(position, (other) => outcomes[other]);
    started[position] = 0;
    if ("preset" in binding) return binding.preset;
    bound[position] = binding;
    return undefined;
  }
}
