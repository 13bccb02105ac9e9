import type { Clock } from "../limits/clock.js";
import type { Ticket } from "./ticket.js";
import { wakeAt } from "./wake-at.js";

/** A start that a rate limit has set aside. */
export interface Slot {
  /** By the server's clock, as the script wrote it. */
  readonly at: string;
  /** By this process's clock, no sooner. */
  readonly dueAt: number;
  /** By this process's clock, as well as is known: then it began to be late. */
  readonly since: number;
}

interface Booking {
  readonly ticket: Ticket;
  slot: Slot;
  cancelTimer: () => void;
}

/**
 * The tickets whose time is fixed, and their timers. Those with the same limits
 * and cost can use each other's slots: what one gives up moves everybody behind
 * it up by one, so that it is always the last slot that comes free, which Redis
 * can most likely take back.
 */
export class Bookings {
  readonly #clock: Clock;
  readonly #onDue: (ticket: Ticket, slot: Slot) => void;
  /** By request, in the order of time. */
  readonly #lines = new Map<string, Booking[]>();

  constructor(clock: Clock, onDue: (ticket: Ticket, slot: Slot) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(ticket: Ticket, slot: Slot): void {
    const { text } = ticket.encoded;
    if (slot.dueAt <= this.#clock.now()) {
      this.#onDue(ticket, slot);
      return;
    }
    const line = this.#lines.get(text) ?? [];
    this.#lines.set(text, line);
    const booking = { ticket, slot, cancelTimer: () => {} };
    line.push(booking);
    this.#watch(booking);
  }

  /** Takes `ticket` out. Gives the slot that nobody needs any more. */
  remove(ticket: Ticket): Slot | undefined {
    const { text } = ticket.encoded;
    const line = this.#lines.get(text) ?? [];
    const index = line.findIndex((booking) => booking.ticket === ticket);
    const booking = line[index];
    if (booking === undefined) return undefined;
    this.#leave(text, booking);
    return this.#moveUp(text, index, booking.slot);
  }

  /** `slot` is free. Gives the slot that nobody needs then. */
  handOver(text: string, slot: Slot): Slot {
    return this.#moveUp(text, 0, slot);
  }

  /** Takes out who needs the limit `name` and has a slot that is `affected`. */
  takeOut(name: string, isAffected: (slot: Slot) => boolean): [Ticket, Slot][] {
    const taken: [Ticket, Slot][] = [];
    for (const [text, line] of this.#lines) {
      for (const booking of line.slice()) {
        const { ticket, slot } = booking;
        if (!ticket.encoded.names.includes(name)) break;
        if (!isAffected(slot)) continue;
        this.#leave(text, booking);
        taken.push([ticket, slot]);
      }
    }
    return taken;
  }

  #moveUp(text: string, from: number, slot: Slot): Slot {
    let free = slot;
    for (const booking of this.#lines.get(text)?.slice(from) ?? []) {
      const own = booking.slot;
      booking.slot = free;
      free = own;
      this.#watch(booking);
    }
    return free;
  }

  #watch(booking: Booking): void {
    booking.cancelTimer();
    booking.cancelTimer = wakeAt(this.#clock, booking.slot.dueAt, () => {
      this.#leave(booking.ticket.encoded.text, booking);
      this.#onDue(booking.ticket, booking.slot);
    });
  }

  #leave(text: string, booking: Booking): void {
    booking.cancelTimer();
    const line = this.#lines.get(text) ?? [];
    line.splice(line.indexOf(booking), 1);
    if (line.length === 0) this.#lines.delete(text);
  }
}
