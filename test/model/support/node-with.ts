import { ParallelToolNode, type Resource } from "parallel-tools-node";

/** A node that declares resources and has no tools. */
export function nodeWith(
  resources: Readonly<Record<string, Resource>>,
): ParallelToolNode {
  return new ParallelToolNode([], { resources });
}
