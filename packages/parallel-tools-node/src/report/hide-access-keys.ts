import {
  ANY_KEY,
  type BatchPlan,
  type Dependency,
} from "../plan/batch-plan.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";

/** Stands in place of a key. */
export const HIDDEN_KEY = "shared state";

/**
 * The plan without access keys that were made of arguments, for whoever may not
 * see arguments. A key is made of arguments if the policy of one of the two calls
 * has a function for `access`: also where the other policy names the key, it would
 * tell what is in the arguments. The edges stay, each with its reason.
 *
 * @param policies the policy of each call
 */
export function hideAccessKeys(
  plan: BatchPlan,
  policies: readonly ResolvedPolicy[],
): BatchPlan {
  const usesArguments = new Set<number>();
  plan.calls.forEach(({ index }, position) => {
    const { access } = policies[position] as ResolvedPolicy;
    if (typeof access === "function") usesArguments.add(index);
  });
  if (usesArguments.size === 0) return plan;
  const hide = (later: number, edge: Dependency): Dependency => {
    const { index, reason, detail } = edge;
    const isHidden =
      reason === "conflict" &&
      detail !== ANY_KEY &&
      (usesArguments.has(index) || usesArguments.has(later));
    return isHidden ? { index, reason, detail: HIDDEN_KEY } : edge;
  };
  return {
    ...plan,
    calls: plan.calls.map((call) => ({
      ...call,
      dependsOn: call.dependsOn.map((edge) => hide(call.index, edge)),
    })),
  };
}
