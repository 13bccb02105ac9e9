import { PolicyFunctionError } from "../errors/policy-function-error.js";
import { listNames } from "../policy/read-fields.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Clock } from "./clock.js";
import { createLimits } from "./create-limits.js";
import type { Limit } from "./limit.js";
import type { ResourceRegistry } from "./resource-registry.js";

/** The limits that hold for one call. Calls with the same ones share the array. */
export interface CallLimits {
  readonly limits: readonly Limit[];
  /** Tokens that the call takes from each rate limit among them. */
  readonly cost: number;
}

interface ToolLimits {
  /** Of the tool itself and the node. */
  readonly own: readonly Limit[];
  /** With those of resources, by the resources' names. */
  readonly withResources: Map<string, readonly Limit[]>;
  /** Of every call, where the policy has no functions. */
  readonly fixed: CallLimits | undefined;
}

/** Finds the limits of a call: its tool's, its resources' and the node's. */
export class LimitBook {
  readonly #clock: Clock;
  readonly #registry: ResourceRegistry;
  readonly #nodeLimits: readonly Limit[];
  /** By policy and not by name: a model may call tools that do not exist. */
  readonly #tools = new Map<ResolvedPolicy, ToolLimits>();

  constructor(
    clock: Clock,
    registry: ResourceRegistry,
    maxConcurrency: number | undefined,
  ) {
    this.#clock = clock;
    this.#registry = registry;
    this.#nodeLimits = createLimits(
      "node",
      { concurrency: maxConcurrency },
      clock,
    );
  }

  /** @throws PolicyFunctionError */
  of(name: string, policy: ResolvedPolicy, args: unknown): CallLimits {
    const tool = this.#toolLimits(name, policy);
    if (tool.fixed !== undefined) return tool.fixed;
    const { resources, cost } = policy;
    const limits = this.#limitsOf(
      name,
      tool,
      typeof resources === "function" ? resources(args) : resources,
    );
    return {
      limits,
      cost: this.#checkCost(
        name,
        policy,
        limits,
        typeof cost === "function" ? cost(args) : cost,
      ),
    };
  }

  #toolLimits(name: string, policy: ResolvedPolicy): ToolLimits {
    const known = this.#tools.get(policy);
    if (known !== undefined) return known;
    const { resources, cost } = policy;
    const own = createLimits(`tool ${name}`, policy, this.#clock);
    const tool = {
      own: [...own, ...this.#nodeLimits],
      withResources: new Map<string, readonly Limit[]>(),
    };
    const fixed =
      typeof resources === "function" || typeof cost === "function"
        ? undefined
        : { limits: this.#limitsOf(name, tool, resources), cost };
    const limits = { ...tool, fixed };
    this.#tools.set(policy, limits);
    return limits;
  }

  #limitsOf(
    name: string,
    tool: Omit<ToolLimits, "fixed">,
    resources: readonly string[],
  ): readonly Limit[] {
    if (resources.length === 0) return tool.own;
    const key = JSON.stringify(resources);
    let limits = tool.withResources.get(key);
    if (limits === undefined) {
      const used = resources.flatMap((resource) =>
        this.#ofResource(name, resource),
      );
      limits = [...new Set([...used, ...tool.own])];
      tool.withResources.set(key, limits);
    }
    return limits;
  }

  #ofResource(name: string, resource: string): readonly Limit[] {
    const limits = this.#registry.limits.get(resource);
    if (limits !== undefined) return limits;
    throw new PolicyFunctionError(
      `policies.${name}.resources`,
      `returned \`${resource}\` where a declared resource (${listNames([...this.#registry.limits.keys()])}) is due`,
    );
  }

  #checkCost(
    name: string,
    policy: ResolvedPolicy,
    limits: readonly Limit[],
    cost: number,
  ): number {
    for (const limit of limits) {
      if (cost <= limit.capacity) continue;
      throw new PolicyFunctionError(
        `policies.${name}.${typeof policy.cost === "function" ? "cost" : "resources"}`,
        `asked for ${cost} tokens of the rate limit of ${limit.name}, which gives at most ${limit.capacity} at once,`,
      );
    }
    return cost;
  }
}
