import { ConfigurationError } from "../errors/configuration-error.js";
import type { Clock } from "../limits/clock.js";
import { createLimits } from "../limits/create-limits.js";
import { KeyLocks } from "../limits/key-locks.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { Surroundings } from "../schedule/surroundings.js";
import {
  CallScope,
  insideCall,
  type InsideRules,
  type RunCap,
} from "./call-scope.js";

/** Whoever tells of a batch. */
export interface BatchWatcher {
  /** Names a call of the batch to what runs inside of it. */
  placeOf(position: number): CallPlace | undefined;
  /** The batch is over, and the call around it waits until it may go on. */
  onResuming(resumed: Promise<void>): void;
}

/** Where a batch runs. */
export interface BatchScope {
  readonly rules: InsideRules;
  /** Names the nearest call around the batch whose own batch is watched. */
  readonly place: CallPlace | undefined;
  /**
   * `undefined`: nobody has to know what runs inside of what.
   *
   * @param writer of the stream of the batch's run
   */
  surroundings(
    watcher: BatchWatcher | undefined,
    writer?: unknown,
  ): Surroundings | undefined;
}

/** What a node or middleware says of its batches. */
interface ScopeOptions {
  readonly clock: Clock;
  /** The deepest that a call may be. */
  readonly maxDepth: number;
  /** What runs inside of its calls has to know of them. */
  readonly opensScopes: boolean;
}

/**
 * The scope of a batch that begins here.
 *
 * @param maxConcurrency of its run. `null` or `undefined`: none
 * @throws ConfigurationError for `maxConcurrency`
 */
export function batchScope(
  options: ScopeOptions,
  maxConcurrency: unknown,
): BatchScope {
  const { clock, maxDepth, opensScopes } = options;
  const inside = insideCall();
  const around = inside?.rules;
  const cap = runCapOf(around?.cap, maxConcurrency, clock);
  const isNeeded = opensScopes || inside !== undefined || cap !== undefined;
  // The rules of the calls around hold, too.
  const rules = {
    depth: (around?.depth ?? 0) + 1,
    maxDepth: Math.min(maxDepth, around?.maxDepth ?? Number.POSITIVE_INFINITY),
    cap,
    locks: around?.locks ?? (isNeeded ? new KeyLocks(clock) : undefined),
  };
  return {
    rules,
    place: inside?.place,
    surroundings: (watcher, writer) =>
      isNeeded
        ? surroundingsOf(inside, rules, options.clock, watcher, writer)
        : undefined,
  };
}

/**
 * A run hands its `maxConcurrency` down to those that tools start. So the same number
 * is the same cap; a lower one holds beside it.
 */
function runCapOf(
  around: RunCap | undefined,
  maxConcurrency: unknown,
  clock: Clock,
): RunCap | undefined {
  if (maxConcurrency == null) return around;
  if (typeof maxConcurrency !== "number" || !(maxConcurrency >= 1)) {
    throw new ConfigurationError(
      "config.maxConcurrency",
      "a number of at least 1",
      maxConcurrency,
    );
  }
  const concurrency = Math.floor(maxConcurrency);
  if (concurrency >= (around?.concurrency ?? Number.POSITIVE_INFINITY)) {
    return around;
  }
  const own = createLimits("batch", { concurrency }, clock);
  return { concurrency, limits: [...(around?.limits ?? []), ...own] };
}

/** The surroundings of a batch that runs inside of a call, or of none. */
export function surroundingsOf(
  inside: CallScope | undefined,
  rules: InsideRules,
  clock: Clock,
  watcher?: BatchWatcher,
  writer?: unknown,
): Surroundings {
  return {
    inside,
    open(limits, cost, position) {
      const place = watcher?.placeOf(position) ?? inside?.place;
      const facts = { limits, cost, clock, place, writer };
      return new CallScope({ inside, rules, ...facts });
    },
    begin: (work) => inside?.begin(work),
    changed: (...change) => inside?.changed(...change) ?? true,
    end(work, signal) {
      const resumed = inside?.leave(work, signal);
      if (resumed !== undefined) watcher?.onResuming(resumed);
      return resumed;
    },
  };
}
