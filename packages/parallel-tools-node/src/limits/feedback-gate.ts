import type { Clock } from "./clock.js";
import { LearnedRate } from "./learned-rate.js";
import { ServerPausedError } from "../errors/server-paused-error.js";
import type { Waiter } from "./claims.js";
import { TimedLimit } from "./timed-limit.js";
import { type Asker, type Holder, Slots } from "./slots.js";

/** Calls that may run at once at first, where a server's limits aren't known. */
const CAREFUL_START = 10;
/** The first pause after a refusal that names none. Each next one doubles. */
const FIRST_PAUSE_MS = 100;

export interface FeedbackGateOptions {
  /** Learns the server's rate, since none is declared. */
  readonly learns: boolean;
  /** Lets few calls run at first, and one more for each that was accepted. */
  readonly startsCarefully: boolean;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Tells other processes, which share the server. */
  readonly onPause?: ((ms: number) => void) | undefined;
}

/** A server has refused a call. */
export interface Refusal {
  /** When the call was started. */
  readonly startedAt: number;
  readonly now: number;
  /** Milliseconds for which the server wants no calls, if it has said so. */
  readonly pauseMs?: number | undefined;
  /** The longest that a pause may be held to be short, in milliseconds. */
  readonly maxPauseMs: number;
  /** The rate that the server declares, in tokens per millisecond. */
  readonly rate?: number | undefined;
}

/**
 * Holds calls back as the server behind them asks for it.
 *
 *     open -- the server refuses a call --> closed
 *     closed -- the pause is over --> open, at the learned rate if none is
 *       declared
 *
 * The pause is as long as the server asks for. Where it doesn't say, the pause
 * doubles as long as the server refuses every call.
 *
 * Nobody waits for longer than its `maxPauseMs`: who would have to is answered at
 * once with the time. After a pause longer than that, one call asks the server.
 */
export class FeedbackGate extends TimedLimit {
  override readonly closesByItself = true;
  readonly kind = "feedback";
  override readonly slots = new Slots();
  readonly #options: FeedbackGateOptions;
  readonly #learned: LearnedRate | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** When the first of the pauses began since which no call was accepted. */
  #pausedSince: number | undefined;
  /** A timer is set for `#answerOverdue`. */
  #willAnswer = false;
  /** Calls that may run at once: few at first, and after a long pause. */
  #window: number;
  /** Running calls that the server has refused. */
  #refused = 0;
  /** When it last refused one. Refusals of calls that ran then aren't new. */
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Refusals that named no pause, since a call was last accepted. */
  #unexplained = 0;

  constructor(name: string, clock: Clock, options: FeedbackGateOptions) {
    super(name, clock);
    this.#options = options;
    this.#learned = options.learns ? new LearnedRate() : undefined;
    this.#window = options.startsCarefully
      ? CAREFUL_START
      : Number.POSITIVE_INFINITY;
  }

  override hasRoom(cost: number, now: number, asker?: Asker): boolean {
    return (
      this.#slotsFor(asker) > 0 &&
      (asker?.resumes === true || super.hasRoom(cost, now))
    );
  }

  /** At a learned rate calls start one at a time. */
  override room(cost: number, now: number, asker?: Asker): number {
    if (!this.hasRoom(cost, now, asker)) return 0;
    return this.#learned?.isKnown ? 1 : this.#slotsFor(asker);
  }

  take(cost: number, now: number, holder: Holder): void {
    this.slots.take(holder);
    this.#learned?.take(cost, now);
  }

  /** A call that was not refused counts as accepted. */
  release(cost: number, holder: Holder): void {
    this.slots.release(holder);
    if (this.#refused > 0) {
      this.#refused -= 1;
      return;
    }
    this.#window += 1;
    this.#pausedSince = undefined;
    this.#unexplained = 0;
    this.#learned?.accept(cost);
  }

