import { CircuitOpenError } from "../errors/circuit-open-error.js";
import type { CircuitPolicy } from "../policy/circuit-policy.js";
import type { Clock } from "./clock.js";
import { TimedLimit } from "./timed-limit.js";

/**
 * What the end of a call says of the resource: that it works, that it fails, or
 * nothing, as when the call was aborted.
 */
export type CircuitVerdict = "works" | "fails" | "unknown";

/**
 * Keeps calls away from a resource that fails.
 *
 *     closed -- `failures` failures in a row --> open
 *     open -- `resetMs` later --> half-open
 *     half-open -- the call that was tried works --> closed
 *     half-open -- it fails --> open
 *     half-open -- it says nothing, or takes `resetMs` --> half-open, and the
 *       next call is tried
 *
 * Closed: calls pass. Open: calls fail with a CircuitOpenError, also those that
 * wait. Half-open: one call passes, and the others wait until it has ended. How a
 * call ends that started before the circuit last changed doesn't count.
 */
export class Circuit extends TimedLimit {
  override readonly closesByItself = true;
  readonly kind = "circuit";
  readonly #policy: Readonly<CircuitPolicy>;
  /** Failures since a call last worked, while closed. */
  #failures = 0;
  /** `undefined`: closed. */
  #openUntil: number | undefined;
  /** When the call started that is being tried. */
  #triedAt: number | undefined;
  /** When the circuit last closed. */
  #closedAt = Number.NEGATIVE_INFINITY;

  constructor(name: string, clock: Clock, policy: Readonly<CircuitPolicy>) {
    super(name, clock);
    this.#policy = policy;
  }

  override hasRoom(cost: number, now: number): boolean {
    return !this.#isOpen(now) && super.hasRoom(cost, now);
  }

  take(_cost: number, now: number): void {
    if (this.#openUntil !== undefined) this.#triedAt = now;
  }

  /** Nothing to give back: a circuit holds no room. `ended` hears how calls end. */
  release(): void {}

  /**
   * A call has ended that started at `startedAt`. An `offer` must follow in the
   * same turn.
   */
  ended(startedAt: number, now: number, verdict: CircuitVerdict): void {
    if (this.#openUntil !== undefined) {
      this.#endTrial(startedAt, now, verdict);
    } else if (verdict === "works") {
      this.#failures = 0;
    } else if (verdict === "fails" && startedAt >= this.#closedAt) {
      this.#failures += 1;
      if (this.#failures >= this.#policy.failures) this.#open(now);
    }
  }

  override offer(now: number): void {
    if (this.#isOpen(now)) {
      const { failures } = this.#policy;
      const ms = (this.#openUntil as number) - now;
      const error = new CircuitOpenError(this.name, failures, ms);
      for (let one = this.first(); one; one = this.first()) {
        one.fail(error, now);
      }
    }
    // Also when it is open: others may wait for room kept for who needs it.
    super.offer(now);
  }

  /** While the circuit is open, calls that wait are to fail now. */
  protected opensAt(_cost: number, now: number): number {
    if (this.#triedAt === undefined) return now;
    return Math.max(now, this.#triedAt + this.#policy.resetMs);
  }

  #endTrial(startedAt: number, now: number, verdict: CircuitVerdict): void {
    if (this.#triedAt === undefined || startedAt < this.#triedAt) return;
    this.#triedAt = undefined;
    if (verdict === "fails") this.#open(now);
    if (verdict !== "works") return;
    this.#openUntil = undefined;
    this.#closedAt = now;
    this.#failures = 0;
  }

  #open(now: number): void {
    this.#openUntil = now + this.#policy.resetMs;
    this.#triedAt = undefined;
  }

  #isOpen(now: number): boolean {
    return this.#openUntil !== undefined && now < this.#openUntil;
  }
}
