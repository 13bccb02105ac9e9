import type { Clock } from "../limits/clock.js";
import {
  type CountingLimits,
  createInProcessLimits,
} from "../limits/in-process-limits.js";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
} from "../limits/shared-limits.js";
import type { Ticket } from "./ticket.js";

/**
 * Limits of this process alone, for as long as the store is away. They also
 * count the calls that the store has let start, so that the process keeps to
 * its own limits when the store goes.
 */
export class Fallback {
  readonly #limits: CountingLimits;
  readonly #onPermit: (ticket: Ticket, permit: Permit) => void;

  constructor(
    clock: Clock,
    onPermit: (ticket: Ticket, permit: Permit) => void,
  ) {
    this.#limits = createInProcessLimits(clock);
    this.#onPermit = onPermit;
  }

  ask(ticket: Ticket): void {
    const controller = new AbortController();
    const { signal } = controller;
    ticket.state = "local";
    ticket.local = controller;
    this.#limits.acquire({ ...ticket.request, signal }).then(
      (permit) => {
        // An abort can cross with a permit that is already granted.
        if (signal.aborted) permit.cancel();
        else this.#onPermit(ticket, permit);
      },
      () => {},
    );
  }

  /** The store lets a call start. Returns what gives its slots back here. */
  count(request: LimitRequest): () => void {
    return this.#limits.count(request);
  }

  pause(limit: SharedLimit, ms: number): void {
    this.#limits.pause(limit, ms);
  }
}
