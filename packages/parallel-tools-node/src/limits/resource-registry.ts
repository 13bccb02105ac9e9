import { type ResolvedResource, readResources } from "../policy/resource.js";
import {
  createServerLimits,
  type LimitSources,
  type ServerLimits,
} from "./server-limits.js";

/** The declared resources of a node, and their limits. */
export interface ResourceRegistry {
  readonly declared: ReadonlyMap<string, ResolvedResource>;
  readonly limits: ReadonlyMap<string, ServerLimits>;
}

/** Stands for the process itself, where nobody else keeps the limits. */
const HERE = {};

/** By the `resources` object, then by where limits are kept. */
const registries = new WeakMap<object, WeakMap<object, ResourceRegistry>>();

/**
 * The registry of a `resources` option. The same object gives the same
 * registry, which is how nodes share limits; the clock is that of the first.
 *
 * @throws ConfigurationError
 */
export function resourceRegistryOf(
  resources: unknown,
  sources: LimitSources,
): ResourceRegistry {
  const key = typeof resources === "object" && resources ? resources : {};
  let places = registries.get(key);
  if (places === undefined) {
    places = new WeakMap();
    registries.set(key, places);
  }
  const place = sources.shared ?? HERE;
  const known = places.get(place);
  if (known !== undefined) return known;
  const declared = readResources(resources);
  const limits = new Map<string, ServerLimits>();
  for (const [name, resource] of declared) {
    limits.set(
      name,
      createServerLimits(`resource ${name}`, resource, sources, true),
    );
  }
  const registry = { declared, limits };
  places.set(place, registry);
  return registry;
}
