import type { Dependency } from "./batch-plan.js";

/** The most calls of a tool that a call comes `after` by an edge each. */
const MOST_EDGES = 16;

/**
 * The calls of one tool since the last barrier, which calls of other tools come
 * `after`. All of them are planned before the first call that waits for them.
 */
export class AwaitedCalls {
  readonly positions: number[] = [];
  readonly #tool: string;
  readonly #indexes: number[] = [];
  /** One edge for each position, which all calls that wait share. */
  #edges: Dependency[] | undefined;
  /** One edge for all positions. */
  #edge: Dependency | undefined;

  constructor(tool: string) {
    this.#tool = tool;
  }

  add(position: number, index: number): void {
    this.positions.push(position);
    this.#indexes.push(index);
  }

  /** Whether one edge stands for all of the calls. */
  get isGroup(): boolean {
    return this.positions.length > MOST_EDGES;
  }

  /** An edge for each of the positions. */
  get edges(): readonly Dependency[] {
    this.#edges ??= this.#indexes.map((index) => this.#edgeOn(index));
    return this.#edges;
  }

  /** The edge for all of the positions, named by the one at `at`. */
  edgeBy(at: number): Dependency {
    this.#edge ??= {
      ...this.#edgeOn(this.#indexes.at(-1) as number),
      indexes: Object.freeze(this.#indexes),
    };
    const index = this.#indexes[at] as number;
    return this.#edge.index === index ? this.#edge : { ...this.#edge, index };
  }

  #edgeOn(index: number): Dependency {
    return { index, reason: "after", detail: this.#tool };
  }
}
