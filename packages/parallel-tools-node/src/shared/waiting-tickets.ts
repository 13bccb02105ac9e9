import type { LimitRequest, Permit } from "../limits/shared-limits.js";
import { Ticket } from "./ticket.js";

/** The acquires that have no permit yet, in the order in which they came. */
export class WaitingTickets {
  readonly #onAbort: (ticket: Ticket) => void;
  readonly #tickets = new Map<string, Ticket>();
  #created = 0;

  constructor(onAbort: (ticket: Ticket) => void) {
    this.#onAbort = onAbort;
  }

  /** A ticket, and the promise that it settles. */
  create(request: LimitRequest): [Ticket, Promise<Permit>] {
    const id = this.#nextId();
    let settle: ConstructorParameters<typeof Ticket>[2] | undefined;
    const permit = new Promise<Permit>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const ticket = new Ticket(id, request, settle!, this.#onAbort);
    this.#tickets.set(id, ticket);
    return [ticket, permit];
  }

  get(id: string): Ticket | undefined {
    return this.#tickets.get(id);
  }

  /** It is asked for anew, behind all others, as a ticket that nobody knows. */
  renew(ticket: Ticket): void {
    this.#tickets.delete(ticket.id);
    ticket.id = this.#nextId();
    ticket.state = "new";
    this.#tickets.set(ticket.id, ticket);
  }

  grant(ticket: Ticket, permit: Permit): void {
    this.#tickets.delete(ticket.id);
    ticket.grant(permit);
  }

  refuse(ticket: Ticket, reason: unknown): void {
    this.#tickets.delete(ticket.id);
    ticket.refuse(reason);
  }

  in(...states: Ticket["state"][]): Ticket[] {
    return [...this.#tickets.values()].filter(({ state }) =>
      states.includes(state),
    );
  }

  #nextId(): string {
    this.#created += 1;
    return String(this.#created);
  }
}
