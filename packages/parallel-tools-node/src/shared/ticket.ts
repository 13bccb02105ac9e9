import type { LimitRequest, Permit } from "../limits/shared-limits.js";
import { type EncodedRequest, encodeRequest } from "./protocol.js";

/**
 * - `new`: the store has to be asked, for the first time or again
 * - `sent`: the update that is under way asks for it
 * - `queued`: it waits in a queue of the store, which sends a message
 * - `booked`: the time of its start is fixed, and a timer runs
 * - `local`: the store is away, and the ticket waits for limits of this process
 * - `over`: it has its permit or was refused
 */
type TicketState = "new" | "sent" | "queued" | "booked" | "local" | "over";

interface Settle {
  readonly resolve: (permit: Permit) => void;
  readonly reject: (reason: unknown) => void;
}

/** A request for a permit that has none yet. The store knows it by its id. */
export class Ticket {
  /** A new one each time that the ticket starts over. */
  id: string;
  readonly request: LimitRequest;
  readonly encoded: EncodedRequest;
  state: TicketState = "new";
  /**
   * When the store has last said that it is queued, as the store writes it. Empty:
   * it hasn't.
   */
  queuedAt = "";
  /** The store has slots for it, or will have: at least if it asks for some. */
  holds: boolean;
  /** How often its start came too late. */
  lateStarts = 0;
  /** Aborts what it has asked of the limits of this process. */
  local: AbortController | undefined;
  readonly #settle: Settle;
  readonly #onAbort: () => void;

  constructor(
    id: string,
    request: LimitRequest,
    settle: Settle,
    onAbort: (ticket: Ticket) => void,
  ) {
    this.id = id;
    this.request = request;
    this.encoded = encodeRequest(request);
    this.holds = this.encoded.holds;
    this.#settle = settle;
    this.#onAbort = () => onAbort(this);
    request.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  grant(permit: Permit): void {
    this.#end();
    this.#settle.resolve(permit);
  }

  refuse(reason: unknown): void {
    this.#end();
    this.#settle.reject(reason);
  }

  #end(): void {
    this.state = "over";
    this.request.signal.removeEventListener("abort", this.#onAbort);
  }
}

/** Whether a ticket needs room at the limit `name`. */
export function uses(name: string): (ticket: Ticket) => boolean {
  return ({ encoded }) => encoded.declarations.has(name);
}

/** All tickets that have no permit yet, in the order of their requests. */
export class WaitingTickets {
  readonly #onAbort: (ticket: Ticket) => void;
  readonly #onNone: () => void;
  readonly #tickets = new Map<string, Ticket>();
  #created = 0;

  /** @param onNone no ticket is left */
  constructor(onAbort: (ticket: Ticket) => void, onNone: () => void) {
    this.#onAbort = onAbort;
    this.#onNone = onNone;
  }

  get size(): number {
    return this.#tickets.size;
  }

  create(request: LimitRequest): [Ticket, Promise<Permit>] {
    const id = this.#nextId();
    let settle: Settle | undefined;
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

  /** The ticket starts over, last in order and with an id that is new. */
  restart(ticket: Ticket): void {
    this.#tickets.delete(ticket.id);
    ticket.id = this.#nextId();
    ticket.state = "new";
    ticket.queuedAt = "";
    ticket.holds = ticket.encoded.holds;
    this.#tickets.set(ticket.id, ticket);
  }

  grant(ticket: Ticket, permit: Permit): void {
    this.#tickets.delete(ticket.id);
    ticket.grant(permit);
    if (this.size === 0) this.#onNone();
  }

  refuse(ticket: Ticket, reason: unknown): void {
    this.#tickets.delete(ticket.id);
    ticket.refuse(reason);
    if (this.size === 0) this.#onNone();
  }

  in(...states: TicketState[]): Ticket[] {
    return [...this.#tickets.values()].filter(({ state }) =>
      states.includes(state),
    );
  }

  #nextId(): string {
    this.#created += 1;
    return String(this.#created);
  }
}
