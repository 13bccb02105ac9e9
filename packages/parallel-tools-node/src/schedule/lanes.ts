import type { BlockedWalk } from "../limits/blocked-walk.js";
import type { Limit } from "../limits/limit.js";
import { offerAll, offerKept } from "../limits/offer.js";
import { PriorityQueue } from "../limits/priority-queue.js";
import type { DependencyGraph } from "./dependency-graph.js";
import { type CallStarter, Lane, NO_WAITS } from "./lane.js";
import type { RunningCalls } from "./running-calls.js";
import type { BoundCall } from "./scheduled-call.js";

let arrivals = 0;

/** The lanes of one batch. A ready call starts, or waits in its lane. */
export class Lanes {
  readonly #calls: readonly BoundCall[];
  /** Calls on the longest path that begins with each call. Empty if all are 1. */
  readonly #pathLengths: Int32Array;
  readonly #graph: DependencyGraph;
  readonly #starter: CallStarter;
  readonly #maxPauseMs: number;
  readonly #running: RunningCalls;
  /** The number of the batch: batches are served first come, first served. */
  readonly #arrival = (arrivals += 1);
  readonly #lanes = new Map<readonly Limit[], Map<number, Lane>>();

  /**
   * @param maxPauseMs the longest that a server may hold a call up
   * @throws Error if there is a cycle in the graph
   */
  constructor(
    calls: readonly BoundCall[],
    graph: DependencyGraph,
    starter: CallStarter,
    maxPauseMs: number,
    running: RunningCalls,
  ) {
    this.#maxPauseMs = maxPauseMs;
    this.#running = running;
    this.#calls = calls;
    this.#graph = graph;
    this.#pathLengths = graph.pathLengths();
    this.#starter = starter;
  }

  /** Sorts calls into the order in which they should start. */
  sort(positions: number[]): void {
    // Without dependencies the order of the positions is the right one.
    if (!this.#graph.hasEdges) return;
    positions.sort(
      (a, b) => this.#pathLengthOf(b) - this.#pathLengthOf(a) || a - b,
    );
  }

  /**
   * Starts the calls that can start. The others wait in their lanes.
   *
   * @param positions of ready calls, sorted by `sort`
   * @param isAgain whether they have started before: then they precede all others
   * @param released limits that have more room, for these calls and for others
   */
  admit(
    positions: readonly number[],
    now: number,
    isAgain: boolean,
    released: readonly Limit[] = [],
  ): void {
    const rest = this.#startWithoutLanes(positions, now);
    if (rest.length === 0) return;
    const lanes = new PriorityQueue<Lane>((a, b) => a.compareTo(b));
    for (const lane of this.#fill(rest, now, isAgain)) lanes.push(lane);
    const joined: Limit[] = [];
    for (let lane = lanes.pop(); lane; lane = lanes.pop()) {
      const step = lane.dispatch(now);
      if (step === "started") lanes.push(lane);
      else if (step === "joined") joined.push(...lane.limits);
    }
    if (joined.length === 0) return;
    offerAll([...new Set([...joined, ...released])], now);
  }

  /**
   * Starts calls, in their order, until one may have to wait. Mostly none has to, and
   * a lane costs more than a start. Inside of a call slots may be lent, which lanes
   * know of.
   *
   * @returns those that are left
   */
  #startWithoutLanes(
    positions: readonly number[],
    now: number,
  ): readonly number[] {
    const isInside = this.#running.inside !== undefined;
    for (const [i, position] of positions.entries()) {
      const bound = this.#at(position);
      const { limits, cost } = bound;
      for (const limit of limits) {
        if (isInside || limit.isClaimed || !limit.hasRoom(cost, now))
          return positions.slice(i);
      }
      if (!this.#starter.mayStart(position)) continue;
      const holder = this.#running.open(position, bound);
      for (const limit of limits) limit.take(cost, now, holder);
      this.#starter.start(position, now, NO_WAITS);
    }
    return [];
  }

  /** Puts ready calls into their lanes. Returns these lanes. */
  #fill(
    positions: readonly number[],
    now: number,
    isAgain: boolean,
  ): ReadonlySet<Lane> {
    const lanes = new Set<Lane>();
    for (const position of positions) {
      const lane = this.#laneOf(position);
      lane.add(position, this.#pathLengthOf(position), now, isAgain);
      lanes.add(lane);
    }
    return lanes;
  }

  /** The limit at which a ready call waits. `undefined`: it doesn't wait. */
  limitOf(position: number): Limit | undefined {
    const { limits, cost } = this.#at(position);
    return this.#lanes.get(limits)?.get(cost)?.standsAt;
  }

  /** How many calls wait for calls alone that are blocked. */
  heldUpForEver(now: number, walk: BlockedWalk): number {
    let calls = 0;
    for (const lanes of this.#lanes.values()) {
      for (const lane of lanes.values()) {
        if (lane.isHeldUpForEver(now, walk)) calls += lane.size;
      }
    }
    return calls;
  }

  /** Removes all calls that wait. They don't start. */
  close(now: number): void {
    const left = new Set<Limit>();
    for (const lanes of this.#lanes.values()) {
      for (const lane of lanes.values()) {
        lane.close(now);
        for (const limit of lane.limits) left.add(limit);
      }
    }
    offerKept([...left], now);
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
      lane = new Lane({
        limits,
        cost,
        arrival: this.#arrival,
        starter: this.#starter,
        maxPauseMs: this.#maxPauseMs,
        running: this.#running,
      });
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
