import type { Limit } from "../limits/limit.js";
import { PriorityQueue } from "../limits/priority-queue.js";
import type { BoundCall } from "./scheduled-call.js";
import { type CallStarter, Lane, NO_WAITS } from "./lane.js";
import type { DependencyGraph } from "./dependency-graph.js";

let arrivals = 0;

/** The lanes of one batch: what is ready starts, or waits in its lane. */
export class Lanes {
  readonly #calls: readonly BoundCall[];
  /** Calls on the longest path that begins with each call, where that is not 1. */
  readonly #pathLengths: Int32Array;
  readonly #graph: DependencyGraph;
  readonly #starter: CallStarter;
  /** Batches are served first come, first served. */
  readonly #arrival = (arrivals += 1);
  readonly #lanes = new Map<readonly Limit[], Map<number, Lane>>();

  /** @throws Error for a cycle in the graph */
  constructor(
    calls: readonly BoundCall[],
    graph: DependencyGraph,
    starter: CallStarter,
  ) {
    this.#calls = calls;
    this.#graph = graph;
    this.#pathLengths = graph.pathLengths();
    this.#starter = starter;
  }

  /** Puts calls into the order in which they are to start. */
  sort(positions: number[]): void {
    // Without dependencies they are in it.
    if (!this.#graph.hasEdges) return;
    positions.sort(
      (a, b) => this.#pathLengthOf(b) - this.#pathLengthOf(a) || a - b,
    );
  }

  /**
   * Starts what can start of the calls that have become ready.
   *
   * @param positions in the order in which they are to start
   * @param isAgain they were started before, and go before all others
   */
  admit(positions: readonly number[], now: number, isAgain: boolean): void {
    if (positions.every((position) => this.#at(position).limits.length === 0)) {
      for (const position of positions)
        this.#starter.start(position, now, NO_WAITS);
      return;
    }
    const lanes = new Set<Lane>();
    for (const position of positions) {
      const lane = this.#laneOf(position);
      lane.add(position, this.#pathLengthOf(position), now, isAgain);
      lanes.add(lane);
    }
    if (lanes.size === 1) {
      for (const lane of lanes) while (lane.dispatch(now));
      return;
    }
    const queue = new PriorityQueue<Lane>((a, b) => a.compareTo(b));
    for (const lane of lanes) queue.push(lane);
    for (let lane = queue.pop(); lane; lane = queue.pop()) {
      if (lane.dispatch(now)) queue.push(lane);
    }
  }

  /** The limit at which a ready call waits. */
  limitOf(position: number): Limit | undefined {
    const { limits, cost } = this.#at(position);
    return this.#lanes.get(limits)?.get(cost)?.standsAt;
  }

  /** No call that waits starts any more. */
  close(now: number): void {
    for (const lanes of this.#lanes.values()) {
      for (const lane of lanes.values()) lane.close(now);
    }
  }

  #laneOf(position: number): Lane {
    const { limits, cost } = this.#at(position);
    let lanes = this.#lanes.get(limits);
    if (lanes === undefined) {
      lanes = new Map();
      this.#lanes.set(limits, lanes);
    }
    let lane = lanes.get(cost);
    if (lane === undefined) {
      lane = new Lane(limits, cost, this.#arrival, this.#starter);
      lanes.set(cost, lane);
    }
    return lane;
  }

  #pathLengthOf(position: number): number {
    return this.#pathLengths[position] ?? 1;
  }

  #at(position: number): BoundCall {
    return this.#calls[position] as BoundCall;
  }
}
