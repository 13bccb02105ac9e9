import { type Statement, toMicroseconds } from "./protocol.js";
import type { Ticket } from "./ticket.js";
import type { WaitingTickets } from "./waiting-tickets.js";

/** What is said in one call, and the tickets that it asks for. */
export interface Call {
  readonly statement: Statement;
  /** By this process's clock. */
  readonly madeAt: number;
  readonly asked: ReadonlyMap<string, Ticket>;
}

interface Speaker {
  readonly process: string;
  readonly channel: string;
  readonly leaseMs: number;
}

/** Where the speaker stands when a call is made. */
interface Situation {
  readonly now: number;
  readonly waiting: WaitingTickets;
  readonly held: ReadonlyMap<string, string>;
  readonly looks: readonly string[];
}

/** What a process has to say to Redis, and what Redis should know of it. */
export class Outbox {
  readonly #speaker: Speaker;
  /** Tickets that Redis keeps of this process, as far as is known. */
  readonly #kept = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #pauses = new Map<string, number>();
  #unbooked: (readonly [request: string, at: string])[] = [];
  #saysAll = false;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
  }

  get keepsSomething(): boolean {
    return this.#kept.size > 0;
  }

  /** The next call says all that this process holds and waits for. */
  sayAll(): void {
    this.#saysAll = true;
  }

  drop(id: string): void {
    this.#dropped.add(id);
  }

  unbook(request: string, at: string): void {
    if (at !== "") this.#unbooked.push([request, at]);
  }

  pause(name: string, until: number): void {
    this.#pauses.set(name, Math.max(until, this.#pauses.get(name) ?? 0));
  }

  /** Redis has said that it keeps this ticket, or that it doesn't. */
  knows(id: string, isKept: boolean): void {
    if (isKept) this.#kept.add(id);
    else this.#kept.delete(id);
  }

  /** Nothing to say is `undefined`, unless everything is to be said. */
  compose({ now, waiting, held, looks }: Situation): Call | undefined {
    const { process, channel, leaseMs } = this.#speaker;
    const saysAll = this.#saysAll;
    const tickets = saysAll
      ? waiting.in("new", "asked", "queued")
      : waiting.in("new");
    const pauses = [...this.#pauses].filter(([, until]) => until > now);
    const statement: Statement = {
      process,
      channel,
      lease: toMicroseconds(leaseMs),
      known: saysAll ? -1 : this.#kept.size,
      pauses: pauses.map(([name, until]) => [
        name,
        toMicroseconds(until - now),
      ]),
      // Only the last of all bookings can be taken back.
      unbooked: this.#unbooked.toSorted(
        ([, one], [, other]) => Number(other) - Number(one),
      ),
      // Where all is said, what is left out is dropped.
      dropped: saysAll ? [] : [...this.#dropped],
      held: saysAll ? [...held] : [],
      asked: tickets.map(({ id, encoded }) => [id, encoded.text]),
      looks,
    };
    const { unbooked, dropped } = statement;
    const parts = [pauses, unbooked, dropped, looks, statement.asked];
    if (!saysAll && parts.every(({ length }) => length === 0)) return undefined;
    for (const id of this.#dropped) this.#kept.delete(id);
    this.#dropped.clear();
    this.#pauses.clear();
    this.#unbooked = [];
    this.#saysAll = false;
    const asked = new Map(tickets.map((ticket) => [ticket.id, ticket]));
    return { statement, madeAt: now, asked };
  }

  /** Redis has heard it. Its events are still to come. */
  onHeard({ statement }: Call): void {
    if (statement.known >= 0) return;
    this.#kept.clear();
    for (const [id] of statement.held) this.#kept.add(id);
  }

  /** Redis didn't take it: all is to be said again, at some time. */
  onLost(call: Call | undefined, now: number): void {
    for (const [name, us] of call?.statement.pauses ?? []) {
      this.pause(name, now + us / 1_000);
    }
    this.#kept.clear();
    this.#dropped.clear();
    this.#saysAll = true;
  }
}
