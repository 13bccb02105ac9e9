import { LimitsUnavailableError } from "../errors/limits-unavailable-error.js";
import { checkCost } from "../limits/check-cost.js";
import type { Clock } from "../limits/clock.js";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "../limits/shared-limits.js";
import { Differences } from "./differences.js";
import { Fallback } from "./fallback.js";
import { type OnUnavailable, Outage } from "./outage.js";
import { Outbox, type SentUpdate } from "./outbox.js";
import { Permits } from "./permits.js";
import { Polling } from "./polling.js";
import { decodeMessage, type LimitEvent } from "./protocol.js";
import { RecentStarts } from "./recent-starts.js";
import { ServerClock } from "./server-clock.js";
import { type Store, type StoreListener, StoreUnavailable } from "./store.js";
import { type Ticket, uses, WaitingTickets } from "./ticket.js";
import { UpdateSender } from "./update-sender.js";
import { UpdateTimers } from "./update-timers.js";

export interface StoredLimitsOptions {
  /** Milliseconds after which the store counts this process as dead. */
  readonly leaseMs: number;
  /** Milliseconds before the first new attempt if the store doesn't answer. */
  readonly retryMs: number;
  readonly onUnavailable: OnUnavailable;
}

type TicketEvent = Extract<LimitEvent, { readonly ticket: string }>;

/**
 * Limits in a store, as one process uses them. The store is up or down:
 *
 *     up --- an update fails, or the connection closes while tickets are queued --> down
 *     down -- an update succeeds after a new connection or an attempt ------------> up
 *
 * An acquire is a {@link Ticket} until it has its permit:
 *
 *     new -> sent                          in the next update
 *     sent -> granted | booked | queued    in its answer
 *     queued -> granted | booked           by a message
 *     booked -> granted                    at its start time
 *     sent, queued, booked -> new          too late to start, or paused
 *     sent, queued -> new                  the store has lost it
 *     new, sent, queued, booked -> local   down, `onUnavailable` is "local"
 *     local -> granted                     by the limits of this process
 *     local -> new                         up again
 *     new, sent, queued -> refused         down, `onUnavailable` is "error"
 *     any -> over                          aborted
 *
 * To renew the lease, after a new connection and after an outage, the process
 * sends a full update: all that it holds and wants. The store then forgets what
 * else it has of the process, and answers with the state of each ticket. So a
 * lost message loses nothing. While none come, it does so as long as tickets wait.
 *
 * If `onUnavailable` is "local", what runs counts on both sides: the limits of
 * this process count what the store has let start, and the store is told what
 * has started without it, and what it has lost if its memory is gone.
 */
