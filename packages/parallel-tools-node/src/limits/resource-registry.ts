import { type ResolvedResource, readResources } from "../policy/resource.js";
import type { Clock } from "./clock.js";
import { createLimits } from "./create-limits.js";
import type { Limit } from "./limit.js";

/** The declared resources of a node, and their limits. */
export interface ResourceRegistry {
  readonly declared: ReadonlyMap<string, ResolvedResource>;
  readonly limits: ReadonlyMap<string, readonly Limit[]>;
}

const registries = new WeakMap<object, ResourceRegistry>();

/**
 * The registry of a `resources` option. The same object gives the same
 * registry, which is how nodes share limits; the clock is that of the first.
 *
 * @throws ConfigurationError
 */
export function resourceRegistryOf(
  resources: unknown,
  clock: Clock,
): ResourceRegistry {
  const key = typeof resources === "object" && resources ? resources : {};
  const known = registries.get(key);
  if (known !== undefined) return known;
  const declared = readResources(resources);
  const limits = new Map<string, readonly Limit[]>();
  for (const [name, resource] of declared) {
    limits.set(name, createLimits(`resource ${name}`, resource, clock));
  }
  const registry = { declared, limits };
  registries.set(key, registry);
  return registry;
}
