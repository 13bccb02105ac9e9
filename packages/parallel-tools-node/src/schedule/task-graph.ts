const NONE = new Int32Array(0);

/**
 * The dependencies of a batch by position, in flat arrays: memory and time are
 * linear in calls plus edges, and a batch without edges has no arrays.
 */
export class TaskGraph {
  readonly size: number;
  readonly edges: number;
  readonly #dependencies: readonly (readonly number[])[];
  /** Edges out of `i` are `targets[offsets[i]]` to `targets[offsets[i + 1] - 1]`. */
  readonly #offsets: Int32Array;
  readonly #targets: Int32Array;

  /** @param dependencies for each call the positions that it waits for */
  constructor(dependencies: readonly (readonly number[])[]) {
    this.#dependencies = dependencies;
    this.size = dependencies.length;
    this.edges = 0;
    for (const list of dependencies) this.edges += list.length;
    this.#offsets = this.edges > 0 ? this.#countEdges() : NONE;
    this.#targets = this.edges > 0 ? this.#listTargets() : NONE;
  }

  dependenciesOf(position: number): readonly number[] {
    return this.#dependencies[position] ?? [];
  }

  /** The first of the edges that lead on from `position`; the last is before the next one's first. */
  firstEdge(position: number): number {
    return this.#offsets[position] ?? 0;
  }

  /** The call that `edge` leads to. */
  targetOf(edge: number): number {
    return this.#targets[edge] as number;
  }

  /**
   * For each call the number of calls on the longest path that begins with it;
   * none if no call waits for another, where it is 1 for all.
   *
   * @throws Error for a cycle: such a batch could never end
   */
  pathLengths(): Int32Array {
    if (this.edges === 0) return NONE;
    const lengths = new Int32Array(this.size).fill(1);
    const openDependents = new Int32Array(this.size);
    const done: number[] = [];
    for (let i = 0; i < this.size; i += 1) {
      openDependents[i] = this.#offsets[i + 1]! - this.#offsets[i]!;
      if (openDependents[i] === 0) done.push(i);
    }
    for (const position of done) {
      for (const from of this.dependenciesOf(position)) {
        lengths[from] = Math.max(lengths[from]!, lengths[position]! + 1);
        openDependents[from]! -= 1;
        if (openDependents[from] === 0) done.push(from);
      }
    }
    if (done.length < this.size) {
      throw new Error(
        `Expected dependencies without a cycle, got one among ${this.size - done.length} of ${this.size} calls.`,
      );
    }
    return lengths;
  }

  #countEdges(): Int32Array {
    const offsets = new Int32Array(this.size + 1);
    for (const list of this.#dependencies) {
      for (const from of list) offsets[from + 1]! += 1;
    }
    for (let i = 0; i < this.size; i += 1) offsets[i + 1]! += offsets[i]!;
    return offsets;
  }

  #listTargets(): Int32Array {
    const targets = new Int32Array(this.edges);
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
