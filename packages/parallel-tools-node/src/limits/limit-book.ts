import { ConfigurationError } from "../errors/configuration-error.js";
import { PolicyFunctionError } from "../errors/policy-function-error.js";
import type { Guarded } from "../policy/guard.js";
import { listNames } from "../policy/read-fields.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { Circuit } from "./circuit.js";
import { createLimits } from "./create-limits.js";
import type { FeedbackGate } from "./feedback-gate.js";
import type { Limit } from "./limit.js";
import type { ResourceRegistry } from "./resource-registry.js";
import {
  createServerLimits,
  type LimitSources,
  type ServerLimits,
} from "./server-limits.js";
import { SharedAdmission } from "./shared-admission.js";

/** The limits of calls that have all of them in common. */
export interface LimitSet {
  readonly limits: readonly Limit[];
  /** Those among them that are told what the servers say. */
  readonly gates: readonly FeedbackGate[];
  /** Those among them that are told how calls end. */
  readonly circuits: readonly Circuit[];
}

/** The limits that hold for one call. Calls with the same ones share the array. */
export interface CallLimits extends LimitSet {
  /** Tokens that the call takes from each rate limit among them. */
  readonly cost: number;
}

interface ToolLimits {
  readonly own: ServerLimits;
  /** The tool has a policy, so that its server's feedback counts. */
  readonly hasFeedback: boolean;
  readonly costIsEstimate: boolean;
  /** These and those of resources, by the resources' names. */
  readonly withResources: Map<string, LimitSet>;
}

/** Finds the limits of a call: its tool's, its resources' and the node's. */
export class LimitBook {
  readonly #sources: LimitSources;
  readonly #registry: ResourceRegistry;
  readonly #nodeLimits: readonly Limit[];
  #ofResources: LimitBook | undefined;
  /** By policy and not by name: a model may invent names without end. */
  readonly #tools = new Map<ResolvedPolicy, ToolLimits>();
  /** The limits of all calls, where the policy has no functions. */
  readonly #fixed = new Map<ResolvedPolicy, CallLimits>();

  constructor(
    sources: LimitSources,
    registry: ResourceRegistry,
    maxConcurrency: number | undefined,
  ) {
    this.#sources = sources;
    this.#registry = registry;
    this.#nodeLimits = createLimits(
      "node",
      { concurrency: maxConcurrency },
      sources.clock,
    );
  }

  /** The same without the cap of the node, which counts calls of tools alone. */
  get ofResources(): LimitBook {
    return (this.#ofResources ??= new LimitBook(
      this.#sources,
      this.#registry,
      undefined,
    ));
  }

  /** Names of the declared resources. */
  get resources(): readonly string[] {
    return [...this.#registry.declared.keys()];
  }

  /** @throws PolicyFunctionError */
  of(name: string, policy: ResolvedPolicy, args: unknown): CallLimits {
    const fixed = this.#fixed.get(policy);
    if (fixed !== undefined) return fixed;
    const { resources, cost } = policy;
    const names =
      typeof resources === "function"
        ? this.#declared(resources, args)
        : resources;
    const set = this.#limitsOf(this.#toolLimits(name, policy), names);
    const tokens = typeof cost === "function" ? cost(args) : cost;
    const limits = { ...set, cost: tokens };
    if (typeof resources !== "function" && typeof cost !== "function") {
      this.#fixed.set(policy, limits);
    } else {
      checkCost(policy, set.limits, tokens);
    }
    return limits;
  }

  #toolLimits(name: string, policy: ResolvedPolicy): ToolLimits {
    let tool = this.#tools.get(policy);
    if (tool === undefined) {
      tool = {
        own: createServerLimits(`tool ${name}`, policy, this.#sources, false),
        hasFeedback: policy.isGiven,
        costIsEstimate: policy.costIsEstimate,
        withResources: new Map(),
      };
      this.#tools.set(policy, tool);
    }
    return tool;
  }

  #limitsOf(tool: ToolLimits, resources: readonly string[]): LimitSet {
    const key = resources.length === 0 ? "" : JSON.stringify(resources);
    let set = tool.withResources.get(key);
    if (set === undefined) {
      set = this.#join(tool, resources);
      tool.withResources.set(key, set);
    }
    return set;
  }

  /**
   * A server's feedback is about the resources of a call, if it has any, else
   * about its tool. Limits that are kept elsewhere stand last: a call asks for
   * them when all others have room.
   */
  #join(
    { own, hasFeedback, costIsEstimate }: ToolLimits,
    resources: readonly string[],
  ): LimitSet {
    const used = resources.flatMap(
      (resource) => this.#registry.limits.get(resource) ?? [],
    );
    const servers = used.length > 0 ? used : hasFeedback ? [own] : [];
    const gates = servers.map(({ gate }) => gate);
    const local = [...used, own].flatMap((limits) => limits.local);
    const shared = [...used, own].flatMap((limits) => limits.shared ?? []);
    // First: a call that waits for room is told when the circuit opens.
    const circuits = used.flatMap(({ circuit }) => circuit ?? []);
    const limits: Limit[] = [
      ...circuits,
      ...gates,
      ...local,
      ...this.#nodeLimits,
    ];
    const { shared: place, clock } = this.#sources;
    if (shared.length > 0 && place !== undefined) {
      limits.push(new SharedAdmission(shared, place, clock, costIsEstimate));
    }
    return { limits: [...new Set(limits)], gates, circuits };
  }

  /** The resources that a policy's function names, if they are all declared. */
  #declared(
    resources: Guarded<readonly string[]>,
    args: unknown,
  ): readonly string[] {
    const { limits } = this.#registry;
    const names = resources(args);
    const undeclared = names.find((name) => !limits.has(name));
    if (undeclared === undefined) return names;
    const { option } = resources;
    const declared = `names of declared resources (${listNames([...limits.keys()])})`;
    // The name isn't shown, since it may have come out of the arguments.
    throw new PolicyFunctionError(
      option,
      `returned another name where ${declared} are due`,
      new ConfigurationError(option, declared, undeclared),
    );
  }
}

/** A policy without functions was checked when it was read. */
function checkCost(
  policy: ResolvedPolicy,
  limits: readonly Limit[],
  cost: number,
): void {
  const exceeded = limits.find(
    (limit) => limit.tokensOf(cost) > limit.capacity,
  );
  if (exceeded === undefined) return;
  const culprit =
    typeof policy.cost === "function" ? policy.cost : policy.resources;
  const { option } = culprit as Guarded<unknown>;
  const { name, capacity } = exceeded;
  throw new PolicyFunctionError(
    option,
    `asked for ${cost} tokens, more than the rate limit of ${name} gives at once (${capacity})`,
    new ConfigurationError("cost", `at most ${capacity}`, cost),
  );
}
