import type { Clock } from "../limits/clock.js";
import { createPermit, type Permit } from "../limits/shared-limits.js";
import { Bookings, type StartTime } from "./bookings.js";
import type { Outbox } from "./outbox.js";
import type { Ticket, WaitingTickets } from "./ticket.js";

/** After so many late starts, a call starts however late it is. */
const MAX_LATE_STARTS = 3;

interface Parts {
  readonly clock: Clock;
  readonly waiting: WaitingTickets;
  readonly outbox: Outbox;
  /**
   * Called when the store lets a ticket start. Returns what is to be called when
   * its call has ended.
   */
  readonly onStart: (ticket: Ticket) => () => void;
  /** Milliseconds by which the start of a ticket may be late. */
  readonly maxLateMs: (ticket: Ticket) => number;
  /** Called when there is something in the outbox. */
  readonly sendSoon: () => void;
  /** Called when a ticket has to be asked for again. */
  readonly onRestart: (ticket: Ticket) => void;
}

/**
 * Turns what the store has granted or booked into permits. What is too late or
 * not wanted any more goes back to the store.
 */
export class Permits {
  readonly #parts: Parts;
  readonly #bookings: Bookings;
  /**
   * The requests of permits that hold slots, by ticket. While the store is away,
   * this process has granted some of them, and tells it when it is back.
   */
  readonly #held = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#bookings = new Bookings(parts.clock, (ticket, time) => {
      this.#start(ticket, time);
    });
  }

  get held(): ReadonlyMap<string, string> {
    return this.#held;
  }

  /** Refuses a ticket whose request was aborted. */
  abort(ticket: Ticket): void {
    const { state, id, encoded } = ticket;
    this.#parts.waiting.refuse(ticket, ticket.request.signal.reason);
    if (state === "local") ticket.local?.abort();
    if (state === "booked") {
      const free = this.#bookings.remove(ticket);
      if (free !== undefined) this.#unbook(encoded.text, free.at);
    }
    if (state === "sent" || state === "queued") this.#drop(id);
  }

  /** The ticket gets its permit at the start time. */
  book(ticket: Ticket, time: StartTime): void {
    ticket.state = "booked";
    this.#bookings.add(ticket, time);
  }

  /**
   * The ticket gets its permit now. The permit may hold slots, and has taken
   * its tokens.
   *
   * @param lateFrom when the store granted it, by this process's clock; may be an
   *   estimate
   */
  grant(
    ticket: Ticket,
    { at, holds }: { readonly at: string; readonly holds: boolean },
    lateFrom: number,
  ): void {
    ticket.holds = holds;
    if (this.#isTooLate(ticket, lateFrom)) {
      this.#restart(ticket, at);
      return;
    }
    const leave = this.#parts.onStart(ticket);
    const drop = this.#hold(ticket);
    const release = () => {
      leave();
      drop();
    };
    const cancel = () => {
      this.#unbook(ticket.encoded.text, at);
      release();
    };
    const correct = this.#correction(ticket, at);
    this.#parts.waiting.grant(ticket, createPermit(release, cancel, correct));
  }

  /** The ticket gets a permit of this process, since the store is away. */
  grantLocal(ticket: Ticket, permit: Permit): void {
    const drop = this.#hold(ticket);
    const release = () => {
      permit.release();
      drop();
    };
    const cancel = () => {
      permit.cancel();
      drop();
    };
    const correct = (used: number) => permit.correct?.(used);
    this.#parts.waiting.grant(ticket, createPermit(release, cancel, correct));
  }

  /** All bookings have to be made again. */
  restartAllBooked(): void {
    for (const [ticket, { at }] of this.#bookings.removeAll()) {
      this.#restart(ticket, at);
    }
  }

  /** Bookings of the limit `name` that are affected have to be made again. */
  restartBooked(name: string, isAffected: (time: StartTime) => boolean): void {
    const removed = this.#bookings.removeAffected(name, isAffected);
    for (const [ticket, { at }] of removed) this.#restart(ticket, at);
  }

  /** As `restartBooked`, of those before a time that the store has told. */
  restartBefore(name: string, until: number): void {
    this.restartBooked(name, ({ at }) => Number(at) < until);
  }

  /** The start time of a booked ticket has come. */
  #start(ticket: Ticket, time: StartTime): void {
    if (this.#isTooLate(ticket, time.lateFrom)) {
      this.#restart(ticket, time.at);
      return;
    }
    const { text } = ticket.encoded;
    const maxLateMs = this.#parts.maxLateMs(ticket);
    const leave = this.#parts.onStart(ticket);
    const cancel = () => {
      leave();
      const isLate = this.#parts.clock.now() > time.lateFrom + maxLateMs;
      const free = isLate ? time : this.#bookings.reuse(text, time);
      this.#unbook(text, free.at);
    };
    const correct = this.#correction(ticket, time.at);
    this.#parts.waiting.grant(ticket, createPermit(leave, cancel, correct));
  }

  /** Tells the store how many tokens the call has used. */
  #correction({ encoded }: Ticket, at: string): (used: number) => void {
    return (used) => {
      this.#parts.outbox.correct(encoded.text, at, used);
      this.#parts.sendSoon();
    };
  }

  /** The ticket holds its slots until the function that it gives is called. */
  #hold({ id, encoded, holds }: Ticket): () => void {
    if (holds) this.#held.set(id, encoded.text);
    return () => {
      if (this.#held.delete(id)) this.#drop(id);
    };
  }

  /**
   * Whether the ticket must not start any more. Others have been given the
   * starts that follow, and among those a late one would be one too many. A
   * process that is late each time would never start a call, so after
   * `MAX_LATE_STARTS` it may.
   */
  #isTooLate(ticket: Ticket, lateFrom: number): boolean {
    const maxLateMs = this.#parts.maxLateMs(ticket);
    if (this.#parts.clock.now() <= lateFrom + maxLateMs) return false;
    ticket.lateStarts += 1;
    return ticket.lateStarts <= MAX_LATE_STARTS;
  }

  /** Gives back what the ticket has got, and lets it start over. */
  #restart(ticket: Ticket, at: string): void {
    const { id, encoded, holds } = ticket;
    if (holds) this.#drop(id);
    this.#unbook(encoded.text, at);
    this.#parts.waiting.restart(ticket);
    this.#parts.onRestart(ticket);
  }

  #unbook(text: string, at: string): void {
    this.#parts.outbox.unbook(text, at);
    this.#parts.sendSoon();
  }

  #drop(id: string): void {
    this.#parts.outbox.drop(id);
    this.#parts.sendSoon();
  }
}
