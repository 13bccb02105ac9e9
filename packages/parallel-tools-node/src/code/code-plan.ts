import type {
  BatchPlan,
  Dependency,
  PlannedCall,
  PlanShape,
} from "../plan/batch-plan.js";
import { ConflictFinder } from "../plan/find-conflicts.js";
import { identityOf } from "../plan/identity-of.js";
import { measureShape } from "../plan/plan-calls.js";
import { HIDDEN_KEY } from "../report/hide-access-keys.js";
import type { Access } from "../policy/access.js";

/** A call as it is planned. */
export interface CodeCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly args: unknown;
  readonly accesses: readonly Access[];
  /** Its keys are made of arguments that may not be told. */
  readonly hidesKeys: boolean;
  /** It runs alone. */
  readonly isAlone: boolean;
  /** It may share the answer of an identical call that runs. */
  readonly isShared: boolean;
}

/**
 * The plan of calls that come one after the other. Each waits for those before it that
 * have not ended, and with which it can't run side by side. Positions count the calls.
 */
export class CodePlan implements BatchPlan {
  readonly calls: PlannedCall[] = [];
  readonly #conflicts = new ConflictFinder();
  /** By position. */
  readonly #open = new Set<number>();
  /** The calls that others may share, by what makes them identical. */
  readonly #shared = new Map<string, number>();
  readonly #identities = new Map<number, string>();
  readonly #hiding = new Set<number>();
  /** The last call that runs alone. */
  #barrier: PlannedCall | undefined;

  get shape(): PlanShape {
    return this.#measured.shape;
  }

  get depth(): number {
    return this.#measured.depth;
  }

  /** Plans a further call. */
  add(call: CodeCall): PlannedCall {
    const { id, name, isShared } = call;
    const index = this.calls.length;
    const identity = isShared ? identityOf(name, call.args) : undefined;
    const sameAs =
      identity === undefined ? undefined : this.#shared.get(identity);
    const dependsOn = sameAs === undefined ? this.#edgesOf(index, call) : [];
    const planned: PlannedCall = {
      index,
      ordinal: index + 1,
      id,
      name,
      dependsOn,
      ...(sameAs !== undefined && { sameAs }),
    };
    this.calls.push(planned);
    this.#open.add(index);
    if (call.isAlone) this.#barrier = planned;
    if (identity !== undefined && sameAs === undefined) {
      this.#shared.set(identity, index);
      this.#identities.set(index, identity);
    }
    return planned;
  }

  end(position: number): void {
    this.#open.delete(position);
    this.#forget(position);
  }

  /** No call shares it any more. */
  #forget(position: number): void {
    const identity = this.#identities.get(position);
    if (identity === undefined) return;
    this.#identities.delete(position);
    if (this.#shared.get(identity) === position) this.#shared.delete(identity);
  }

  #edgesOf(index: number, call: CodeCall): Dependency[] {
    const edges = new Map<number, Dependency>();
    const wait = (earlier: number, edge: Omit<Dependency, "index">) => {
      if (!this.#open.has(earlier) || edges.has(earlier)) return;
      edges.set(earlier, { index: earlier, ...edge });
    };
    if (call.isAlone) {
      for (const earlier of this.#open) {
        wait(earlier, { reason: "sequential", detail: call.name });
      }
      this.#conflicts.clear();
      for (const position of this.#identities.keys()) this.#forget(position);
    }
    if (this.#barrier !== undefined) {
      const { index: barrier, name } = this.#barrier;
      wait(barrier, { reason: "sequential", detail: name });
    }
    if (call.hidesKeys) this.#hiding.add(index);
    this.#conflicts.add(index, call.accesses, (earlier, key) => {
      const isHidden = this.#hiding.has(index) || this.#hiding.has(earlier);
      const detail = isHidden ? HIDDEN_KEY : key;
      wait(earlier, { reason: "conflict", detail });
      // What comes between two identical calls may change the answer of the second.
      this.#forget(earlier);
    });
    return [...edges.values()];
  }

  get #measured() {
    return measureShape(this.calls, [...this.calls.keys()]);
  }
}
