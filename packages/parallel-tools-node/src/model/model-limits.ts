import { ConfigurationError } from "../errors/configuration-error.js";
import { listNames, readFields } from "../policy/read-fields.js";
import { readPolicy } from "../policy/read-policy.js";
import { NO_POLICY } from "../policy/policy-book.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import { estimateTokens, type ModelRequest } from "./model-request.js";

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
   * @default all characters that are sent, over four, plus `max_tokens`
   */
  cost?: number | ((request: ModelRequest) => number);
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
): ResolvedPolicy {
  const given = readFields(option, value ?? {}, ["resources", "cost"]);
  const { resources = onlyOne(option, declared), cost = estimateTokens } =
    given;
  const policy: ResolvedPolicy = {
    ...NO_POLICY,
    ...readPolicy(option, { resources, cost }),
    readOnly: true,
    isGiven: true,
  };
  if (typeof policy.resources === "function") return policy;
  const unknown = policy.resources.find((name) => !declared.includes(name));
  if (unknown === undefined && policy.resources.length > 0) return policy;
  throw new ConfigurationError(
    `${option}.resources`,
    `names of declared resources (${listNames(declared)})`,
    unknown ?? resources,
  );
}

function onlyOne(option: string, declared: readonly string[]): string {
  const [name] = declared;
  if (name !== undefined && declared.length === 1) return name;
  throw new ConfigurationError(
    `${option}.resources`,
    `names of declared resources (${listNames(declared)}): it may be left out where there is one`,
    undefined,
  );
}
