import type { Clock } from "../limits/clock.js";
import { createInProcessLimits } from "../limits/in-process-limits.js";
import type {
  Permit,
  SharedLimit,
  SharedLimits,
} from "../limits/shared-limits.js";
import type { Ticket } from "./ticket.js";

/** Limits of this process alone, for as long as the store is away. */
export class Fallback {
  readonly #limits: SharedLimits;
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

  pause(limit: SharedLimit, ms: number): void {
    this.#limits.pause(limit, ms);
  }
}
