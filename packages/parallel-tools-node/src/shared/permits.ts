import type { Clock } from "../limits/clock.js";
import { createPermit } from "../limits/create-permit.js";
import { Bookings, type Slot } from "./bookings.js";
import type { Outbox } from "./outbox.js";
import type { Ticket } from "./ticket.js";
import type { WaitingTickets } from "./waiting-tickets.js";

/** After so many that were too late, a call starts when it can. */
const MOST_LATE_STARTS = 3;

interface Parts {
  readonly clock: Clock;
  readonly waiting: WaitingTickets;
  readonly outbox: Outbox;
  /** There is something to say to Redis. */
  readonly speak: () => void;
  /** A ticket has begun anew. */
  readonly onAnew: (ticket: Ticket) => void;
}

/**
 * What becomes of what Redis has given: permits, if it is in time, and back to
 * Redis with what is not wanted, or comes too late.
 */
export class Permits {
  readonly #parts: Parts;
  readonly #bookings: Bookings;
  /** The requests of permits that hold slots in Redis. */
  readonly #held = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#bookings = new Bookings(parts.clock, (ticket, slot) => {
      this.#start(ticket, slot);
    });
  }

  get held(): ReadonlyMap<string, string> {
    return this.#held;
  }

  /** Nobody waits for the permit of a ticket any more. */
  abort(ticket: Ticket): void {
    const { state, id, encoded } = ticket;
    this.#parts.waiting.refuse(ticket, ticket.request.signal.reason);
    if (state === "local") ticket.local?.abort();
    if (state === "booked") {
      const free = this.#bookings.remove(ticket);
      if (free !== undefined) this.#unbook(encoded.text, free.at);
    }
    if (state === "asked" || state === "queued") this.#drop(id);
  }

  /** A ticket gets its permit when the time of its slot has come. */
  book(ticket: Ticket, slot: Slot): void {
    ticket.state = "booked";
    this.#bookings.add(ticket, slot);
  }

  /**
   * Gives a ticket its permit, which may hold slots and has taken tokens.
   *
   * @param at when, as the script writes it
   * @param since the same by this process's clock, as well as is known
   */
  grant(ticket: Ticket, at: string, since: number): void {
    if (this.#isTooLate(ticket, since)) {
      this.#putOff(ticket, at);
      return;
    }
    const { id, encoded } = ticket;
    if (encoded.holds) this.#held.set(id, encoded.text);
    const release = () => {
      if (this.#held.delete(id)) this.#drop(id);
    };
    const cancel = () => {
      this.#unbook(encoded.text, at);
      release();
    };
    this.#parts.waiting.grant(ticket, createPermit(release, cancel));
  }

  /** Who needs the limit `name` can't have the slots that are affected. */
  putOff(name: string, isAffected: (slot: Slot) => boolean): void {
    for (const [ticket, { at }] of this.#bookings.takeOut(name, isAffected)) {
      this.#putOff(ticket, at);
    }
  }

  /** The time of a booked ticket has come. */
  #start(ticket: Ticket, slot: Slot): void {
    if (this.#isTooLate(ticket, slot.since)) {
      this.#putOff(ticket, slot.at);
      return;
    }
    const { text, patienceMs } = ticket.encoded;
    const cancel = () => {
      const isLate = this.#parts.clock.now() > slot.since + patienceMs;
      const free = isLate ? slot : this.#bookings.handOver(text, slot);
      this.#unbook(text, free.at);
    };
    this.#parts.waiting.grant(
      ticket,
      createPermit(() => {}, cancel),
    );
  }

  /**
   * Whether a start is so late that it would be one too many among those that
   * others have been given since. One that is late again and again is so for
   * good, and happens all the same.
   */
  #isTooLate(ticket: Ticket, since: number): boolean {
    const { patienceMs } = ticket.encoded;
    if (this.#parts.clock.now() <= since + patienceMs) return false;
    ticket.lateStarts += 1;
    return ticket.lateStarts <= MOST_LATE_STARTS;
  }

  /** Gives back what a ticket has got, and has it begin anew. */
  #putOff(ticket: Ticket, at: string): void {
    const { id, encoded } = ticket;
    if (encoded.holds) this.#drop(id);
    this.#unbook(encoded.text, at);
    this.#parts.waiting.renew(ticket);
    this.#parts.onAnew(ticket);
  }

  #unbook(text: string, at: string): void {
    this.#parts.outbox.unbook(text, at);
    this.#parts.speak();
  }

  #drop(id: string): void {
    this.#parts.outbox.drop(id);
    this.#parts.speak();
  }
}
