import type { ResolvedPolicy } from "./tool-policy.js";

/**
 * A cycle of `after` among tools, as names from the first back to itself, or
 * `undefined`. An explicit stack: a chain of tools may be long.
 */
export function findAfterCycle(
  policies: ReadonlyMap<string, ResolvedPolicy>,
): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of policies.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const pending = [{ name: start, depth: 0 }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { name, depth } = next;
      for (const left of path.splice(depth)) {
        onPath.delete(left);
        done.add(left);
      }
      if (onPath.has(name)) return [...path.slice(path.indexOf(name)), name];
      if (done.has(name)) continue;
      path.push(name);
      onPath.add(name);
      for (const other of policies.get(name)?.after ?? []) {
        pending.push({ name: other, depth: depth + 1 });
      }
    }
    for (const left of path) done.add(left);
  }
  return undefined;
}
