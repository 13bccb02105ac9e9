import type { Limit } from "../limits/limit.js";
import type { Outcome } from "./outcome.js";

/** What a call takes of its limits. */
export interface BoundCall {
  /** The limits that must all have room; calls with the same ones share the array. */
  readonly limits: readonly Limit[];
  /** Tokens that the call takes from each rate limit. */
  readonly cost: number;
}

/** A call as the scheduler sees it. Positions count the calls of the batch. */
export interface ScheduledCall<Value = never> extends BoundCall {
  /** Positions of the calls that must end first. */
  readonly dependsOn: readonly number[];
  /** The longest that one attempt may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** The position of an identical call whose end this one may share. */
  readonly sameAs?: number | undefined;
  /**
   * Asked when all that the call waits for has ended well: its limits and cost,
   * which can't be known before, or how it ends without running.
   */
  readonly bindLate?: LateBinding<Value> | undefined;
  /** Not to be run: how the call ends once all that it waits for has ended. */
  readonly preset?: Outcome<Value> | undefined;
}

/**
 * @param position of the call
 * @param outcomeAt how another call of the batch has ended, if it has
 */
export type LateBinding<Value> = (
  position: number,
  outcomeAt: (position: number) => Outcome<Value> | undefined,
) => BoundCall | { readonly preset: Outcome<Value> };
