import type { TaskGraph } from "./task-graph.js";

/** Counts what each call of a batch still waits for: calls, and to arrive. */
export class OpenDependencies {
  readonly #graph: TaskGraph;
  readonly #open: Int32Array;
  /** Filled anew by each end of a call: garbage is what costs here. */
  readonly #ended: number[] = [];

  constructor(graph: TaskGraph, size: number) {
    this.#graph = graph;
    this.#open = new Int32Array(size);
  }

  /** Whether a call may wait for another. */
  get isFollowed(): boolean {
    return this.#graph.edges > 0;
  }

  /** @param missing 1 if each call has to arrive. Gives who waits for nothing. */
  begin(missing: number): number[] {
    const roots: number[] = [];
    for (let i = 0; i < this.#open.length; i += 1) {
      this.#open[i] = this.#graph.dependenciesOf(i).length + missing;
      if (this.#open[i] === 0) roots.push(i);
    }
    return roots;
  }

  /** A call has come. Whether it waits for nothing any more. */
  arrived(position: number): boolean {
    this.#open[position]! -= 1;
    return this.#open[position] === 0;
  }

  /**
   * A call has ended.
   *
   * @param follow is told who waits for nothing any more, and says whether that
   *   one has ended, too
   */
  ended(position: number, follow: (unblocked: number) => boolean): void {
    // A list and no recursion: chains may be as long as the batch.
    const ended = this.#ended;
    ended.length = 0;
    ended.push(position);
    for (const from of ended) {
      const last = this.#graph.firstEdge(from + 1);
      for (let edge = this.#graph.firstEdge(from); edge < last; edge += 1) {
        const to = this.#graph.targetOf(edge);
        this.#open[to]! -= 1;
        if (this.#open[to]! <= 0 && follow(to)) ended.push(to);
      }
    }
  }
}
