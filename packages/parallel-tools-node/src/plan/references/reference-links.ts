import { pointsToDependent } from "../../answers/unresolved-reference.js";
import { UnresolvedReferenceError } from "../../errors/unresolved-reference-error.js";
import type { Dependency } from "../batch-plan.js";
import type { CallReferences } from "./call-references.js";
import type { FoundReferences } from "./find-references.js";

/** The references of one call, as the plan needs them. */
interface Links {
  readonly found: readonly FoundReferences[];
  /** Edges to the calls of the batch that it refers to. */
  readonly edges: readonly {
    readonly position: number;
    readonly edge: Dependency;
  }[];
  readonly problem: Error | undefined;
}

const NO_LINKS: Links = Object.freeze({
  found: [],
  edges: [],
  problem: undefined,
});

/** The references of a batch as edges between positions. */
export class ReferenceLinks {
  /** For each call the positions that its references point to. */
  readonly targets: readonly (readonly number[])[];
  readonly #links: Links[];

  constructor(
    calls: readonly { readonly index: number }[],
    references: readonly CallReferences[],
  ) {
    if (references.length === 0) {
      this.#links = [];
      this.targets = [];
      return;
    }
    const positions = new Map(
      calls.map(({ index }, position) => [index, position]),
    );
    this.#links = references.map(({ found, targets, problem }) => ({
      found,
      problem,
      edges: [...targets].flatMap(([index, detail]) => {
        const position = positions.get(index);
        // A call that is not in the batch was answered before.
        if (position === undefined) return [];
        const reason = "reference" as const;
        return [{ position, edge: { index, reason, detail } }];
      }),
    }));
    this.targets = this.#links.map(({ edges }) =>
      edges.map(({ position }) => position),
    );
  }

  of(position: number): Links {
    return this.#links[position] ?? NO_LINKS;
  }

  /** Drops the call's references: it can't wait for `target`, which waits for it. */
  cut(position: number, target: number): void {
    const { found, edges } = this.of(position);
    const link = edges.find((edge) => edge.position === target);
    const { detail, index } = (link as Links["edges"][number]).edge;
    const { problem, advice } = pointsToDependent(index + 1);
    const error = new UnresolvedReferenceError(detail, problem, [], advice);
    this.#links[position] = { found, edges: [], problem: error };
  }
}
