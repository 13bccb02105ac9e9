import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/** The limits of a tool or of a resource, as several processes share them. */
export interface SharedLimit {
  /** `tool search` or `resource serp`: what has one name is one limit. */
  readonly name: string;
  /** Calls that may run at once. */
  readonly concurrency?: number;
  /** Tokens that calls may take. */
  readonly rateLimit?: ResolvedRateLimit;
}

/** What a call asks for. */
export interface LimitRequest {
  /** All of them have to have room, and are taken together. */
  readonly limits: readonly SharedLimit[];
  /** Tokens that the call takes from each rate limit among them. */
  readonly cost: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Room for one call. One of its methods is called, once. */
export interface Permit {
  /** The call has ended: its slots are free again. */
  release(): void;
  /**
   * The call was not started and won't be: gives back whatever still can be. A
   * permit with tokens that a call can't use at once ends so: they are of the
   * moment at which it was given.
   */
  cancel(): void;
}

/** Where the limits of a node are kept. The default is the process itself. */
export interface SharedLimits {
  /**
   * Takes room for one call in every limit of the request. Resolves at the
   * moment at which the call may start, first come first served; before that it
   * holds no slot. After an abort it rejects with the signal's reason and holds
   * nothing.
   */
  acquire(request: LimitRequest): Promise<Permit>;
  /**
   * A server wants no calls for `ms` milliseconds. Best effort: calls that have
   * their permit may still start.
   */
  pause(limit: SharedLimit, ms: number): void;
}

/** A permit that takes one call of one of its methods and ignores the rest. */
export function createPermit(release: () => void, cancel: () => void): Permit {
  let isOver = false;
  const once = (act: () => void) => () => {
    if (isOver) return;
    isOver = true;
    act();
  };
  return { release: once(release), cancel: once(cancel) };
}
