import type { LimitEvent } from "./protocol.js";

/** A measurement is used for one to two of these, since clocks drift apart. */
const SPAN_MS = 10_000;

/**
 * Translates times of the store's clock into this process's clock. An answer
 * tells the store's time at a moment between the update and the answer. The
 * fastest answer is the most exact one, so its offset holds for the others, too:
 * a slow answer doesn't make a start late.
 */
export class ServerClock {
  /** Milliseconds to add to the store's time. The true offset is no larger. */
  #offset = Number.POSITIVE_INFINITY;
  #offsetBefore = Number.POSITIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;

  /** Learns from the answer to an update. */
  observe(
    events: readonly LimitEvent[],
    sentAt: number,
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
    if (sentAt - serverMs > this.#least) {
      // It would have answered before the update was sent: a clock has been set.
      this.#offsetBefore = Number.POSITIVE_INFINITY;
      this.#offset = Number.POSITIVE_INFINITY;
    }
    this.#offset = Math.min(this.#offset, receivedAt - serverMs);
  }

  /**
   * Milliseconds by this process's clock. Infinite before the first answer.
   *
   * @param at as the store writes it
   */
  toLocal(at: string): number {
    return Number(at) / 1_000 + this.#least;
  }

  get #least(): number {
    return Math.min(this.#offset, this.#offsetBefore);
  }
}

/** When the store wrote the event, in milliseconds by its clock. */
function timeOf(event: LimitEvent): number {
  if (!("at" in event) || event.at === "") return Number.NaN;
  const waitMs = event.kind === "booked" ? event.waitMs : 0;
  return Number(event.at) / 1_000 - waitMs;
}
