import { PolicyFunctionError } from "../errors/policy-function-error.js";
import type { Guarded } from "../policy/guard.js";
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
      tool,
      typeof resources === "function"
        ? this.#declared(resources, args)
        : resources,
    );
    const tokens = typeof cost === "function" ? cost(args) : cost;
    checkCost(policy, limits, tokens);
    return { limits, cost: tokens };
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
        : { limits: this.#limitsOf(tool, resources), cost };
    const limits = { ...tool, fixed };
    this.#tools.set(policy, limits);
    return limits;
  }

  #limitsOf(
    tool: Omit<ToolLimits, "fixed">,
    resources: readonly string[],
  ): readonly Limit[] {
    if (resources.length === 0) return tool.own;
    const key = JSON.stringify(resources);
    let limits = tool.withResources.get(key);
    if (limits === undefined) {
      const used = resources.flatMap(
        (resource) => this.#registry.limits.get(resource) ?? [],
      );
      limits = [...new Set([...used, ...tool.own])];
      tool.withResources.set(key, limits);
    }
    return limits;
  }

  /** What a policy's function names; names in a policy were checked before. */
  #declared(
    resources: Guarded<readonly string[]>,
    args: unknown,
  ): readonly string[] {
    const { limits } = this.#registry;
    const names = resources(args);
    const undeclared = names.find((name) => !limits.has(name));
    if (undeclared === undefined) return names;
    throw new PolicyFunctionError(
      resources.option,
      `returned \`${undeclared}\` where a declared resource (${listNames([...limits.keys()])}) is due`,
    );
  }
}

/** Of a policy without functions this was checked when it was read. */
function checkCost(
  { cost, resources }: ResolvedPolicy,
  limits: readonly Limit[],
  tokens: number,
): void {
  const exceeded = limits.find(({ capacity }) => tokens > capacity);
  if (exceeded === undefined) return;
  const culprit = typeof cost === "function" ? cost : resources;
  throw new PolicyFunctionError(
    (culprit as Guarded<unknown>).option,
    `asked for ${tokens} tokens of the rate limit of ${exceeded.name}, which gives at most ${exceeded.capacity} at once,`,
  );
}
