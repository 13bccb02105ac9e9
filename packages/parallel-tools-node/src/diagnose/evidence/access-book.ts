import { ConfigurationError } from "../../errors/configuration-error.js";
import type { Access } from "../../policy/access.js";
import { readMcpAnnotations } from "../../policy/mcp-annotations.js";
import { readRecord } from "../../policy/read-fields.js";
import { type PolicyPart, readPolicy } from "../../policy/read-policy.js";
import type { DiagnoseOptions } from "../diagnose-options.js";
import { ownField } from "../own-field.js";
import type { RecordedCall } from "../recorded-conversation.js";

/**
 * What a call does to shared state. `"unknown"`: nothing is declared of its
 * tool, so it counts as a writer.
 */
export type CallAccess = "reads" | "writes" | "unknown" | readonly Access[];

/** What is declared of the tools: what they read and write, and their order. */
export class AccessBook {
  /** By tool: its own policy, completed by the default policy. */
  readonly #policies: ReadonlyMap<string, PolicyPart>;
  readonly #defaultPolicy: PolicyPart;
  /** Whether some policy sets `after` or `sequential`. */
  readonly #hasOrder: boolean;
  readonly #showsValues: boolean;
  /** By tool: the options `reads` and `writes`. */
  readonly #declared = new Map<string, "reads" | "writes">();
  /** By tool: its MCP annotations. */
  readonly #annotated = new Map<string, "reads" | "writes">();

  /** @throws ConfigurationError */
  constructor(options: DiagnoseOptions) {
    const { policies = {}, defaultPolicy = {}, tools = [] } = options;
    this.#showsValues = options.showValues === true;
    this.#defaultPolicy = readPolicy("defaultPolicy", defaultPolicy);
    this.#policies = new Map(
      Object.entries(readRecord("policies", policies)).map(([name, policy]) => [
        name,
        { ...this.#defaultPolicy, ...readPolicy(`policies.${name}`, policy) },
      ]),
    );
    this.#hasOrder = [this.#defaultPolicy, ...this.#policies.values()].some(
      ({ after, sequential }) =>
        after !== undefined || sequential !== undefined,
    );
    for (const option of ["reads", "writes"] as const) {
      for (const name of readNames(option, options[option])) {
        if (this.#declared.has(name) && this.#declared.get(name) !== option) {
          throw new ConfigurationError(
            option,
            "free of names in `reads`",
            name,
          );
        }
        this.#declared.set(name, option);
      }
    }
    if (!Array.isArray(tools)) {
      throw new ConfigurationError("tools", "an array of tools", tools);
    }
    for (const tool of tools) this.#addAnnotations(tool);
  }

  /** What a call reads and writes, by the most specific declaration. */
  of({ name, args }: RecordedCall): CallAccess {
    const declared = this.#declared.get(name);
    if (declared !== undefined) return declared;
    const policy = this.#policyOf(name);
    const accesses = accessesOf(policy, args);
    if (accesses !== undefined) return accesses;
    if (policy.readOnly !== undefined) {
      return policy.readOnly ? "reads" : "writes";
    }
    return this.#annotated.get(name) ?? "unknown";
  }

  /** Whether its tool is declared to read, and to be no exception of `eager`. */
  mayStartEarly(call: RecordedCall): boolean {
    const { readOnly, eager } = this.#policyOf(call.name);
    if (eager === false) return false;
    if (this.of(call) === "reads") return true;
    return readOnly === true && this.#declared.get(call.name) !== "writes";
  }

  /** Whether evidence may name a key that both calls touch. */
  mayName(...calls: readonly RecordedCall[]): boolean {
    return (
      this.#showsValues ||
      calls.every(({ name }) => {
        const { access } = this.#policyOf(name);
        return typeof access !== "function";
      })
    );
  }

  /** Whether a policy puts the later call after the earlier one. */
  isOrdered(earlier: RecordedCall, later: RecordedCall): boolean {
    if (!this.#hasOrder) return false;
    const before = this.#policyOf(earlier.name);
    const after = this.#policyOf(later.name);
    return (
      (after.after ?? []).includes(earlier.name) ||
      (after.sequential ?? false) !== false ||
      (before.sequential ?? false) !== false
    );
  }

  #policyOf(name: string): PolicyPart {
    return this.#policies.get(name) ?? this.#defaultPolicy;
  }

  #addAnnotations(tool: unknown): void {
    const name = ownField(tool, "name");
    if (typeof tool !== "object" || tool === null || typeof name !== "string") {
      throw new ConfigurationError(
        "tools",
        "an array of tools with names",
        tool,
      );
    }
    const annotations = ownField(tool, "annotations");
    const { readOnly } = readMcpAnnotations(
      annotations === undefined ? tool : { metadata: { annotations } },
    );
    if (readOnly !== undefined) {
      this.#annotated.set(name, readOnly ? "reads" : "writes");
    }
  }
}

function accessesOf(
  { access }: PolicyPart,
  args: unknown,
): readonly Access[] | "unknown" | undefined {
  if (typeof access !== "function") return access;
  try {
    return access(args);
  } catch {
    // The function expects other arguments, so what the call touches is unknown.
    return "unknown";
  }
}

function readNames(option: string, names: unknown): readonly string[] {
  if (names === undefined) return [];
  if (
    Array.isArray(names) &&
    names.every((name): name is string => typeof name === "string")
  ) {
    return names;
  }
  throw new ConfigurationError(option, "an array of names of tools", names);
}
