import type { ResolvedResource } from "../policy/resource.js";
import { Circuit } from "./circuit.js";
import type { Clock } from "./clock.js";
import { createLimits, type LimitOptions } from "./create-limits.js";
import { FeedbackGate } from "./feedback-gate.js";
import { attempt } from "./feedback/attempt.js";
import type { Limit } from "./limit.js";
import type { SharedLimit, SharedLimits } from "./shared-limits.js";

/** What limits are made with. */
export interface LimitSources {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Keeps caps and rates in place of this process. */
  readonly shared: SharedLimits | undefined;
}

/** The limits of a tool or a resource. */
export interface ServerLimits {
  /** Is told what the server says. */
  readonly gate: FeedbackGate;
  /** Is told how calls end. Always kept by this process. */
  readonly circuit: Circuit | undefined;
  /** Caps and rates that this process keeps. */
  readonly local: readonly Limit[];
  /** Caps and rates that are kept elsewhere. */
  readonly shared: SharedLimit | undefined;
}

/**
 * Creates the limits of a tool or a resource. Caps and rates are kept in the shared
 * place, if there is one. An application's own p-limit can't be shared.
 *
 * @param isResource a resource without a cap and a rate has a server with unknown
 *   limits behind it; a tool without them has no limits
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
        // Best effort: a store that fails must not fail the call.
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
