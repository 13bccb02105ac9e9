import type { Clock } from "./clock.js";
import { LearnedRate } from "./learned-rate.js";
import { TimedLimit } from "./timed-limit.js";

/** Calls that first go to a server of which nothing is known. */
const CAREFUL_START = 10;
/** The first pause after a refusal that doesn't say how long. It doubles. */
const FIRST_PAUSE_MS = 100;

export interface FeedbackGateOptions {
  /** Learns the server's rate: there is none to keep to. */
  readonly learns: boolean;
  /** Few calls first, and one more for each that the server has taken. */
  readonly startsCarefully: boolean;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Tells others who share the server, in other processes. */
  readonly onPause?: ((ms: number) => void) | undefined;
}

/** That a server refused a call, and what it said. */
export interface Refusal {
  /** When the call was started. */
  readonly startedAt: number;
  readonly now: number;
  /** For how long the server wants no calls, if it has said so. */
  readonly pauseMs?: number | undefined;
  /** The longest that it may be closed for, in milliseconds. */
  readonly maxPauseMs: number;
  /** The rate that it says it has, in tokens per millisecond. */
  readonly rate?: number | undefined;
}

/**
 * Stands before a server and heeds what it says. Open; after a refusal closed
 * for the pause that the server asks for, or one that doubles while it refuses
 * everything; then open at the pace that has been learned, if no rate is
 * declared.
 */
export class FeedbackGate extends TimedLimit {
  readonly kind = "feedback";
  readonly #options: FeedbackGateOptions;
  readonly #learned: LearnedRate | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** Calls that may run at once, until the server first refuses one. */
  #window: number;
  #running = 0;
  /** Running calls that the server has refused. */
  #refused = 0;
  /** Calls that were under way when it last refused one tell nothing new. */
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Refusals without a word on the pause, since a call was last accepted. */
  #misses = 0;

  constructor(name: string, clock: Clock, options: FeedbackGateOptions) {
    super(name, clock);
    this.#options = options;
    this.#learned = options.learns ? new LearnedRate() : undefined;
    this.#window = options.startsCarefully
      ? CAREFUL_START
      : Number.POSITIVE_INFINITY;
  }

  /** At a pace that was learned, one at a time. */
  override room(cost: number, now: number): number {
    if (!this.hasRoom(cost, now)) return 0;
    return this.#learned?.isKnown ? 1 : this.#window - this.#running;
  }

  take(cost: number, now: number): void {
    this.#running += 1;
    this.#learned?.take(cost, now);
  }

  /** Whatever was not refused was accepted, for all that can be known. */
  release(cost: number): void {
    this.#running -= 1;
    if (this.#refused > 0) {
      this.#refused -= 1;
      return;
    }
    this.#window += 1;
    this.#misses = 0;
    this.#learned?.accept(cost);
  }

  /**
   * The server refused a call, whose `release` must follow in the same turn.
   * Gives the milliseconds for which the gate is closed.
   */
  refuse(refusal: Refusal): number {
    const { startedAt, now, pauseMs, maxPauseMs, rate } = refusal;
    this.#refused += 1;
    if (startedAt >= this.#refusedAt) {
      // A pause of 0 has not helped: the call would be refused again and again.
      const wanted = pauseMs || this.#guessPause();
      this.pause(Math.min(wanted, maxPauseMs), now);
      this.#refusedAt = now;
      this.#window = Number.POSITIVE_INFINITY;
      this.#learned?.reject(now, rate, this.#pausedUntil - now);
    } else if (pauseMs !== undefined) {
      this.pause(Math.min(pauseMs, maxPauseMs), now);
    }
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Nothing starts for `ms` milliseconds. Never shortens a pause. */
  pause(ms: number, now: number): void {
    if (now + ms <= this.#pausedUntil) return;
    this.#pausedUntil = now + ms;
    this.#options.onPause?.(ms);
  }

  protected opensAt(cost: number, now: number): number {
    if (this.#running >= this.#window) return Number.POSITIVE_INFINITY;
    const at = Math.max(now, this.#pausedUntil);
    return this.#learned === undefined
      ? at
      : Math.max(at, this.#learned.readyAt(cost, now));
  }

  protected override afterOffer(): void {
    if (this.#running === 0 && !this.hasWaiters) this.#learned?.rest();
  }

  #guessPause(): number {
    const pauseMs = FIRST_PAUSE_MS * 2 ** this.#misses;
    this.#misses += 1;
    return pauseMs * (0.5 + this.#options.random() / 2);
  }
}
