import type { Outcome } from "./outcome.js";
import type { ScheduledCall } from "./scheduled-call.js";

const NONE = new Int32Array(0);

type Outcomes = readonly (Outcome<unknown> | undefined)[];

/** What the graph reads of a call. */
type Node = Pick<ScheduledCall, "dependsOn" | "sameAs">;

const ALL_OK = Object.freeze({ status: "ok" });

/**
 * The dependencies of a batch. Its nodes are the positions of the calls and, from
 * their number on, the groups: a group ends when the last of its calls ends. The
 * graph counts what each node still waits for: other nodes, and its own arrival.
 * The arrays are flat, so memory and time are linear in calls plus edges.
 */
export class DependencyGraph {
  readonly #calls: readonly Node[];
  readonly #outcomes: Outcomes;
  /** For each node those that it waits for. */
  readonly #dependencies: readonly (readonly number[])[];
  /** How the calls of each group that has ended have ended together, by node. */
  readonly #groupOutcomes = new Map<number, Outcome<never>>();
  readonly #edges: number;
  /** Edges out of `i` are `targets[offsets[i]]` to `targets[offsets[i + 1] - 1]`. */
  readonly #offsets: Int32Array;
  readonly #targets: Int32Array;
  /** How many nodes each node still waits for, plus 1 until it has arrived. */
  readonly #open: Int32Array;
  /** 1 for each call that is to arrive. */
  readonly #isExpected: Uint8Array;
  /** Calls that ended elsewhere, whatever they waited for here. */
  readonly #endedElsewhere = new Set<number>();
  /** One list for all ends of calls: a new list each time would be garbage. */
  readonly #ended: number[] = [];

  /** @param outcomes of the calls that have ended, by position; is only read */
  constructor(
    calls: readonly Node[],
    groups: readonly (readonly number[])[],
    outcomes: Outcomes,
  ) {
    this.#calls = calls;
    this.#outcomes = outcomes;
    // A call that shares an outcome waits for it as for any other dependency.
    this.#dependencies = calls
      .map(({ dependsOn, sameAs }) =>
        sameAs === undefined ? dependsOn : [...dependsOn, sameAs],
      )
      .concat(groups);
    let edges = 0;
    for (const list of this.#dependencies) edges += list.length;
    this.#edges = edges;
    this.#offsets = edges > 0 ? this.#countEdges() : NONE;
    this.#targets = edges > 0 ? this.#listTargets() : NONE;
    this.#open = Int32Array.from(this.#dependencies, ({ length }) => length);
    this.#isExpected = new Uint8Array(calls.length);
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
    for (let i = 0; i < this.#calls.length; i += 1) {
      this.#open[i]! += arrivals;
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

  /**
   * How many calls have not ended and wait for others.
   *
   * @param withLate those that have not arrived count, too: they won't arrive before
   *   others have ended
   */
  countWaiting(withLate: boolean): number {
    let calls = 0;
    for (let i = 0; i < this.#calls.length; i += 1) {
      if (this.#outcomes[i]) continue;
      const isLate = this.#isExpected[i] !== 0;
      if (isLate ? withLate : this.#open[i]! > 0) calls += 1;
    }
    return calls;
  }

  /** A call ends elsewhere: what it waited for may go on, or may have failed. */
  endsElsewhere(position: number): void {
    this.#endedElsewhere.add(position);
  }

  /**
   * How the calls that a call waits for ended together, when all have ended: `ok`,
   * `interrupted`, or `error` or `skipped` with the first cause. The call shares the
   * outcome of the one that it is the same as, so neither that one nor another that
   * is the same counts.
   */
  outcomeOfOthers(position: number): Outcome<never> {
    const { dependsOn, sameAs } = this.#calls[position]!;
    return this.#together(dependsOn, sameAs);
  }

  #together(nodes: readonly number[], original?: number): Outcome<never> {
    let failed: number | undefined;
    let isAbsent: boolean | undefined;
    let interrupted = false;
    let skipped = false;
    for (const node of this.#withHidden(nodes)) {
      if (original !== undefined && this.#originalOf(node) === original)
        continue;
      const outcome = this.#groupOutcomes.get(node) ?? this.#outcomes[node]!;
      if (outcome.status === "interrupted") interrupted = true;
      else if (outcome.status !== "ok") {
        const cause = outcome.failed ?? node;
        if (failed === undefined || cause < failed) {
          failed = cause;
          isAbsent = outcome.isAbsent;
        }
        skipped ||= outcome.status === "skipped";
      }
    }
    if (interrupted) return { status: "interrupted" };
    if (failed === undefined) return ALL_OK;
    const status = skipped ? "skipped" : "error";
    return { status, failed, ...(isAbsent && { isAbsent }) };
  }

  #originalOf(node: number): number {
    return this.#calls[node]?.sameAs ?? node;
  }

  /**
   * Adds to dependencies those of the calls among them that ended elsewhere: nothing
   * else says that they have to be waited for.
   */
  #withHidden(nodes: readonly number[]): Iterable<number> {
    const elsewhere = this.#endedElsewhere;
    if (elsewhere.size === 0) return nodes;
    const all = new Set(nodes);
    for (const one of all) {
      if (!elsewhere.has(one)) continue;
      for (const other of this.#dependencies[one] ?? []) all.add(other);
    }
    return all;
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
        if (this.#isGroup(to)) {
          this.#groupOutcomes.set(to, this.#together(this.#dependencies[to]!));
          ended.push(to);
        } else if (this.#endedElsewhere.has(to) || follow(to)) ended.push(to);
      }
    }
  }

  /**
   * For each call the number of calls on the longest path that begins with it.
   * The array is empty if no call waits for another: then all numbers are 1. A group
   * is no call, so a path through it is no longer for it.
   *
   * @throws Error if there is a cycle: such a batch could never end
   */
  pathLengths(): Int32Array {
    if (this.#edges === 0) return NONE;
    const size = this.#dependencies.length;
    const lengths = new Int32Array(size).fill(1, 0, this.#calls.length);
    const openDependents = new Int32Array(size);
    const done: number[] = [];
    for (let i = 0; i < size; i += 1) {
      openDependents[i] = this.#offsets[i + 1]! - this.#offsets[i]!;
      if (openDependents[i] === 0) done.push(i);
    }
    for (const position of done) {
      for (const from of this.#dependencies[position]!) {
        const length = lengths[position]! + (this.#isGroup(from) ? 0 : 1);
        lengths[from] = Math.max(lengths[from]!, length);
        openDependents[from]! -= 1;
        if (openDependents[from] === 0) done.push(from);
      }
    }
    if (done.length < size) {
      throw new Error(
        `Expected dependencies without a cycle, got one among ${this.#countCallsBut(done)} of ${this.#calls.length} calls.`,
      );
    }
    return lengths;
  }

  #countCallsBut(nodes: readonly number[]): number {
    const others = nodes.filter((node) => !this.#isGroup(node)).length;
    return this.#calls.length - others;
  }

  #isGroup(node: number): boolean {
    return node >= this.#calls.length;
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
