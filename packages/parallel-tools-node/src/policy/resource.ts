import { type CircuitPolicy, readCircuit } from "./circuit-policy.js";
import { type LimitFunction, readConcurrency } from "./limit-function.js";
import {
  type RateLimit,
  type ResolvedRateLimit,
  readRateLimit,
} from "./rate-limit.js";
import { type FieldReader, readByTable } from "./read-fields.js";

/**
 * A thing that several tools share and that has limits: an API key, a database
 * pool. Its name is the key under which it stands in `resources`. Nodes and agents
 * that are given the same object under the same name share its limits;
 * {@link resource} makes one that is shared under any name.
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
   * Then one is tried, and how it ends decides. What counts as a failure stands
   * there. Each process has its own circuit.
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

/** What {@link resource} has made, and what it was made of. */
const made = new WeakMap<object, ResolvedResource>();

/**
 * Makes a resource whose limits hold wherever the object stands: all nodes and
 * agents of this process that are given it share them, in whatever `resources` map
 * and under whatever name. Reports use the name under which it came first. Make it
 * once, where a module begins: a function that makes it anew, such as a graph
 * factory, makes another one each time.
 *
 * Where limits are kept elsewhere (`limits`), its name says which one it is.
 *
 * @throws ConfigurationError where an option isn't valid
 * @example
 * ```ts
 * import { ParallelToolNode, resource } from "parallel-tools-node";
 *
 * const serp = resource({ rateLimit: { limit: 10, intervalMs: 1_000 } });
 *
 * // Both together make at most 10 calls a second.
 * export const first = new ParallelToolNode([], { resources: { serp } });
 * export const second = new ParallelToolNode([], {
 *   resources: { serp, db: { concurrency: 4 } },
 * });
 * ```
 */
export function resource(options: Resource): Readonly<Resource> {
  const declared = readResource("resource", options);
  const shared = Object.freeze({ ...options });
  made.set(shared, declared);
  return shared;
}

/** It was made by {@link resource}. */
export function isMadeResource(value: object): boolean {
  return made.has(value);
}

/** Reads one entry of the `resources` option. */
export function readResource(option: string, value: unknown): ResolvedResource {
  const known = made.get(value as object);
  return known ?? readByTable(option, value, FIELDS);
}
