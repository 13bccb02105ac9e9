import type { LimitEvent } from "./protocol.js";

/** A measurement holds for one to two of these, since clocks drift apart. */
const SPAN_MS = 10_000;

/**
 * What the server's clock means on this process's. An answer says what time it
 * was in the script, which ran after the call had been made and before the
 * answer came. The answer that came fastest tells most: with it, what another
 * one was late by is known, and doesn't make a start late.
 */
export class ServerClock {
  /** Milliseconds from the server's time to ours: at most so many. */
  #offset = Number.POSITIVE_INFINITY;
  #offsetBefore = Number.POSITIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;

  /** Learns from the answer to a call. */
  observe(
    events: readonly LimitEvent[],
    madeAt: number,
    receivedAt: number,
  ): void {
    const serverMs = events.map(timeOf).find(Number.isFinite);
    if (serverMs === undefined) return;
    if (receivedAt >= this.#since + SPAN_MS) {
      const isOld = receivedAt >= this.#since + 2 * SPAN_MS;
      this.#offsetBefore = isOld ? Number.POSITIVE_INFINITY : this.#offset;
      this.#offset = Number.POSITIVE_INFINITY;
      this.#since = receivedAt;
    }
    if (madeAt - serverMs > this.#least) {
      // It would have run before it was called: a clock has been set.
      this.#offsetBefore = Number.POSITIVE_INFINITY;
      this.#offset = Number.POSITIVE_INFINITY;
    }
    this.#offset = Math.min(this.#offset, receivedAt - serverMs);
  }

  /**
   * Milliseconds by this process's clock; infinite as long as nothing is known.
   *
   * @param at as the script writes it
   */
  toLocal(at: string): number {
    return Number(at) / 1_000 + this.#least;
  }

  get #least(): number {
    return Math.min(this.#offset, this.#offsetBefore);
  }
}

/** When the script ran, in milliseconds by the server's clock. */
function timeOf(event: LimitEvent): number {
  if (!("at" in event) || event.at === "") return Number.NaN;
  const waitMs = event.kind === "booked" ? event.waitMs : 0;
  return Number(event.at) / 1_000 - waitMs;
}
