import { ConfigurationError } from "../errors/configuration-error.js";
import { type Caller, CALLERS } from "./callers.js";
import { findAfterCycle } from "./find-after-cycle.js";
import { type NamedTool, readMcpAnnotations } from "./mcp-annotations.js";
import { listNames, readRecord } from "./read-fields.js";
import { type PolicyPart, readPolicy } from "./read-policy.js";
import { ratesOf, tokensOf } from "./rate-limit.js";
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
   * For every tool, each field that its own policy doesn't give.
   *
   * @default none
   */
  // oxlint-disable-next-line no-explicit-any -- it sees the arguments of every tool
  defaultPolicy?: ToolPolicy<any>;
}

/** The policy of a tool for which none is given. */
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
  costIsEstimate: false,
  references: true,
  retry: undefined,
  timeoutMs: undefined,
  feedback: undefined,
  callers: Object.freeze(["model"] as const),
  startsEarly: false,
  isGiven: false,
});

/** What is known of the tools and resources of a node. */
interface PolicyBookOptions {
  /** Read again at each look-up, since the tools of a node may change. */
  readonly tools?: () => readonly object[];
  /**
   * There may be tools that are not among `tools`, or not yet. Names are not
   * checked.
   */
  readonly hasUnknownTools?: boolean;
  /** The declared ones; `undefined`: names are not checked. */
  readonly resources?: ReadonlyMap<string, ResolvedResource>;
  /** Names of tools whose calls a human approves. */
  readonly needsApproval?: readonly string[];
}

/**
 * The policies of a node: validated once, looked up by tool name. Tools that
 * were added after construction get theirs when they are first called.
 */
export class PolicyBook {
  readonly #resolved = new Map<string, ResolvedPolicy>();
  /** Names that got their policy before their tool was known. */
  readonly #unseen = new Set<string>();
  readonly #own: ReadonlyMap<string, PolicyPart>;
  readonly #shared: PolicyPart;
  readonly #tools: () => readonly NamedTool[];
  readonly #hasUnknownTools: boolean;
  readonly #resources: ReadonlyMap<string, ResolvedResource> | undefined;
  readonly #needsApproval: ReadonlySet<string>;
  /** Tools that others than the model call, so that the node may not have them. */
  readonly #added: NamedTool[] = [];
  /** For all names of which it isn't known whether there is such a tool. */
  #anyTool: ResolvedPolicy | undefined;

  /** @throws ConfigurationError */
  constructor(
    options: PolicyOptions,
    {
      tools = () => [],
      hasUnknownTools,
      resources,
      needsApproval = [],
    }: PolicyBookOptions = { hasUnknownTools: true },
  ) {
    const { policies = {}, defaultPolicy = {} } = options;
    this.#needsApproval = new Set(needsApproval);
    this.#resources = resources;
    this.#tools = tools as () => readonly NamedTool[];
    this.#hasUnknownTools = hasUnknownTools ?? false;
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
    const names = this.#tools().map((tool) => tool.name);
    if (!this.#hasUnknownTools) this.#checkNames(names);
    const mentioned = [...this.#own.keys(), ...(this.#shared.after ?? [])];
    for (const name of new Set([...names, ...mentioned])) this.of(name);
    const cycle = findAfterCycle(this.#resolved);
    if (cycle !== undefined) {
      throw new ConfigurationError(
        `policies.${cycle[0]}.after`,
        `free of cycles (here: ${cycle.map((name) => `\`${name}\``).join(" after ")})`,
        this.#resolved.get(cycle[0] as string)?.after,
      );
    }
  }

  /** Names of policies, in the order in which they were given. */
  get names(): readonly string[] {
    return [...this.#own.keys()];
  }

  /** Adds tools that the node may not have. */
  add(tools: readonly object[]): void {
    for (const tool of tools as readonly NamedTool[]) {
      this.#added.push(tool);
      this.#resolved.delete(tool.name);
    }
  }

  /** The policy of a tool; the empty one for a name that is no tool of the node. */
  of(name: string): ResolvedPolicy {
    const known = this.#resolved.get(name);
    if (known !== undefined && !this.#unseen.has(name)) return known;
    const isIt = (candidate: NamedTool) => candidate.name === name;
    const tool = this.#tools().find(isIt) ?? this.#added.find(isIt);
    if (tool === undefined) return known ?? this.#ofUnknown(name);
    const isNews =
      known === undefined || Object.keys(readMcpAnnotations(tool)).length > 0;
    const policy = isNews ? this.#resolve(name, tool) : known;
    this.#unseen.delete(name);
    this.#resolved.set(name, policy);
    return policy;
  }

  #ofUnknown(name: string): ResolvedPolicy {
    if (!this.#hasUnknownTools) return NO_POLICY;
    const isMentioned =
      this.#own.has(name) || this.#shared.after?.includes(name);
    if (!isMentioned) {
      // One for all of them: a model may invent names without end.
      this.#anyTool ??= this.#resolve("", {});
      return this.#anyTool;
    }
    const policy = this.#resolve(name, {});
    this.#unseen.add(name);
    this.#resolved.set(name, policy);
    return policy;
  }

  /** Hints of an MCP server are defaults of a policy: where none is given, none. */
  #resolve(name: string, tool: object): ResolvedPolicy {
    const own = this.#own.get(name) ?? {};
    if (!own.isGiven && !this.#shared.isGiven) return NO_POLICY;
    const said = { ...this.#shared, ...own };
    const { eager = true, ...merged } = {
      ...NO_POLICY,
      ...readMcpAnnotations(tool),
      ...said,
    };
    const policy = {
      ...merged,
      callers: this.#callersOf(name, own, merged),
      startsEarly: eager && said.readOnly === true,
      dedupe: own.dedupe ?? this.#shared.dedupe ?? merged.readOnly,
      // "everything after login" leaves out login itself
      after: own.after ?? merged.after.filter((other) => other !== name),
    };
    this.#checkLimits(name, own, policy);
    return policy;
  }

  /** A human can't be asked by code, so a default for all tools doesn't hold there. */
  #callersOf(
    name: string,
    own: PolicyPart,
    { callers, readOnly }: Pick<ResolvedPolicy, "callers" | "readOnly">,
  ): readonly Caller[] {
    if (!this.#needsApproval.has(name)) {
      if (callers !== NO_POLICY.callers) return callers;
      return readOnly ? CALLERS : callers;
    }
    if (own.callers?.includes("code")) {
      throw new ConfigurationError(
        `policies.${name}.callers`,
        '`["model"]`, since `needsApproval` names the tool and code can\'t wait for a human',
        own.callers,
      );
    }
    return NO_POLICY.callers;
  }

  #checkNames(names: readonly string[]): void {
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
    const rates = [...ratesOf(policy.rateLimit)];
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
        rates.push(...ratesOf(declared.rateLimit));
      }
    }
    const { cost } = policy;
    if (typeof cost !== "number") return;
    for (const rate of rates) {
      if (tokensOf(rate, cost) > rate.burst) {
        throw new ConfigurationError(
          at("cost"),
          `at most ${rate.burst}, which is all that its rate limit can give at once`,
          cost,
        );
      }
    }
  }
}
