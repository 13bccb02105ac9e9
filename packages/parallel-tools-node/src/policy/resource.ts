import { type CircuitPolicy, readCircuit } from "./circuit-policy.js";
import { type LimitFunction, readConcurrency } from "./limit-function.js";
import {
  type RateLimit,
  type ResolvedRateLimit,
  readRateLimit,
} from "./rate-limit.js";
import { type FieldReader, readByTable, readRecord } from "./read-fields.js";

/**
 * A named thing that several tools share and that has limits: an API key, a
 * database pool. Nodes that are given the same `resources` object share its
 * limits.
 */
export interface Resource {
  /**
   * Calls that may use it at once: an integer of at least 1, or a p-limit
   * instance.
   *
   * @default no cap
   */
  concurrency?: number | LimitFunction;
  /**
   * One or several. With several a call starts when all of them have room.
   *
   * @default no rate limit
   */
  rateLimit?: RateLimit | readonly RateLimit[];
  /**
   * Keeps calls away from the resource after `failures` calls in a row have
   * failed. For `resetMs` milliseconds each call is answered at once and not run.
   * Then one is tried, and how it ends decides. Failures are timeouts and what a
   * tool throws, except for errors that say that the call was wrong (those that
   * `retryOn` refuses by default) and refusals with 429. Each process has its own
   * circuit.
   *
   * @default none
   */
  circuit?: CircuitPolicy;
}

/** A {@link Resource} that has been validated. */
export interface ResolvedResource {
  readonly concurrency?: number | LimitFunction | undefined;
  readonly rateLimit?:
    | ResolvedRateLimit
    | readonly ResolvedRateLimit[]
    | undefined;
  readonly circuit?: Readonly<CircuitPolicy>;
}

const FIELDS = {
  concurrency: readConcurrency,
  rateLimit: readRateLimit,
  circuit: readCircuit,
} satisfies {
  [Field in keyof Required<Resource>]: FieldReader<ResolvedResource[Field]>;
};

/** Reads the `resources` option. */
export function readResources(
  value: unknown,
): ReadonlyMap<string, ResolvedResource> {
  const resources = new Map<string, ResolvedResource>();
  if (value === undefined) return resources;
  for (const [name, entry] of Object.entries(readRecord("resources", value))) {
    resources.set(name, readByTable(`resources.${name}`, entry, FIELDS));
  }
  return resources;
}
