/** Why a call has to wait for another. */
export type DependencyReason =
  | "reference"
  | "conflict"
  | "after"
  | "sequential";

/**
 * An edge of a plan: the call that holds it waits until `index` has ended, and all
 * of `indexes`, if there are any.
 */
export interface Dependency {
  /** The call that must finish first, as an index into the message's `tool_calls`. */
  readonly index: number;
  /**
   * Only where the call comes `after` more than 16 calls of one tool: then one
   * edge stands for all of them. Their indexes in the order of the plan; `index`
   * is one of them. Edges on the same calls share one array, so that edges stay
   * linear in calls.
   */
  readonly indexes?: readonly number[];
  readonly reason: DependencyReason;
  /**
   * A key of shared state, the name of a tool, the reference, or the barrier. In
   * reports, progress events and traces, keys that a policy's function made of
   * arguments are `shared state`, unless `reportArguments` is set.
   */
  readonly detail: string;
}

/** The `detail` of a conflict if a call's keys are unknown until it starts. */
export const ANY_KEY = "any key: it depends on a reference";

export interface PlannedCall {
  /** 0-based place in the message's `tool_calls`. */
  readonly index: number;
  /** `index` + 1: how a model counts its calls. */
  readonly ordinal: number;
  readonly id: string | undefined;
  readonly name: string;
  /**
   * At most one edge per other call, apart from those that another edge names in
   * its `indexes`. Edges that others imply are left out.
   */
  readonly dependsOn: readonly Dependency[];
  /**
   * The index of an identical earlier call whose answer this one shares. It waits
   * for that one, and is not skipped if that one fails: it shares the error, too.
   */
  readonly sameAs?: number;
  /** The call stands after a `"replan"` call and is not run. */
  readonly deferred?: true;
  /**
   * Why the call can't be planned, and is not run: a function of its policy
   * failed (PolicyFunctionError), or one of its references can never have a value
   * (UnresolvedReferenceError).
   */
  readonly problem?: Error;
}

/**
 * `"single"`: at most one call. `"fan-out"`: none waits for another.
 * `"chain"`: each waits for the one before. `"mixed"`: anything else.
 */
export type PlanShape = "single" | "fan-out" | "chain" | "mixed";

/** The DAG of a batch. */
export interface BatchPlan {
  readonly shape: PlanShape;
  /** Calls on the longest path; 0 for an empty batch. */
  readonly depth: number;
  /** In the order in which the model asked. */
  readonly calls: readonly PlannedCall[];
}
