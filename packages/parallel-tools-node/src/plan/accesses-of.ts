import { PolicyFunctionError } from "../errors/policy-function-error.js";
import type { Access } from "../policy/access.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { FoundReferences } from "./references/find-references.js";
import { watchReferences } from "./references/replace-references.js";

/**
 * The state that a call reads and writes. `"any"`: its policy's function read a
 * reference, whose value is unknown until the call starts.
 */
export function accessesOf(
  { access }: ResolvedPolicy,
  args: unknown,
  references: readonly FoundReferences[],
): {
  readonly accesses: readonly Access[] | "any";
  readonly problem?: Error;
} {
  if (typeof access !== "function") return { accesses: access };
  let isKnown = true;
  const seen =
    references.length === 0
      ? args
      : watchReferences(args, references, () => {
          isKnown = false;
        });
  try {
    const accesses = access(seen);
    return { accesses: isKnown ? accesses : "any" };
  } catch (error) {
    // A function that failed since it saw a reference may be right otherwise.
    return isKnown || isLate(error)
      ? { accesses: [], problem: error as Error }
      : { accesses: "any" };
  }
}

function isLate(error: unknown): boolean {
  return PolicyFunctionError.isInstance(error) && error.isLate;
}
