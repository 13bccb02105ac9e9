import type { ResolvedRateLimit } from "../policy/rate-limit.js";

/** The limits of one tool or resource, which several processes share. */
export interface SharedLimit {
  /** E.g. `tool search` or `resource serp`. The same name is the same limit. */
  readonly name: string;
  /** How many calls may run at once. */
  readonly concurrency?: number;
  /**
   * How many tokens calls may take in which time. A list where several are
   * declared, and then of at least two: the call takes what it needs from all of
   * them together. `[limit.rateLimit ?? []].flat()` reads either. From one that
   * `counts: "calls"` a call takes one token, from the others its cost.
   */
  readonly rateLimit?: ResolvedRateLimit | readonly ResolvedRateLimit[];
}

/** A request for room for one call. */
export interface LimitRequest {
  /** They are taken together, when all of them have room. */
  readonly limits: readonly SharedLimit[];
  /** How many tokens the call takes from each rate limit that counts the cost. */
  readonly cost: number;
  /** Aborted when nobody needs the permit any more. */
  readonly signal: AbortSignal;
}

/** Room for one call. Exactly one of its methods is called, once. */
export interface Permit {
  /** The call has ended: gives its slots back. */
  release(): void;
  /**
   * The call was not started and won't be: gives back whatever can be given
   * back. Tokens are for the moment at which the permit was given, so a permit
   * with tokens that no call can use at once is cancelled.
   */
  cancel(): void;
}

/** Keeps the limits of a node. By default the process keeps them itself. */
export interface SharedLimits {
  /**
   * Takes room for one call in all limits of the request. First come, first
   * served. Resolves at the moment at which the call may start, and holds no
   * slot before that. After an abort it rejects with the signal's reason and
   * holds nothing.
   */
  acquire(request: LimitRequest): Promise<Permit>;
  /**
   * A server wants no calls for `ms` milliseconds. This is best effort: calls
   * that already have a permit may still start.
   */
  pause(limit: SharedLimit, ms: number): void;
}

/** Makes a permit of which only the first call of a method has an effect. */
export function createPermit(release: () => void, cancel: () => void): Permit {
  let isOver = false;
  const once = (act: () => void) => () => {
    if (isOver) return;
    isOver = true;
    act();
  };
  return { release: once(release), cancel: once(cancel) };
}
