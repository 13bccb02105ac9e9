import type { UsageMetadata } from "@langchain/core/messages";
import { ConfigurationError } from "../errors/configuration-error.js";
import { guard } from "../policy/guard.js";
import { listNames, readFields } from "../policy/read-fields.js";
import { readPolicy } from "../policy/read-policy.js";
import { NO_POLICY } from "../policy/policy-book.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { estimateTokens, type ModelRequest } from "./model-request.js";
import {
  isCount,
  MOST_TOKENS,
  type ReadUsage,
  totalTokens,
} from "./answer-reader.js";

/** What requests to a model use up. */
export interface ModelLimits {
  /**
   * Names of declared resources, by whose caps, rates and pauses requests are admitted
   * like calls of tools.
   *
   * @default the only declared resource
   */
  resources?:
    | string
    | readonly string[]
    | ((request: ModelRequest) => string | readonly string[]);
  /**
   * Tokens that a request takes from each rate that doesn't count calls: a number of at
   * least 1, or a function of the request.
   *
   * @default all characters of the messages over four, plus `max_tokens`. Not those of
   *   tools and schemas, and not images, sound and files
   */
  cost?: number | ((request: ModelRequest) => number);
  /**
   * What a request has really used, by the `usage_metadata` of its answer. It corrects
   * the books of these rates: what was taken beyond it comes back, and what was used
   * beyond the cost is taken then. `false`: what was taken stays taken, as servers do that
   * count what they estimated.
   *
   * @default the tokens of the request and of the answer; `false` if `cost` is a number
   */
  used?: false | ((usage: UsageMetadata) => number);
}

/** How requests to a model are admitted. */
export interface ModelPolicy {
  readonly policy: ResolvedPolicy;
  /** `undefined`: what was taken stays taken. */
  readonly readUsage: ReadUsage | undefined;
}

/**
 * The policy of a model: it may be asked again, since a refused request did nothing.
 *
 * @param declared names of the declared resources
 * @throws ConfigurationError
 */
export function readModelLimits(
  option: string,
  value: unknown,
  declared: readonly string[],
): ModelPolicy {
  const fields = ["resources", "cost", "used"] as const;
  const given = readFields(option, value ?? {}, fields);
  const { resources = onlyOne(option, declared), cost = estimateTokens } =
    given;
  const readUsage = readUsed(`${option}.used`, given.used, cost);
  const policy: ResolvedPolicy = {
    ...NO_POLICY,
    ...readPolicy(option, { resources, cost }),
    costIsEstimate: readUsage !== undefined,
    readOnly: true,
    isGiven: true,
  };
  const { resources: names } = policy;
  if (typeof names !== "function") {
    const unknown = names.find((name) => !declared.includes(name));
    if (unknown !== undefined || names.length === 0) {
      throw new ConfigurationError(
        `${option}.resources`,
        `names of declared resources (${listNames(declared)})`,
        unknown ?? resources,
      );
    }
  }
  return { policy, readUsage };
}

function readUsed(
  option: string,
  used: unknown,
  cost: unknown,
): ReadUsage | undefined {
  if (used === undefined) {
    return typeof cost === "number" ? undefined : totalTokens;
  }
  if (used === false) return undefined;
  if (typeof used === "function") return guard(option, used, readTokens);
  throw new ConfigurationError(
    option,
    "a function of the answer's `usage_metadata`, or false",
    used,
  );
}

/** A request takes at least one token, and half a token is one. */
function readTokens(option: string, value: unknown): number {
  const tokens = typeof value === "number" ? Math.ceil(value) : value;
  if (isCount(tokens)) return Math.max(1, tokens);
  throw new ConfigurationError(
    option,
    `a number from 0 to ${MOST_TOKENS}`,
    value,
  );
}

function onlyOne(option: string, declared: readonly string[]): string {
  const [name] = declared;
  if (name !== undefined && declared.length === 1) return name;
  throw new ConfigurationError(
    `${option}.resources`,
    declared.length === 0
      ? "a declared resource, and there is none yet: declare it in `resources` of the node or middleware"
      : `names of declared resources (${listNames(declared)}): it may be left out where there is one`,
    undefined,
  );
}
