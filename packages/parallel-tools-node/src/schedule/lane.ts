import { AsyncResource } from "node:async_hooks";
import { BlockedWalk } from "../limits/blocked-walk.js";
import type { Waiter } from "../limits/claims.js";
import type { Limit } from "../limits/limit.js";
import { offerKept } from "../limits/offer.js";
import { Patience } from "../limits/patience.js";
import { PriorityQueue } from "../limits/priority-queue.js";
import { mayGiveSlotsBack } from "../limits/shared-slots.js";
import type { Holder } from "../limits/slots.js";
import type { RunningCalls } from "./running-calls.js";

/** A ready call in a lane. */
interface WaitingCall {
  readonly position: number;
  readonly readyAt: number;
  /** Whether the call has started before. */
  readonly isAgain: boolean;
  /** Calls on the longest path that begins with it. */
  readonly pathLength: number;
  /**
   * How long the lane had been blocked at each of its limits when the call came.
   * `undefined`: never.
   */
  readonly blockedBefore: readonly number[] | undefined;
}

/** How long a call waited at one limit, in milliseconds. */
export interface LimitWait {
  readonly limit: Limit;
  readonly ms: number;
}

/** The waits of a call that waited at no limit. */
export const NO_WAITS: readonly LimitWait[] = Object.freeze([]);

/** Starts the calls of a lane, or ends them. */
export interface CallStarter {
  /** One that started just before may have aborted or halted the batch. */
  mayStart(position: number): boolean;
  /** Starts a call whose limits have been taken. */
  start(position: number, now: number, waits: readonly LimitWait[]): void;
  /** A call stops waiting and will not start. */
  leave(position: number, now: number, waits: readonly LimitWait[]): void;
  /** Ends a call that has left because its limits can't be taken. */
  fail(position: number, error: unknown): void;
}

interface LaneOptions {
  readonly limits: readonly Limit[];
  readonly cost: number;
  /** The number of the batch. */
  readonly arrival: number;
  readonly starter: CallStarter;
  readonly maxPauseMs: number;
  readonly running: RunningCalls;
}

/**
 * The ready calls of one batch that need the same limits at the same cost. If the
 * first can't start, none can. So the lane needs only one place in the queue of a
 * limit.
 */
export class Lane implements Waiter {
  readonly cost: number;
  readonly limits: readonly Limit[];
  readonly maxPauseMs: number;
  readonly inside: Holder | undefined;
  #patience: Patience | undefined;
  readonly #arrival: number;
  readonly #starter: CallStarter;
  readonly #running: RunningCalls;
  readonly #calls = new PriorityQueue<WaitingCall>(compareCalls);
  /** The async context of the batch. It is made when a call first has to wait. */
  #context: AsyncResource | undefined;
  #standsAt: Limit | undefined;
  /** When it was last looked at, the room where it stands was kept for others. */
  #isKept = false;
  /** As it was told last: it waits for calls alone that are blocked. */
  #isHeldUp = false;
  /** When `#blockedMs` was last brought up to date. */
  #since = 0;
  /** How long the lane was blocked, by limit. `undefined`: never. */
  #blockedMs: number[] | undefined;

