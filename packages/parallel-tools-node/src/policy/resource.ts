import { type LimitFunction, readConcurrency } from "./limit-function.js";
import {
  type RateLimit,
  type ResolvedRateLimit,
  readRateLimit,
} from "./rate-limit.js";
import { readFields, readRecord } from "./read-fields.js";

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
  /** @default no rate limit */
  rateLimit?: RateLimit;
}

/** A {@link Resource} that has been validated. */
export interface ResolvedResource {
  readonly concurrency: number | LimitFunction | undefined;
  readonly rateLimit: ResolvedRateLimit | undefined;
}

/** Reads the `resources` option. */
export function readResources(
  value: unknown,
): ReadonlyMap<string, ResolvedResource> {
  const resources = new Map<string, ResolvedResource>();
  if (value === undefined) return resources;
  for (const [name, entry] of Object.entries(readRecord("resources", value))) {
    const option = `resources.${name}`;
    const fields = readFields(option, entry, ["concurrency", "rateLimit"]);
    resources.set(name, {
      concurrency: readConcurrency(`${option}.concurrency`, fields.concurrency),
      rateLimit: readRateLimit(`${option}.rateLimit`, fields.rateLimit),
    });
  }
  return resources;
}
