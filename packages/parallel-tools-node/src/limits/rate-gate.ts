import { type ResolvedRateLimit, tokensOf } from "../policy/rate-limit.js";
import type { Clock } from "./clock.js";
import { TimedLimit } from "./timed-limit.js";
import { maxLateMs } from "./max-late-ms.js";
import type { RateLimiter } from "./rate-limiter.js";
import type { SharedLimit } from "./shared-limits.js";
import type { Waiter } from "./claims.js";
import type { Correction } from "./limit.js";

/**
 * The share of the jitter by which the starts of one process may be late. Between
 * processes it is a half. Here it may be more: turns that start as many calls take
 * as long, so their starts are late alike (decision 0023).
 */
const MAX_LATE_SHARE = 3 / 4;

/**
 * The part of the time that the tokens of a call take in which others may take
 * some of them (`npm run bench -- starve`, decision 0036).
 */
const PATIENCE_SHARE = 1 / 2;

/**
 * A rate limit: lets a call start at the moment when its tokens are there.
 *
 * Calls that start in one turn of the event loop send their requests when the turn
 * is over. If their tokens were taken long before, they count from the end of the
 * turn. Else the server would see the next requests sooner than it allows.
 */
export class RateGate extends TimedLimit {
  readonly kind = "rate";
  override readonly capacity: number;
  override readonly closesByItself: boolean;
  override readonly foreseesRoom = true;
  readonly #limiter: RateLimiter;
  readonly #rateLimit: ResolvedRateLimit | undefined;
  /** `undefined`: it does not matter how late a start is. */
  readonly #maxLateMs: number | undefined;
  /** Tokens that were taken in this turn, and the time that counts for them. */
  #turn: { since: number; tokens: number } | undefined;

  /** @param rateLimit the declared one; `undefined`: the gate is for a pause */
  constructor(
    name: string,
    clock: Clock,
    limiter: RateLimiter,
    rateLimit?: ResolvedRateLimit,
  ) {
    super(name, clock);
    this.#limiter = limiter;
    this.#rateLimit = rateLimit;
    this.#maxLateMs = rateLimit && maxLateMs(rateLimit, MAX_LATE_SHARE);
    this.capacity = rateLimit?.burst ?? Number.POSITIVE_INFINITY;
    this.closesByItself = rateLimit === undefined;
  }

  override get declared(): readonly SharedLimit[] {
    const { name } = this;
    return this.#rateLimit ? [{ name, rateLimit: this.#rateLimit }] : [];
  }

  override tokensOf(cost: number): number {
    return this.#rateLimit ? tokensOf(this.#rateLimit, cost) : cost;
  }

  override patienceUntil(cost: number, now: number): number {
    const opensAt = this.opensAt(this.tokensOf(cost), now);
    return now + PATIENCE_SHARE * (opensAt - now);
  }

  override hasRoomBeside(
    cost: number,
    others: readonly Waiter[],
    now: number,
  ): boolean {
    let all = this.tokensOf(cost);
    for (const other of others) all += this.tokensOf(other.cost);
    return all <= this.capacity && this.opensAt(all, now) <= now;
  }

  take(cost: number, now: number): void {
    const tokens = this.tokensOf(cost);
    this.#catchUp(now);
    this.#limiter.take(tokens, now);
    if (this.#turn !== undefined) this.#turn.tokens += tokens;
    else if (this.#maxLateMs !== undefined) this.#beginTurn(tokens, now);
  }

  /** Tokens are used up for good. */
  release(): void {}

  override correct({ cost, used, since }: Correction, now: number): void {
    const more = this.tokensOf(used) - this.tokensOf(cost);
    if (more === 0) return;
    this.#catchUp(now);
    this.#limiter.correct?.(more, since, now);
  }

  #beginTurn(tokens: number, since: number): void {
    this.#turn = { since, tokens };
    this.clock.afterTurn(() => {
      this.#catchUp(this.clock.now());
      this.#turn = undefined;
    });
  }

  /** Has the tokens of this turn count from later, if the turn takes too long. */
  #catchUp(now: number): void {
    if (this.#turn === undefined || this.#maxLateMs === undefined) return;
    const { tokens, since } = this.#turn;
    const lateMs = now - since - this.#maxLateMs;
    if (lateMs <= 0) return;
    this.#limiter.delay?.(tokens, since, lateMs);
    this.#turn.since += lateMs;
  }

  protected opensAt(tokens: number, now: number): number {
    this.#catchUp(now);
    return this.#limiter.readyAt(tokens, now);
  }
}
