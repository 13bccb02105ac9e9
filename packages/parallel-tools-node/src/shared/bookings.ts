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
}

/** Tickets with one request, in the order of time. */
interface Line {
  readonly bookings: Booking[];
  /** One timer, for the first of them, so that none overtakes another. */
  cancelTimer: () => void;
}

/**
 * The tickets whose time is fixed. Those with the same limits and cost can use
 * each other's slots: what one gives up moves everybody behind it up by one, so
 * that it is always the last slot that comes free, which Redis can most likely
 * take back.
 */
export class Bookings {
  readonly #clock: Clock;
  readonly #onDue: (ticket: Ticket, slot: Slot) => void;
  /** By request. */
  readonly #lines = new Map<string, Line>();

  constructor(clock: Clock, onDue: (ticket: Ticket, slot: Slot) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(ticket: Ticket, slot: Slot): void {
    const { text } = ticket.encoded;
    const line = this.#lines.get(text) ?? {
      bookings: [],
      cancelTimer: () => {},
    };
    this.#lines.set(text, line);
    line.bookings.push({ ticket, slot });
    if (line.bookings.length === 1) this.#serve(text, line);
  }

  /** Takes `ticket` out. Gives the slot that nobody needs any more. */
  remove(ticket: Ticket): Slot | undefined {
    const { text } = ticket.encoded;
    const line = this.#lines.get(text);
    const index =
      line?.bookings.findIndex((booking) => booking.ticket === ticket) ?? -1;
    const [booking] = index < 0 ? [] : line!.bookings.splice(index, 1);
    if (booking === undefined) return undefined;
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
      const { bookings } = line;
      if (!bookings[0]?.ticket.encoded.names.includes(name)) continue;
      for (const booking of bookings.splice(0)) {
        const { ticket, slot } = booking;
        if (isAffected(slot)) taken.push([ticket, slot]);
        else bookings.push(booking);
      }
      this.#watch(text, line);
    }
    return taken;
  }

  #moveUp(text: string, from: number, slot: Slot): Slot {
    let free = slot;
    const line = this.#lines.get(text);
    if (line === undefined) return free;
    for (const booking of line.bookings.slice(from)) {
      const own = booking.slot;
      booking.slot = free;
      free = own;
    }
    this.#watch(text, line);
    return free;
  }

  /** Whose time has come goes, in order. */
  #serve(text: string, line: Line): void {
    const { bookings } = line;
    for (
      let first = bookings[0];
      first !== undefined && first.slot.dueAt <= this.#clock.now();
      first = bookings[0]
    ) {
      bookings.shift();
      this.#onDue(first.ticket, first.slot);
    }
    this.#watch(text, line);
  }

  #watch(text: string, line: Line): void {
    line.cancelTimer();
    const [first] = line.bookings;
    if (first === undefined) {
      if (this.#lines.get(text) === line) this.#lines.delete(text);
      return;
    }
    line.cancelTimer = wakeAt(this.#clock, first.slot.dueAt, () => {
      this.#serve(text, line);
    });
  }
}