export class StoredLimits implements SharedLimits {
  readonly sharesSlots = true;
  readonly #onUnavailable: OnUnavailable;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #outbox: Outbox;
  readonly #sender: UpdateSender;
  readonly #fallback: Fallback;
  readonly #permits: Permits;
  readonly #timers: UpdateTimers;
  readonly #polling: Polling;
  readonly #outage: Outage;
  readonly #serverClock = new ServerClock();
  readonly #starts = new RecentStarts();
  readonly #differences: Differences;
  readonly #waiting = new WaitingTickets(
    (ticket) => this.#permits.abort(ticket),
    () => this.#standBy(),
  );
  /** Set if this store can never work. */
  #finalError: Error | undefined;

  /** @param openStore opens a store that reports to the listener */
  constructor(
    openStore: (listener: StoreListener) => Store,
    options: StoredLimitsOptions,
    clock: Clock,
  ) {
    const { leaseMs, retryMs, onUnavailable } = options;
    this.#onUnavailable = onUnavailable;
    this.#clock = clock;
    this.#store = openStore({
      onConnect: () => this.#onConnect(),
      onDisconnect: () => this.#onDisconnect(),
      onEnd: () => this.#onEnd(),
      onMessage: (message) => {
        for (const event of decodeMessage(message)) this.#onEvent(event);
        this.#updatePolling();
      },
      onMessagesOpen: () => this.#resync(),
      onMessagesClosed: () => this.#updatePolling(),
    });
    this.#differences = new Differences(this.#store.name, leaseMs);
    this.#outbox = new Outbox(this.#store.processId, leaseMs);
    this.#sender = new UpdateSender(this.#store, {
      compose: () => this.#compose(),
      onAnswer: (sent, events) => this.#onAnswer(sent, events),
      onFailure: (error, sent) => this.#onFailure(error, sent),
    });
    this.#permits = new Permits({
      clock,
      waiting: this.#waiting,
      outbox: this.#outbox,
      onStart: (ticket) => this.#onStart(ticket),
      maxLateMs: ({ encoded }) => this.#differences.maxLateMs(encoded),
      sendSoon: () => this.#sender.sendSoon(),
      onRestart: (ticket) => {
        if (this.#outage.reason !== undefined) this.#divert(ticket);
      },
    });
    this.#timers = new UpdateTimers(clock, leaseMs / 3, {
      onRenew: () => this.#resync(),
      onLook: () => this.#sender.sendSoon(),
    });
    this.#polling = new Polling(clock, () => this.#resync());
    this.#outage = new Outage(
      this.#store,
      clock,
      { onUnavailable, retryMs, maxRetryMs: leaseMs },
      () => void this.#sender.sendNow(),
    );
    this.#fallback = new Fallback(clock, (ticket, permit) => {
      this.#starts.add(ticket.encoded, clock.now(), { isTold: false });
      this.#permits.grantLocal(ticket, permit);
    });
  }

  async acquire(request: LimitRequest): Promise<Permit> {
    request.signal.throwIfAborted();
    checkCost(request);
    if (this.#finalError !== undefined) throw this.#finalError;
    const [ticket, permit] = this.#waiting.create(request);
    if (this.#outage.reason !== undefined) this.#divert(ticket);
    else this.#sender.sendSoon();
    return permit;
  }

  pause(limit: SharedLimit, ms: number): void {
    const { name } = limit;
    if (!(ms > 0)) return;
    const until = this.#clock.now() + ms;
    this.#outbox.pause(name, until);
    this.#fallback.pause(limit, ms);
    this.#permits.restartBooked(name, ({ dueAt }) => dueAt < until);
    this.#sender.sendSoon();
  }

  // Updates ----------------------------------------------------------------

  #resync(): void {
    this.#outbox.resync();
    this.#sender.sendSoon();
  }

  #compose(): SentUpdate | undefined {
    const sent = this.#outbox.compose({
      now: this.#clock.now(),
      waiting: this.#waiting,
      starts: this.#starts,
      held: this.#permits.held,
      looks: this.#timers.takeDueLooks(),
    });
    for (const ticket of sent?.asked.values() ?? []) ticket.state = "sent";
    return sent;
  }

  #onAnswer(sent: SentUpdate, events: readonly LimitEvent[]): void {
    const { asked } = sent;
    const lost = events.find((event) => event.kind === "lost");
    if (lost !== undefined) {
      this.#onLost(sent, lost.memory);
      return;
    }
    this.#outbox.onApplied(sent);
    this.#differences.forget(asked);
    this.#serverClock.observe(events, sent.sentAt, this.#clock.now());
    for (const event of events) this.#onEvent(event, asked);
    if ([...asked.values()].some(({ state }) => state === "sent")) {
      this.#onFailure(new StoreUnavailable("an answer with a gap"), sent);
      return;
    }
    if (this.#outage.reason !== undefined) this.#endOutage();
    const isQueued = this.#waiting.in("queued").length > 0;
    if (isQueued) this.#store.openMessages();
    this.#timers.update(this.#outbox.hasStored, isQueued);
    this.#updatePolling();
    this.#standBy();
  }

  /** @param memory what the store calls its memory, if it is a new one */
  #onLost(sent: SentUpdate, memory?: string): void {
    this.#outbox.onFailed(sent, this.#clock.now());
    for (const ticket of this.#waiting.in("sent")) ticket.state = "new";
    if (memory !== undefined) {
      this.#outbox.setMemory(memory);
      this.#starts.untellAll();
      this.#permits.restartAllBooked();
    }
    // In an outage nothing else sends.
    if (this.#outage.reason !== undefined) void this.#sender.sendNow();
  }

  /** The store lets a ticket start. Returns what ends its call here. */
  #onStart({ encoded, request }: Ticket): () => void {
    this.#starts.add(encoded, this.#clock.now(), { isTold: true });
    if (this.#onUnavailable !== "local") return () => {};
    return this.#fallback.count(request);
  }

  #updatePolling(): void {
    const isUp = this.#outage.reason === undefined;
    const isQueued = this.#waiting.in("queued").length > 0;
    this.#polling.update(isUp && isQueued, this.#store.hasMessages);
  }

  /** If this process holds nothing and waits for nothing, it needs no messages. */
  #standBy(): void {
    const isIdle =
      this.#waiting.size === 0 &&
      !this.#outbox.hasStored &&
      !this.#sender.isSending &&
      this.#outage.reason === undefined;
    if (isIdle) this.#store.standBy();
  }

  /** @param asked the tickets of the update; `undefined`: it is a message */
  #onEvent(event: LimitEvent, asked?: ReadonlyMap<string, Ticket>): void {
    switch (event.kind) {
      case "lost":
        return;
      case "memory":
        if (asked !== undefined) this.#outbox.setMemory(event.memory);
        return;
      case "silent":
        if (asked === undefined) return;
        this.#polling.onSilent(event.forMs);
        if (event.problem === "") return;
        this.#store.onRefusal(event.problem, event.hasLost);
        return;
      case "look":
        this.#onLook(event.name, event.inMs);
        return;
      case "differs":
        if (asked !== undefined) this.#differences.note(event, asked);
        return;
      case "paused":
        if (asked === undefined) return;
        this.#permits.restartBefore(event.name, event.until);
        return;
      case "booked":
      case "queued":
      case "granted":
        this.#onTicketEvent(event, asked);
        return;
      default:
        event satisfies never;
    }
  }

  /** Anybody can send a message: only queues with tickets of ours count. */
  #onLook(name: string, inMs: number): void {
    const isOurs = this.#waiting.in("sent", "queued").some(uses(name));
    if (isOurs) this.#timers.lookAt(this.#clock.now() + inMs, name);
  }

  #onTicketEvent(
    event: TicketEvent,
    asked: ReadonlyMap<string, Ticket> | undefined,
  ): void {
    const id = event.ticket;
    const ticket = this.#waiting.get(id);
    const waits = ticket?.state === "sent" || ticket?.state === "queued";
    if (ticket === undefined || !waits) {
      this.#onLateEvent(event, asked?.get(id));
      return;
    }
    const isNews = event.kind !== "queued" || ticket.queuedAt === "";
    if (isNews) this.#polling.hurry();
    switch (event.kind) {
      case "booked": {
        this.#outbox.setStored(id, false);
        const latest = this.#clock.now() + event.waitMs;
        const lateFrom = Math.min(latest, this.#serverClock.toLocal(event.at));
        // The time in a message can't be checked: a stranger may have sent it.
        const dueAt = asked === undefined ? latest : lateFrom;
        this.#permits.book(ticket, { at: event.at, dueAt, lateFrom });
        return;
      }
      case "queued":
        this.#outbox.setStored(id, true);
        ticket.state = "queued";
        ticket.queuedAt = event.at;
        return;
      case "granted": {
        this.#outbox.setStored(id, event.holds);
        // Of a ticket that was granted before this update, all that is known of
        // the time is when the ticket was still queued.
        const at = event.at === "" ? ticket.queuedAt : event.at;
        const lateFrom = at === "" ? -Infinity : this.#serverClock.toLocal(at);
        this.#permits.grant(ticket, event, lateFrom);
        return;
      }
      default:
        event satisfies never;
    }
  }

  /** It waits no more: what the store gave is given back, unless it is held. */
  #onLateEvent(event: TicketEvent, ticket: Ticket | undefined): void {
    if (ticket === undefined) return;
    const { id, encoded } = ticket;
    if (event.kind === "booked") {
      this.#outbox.unbook(encoded.text, event.at);
    } else if (event.kind === "queued" || event.holds) {
      this.#outbox.setStored(id, true);
      if (!this.#permits.held.has(id)) this.#outbox.drop(id);
    }
  }

  // Outages ----------------------------------------------------------------

  #onConnect(): void {
    if (this.#outage.reason !== undefined) void this.#sender.sendNow();
    else if (this.#outbox.hasStored) this.#resync();
  }

  #onDisconnect(): void {
    if (this.#waiting.in("queued").length === 0) return;
    this.#onFailure(new StoreUnavailable("the connection is closed"));
  }

  /** Stops all timers, so that they don't keep the process from exiting. */
  #onEnd(): void {
    this.#timers.stop();
    this.#polling.stop();
    this.#outage.stopRetries();
  }

  #onFailure(error: Error, sent?: SentUpdate): void {
    this.#timers.stop();
    this.#polling.stop();
    this.#outbox.onFailed(sent, this.#clock.now());
    this.#sender.suspend();
    const waiting = this.#waiting.in("new", "sent", "queued");
    if (error instanceof StoreUnavailable) {
      this.#outage.begin(error);
      // They come first. The limits of this process know nothing of their times.
      if (this.#onUnavailable === "local") this.#permits.restartAllBooked();
      for (const ticket of waiting) this.#divert(ticket);
    } else {
      this.#finalError = error;
      for (const ticket of waiting) this.#waiting.refuse(ticket, error);
    }
  }

  /** Does with the ticket what `onUnavailable` says. */
  #divert(ticket: Ticket): void {
    switch (this.#onUnavailable) {
      case "wait":
        ticket.state = "new";
        return;
      case "local":
        this.#fallback.ask(ticket);
        return;
      case "error": {
        const { reason } = this.#outage;
        const problem = reason?.message ?? "";
        const error = new LimitsUnavailableError(problem, reason);
        this.#waiting.refuse(ticket, error);
        return;
      }
      default:
        this.#onUnavailable satisfies never;
    }
  }

  /** The store is back: tickets that wait in this process go there again. */
  #endOutage(): void {
    this.#outage.end();
    // Some may have started since the update was composed.
    this.#outbox.resync();
    this.#sender.resume();
    for (const ticket of this.#waiting.in("local")) {
      ticket.state = "new";
      ticket.local?.abort();
    }
  }
}
