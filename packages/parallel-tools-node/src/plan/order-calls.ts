import type { ResolvedPolicy } from "../policy/tool-policy.js";

/**
 * The order of a batch that `after` asks for: a stable topological sort, so
 * positions come in message order wherever `after` leaves a choice. Conflicts
 * and barriers follow this order, which is why they can close no cycle.
 *
 * Counts calls per tool instead of edges between calls, so that many calls
 * after many others stay linear.
 */
export function orderCalls(
  calls: readonly { readonly name: string }[],
  policies: readonly ResolvedPolicy[],
): readonly number[] {
  const inOrder = calls.map((_, position) => position);
  if (policies.every((policy) => policy.after.length === 0)) return inOrder;

  const unfinished = new Map<string, number>();
  for (const { name } of calls) {
    unfinished.set(name, (unfinished.get(name) ?? 0) + 1);
  }
  const waitingFor = new Map<string, number[]>();
  const missingTools = new Int32Array(calls.length);
  for (const position of inOrder) {
    const { after } = policies[position] as ResolvedPolicy;
    for (const name of after) {
      if (!unfinished.has(name)) continue;
      missingTools[position]! += 1;
      const waiting = waitingFor.get(name);
      if (waiting) waiting.push(position);
      else waitingFor.set(name, [position]);
    }
  }

  const order: number[] = [];
  const taken = new Uint8Array(calls.length);
  let next = 0;
  while (next < calls.length) {
    if (taken[next] === 1 || missingTools[next]! > 0) {
      next += 1;
      continue;
    }
    taken[next] = 1;
    order.push(next);
    const { name } = calls[next] as { name: string };
    const left = (unfinished.get(name) as number) - 1;
    unfinished.set(name, left);
    if (left > 0) continue;
    // The last call of a tool sets others free, perhaps ones that were passed
    // over. It does so once, so going back costs calls times tools at most.
    for (const position of waitingFor.get(name) ?? []) {
      missingTools[position]! -= 1;
      next = Math.min(next, position);
    }
  }
  return order;
}
