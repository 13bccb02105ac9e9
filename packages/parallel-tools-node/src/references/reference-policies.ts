import type { PolicyOptions } from "../policy/policy-book.js";

/**
 * Whether a tool's policy says `references: false`; its own wins over the
 * default. Reads nothing else: the node validates.
 */
export function refusesReferences(
  name: string,
  { policies = {}, defaultPolicy }: PolicyOptions,
): boolean {
  return (policies[name]?.references ?? defaultPolicy?.references) === false;
}
