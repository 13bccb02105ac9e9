import type { Outcome } from "./outcome.js";

const NONE = new Int32Array(0);

/**
 * The dependencies of a batch by position. It counts what each call still waits
 * for: other calls, and its own arrival. The arrays are flat, so memory and time
 * are linear in calls plus edges.
 */
export class DependencyGraph {
  readonly #dependencies: readonly (readonly number[])[];
  readonly #edges: number;
  /** Edges out of `i` are `targets[offsets[i]]` to `targets[offsets[i + 1] - 1]`. */
  readonly #offsets: Int32Array;
  readonly #targets: Int32Array;
  /** How many calls each call still waits for, plus 1 until it has arrived. */
  readonly #open: Int32Array;
  /** 1 for each call that is to arrive. */
  readonly #isExpected: Uint8Array;
  /** Calls that ended elsewhere, whatever they waited for here. */
  readonly #endedElsewhere = new Set<number>();
  /** One list for all ends of calls: a new list each time would be garbage. */
  readonly #ended: number[] = [];

  /** @param dependencies for each call the positions of those it waits for */
  constructor(dependencies: readonly (readonly number[])[]) {
    this.#dependencies = dependencies;
    let edges = 0;
    for (const list of dependencies) edges += list.length;
    this.#edges = edges;
    this.#offsets = edges > 0 ? this.#countEdges() : NONE;
    this.#targets = edges > 0 ? this.#listTargets() : NONE;
    this.#open = new Int32Array(dependencies.length);
    this.#isExpected = new Uint8Array(dependencies.length);
  }

  /** Whether any call waits for another. */
  get hasEdges(): boolean {
    return this.#edges > 0;
  }

  /**
   * Begins to count.
   *
   * @param arrivals 1 if each call must arrive first, else 0
   * @returns the calls that wait for nothing
   */
  begin(arrivals: 0 | 1): number[] {
    const roots: number[] = [];
    this.#isExpected.fill(arrivals);
    for (let i = 0; i < this.#open.length; i += 1) {
      this.#open[i] = this.#dependencies[i]!.length + arrivals;
      if (this.#open[i] === 0) roots.push(i);
    }
    return roots;
  }

  /**
   * Counts the arrival of a call.
   *
   * @returns whether the call waits for nothing any more
   */
  arrive(position: number): boolean {
    if (this.#isExpected[position] === 1) this.#open[position]! -= 1;
    this.#isExpected[position] = 0;
    return this.#open[position] === 0;
  }

  /** A call ends elsewhere: what it waited for may go on, or may have failed. */
  endsElsewhere(position: number): void {
    this.#endedElsewhere.add(position);
  }

  /**
   * Adds to the dependencies of a call those of the ones that ended elsewhere:
   * nothing else says that the call has to wait for them.
   */
  withHidden(dependsOn: readonly number[]): readonly number[] {
    const elsewhere = this.#endedElsewhere;
    if (elsewhere.size === 0) return dependsOn;
    const all = new Set(dependsOn);
    for (const one of all) {
      if (!elsewhere.has(one)) continue;
      for (const other of this.#dependencies[one] ?? []) all.add(other);
    }
    return [...all];
  }

  /**
   * Counts the end of a call. If the call still waits for others, those that wait
   * for it wait for them, too.
   *
   * @param follow is called for each call that now waits for nothing. It returns
   *   whether that call has ended, too
   */
  end(position: number, follow: (unblocked: number) => boolean): void {
    // No recursion, because a chain may be as long as the batch.
    const ended = this.#ended;
    ended.length = 0;
    if (!this.arrive(position)) return;
    ended.push(position);
    for (const from of ended) {
      const last = this.#offsets[from + 1]!;
      for (let edge = this.#offsets[from]!; edge < last; edge += 1) {
        const to = this.#targets[edge]!;
        this.#open[to]! -= 1;
        if (this.#open[to]! > 0) continue;
        if (this.#endedElsewhere.has(to) || follow(to)) ended.push(to);
      }
    }
  }

  /**
   * For each call the number of calls on the longest path that begins with it.
   * The array is empty if no call waits for another: then all numbers are 1.
   *
   * @throws Error if there is a cycle: such a batch could never end
   */
  pathLengths(): Int32Array {
    if (this.#edges === 0) return NONE;
    const size = this.#dependencies.length;
    const lengths = new Int32Array(size).fill(1);
    const openDependents = new Int32Array(size);
    const done: number[] = [];
    for (let i = 0; i < size; i += 1) {
      openDependents[i] = this.#offsets[i + 1]! - this.#offsets[i]!;
      if (openDependents[i] === 0) done.push(i);
    }
    for (const position of done) {
      for (const from of this.#dependencies[position]!) {
        lengths[from] = Math.max(lengths[from]!, lengths[position]! + 1);
        openDependents[from]! -= 1;
        if (openDependents[from] === 0) done.push(from);
      }
    }
    if (done.length < size) {
      throw new Error(
        `Expected dependencies without a cycle, got one among ${size - done.length} of ${size} calls.`,
      );
    }
    return lengths;
  }

  #countEdges(): Int32Array {
    const size = this.#dependencies.length;
    const offsets = new Int32Array(size + 1);
    for (const list of this.#dependencies) {
      for (const from of list) offsets[from + 1]! += 1;
    }
    for (let i = 0; i < size; i += 1) offsets[i + 1]! += offsets[i]!;
    return offsets;
  }

  #listTargets(): Int32Array {
    const targets = new Int32Array(this.#edges);
    const next = this.#offsets.slice();
    this.#dependencies.forEach((list, to) => {
      for (const from of list) {
        targets[next[from]!] = to;
        next[from]! += 1;
      }
    });
    return targets;
  }
}

/** How its dependencies or its preset end a call. `undefined`: it may run. */
export function endByOthers<Value>(
  dependsOn: readonly number[],
  preset: Outcome<Value> | undefined,
  outcomes: readonly (Outcome<Value> | undefined)[],
): Outcome<Value> | undefined {
  let failed: number | undefined;
  let isAbsent: boolean | undefined;
  let interrupted = false;
  let skipped = false;
  for (const from of dependsOn) {
    const outcome = outcomes[from] as Outcome<Value>;
    if (outcome.status === "interrupted") interrupted = true;
    else if (outcome.status !== "ok") {
      const cause = outcome.failed ?? from;
      if (failed === undefined || cause < failed) {
        failed = cause;
        isAbsent = outcome.isAbsent;
      }
      skipped ||= outcome.status === "skipped";
    }
  }
  if (interrupted) return { status: "interrupted" };
  if (preset !== undefined && !skipped) return preset;
  if (failed === undefined) return undefined;
  return { status: "skipped", failed, ...(isAbsent && { isAbsent }) };
}
