import type { Limit } from "../limits/limit.js";
import type { Outcome } from "./outcome.js";

/** What a call takes of its limits. */
export interface BoundCall {
  /**
   * The limits that must all have room. Calls that need the same limits must share
   * one array: it identifies their lane.
   */
  readonly limits: readonly Limit[];
  /** Tokens that the call takes from each rate limit. */
  readonly cost: number;
  /** The longest that one attempt may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** What a further attempt takes. Default: the same. */
  readonly again?: BoundCall | undefined;
}

/** A call as the scheduler sees it. A position is an index into the batch. */
export interface ScheduledCall<Value = never> extends BoundCall {
  /** The positions of the calls that must end first, and groups of such calls. */
  readonly dependsOn: readonly number[];
  /** The position of an identical call whose outcome this one may share. */
  readonly sameAs?: number | undefined;
  /**
   * Is called when all that the call waits for has ended well. It replaces what the
   * call takes where that depends on the outputs of other calls.
   */
  readonly bindLate?: LateBinding<Value> | undefined;
  /** How the call ended before this batch began. */
  readonly ended?: Outcome<Value> | undefined;
  /** How a call that must not run ends when all that it waits for has ended. */
  readonly preset?: Outcome<Value> | undefined;
}

/**
 * Returns the limits and cost of a call, or how it ends without running.
 *
 * @param position of the call
 * @param outcomeAt returns how another call of the batch has ended, if it has
 */
export type LateBinding<Value> = (
  position: number,
  outcomeAt: (position: number) => Outcome<Value> | undefined,
) => BoundCall | { readonly preset: Outcome<Value> };