  constructor(options: LaneOptions) {
    this.maxPauseMs = options.maxPauseMs;
    this.inside = options.running.inside;
    this.#running = options.running;
    this.limits = options.limits;
    this.cost = options.cost;
    this.#arrival = options.arrival;
    this.#starter = options.starter;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Most lanes never wait. */
  get patience(): Patience {
    return (this.#patience ??= new Patience(this.limits));
  }

  get waitsSince(): number {
    return this.#calls.peek()?.readyAt ?? Number.POSITIVE_INFINITY;
  }

  /** The limit at which the calls wait. `undefined`: none waits. */
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
      readyAt: now,
      isAgain,
      pathLength,
      blockedBefore: this.#blockedMs?.slice(),
    };
    this.#calls.push(call);
    if (this.#calls.peek() === call) this.#standsAt?.reorder(this);
  }

  /**
   * Starts the first call if it can start and nobody waits who may come before it.
   *
   * @returns `joined`: it waits with others. An offer of its limits must follow, which
   *   finds out who is first
   */
  dispatch(now: number): "started" | "waits" | "joined" | "empty" {
    if (this.#calls.size === 0) return "empty";
    if (this.#standsAt !== undefined) return "waits";
    const contended = this.limits.find(({ isClaimed }) => isClaimed);
    const blocker =
      contended ??
      this.limits.find((limit) => !limit.hasRoom(this.cost, now, this));
    if (blocker === undefined) {
      const { position, waits } = this.#takeFirst(now);
      this.#starter.start(position, now, waits);
      return "started";
    }
    // A call of another batch may make room and so start a call of this lane. The
    // tool must still find the async context of its own run.
    this.#context ??= new AsyncResource("parallel-tools-node");
    blocker.park(this, now);
    return contended === undefined ? "waits" : "joined";
  }

  /** Removes all calls of this lane. They don't start. */
  close(now: number): void {
    this.#standsAt?.leave(this, now);
    for (let call = this.#calls.pop(); call; call = this.#calls.pop()) {
      this.#starter.leave(call.position, now, this.#waitsOf(call));
    }
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
    offerKept(this.limits, now);
    this.#starter.leave(position, now, this.#waitsOf(call));
    this.#context?.runInAsyncScope(() => this.#starter.fail(position, error));
  }

  waitsAt(limit: Limit | undefined, now: number): void {
    this.#countBlocked(now);
    if (this.#standsAt !== limit) {
      this.#isKept = false;
      this.#running.changed(false);
    }
    this.#standsAt = limit;
    this.limitHasChanged(now);
  }

  wasLookedAt(now: number): void {
    const at = this.#standsAt;
    this.#isKept =
      at !== undefined && (at.keepsRoom || at.hasRoomAlone(this, now));
  }

  limitHasChanged(now: number): void {
    if (this.inside === undefined) return;
    const isHeldUp = this.isHeldUpForEver(now, new BlockedWalk());
    const isNew = this.#isHeldUp !== isHeldUp;
    // Also if it isn't new: those for whom it waits may have gone on meanwhile.
    if (!isHeldUp && !isNew) {
      // One that waits for other processes, or for calls here that do, may be a reason.
      if (mayGiveSlotsBack()) this.#running.changed(false);
      return;
    }
    if (this.#running.changed(isNew, this.#tellAgain))
      this.#isHeldUp = isHeldUp;
  }

  readonly #tellAgain = (now: number): void => {
    const isHeldUp = this.isHeldUpForEver(now, new BlockedWalk());
    if (this.#isHeldUp === isHeldUp) return;
    this.#isHeldUp = isHeldUp;
    this.#running.changed(true);
  };

  /** Whether no time and no end of a call will let the calls start. */
  isHeldUpForEver(now: number, walk: BlockedWalk): boolean {
    return walk.isBlocked(this, () => {
      const at = this.#standsAt;
      if (at === undefined) return false;
      if (walk.supposes(() => this.#waitsForBlocked(at, now, walk)))
        return true;
      return this.limits.some(
        (limit) =>
          !limit.isOffered &&
          walk.supposes(() => limit.needsLoan(this, now, walk)),
      );
    });
  }

  /** The same, if it may not start though no call ends that is not blocked. */
  #waitsForBlocked(at: Limit, now: number, walk: BlockedWalk): boolean {
    // While room is offered, those who have not been looked at may be let in.
    if (at.isOffered) return false;
    if (at.mayOpenAlone(this, now, walk)) return false;
    // There is room only just now, and it will be offered.
    if (!this.#isKept && at.hasRoomAlone(this, now)) return false;
    const isHeldUp = this.limits.every((limit) =>
      limit.holdsUpForEver(this, now, walk),
    );
    return isHeldUp && (!walk.asksLocks || walk.waiting.includes(this));
  }

  #takeFirst(now: number): {
    position: number;
    waits: readonly LimitWait[];
  } {
    const call = this.#calls.pop() as WaitingCall;
    const { limits, cost } = this;
    const holder = this.#running.open(call.position, this);
    for (const limit of limits) limit.take(cost, now, holder);
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

/** First calls that have started before, then long paths, then the position. */
function compareCalls(a: WaitingCall, b: WaitingCall): number {
  return (
    Number(b.isAgain) - Number(a.isAgain) ||
    b.pathLength - a.pathLength ||
    a.position - b.position
  );
}
