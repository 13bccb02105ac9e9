import { toMicroseconds, type Update } from "./protocol.js";
import {
  encodeStarts,
  type RecentStarts,
  type Start,
  untell,
} from "./recent-starts.js";
import type { Ticket, WaitingTickets } from "./ticket.js";

/** An update that is under way, and the tickets that it asks for. */
export interface SentUpdate {
  readonly update: Update;
  /** By this process's clock. */
  readonly sentAt: number;
  readonly asked: ReadonlyMap<string, Ticket>;
  readonly started: readonly Start[];
}

/** What an update tells besides what is in the outbox. */
interface ProcessState {
  readonly now: number;
  readonly waiting: WaitingTickets;
  readonly starts: RecentStarts;
  /** Requests of permits that hold slots, by ticket. */
  readonly held: ReadonlyMap<string, string>;
  readonly looks: readonly string[];
}

/** What the next update has to tell the store, and what the store has by now. */
export class Outbox {
  readonly #process: string;
  readonly #lease: number;
  /** Tickets of this process that the store has, as far as is known. */
  readonly #stored = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #pauses = new Map<string, number>();
  #unbooked: (readonly [request: string, at: string])[] = [];
  #corrected: (readonly [request: string, at: string, used: number])[] = [];
  /** The next update is a full one. */
  #isFull = false;
  /** What the store calls its memory. */
  #memory = "";

  constructor(process: string, leaseMs: number) {
    this.#process = process;
    this.#lease = toMicroseconds(leaseMs);
  }

  get hasStored(): boolean {
    return this.#stored.size > 0;
  }

  /** Makes the next update a full one: all that this process holds and wants. */
  resync(): void {
    this.#isFull = true;
  }

  drop(id: string): void {
    this.#dropped.add(id);
  }

  unbook(request: string, at: string): void {
    if (at !== "") this.#unbooked.push([request, at]);
  }

  correct(request: string, at: string, used: number): void {
    if (at !== "") this.#corrected.push([request, at, used]);
  }

  pause(name: string, until: number): void {
    this.#pauses.set(name, Math.max(until, this.#pauses.get(name) ?? 0));
  }

  /** The store has said whether it has this ticket. */
  setStored(id: string, isStored: boolean): void {
    if (isStored) this.#stored.add(id);
    else this.#stored.delete(id);
  }

  /** The store has said what it calls its memory. */
  setMemory(memory: string): void {
    this.#memory = memory;
  }

  /** `undefined` if there is nothing to tell and no full update is due. */
  compose(state: ProcessState): SentUpdate | undefined {
    const { now, waiting, starts, held, looks } = state;
    const isFull = this.#isFull;
    const tickets = isFull
      ? waiting.in("new", "sent", "queued")
      : waiting.in("new");
    const started = starts.takeUntold(now);
    const pauses = [...this.#pauses].filter(([, until]) => until > now);
    const update: Update = {
      process: this.#process,
      lease: this.#lease,
      known: isFull ? -1 : this.#stored.size,
      memory: this.#memory,
      pauses: pauses.map(([name, until]) => [
        name,
        toMicroseconds(until - now),
      ]),
      // Latest first: the store can only take back the last of all bookings.
      unbooked: this.#unbooked.toSorted(
        ([, one], [, other]) => Number(other) - Number(one),
      ),
      corrected: this.#corrected,
      started: encodeStarts(started, now),
      // What a full update leaves out is dropped anyway.
      dropped: isFull ? [] : [...this.#dropped],
      held: isFull ? [...held] : [],
      asked: tickets.map(({ id, encoded }) => [id, encoded.text]),
      looks,
    };
    const { unbooked, corrected, dropped } = update;
    const parts = [
      pauses,
      unbooked,
      corrected,
      started,
      dropped,
      looks,
      update.asked,
    ];
    if (!isFull && parts.every(({ length }) => length === 0)) return undefined;
    for (const id of this.#dropped) this.#stored.delete(id);
    this.#dropped.clear();
    this.#pauses.clear();
    this.#unbooked = [];
    this.#corrected = [];
    this.#isFull = false;
    const asked = new Map(tickets.map((ticket) => [ticket.id, ticket]));
    return { update, sentAt: now, asked, started };
  }

  /** The store has applied an update. The events of its answer come next. */
  onApplied({ update }: SentUpdate): void {
    if (update.known >= 0) return;
    this.#stored.clear();
    for (const [id] of update.held) this.#stored.add(id);
  }

  /** The store may have lost all it had, and didn't apply `sent`. */
  onFailed(sent: SentUpdate | undefined, now: number): void {
    for (const [name, us] of sent?.update.pauses ?? []) {
      this.pause(name, now + us / 1_000);
    }
    untell(sent?.started ?? []);
    this.#stored.clear();
    this.#dropped.clear();
    this.#isFull = true;
  }
}
