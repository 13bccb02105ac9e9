import { ConfigurationError } from "../errors/configuration-error.js";
import { findAfterCycle } from "./find-after-cycle.js";
import { type NamedTool, readMcpAnnotations } from "./mcp-annotations.js";
import { listNames, readRecord } from "./read-fields.js";
import { type PolicyPart, readPolicy } from "./read-policy.js";
import type { ResolvedResource } from "./resource.js";
import type { ResolvedPolicy, ToolPolicy } from "./tool-policy.js";

export interface PolicyOptions {
  /**
   * A policy per tool name.
   *
   * @default none
   */
  // oxlint-disable-next-line no-explicit-any -- each policy types its own arguments
  policies?: Record<string, ToolPolicy<any>>;
  /**
   * Holds for every tool, field by field, where its own policy is silent.
   *
   * @default none
   */
  // oxlint-disable-next-line no-explicit-any -- it sees the arguments of every tool
  defaultPolicy?: ToolPolicy<any>;
}

/** What holds for a tool of which nothing is said. */
export const NO_POLICY: ResolvedPolicy = Object.freeze({
  concurrency: undefined,
  rateLimit: undefined,
  resources: [],
  access: [],
  after: [],
  sequential: false,
  readOnly: false,
  idempotent: false,
  dedupe: false,
  cost: 1,
  references: true,
  retry: undefined,
  feedback: undefined,
  isGiven: false,
});

/**
 * The policies of a node: validated once, looked up by tool name. Tools that
 * were added after construction get theirs when they are first called.
 */
export class PolicyBook {
  readonly #resolved = new Map<string, ResolvedPolicy>();
  readonly #own: ReadonlyMap<string, PolicyPart>;
  readonly #shared: PolicyPart;
  readonly #findTool: (name: string) => object | undefined;
  readonly #resources: ReadonlyMap<string, ResolvedResource> | undefined;

  /**
   * @param tools read again at each look-up, since a node's tools may change;
   *   `undefined` when no tools are at hand: names are then not checked
   * @param resources the declared ones; `undefined`: names are not checked
   * @throws ConfigurationError
   */
  constructor(
    options: PolicyOptions,
    tools?: () => readonly object[],
    resources?: ReadonlyMap<string, ResolvedResource>,
  ) {
    const { policies = {}, defaultPolicy = {} } = options;
    this.#resources = resources;
    this.#shared = {
      ...readPolicy("defaultPolicy", defaultPolicy),
      isGiven: options.defaultPolicy !== undefined,
    };
    this.#own = new Map(
      Object.entries(readRecord("policies", policies)).map(([name, policy]) => [
        name,
        { ...readPolicy(`policies.${name}`, policy), isGiven: true },
      ]),
    );
    const named = () => (tools?.() ?? []) as readonly NamedTool[];
    this.#findTool = tools
      ? (name) => named().find((tool) => tool.name === name)
      : () => ({});
    const names = tools ? named().map((tool) => tool.name) : undefined;
    this.#checkNames(names);
    for (const name of new Set([...(names ?? []), ...this.#own.keys()])) {
      this.of(name);
    }
    const cycle = findAfterCycle(this.#resolved);
    if (cycle !== undefined) {
      throw new ConfigurationError(
        `policies.${cycle[0]}.after`,
        `free of cycles (here: ${cycle.map((name) => `\`${name}\``).join(" after ")})`,
        this.#resolved.get(cycle[0] as string)?.after,
      );
    }
  }

  /** The policy of a tool; the empty one for a name that is no tool of the node. */
  of(name: string): ResolvedPolicy {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const tool = this.#findTool(name);
    if (tool === undefined) return NO_POLICY;
    const policy = this.#resolve(name, tool);
    this.#resolved.set(name, policy);
    return policy;
  }

  #resolve(name: string, tool: object): ResolvedPolicy {
    const own = this.#own.get(name) ?? {};
    const merged = {
      ...NO_POLICY,
      ...readMcpAnnotations(tool),
      ...this.#shared,
      ...own,
    };
    const policy = {
      ...merged,
      dedupe: own.dedupe ?? this.#shared.dedupe ?? merged.readOnly,
      // "everything after login" leaves out login itself
      after: own.after ?? merged.after.filter((other) => other !== name),
    };
    this.#checkLimits(name, own, policy);
    return policy;
  }

  #checkNames(names: readonly string[] | undefined): void {
    if (names === undefined) return;
    const check = (option: string, name: string, many: string) => {
      if (names.includes(name)) return;
      throw new ConfigurationError(
        option,
        `${many} of this node's tools (${listNames(names)})`,
        name,
      );
    };
    for (const [name, policy] of this.#own) {
      check("policies", name, "keyed by names");
      for (const other of policy.after ?? []) {
        check(`policies.${name}.after`, other, "names");
      }
    }
    for (const other of this.#shared.after ?? []) {
      check("defaultPolicy.after", other, "names");
    }
  }

  /** Every resource is declared, and no call costs more than a limit can ever give. */
  #checkLimits(name: string, own: PolicyPart, policy: ResolvedPolicy): void {
    const at = (field: "resources" | "cost") =>
      `${own[field] === undefined ? "defaultPolicy" : `policies.${name}`}.${field}`;
    const limits = [policy.rateLimit];
    if (this.#resources && typeof policy.resources !== "function") {
      for (const resource of policy.resources) {
        const declared = this.#resources.get(resource);
        if (declared === undefined) {
          throw new ConfigurationError(
            at("resources"),
            `names of declared resources (${listNames([...this.#resources.keys()])})`,
            resource,
          );
        }
        limits.push(declared.rateLimit);
      }
    }
    for (const limit of limits) {
      if (
        typeof policy.cost === "number" &&
        limit &&
        policy.cost > limit.burst
      ) {
        throw new ConfigurationError(
          at("cost"),
          `at most ${limit.burst}, which is all that its rate limit can give at once`,
          policy.cost,
        );
      }
    }
  }
}
