import { AsyncResource } from "node:async_hooks";
import { Limit, type Waiter } from "../limits/limit.js";
import { PriorityQueue } from "../limits/priority-queue.js";
import type { DependencyGraph } from "./dependency-graph.js";
import type { BoundCall } from "./scheduled-call.js";

/** A ready call in a lane. */
interface WaitingCall {
  readonly position: number;
  /** It was started before. */
  readonly isAgain: boolean;
  /** Calls on the longest path that begins with it. */
  readonly pathLength: number;
  /**
   * How long the lane had been blocked at each of its limits when it came;
   * `undefined`: never.
   */
  readonly blockedBefore: readonly number[] | undefined;
}

/** Milliseconds that a call waited at one limit. */
export interface LimitWait {
  readonly limit: Limit;
  readonly ms: number;
}

/** Nothing was waited for. */
const NO_WAITS: readonly LimitWait[] = Object.freeze([]);

/** Who owns the calls of a lane. */
export interface CallStarter {
  /** Starts a call whose limits have been taken. */
  start(position: number, now: number, waits: readonly LimitWait[]): void;
  /** A call stops waiting, and won't start. */
  leave(position: number, now: number, waits: readonly LimitWait[]): void;
  /** A call that has left can't start, ever. It holds no limits. */
  fail(position: number, error: unknown): void;
}

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

/**
 * The ready calls of one batch that need the same limits at the same cost. If
 * the first can't start then none can, so one place in line does for them all.
 */
class Lane implements Waiter {
  readonly cost: number;
  readonly limits: readonly Limit[];
  /** When the batch came: first come, first served. */
  readonly #arrival: number;
  readonly #starter: CallStarter;
  readonly #calls = new PriorityQueue<WaitingCall>(compareCalls);
  /** Made when calls first have to wait, in the context of their own run. */
  #context: AsyncResource | undefined;
  #standsAt: Limit | undefined;
  #since = 0;
  /** Milliseconds by limit; `undefined` until something blocks. */
  #blockedMs: number[] | undefined;

  constructor(
    limits: readonly Limit[],
    cost: number,
    arrival: number,
    starter: CallStarter,
  ) {
    this.limits = limits;
    this.cost = cost;
    this.#arrival = arrival;
    this.#starter = starter;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Where its calls wait; `undefined`: none does. */
  get standsAt(): Limit | undefined {
    return this.#standsAt;
  }

  compareTo(other: Lane): number {
    const mine = this.#calls.peek();
    const others = other.#calls.peek();
    if (mine === undefined || others === undefined) return 0;
    return (
      Number(others.isAgain) - Number(mine.isAgain) ||
      this.#arrival - other.#arrival ||
      compareCalls(mine, others)
    );
  }

  /** Adds a ready call; `dispatch` must follow in the same turn. */
  add(
    position: number,
    pathLength: number,
    now: number,
    isAgain: boolean,
  ): void {
    this.#countBlocked(now);
    const call: WaitingCall = {
      position,
      isAgain,
      pathLength,
      blockedBefore: this.#blockedMs?.slice(),
    };
    this.#calls.push(call);
    if (this.#calls.peek() === call) this.#standsAt?.reorder(this);
  }

  /**
   * Starts the first call if it can start, behind those who came first. True
   * if it is worth asking again: calls are left and nothing blocks them yet.
   */
  dispatch(now: number): boolean {
    if (this.#standsAt !== undefined || this.#calls.size === 0) return false;
    const line = this.limits.find((limit) => limit.hasWaiters);
    const blocker = line ?? this.blockedBy(now);
    if (blocker === undefined) {
      const { position, waits } = this.#takeFirst(now);
      this.#starter.start(position, now, waits);
      return this.#calls.size > 0;
    }
    // Another batch's call may make the room and hence do the starting: a tool
    // has to find its own run's async context all the same.
    this.#context ??= new AsyncResource("parallel-tools-node");
    blocker.park(this, now);
    if (line !== undefined) Limit.offerAll(this.limits, now);
    return false;
  }

  /** No call of this lane starts any more. */
  close(now: number): void {
    this.#standsAt?.leave(this, now);
    for (let call = this.#calls.pop(); call; call = this.#calls.pop()) {
      this.#starter.leave(call.position, now, this.#waitsOf(call));
    }
  }

  blockedBy(now: number): Limit | undefined {
    for (const limit of this.limits) {
      if (!limit.hasRoom(this.cost, now)) return limit;
    }
    return undefined;
  }

  admit(now: number): () => void {
    const { position, waits } = this.#takeFirst(now);
    const start = () => this.#starter.start(position, now, waits);
    return () => this.#context?.runInAsyncScope(start);
  }

  fail(error: unknown, now: number): void {
    const call = this.#calls.pop() as WaitingCall;
    const { position } = call;
    this.#countBlocked(now);
    if (this.#calls.size > 0) this.#standsAt?.reorder(this);
    else this.#standsAt?.leave(this, now);
    this.#starter.leave(position, now, this.#waitsOf(call));
    this.#context?.runInAsyncScope(() => this.#starter.fail(position, error));
  }

  waitsAt(limit: Limit | undefined, now: number): void {
    this.#countBlocked(now);
    this.#standsAt = limit;
  }

  #takeFirst(now: number): {
    position: number;
    waits: readonly LimitWait[];
  } {
    const call = this.#calls.pop() as WaitingCall;
    for (const limit of this.limits) limit.take(this.cost, now);
    this.#countBlocked(now);
    return { position: call.position, waits: this.#waitsOf(call) };
  }

  #waitsOf({ blockedBefore }: WaitingCall): readonly LimitWait[] {
    const blockedMs = this.#blockedMs;
    if (blockedMs === undefined) return NO_WAITS;
    return this.limits
      .map((limit, i) => ({
        limit,
        ms: blockedMs[i]! - (blockedBefore?.[i] ?? 0),
      }))
      .filter(({ ms }) => ms > 0);
  }

  #countBlocked(now: number): void {
    if (this.#standsAt !== undefined) {
      this.#blockedMs ??= this.limits.map(() => 0);
      this.#blockedMs[this.limits.indexOf(this.#standsAt)]! +=
        now - this.#since;
    }
    this.#since = now;
  }
}

/** Calls that were refused first, then the longest path, then the order. */
function compareCalls(a: WaitingCall, b: WaitingCall): number {
  return (
    Number(b.isAgain) - Number(a.isAgain) ||
    b.pathLength - a.pathLength ||
    a.position - b.position
  );
}
