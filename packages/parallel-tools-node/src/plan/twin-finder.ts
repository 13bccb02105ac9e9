import type { Dependency } from "./batch-plan.js";
import { identityOf } from "./identity-of.js";

/** A call that runs and whose answer later calls may share. */
interface Original {
  readonly index: number;
  readonly dependsOn: readonly Dependency[];
  /** What it waits for, once another call has been compared with it. */
  waitsFor?: ReadonlySet<Dependency["index"] | Dependency["indexes"]>;
}

/**
 * Finds calls that are the same as an earlier one, so that running that one is
 * enough: they have the same tool and equal arguments, and nothing that the later
 * one has to wait for has come between them. That is so if it waits for nothing
 * but the earlier one, what that one waited for, too, and calls that are the same
 * as that one.
 */
export class TwinFinder {
  /** By tool and arguments the last call that is run. */
  readonly #originals = new Map<string, Original>();
  /** For each call that is the same as another, the index of that one. */
  readonly #sameAs = new Map<number, number>();

  /** The index of the call that this one is the same as, if there is one. */
  find(
    index: number,
    { name, args }: { readonly name: string; readonly args: unknown },
    dependsOn: readonly Dependency[],
  ): number | undefined {
    const identity = identityOf(name, args);
    if (identity === undefined) return undefined;
    const original = this.#originals.get(identity);
    if (original === undefined || this.#isBetween(original, dependsOn)) {
      this.#originals.set(identity, { index, dependsOn });
      return undefined;
    }
    this.#sameAs.set(index, original.index);
    return original.index;
  }

  /** Whether one of the edges is on a call that stands behind the original. */
  #isBetween(original: Original, dependsOn: readonly Dependency[]): boolean {
    if (dependsOn.length === 0) return false;
    original.waitsFor ??= new Set(original.dependsOn.map(keyOf));
    const { waitsFor } = original;
    return dependsOn.some((edge) => {
      const target = this.#sameAs.get(edge.index) ?? edge.index;
      return target !== original.index && !waitsFor.has(keyOf(edge));
    });
  }
}

function keyOf({ index, indexes }: Dependency) {
  return indexes ?? index;
}
