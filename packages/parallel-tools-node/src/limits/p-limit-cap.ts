import type { LimitFunction } from "../policy/limit-function.js";
import type { BlockedWalk } from "./blocked-walk.js";
import type { Clock } from "./clock.js";
import type { Waiter } from "./claims.js";
import { SlotLimit } from "./limit.js";
import type { SharedLimit } from "./shared-limits.js";
import type { Asker, Holder } from "./slots.js";

/**
 * A cap on a p-limit in which the application runs jobs of its own.
 *
 * A slot is a job in p-limit that lasts until its slot is given back. It is
 * handed from call to call: entering p-limit for every call would cost more than
 * the call does. A slot goes: free in p-limit -> taken (a call runs) -> spare
 * (the call has ended, and waiting calls are offered it) -> taken again, or given
 * back. It is given back when no call takes it, and when the application's own
 * jobs wait for one.
 *
 * p-limit can't take a queued job back, so calls wait here and not there. While
 * they wait, one job per call stands for it in p-limit's queue, so that neither
 * side overtakes the other. When it is such a job's turn, its slot is spare.
 */
export class PLimitCap extends SlotLimit {
  readonly #limiter: LimitFunction;
  /** Slots that calls claim. Fewer than the calls, if some have borrowed theirs. */
  #taken = 0;
  /** Slots that a call has left or a queued job has got, and that no call took. */
  #spare = 0;
  /** Ends the job that is a slot; one per slot that is taken or spare. */
  readonly #jobs: (() => void)[] = [];
  /** Jobs of ours that p-limit counts: it hears of the end of one a little later. */
  #inside = 0;
  /** Jobs that stand in p-limit's queue for calls that wait. */
  #queued = 0;
  /** No call has taken a slot since the last queued job got one. */
  #cameInVain = false;
  #cancelRest: (() => void) | undefined;

  constructor(name: string, clock: Clock, limiter: LimitFunction) {
    super(name, clock);
    this.#limiter = limiter;
  }

  override get declared(): readonly SharedLimit[] {
    return [{ name: this.name, concurrency: this.#limiter.concurrency }];
  }

  override room(_cost: number, _now: number, asker?: Asker): number {
    const free = this.#free();
    if (free > 0 && asker?.resumes !== true) return free;
    if (asker === undefined || this.slots.uses >= this.#taken) return 0;
    if (this.slots.isReservedFor(asker)) return 1;
    // Else a slot is on its way, or the application's own jobs have it.
    const isFull = this.slots.claims >= this.#limiter.concurrency;
    return isFull && this.slots.mayBeBorrowedBy(asker) ? 1 : 0;
  }

  take(_cost: number, _now: number, holder: Holder): void {
    this.#cameInVain = false;
    const isFree = this.#free() > 0;
    this.slots.take(holder);
    // A guest has the slot of its host; a borrower has that of one that is blocked.
    if (!isFree || this.slots.claims <= this.#taken) return;
    this.#taken += 1;
    if (this.#spare > 0) {
      this.#spare -= 1;
      return;
    }
    const held = this.#hold();
    void this.#limiter(() => held).then(this.#hasLeft);
  }

  release(_cost: number, holder: Holder): void {
    this.slots.release(holder);
    if (this.slots.claims >= this.#taken) return;
    this.#taken -= 1;
    const { activeCount, pendingCount, concurrency } = this.#limiter;
    // Else the application's own jobs are next, or it has lowered the cap.
    if (pendingCount <= this.#queued && activeCount <= concurrency) {
      this.#spare += 1;
    } else {
      this.#giveBack();
    }
  }

  /** Jobs of the application end by themselves, and slots on their way arrive. */
  override mayOpenAlone(waiter: Waiter, now: number): boolean {
    const { activeCount, concurrency } = this.#limiter;
    if (activeCount > this.#inside) return true;
    const isOnItsWay = this.slots.claims < concurrency;
    return isOnItsWay && !this.hasRoomAlone(waiter, now);
  }

  override needsLoan(waiter: Waiter, now: number, walk: BlockedWalk): boolean {
    if (this.mayOpenAlone(waiter, now)) return false;
    return super.needsLoan(waiter, now, walk);
  }

  /** Slots that no call claims. */
  #free(): number {
    const { activeCount, pendingCount, concurrency } = this.#limiter;
    return this.#spare + Math.max(0, concurrency - activeCount - pendingCount);
  }

  override afterOffer(): void {
    for (; this.#spare > 0; this.#spare -= 1) this.#giveBack();
    if (this.hasWaiters) this.watch();
  }

  protected watch(): void {
    if (this.#cancelRest !== undefined) return;
    // Room is kept for another call, so a slot is of no use to those who stand here.
    if (this.keepsRoom && this.#free() > 0) return;
    if (this.#cameInVain) {
      this.#rest();
      return;
    }
    // The application may have cleared the queue, with our jobs in it.
    this.#queued = Math.min(this.#queued, this.#limiter.pendingCount);
    const wanted = this.#newCalls();
    while (this.#queued < wanted) {
      this.#queued += 1;
      this.#limiter(() => this.#onTurn()).then(this.#hasLeft, () => {
        // `clearQueue` with `rejectOnClear`: stand in line again.
        if (this.hasWaiters) this.watch();
      });
    }
  }

  protected unwatch(): void {
    this.#cancelRest?.();
    this.#cancelRest = undefined;
  }

  /** How many calls wait here that have no slot yet. */
  #newCalls(): number {
    let calls = 0;
    for (const { size, resumes } of this.line) calls += resumes ? 0 : size;
    return calls;
  }

  readonly #hasLeft = (): void => {
    this.#inside -= 1;
    this.tellWaiters(this.clock.now());
  };

  /** What the job of a slot waits for: that the slot is given back. */
  #hold(): Promise<void> {
    this.#inside += 1;
    return new Promise((resolve) => this.#jobs.push(resolve));
  }

  /** Ends a job of ours; its slot is p-limit's again a few microtasks later. */
  #giveBack(): void {
    this.#jobs.pop()?.();
  }

  /** A queued job has got its slot. */
  #onTurn(): Promise<void> {
    this.#queued = Math.max(0, this.#queued - 1);
    const held = this.#hold();
    if (this.hasWaiters) {
      this.#spare += 1;
      this.#cameInVain = true;
      this.offer(this.clock.now());
    } else {
      this.#giveBack();
    }
    return held;
  }

  /**
   * The slot of a queued job was of no use: its call then waits at another cap,
   * and may be back at once if that one's slots, too, were only on their way. The
   * next jobs are queued when all that is on its way has arrived. Else two caps
   * could send a call to and fro for ever.
   */
  #rest(): void {
    this.#cameInVain = false;
    this.#cancelRest = this.clock.schedule(() => {
      this.#cancelRest = undefined;
      this.offer(this.clock.now());
    }, 0);
  }
}
