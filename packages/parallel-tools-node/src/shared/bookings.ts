import type { Clock } from "../limits/clock.js";
import { type Ticket, uses } from "./ticket.js";
import { wakeAt } from "./wake-at.js";

/** When a call may start, as a rate limit has booked it. */
export interface StartTime {
  /** By the store's clock, as the store wrote it. */
  readonly at: string;
  /** By this process's clock: the call starts then, and no sooner. */
  readonly dueAt: number;
  /** By this process's clock: after this the start is late. May be an estimate. */
  readonly lateFrom: number;
}

interface Booking {
  readonly ticket: Ticket;
  time: StartTime;
}

/** Bookings with the same request, in the order of time. */
interface Queue {
  readonly bookings: Booking[];
  /** There is one timer, for the first, so that no booking overtakes another. */
  cancelTimer: () => void;
}

/**
 * The tickets whose start is booked. Tickets with the same request can use each
 * other's start times: if one gives its time up, each ticket behind it moves up
 * by one. The last time comes free, which is the one that the store can most
 * likely take back.
 */
export class Bookings {
  readonly #clock: Clock;
  readonly #onDue: (ticket: Ticket, time: StartTime) => void;
  /** By the text of the request. */
  readonly #queues = new Map<string, Queue>();

  constructor(clock: Clock, onDue: (ticket: Ticket, time: StartTime) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(ticket: Ticket, time: StartTime): void {
    const { text } = ticket.encoded;
    const queue = this.#queues.get(text) ?? {
      bookings: [],
      cancelTimer: () => {},
    };
    this.#queues.set(text, queue);
    queue.bookings.push({ ticket, time });
    if (queue.bookings.length === 1) this.#startDue(text, queue);
  }

  /** Removes the booking of a ticket. Returns the start time that this frees. */
  remove(ticket: Ticket): StartTime | undefined {
    const { text } = ticket.encoded;
    const queue = this.#queues.get(text);
    const index =
      queue?.bookings.findIndex((booking) => booking.ticket === ticket) ?? -1;
    const [booking] = index < 0 ? [] : queue!.bookings.splice(index, 1);
    if (booking === undefined) return undefined;
    return this.#moveUp(text, index, booking.time);
  }

  /** Lets the next ticket use `time`. Returns the start time that this frees. */
  reuse(text: string, time: StartTime): StartTime {
    return this.#moveUp(text, 0, time);
  }

  /** Removes the bookings of the limit `name` whose start time is affected. */
  removeAffected(
    name: string,
    isAffected: (time: StartTime) => boolean,
  ): [Ticket, StartTime][] {
    const removed: [Ticket, StartTime][] = [];
    for (const [text, queue] of this.#queues) {
      const { bookings } = queue;
      if (bookings[0] === undefined || !uses(name)(bookings[0].ticket))
        continue;
      for (const booking of bookings.splice(0)) {
        const { ticket, time } = booking;
        if (isAffected(time)) removed.push([ticket, time]);
        else bookings.push(booking);
      }
      this.#setTimer(text, queue);
    }
    return removed;
  }

  removeAll(): [Ticket, StartTime][] {
    const all = [...this.#queues.values()];
    this.#queues.clear();
    return all.flatMap(({ bookings, cancelTimer }) => {
      cancelTimer();
      return bookings
        .splice(0)
        .map(({ ticket, time }): [Ticket, StartTime] => [ticket, time]);
    });
  }

  #moveUp(text: string, from: number, time: StartTime): StartTime {
    let free = time;
    const queue = this.#queues.get(text);
    if (queue === undefined) return free;
    for (const booking of queue.bookings.slice(from)) {
      const own = booking.time;
      booking.time = free;
      free = own;
    }
    this.#setTimer(text, queue);
    return free;
  }

  #startDue(text: string, queue: Queue): void {
    const { bookings } = queue;
    for (
      let first = bookings[0];
      first !== undefined && first.time.dueAt <= this.#clock.now();
      first = bookings[0]
    ) {
      bookings.shift();
      this.#onDue(first.ticket, first.time);
    }
    this.#setTimer(text, queue);
  }

  #setTimer(text: string, queue: Queue): void {
    queue.cancelTimer();
    const [first] = queue.bookings;
    if (first === undefined) {
      if (this.#queues.get(text) === queue) this.#queues.delete(text);
      return;
    }
    queue.cancelTimer = wakeAt(this.#clock, first.time.dueAt, () => {
      this.#startDue(text, queue);
    });
  }
}
