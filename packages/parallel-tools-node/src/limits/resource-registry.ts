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

/** The key of limits that the process itself keeps. */
const THIS_PROCESS = {};

/** By the `resources` object, then by the place where limits are kept. */
const registries = new WeakMap<object, WeakMap<object, ResourceRegistry>>();

/**
 * The registry of a `resources` option. The same object has the same registry, so
 * that nodes share limits. The clock is that of the first node.
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
  const place = sources.shared ?? THIS_PROCESS;
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
