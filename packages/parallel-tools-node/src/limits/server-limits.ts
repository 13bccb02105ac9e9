import type { ResolvedResource } from "../policy/resource.js";
import { Circuit } from "./circuit.js";
import type { Clock } from "./clock.js";
import { createLimits, type LimitOptions } from "./create-limits.js";
import { FeedbackGate } from "./feedback-gate.js";
import { attempt } from "./feedback/attempt.js";
import type { Limit } from "./limit.js";
import type { SharedLimit, SharedLimits } from "./shared-limits.js";

/** Where limits are made of. */
export interface LimitSources {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Keeps caps and rates in place of this process. */
  readonly shared: SharedLimits | undefined;
}

/** The limits of a tool or a resource, and what hears its server's feedback. */
export interface ServerLimits {
  readonly gate: FeedbackGate;
  /** Kept by this process, too. */
  readonly circuit: Circuit | undefined;
  /** Kept by this process; the gate is not among them. */
  readonly local: readonly Limit[];
  /** Kept elsewhere. */
  readonly shared: SharedLimit | undefined;
}

/**
 * The limits of one owner. What can be shared is, if there is a place for it: a
 * p-limit of the application is its own in each process.
 *
 * @param isResource of which nothing being known means that a server with
 *   unknown limits stands behind it, and not that it has none
 */
export function createServerLimits(
  name: string,
  options: LimitOptions & Partial<Pick<ResolvedResource, "circuit">>,
  sources: LimitSources,
  isResource: boolean,
): ServerLimits {
  const { clock, random } = sources;
  const { concurrency, rateLimit } = options;
  const shared = sources.shared && describe(name, options);
  const learns = rateLimit === undefined;
  const gate = new FeedbackGate(name, clock, {
    learns,
    startsCarefully: isResource && learns && concurrency === undefined,
    random,
    onPause:
      shared &&
      ((ms) => {
        // Best effort, and none of the call's business.
        attempt(() => sources.shared?.pause(shared, ms));
      }),
  });
  const local =
    shared === undefined
      ? options
      : {
          concurrency:
            typeof concurrency === "function" ? concurrency : undefined,
        };
  const circuit = options.circuit && new Circuit(name, clock, options.circuit);
  return { gate, circuit, local: createLimits(name, local, clock), shared };
}

function describe(
  name: string,
  { concurrency, rateLimit }: LimitOptions,
): SharedLimit | undefined {
  const isCap = typeof concurrency === "number";
  if (!isCap && rateLimit === undefined) return undefined;
  return {
    name,
    ...(isCap && { concurrency }),
    ...(rateLimit && { rateLimit }),
  };
}
