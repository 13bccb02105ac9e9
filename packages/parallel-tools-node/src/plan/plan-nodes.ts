import type { Dependency, PlannedCall } from "./batch-plan.js";

/**
 * A plan as a graph. Its nodes are the positions of the calls, and from their
 * number on the groups: node `calls.length + i` is `groups[i]`.
 */
export interface PlanNodes {
  /** For each call the nodes that it waits for. */
  readonly dependsOn: readonly (readonly number[])[];
  /** Positions of calls that others wait for by one edge. No call is in two. */
  readonly groups: readonly (readonly number[])[];
}

const NONE: readonly number[] = Object.freeze([]);

/** @param positionOf gives the position of a call by its index */
export function nodesOf(
  calls: readonly PlannedCall[],
  positionOf: (index: number) => number,
): PlanNodes {
  const groups: (readonly number[])[] = [];
  const nodes = new Map<readonly number[], number>();
  const nodeOf = ({ index, indexes }: Dependency): number => {
    if (indexes === undefined) return positionOf(index);
    let node = nodes.get(indexes);
    if (node === undefined) {
      node = calls.length + groups.length;
      nodes.set(indexes, node);
      groups.push(indexes.map(positionOf));
    }
    return node;
  };
  const dependsOn = calls.map((call) =>
    call.dependsOn.length === 0 ? NONE : call.dependsOn.map(nodeOf),
  );
  return { dependsOn, groups };
}
