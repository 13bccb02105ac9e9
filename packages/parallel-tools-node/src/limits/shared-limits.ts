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
  /**
   * Names of those limits in which the call needs no slot: it uses that of a call
   * inside which it runs and which waits for it. It takes its tokens there, waits for
   * nobody who waits for slots, and its permit gives no slot back. An empty list: the
   * call needs no slot at all, and waits for nobody who waits for one that a call
   * around it has.
   *
   * A store that ignores this gives it one more slot. If there is none, the calls
   * around it give theirs back after 100 ms: see `sharesSlots`.
   */
  readonly held?: readonly string[];
  /**
   * `cost` is an estimate, which `correct` of the permit may change. So the call's start
   * is not fixed ahead: it may come sooner when others get tokens back.
   */
  readonly isEstimate?: boolean;
  /**
   * The call has run, has given its slots back while it waited for what is inside of
   * it, and wants to go on. It takes slots and no tokens, comes before all who have
   * not started, and no pause holds it up.
   *
   * A store that ignores this lets it wait in line, and takes its tokens once more.
   */
  readonly goesOn?: boolean;
}

/**
 * Room for one call. Exactly one of its methods is called, once. A call that has waited
 * for what is inside of it, and has given its slots back, goes on with another permit.
 */
export interface Permit {
  /**
   * The call has ended, or waits for calls inside of it that wait for slots: gives its
   * slots back. Its tokens stay taken.
   */
  release(): void;
  /**
   * The call was not started and won't be: gives back whatever can be given
   * back. Tokens are for the moment at which the permit was given, so a permit
   * with tokens that no call can use at once is cancelled.
   */
  cancel(): void;
  /**
   * The call has used so many tokens of the rates that don't count calls, more or fewer
   * than the request's `cost`. Called at most once, before `release`. A store may leave
   * it out: then what was taken stays taken.
   */
  correct?(used: number): void;
}

/** Keeps the limits of a node. By default the process keeps them itself. */
export interface SharedLimits {
  /**
   * It reads `held` and `goesOn` of requests, as `inProcessLimits()` and `redisLimits`
   * do. Without this, a call counts as one that waits for slots where it waits for a
   * rate alone, if a call around it has a slot: that one gives it back after 100 ms.
   */
  readonly sharesSlots?: boolean | undefined;
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
export function createPermit(
  release: () => void,
  cancel: () => void,
  correct?: (used: number) => void,
): Permit {
  let isOver = false;
  const once = (act: () => void) => () => {
    if (isOver) return;
    isOver = true;
    act();
  };
  return {
    release: once(release),
    cancel: once(cancel),
    ...(correct && {
      correct: (used: number) => {
        if (!isOver) correct(used);
      },
    }),
  };
}
