import type { LimitRequest, Permit } from "../limits/shared-limits.js";
import { type EncodedRequest, encodeRequest } from "./protocol.js";

/**
 * Where an acquire stands:
 *
 * - `new`: Redis has not been told, or has to be told again
 * - `asked`: in the call that is under way
 * - `queued`: in a queue in Redis, which sends a message
 * - `booked`: its time is fixed, and a timer runs
 * - `local`: Redis is away, and it stands in the limits of this process
 * - `over`: it has its permit, or never will
 */
type TicketState = "new" | "asked" | "queued" | "booked" | "local" | "over";

interface Settle {
  readonly resolve: (permit: Permit) => void;
  readonly reject: (reason: unknown) => void;
}

/** An acquire that has no permit yet. */
export class Ticket {
  /** Another one each time that it has to begin anew. */
  id: string;
  readonly request: LimitRequest;
  readonly encoded: EncodedRequest;
  state: TicketState = "new";
  /** How often it got a start for which it was too late. */
  lateStarts = 0;
  /** Takes it out of the limits of this process. */
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