  /**
   * The server refused a call, whose `release` must follow in the same turn.
   * Returns the milliseconds for which the gate is closed.
   */
  refuse(refusal: Refusal): number {
    const { startedAt, now, pauseMs, maxPauseMs, rate } = refusal;
    this.#refused += 1;
    if (startedAt >= this.#refusedAt) {
      // A pause of 0 counts as none: the call would be refused again and again.
      const wanted = pauseMs || Math.min(this.#guessPause(), maxPauseMs);
      this.#window = Number.POSITIVE_INFINITY;
      this.pause(wanted, now, maxPauseMs);
      this.#refusedAt = now;
      this.#learned?.reject(now, rate, this.#pausedUntil - now);
    } else {
      this.#learned?.rejectAgain();
      if (pauseMs !== undefined) this.pause(pauseMs, now, maxPauseMs);
    }
    return Math.max(0, this.#pausedUntil - now);
  }

  /**
   * Nothing starts for `ms` milliseconds. Never shortens a pause.
   *
   * @param maxPauseMs a longer one is a long one
   */
  pause(ms: number, now: number, maxPauseMs = Number.POSITIVE_INFINITY): void {
    if (now + ms <= this.#pausedUntil) return;
    this.#pausedUntil = now + ms;
    this.#pausedSince ??= now;
    if (ms > maxPauseMs) this.#window = 1;
    // Others can't answer those who wait there. They ask the server themselves.
    this.#options.onPause?.(Math.min(ms, maxPauseMs));
  }

  /** The server may be another one by now. */
  #forgetOld(now: number): void {
    if (this.#learned?.isOld(now) !== true) return;
    this.#learned.forget();
    if (this.#options.startsCarefully) {
      this.#window = Math.max(CAREFUL_START, this.slots.claims);
    }
  }

  protected override watch(now: number): void {
    // Else no time lets those in who stand here, but the end of other calls.
    if (!this.#isOpenForAll(now)) super.watch(now);
    if (this.#willAnswer || !this.#hasOverdue(now)) return;
    this.#willAnswer = true;
    this.clock.schedule(() => {
      this.#willAnswer = false;
      this.#answerOverdue(this.clock.now());
    }, 0);
  }

  /** Whether it is open, and not only for those who need few tokens. */
  #isOpenForAll(now: number): boolean {
    if (this.opensAt(1, now) > now) return false;
    if (this.#learned?.isKnown !== true) return true;
    return this.opensAt(this.leastNeed(now), now) <= now;
  }

  #hasOverdue(now: number): boolean {
    for (const waiter of this.line) {
      if (this.#isOverdue(waiter, now)) return true;
    }
    return false;
  }

  /** Whether the first call of a waiter would have to wait longer than it may. */
  #isOverdue({ waitsSince, maxPauseMs }: Waiter, now: number): boolean {
    if (this.#pausedUntil <= now) return false;
    const since = Math.max(waitsSince, this.#pausedSince ?? now);
    return this.#pausedUntil - since > maxPauseMs;
  }

  #answerOverdue(now: number): void {
    const error = new ServerPausedError(this.name, this.#pausedUntil - now);
    for (const waiter of this.waitersInOrder()) {
      while (waiter.size > 0 && this.#isOverdue(waiter, now)) {
        waiter.fail(error, now);
      }
    }
  }

  override mayAdmit(now: number): boolean {
    return this.slots.hasWaiting || super.mayAdmit(now);
  }

  override isOpenFor({ cost, resumes }: Waiter, now: number): boolean {
    return resumes === true || this.#opensByTimeAt(cost, now) <= now;
  }

  /** How many of the calls in the window may start for someone. */
  #slotsFor(asker: Asker | undefined): number {
    return this.slots.roomOf(this.#window, asker);
  }

  protected opensAt(cost: number, now: number): number {
    this.#forgetOld(now);
    return this.slots.uses >= this.#window
      ? Number.POSITIVE_INFINITY
      : this.#opensByTimeAt(cost, now);
  }

  #opensByTimeAt(cost: number, now: number): number {
    const at = Math.max(now, this.#pausedUntil);
    return this.#learned === undefined
      ? at
      : Math.max(at, this.#learned.readyAt(cost, now));
  }

  override afterOffer(): void {
    if (this.slots.claims === 0 && !this.hasWaiters) this.#learned?.rest();
  }

  #guessPause(): number {
    const pauseMs = FIRST_PAUSE_MS * 2 ** this.#unexplained;
    this.#unexplained += 1;
    return pauseMs * (0.5 + this.#options.random() / 2);
  }
}
