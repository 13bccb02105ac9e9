import { WarnOnce } from "../errors/warn-once.js";
import { readRecord } from "../policy/read-fields.js";
import {
  isMadeResource,
  type ResolvedResource,
  readResource,
} from "../policy/resource.js";
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

/** A resource with its limits. */
interface Entry {
  readonly declared: ResolvedResource;
  readonly limits: ServerLimits;
}

/** More names than these aren't watched: an application may make them up. */
const MAX_WATCHED_NAMES = 1_000;

const warnings = new WarnOnce();

/** By where limits are kept: a store, or the clock of this process. */
const places = new WeakMap<object, Place>();

/**
 * The registry of a `resources` option. Nodes share the limits of what is the same
 * object in both: the whole map, or a resource in it.
 *
 * @throws ConfigurationError
 */
export function resourceRegistryOf(
  resources: unknown,
  sources: LimitSources,
): ResourceRegistry {
  const key = sources.shared ?? sources.clock;
  let place = places.get(key);
  if (place === undefined) {
    place = new Place(sources);
    places.set(key, place);
  }
  return place.registryOf(resources === undefined ? {} : resources);
}

/** What is known of the resources whose limits are kept in one place. */
class Place {
  readonly #sources: LimitSources;
  /** By the `resources` object. */
  readonly #registries = new WeakMap<object, ResourceRegistry>();
  /**
   * By the resource's own object, then by its name. That is empty for what
   * `resource()` has made, unless a store knows it by its name.
   */
  readonly #entries = new WeakMap<object, Map<string, Entry>>();
  /** The object that had a name last. */
  readonly #named = new Map<string, WeakRef<object>>();

  constructor(sources: LimitSources) {
    this.#sources = sources;
  }

  registryOf(resources: unknown): ResourceRegistry {
    const map = readRecord("resources", resources);
    const known = this.#registries.get(map);
    if (known !== undefined) return known;
    const entries = Object.entries(map).map(
      ([name, value]) => [name, this.#entryOf(name, value)] as const,
    );
    const registry = {
      declared: new Map(entries.map(([name, one]) => [name, one.declared])),
      limits: new Map(entries.map(([name, one]) => [name, one.limits])),
    };
    this.#registries.set(map, registry);
    return registry;
  }

  #entryOf(name: string, value: unknown): Entry {
    const declared = readResource(`resources.${name}`, value);
    const object = value as object;
    const isInStore = this.#sources.shared !== undefined;
    const key = isMadeResource(object) && !isInStore ? "" : name;
    let entries = this.#entries.get(object);
    if (entries === undefined) {
      entries = new Map();
      this.#entries.set(object, entries);
    }
    let entry = entries.get(key);
    if (entry === undefined) {
      const id = `resource ${name}`;
      const limits = createServerLimits(id, declared, this.#sources, true);
      entry = { declared, limits };
      entries.set(key, entry);
    }
    // Those of a store are one by their name, and the jobs of one p-limit by that.
    if (!isInStore && typeof declared.concurrency !== "function") {
      this.#watch(name, object);
    }
    return entry;
  }

  /** Tells of two resources with one name, which may be meant to be one. */
  #watch(name: string, object: object): void {
    const known = this.#named.get(name);
    if (known === undefined && this.#named.size >= MAX_WATCHED_NAMES) return;
    if (known?.deref() === object) return;
    this.#named.set(name, new WeakRef(object));
    if (known === undefined) return;
    warnings.warn(
      name,
      `two different resources are called \`${name}\`, so they share no limits, and together may exceed them. If they are one, make it once, at the top of a module (\`const ${toIdentifier(name)} = resource({ ... })\`), and give that object to both. If they are two, give one of them another name.`,
    );
  }
}

function toIdentifier(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : "shared";
}
