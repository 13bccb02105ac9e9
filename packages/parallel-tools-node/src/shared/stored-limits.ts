import { randomUUID } from "node:crypto";
import { LimitsUnavailableError } from "../errors/limits-unavailable-error.js";
import { checkCost } from "../limits/check-cost.js";
import type { Clock } from "../limits/clock.js";
import type {
  LimitRequest,
  Permit,
  SharedLimit,
  SharedLimits,
} from "../limits/shared-limits.js";
import { Conversation } from "./update-sender.js";
import { Fallback } from "./fallback.js";
import { Outage } from "./outage.js";
import { type Call, Outbox } from "./outbox.js";
import { Permits } from "./permits.js";
import { decodeMessage, type LimitEvent } from "./protocol.js";
import type { ResolvedRedisLimitsOptions } from "../redis/redis-limits-options.js";
import { Reminders } from "./update-timers.js";
import type { Script } from "../redis/script.js";
import { ServerClock } from "./server-clock.js";
import { ScriptCaller, Unavailable } from "../redis/script-caller.js";
import { Subscription } from "../redis/subscription.js";
import type { Ticket } from "./ticket.js";
import { WaitingTickets } from "./waiting-tickets.js";

/**
 * Limits in Redis, as one process sees them. What it has to say is collected
 * for a turn of the event loop, and while a call is under way: there is never
 * more than one, so what is said arrives in order.
 *
 *     up --- a call fails, or the connection closes with tickets waiting --> down
 *     down -- the client is ready or a retry is due, and a call succeeds --> up
 *
 * The states of an acquire are those of its {@link Ticket}:
 *
 *     new -> asked -> granted
 *                  -> booked -> granted           its time has come
 *     asked, queued, booked -> new                granted, but too late
 *                  -> queued -> granted | booked  by a message
 *     asked, queued -> new -> asked               Redis has to be told again
 *     new, asked, queued -> local -> granted      down, "local"
 *     local -> new                                up again
 *     new, asked, queued -> refused               down, "error"
 *     any -> over                                 aborted
 *
 * A renewal of the lease, a new connection and the end of an outage are one
 * thing: the process says all that it holds and waits for, and Redis forgets
 * what else it has of it. Messages that got lost are made up for by that.
 */
export class RedisLimiter implements SharedLimits {
  readonly #options: ResolvedRedisLimitsOptions;
  readonly #clock: Clock;
  readonly #caller: ScriptCaller;
  readonly #outbox: Outbox;
  readonly #conversation: Conversation;
  readonly #fallback: Fallback;
  readonly #subscription: Subscription;
  readonly #permits: Permits;
  readonly #reminders: Reminders;
  readonly #outage: Outage;
  readonly #serverClock = new ServerClock();
  readonly #waiting = new WaitingTickets((ticket) => {
    this.#permits.abort(ticket);
  });
  /** The server will never do. */
  #refusal: Error | undefined;

  constructor(
    options: ResolvedRedisLimitsOptions,
    clock: Clock,
    script: Script,
  ) {
    const { client, prefix, leaseMs, commandTimeoutMs } = options;
    this.#options = options;
    this.#clock = clock;
    // One hash tag, so that a cluster keeps all keys in one place.
    const base = `{${prefix}}:`;
    const channel = `${base}to:`;
    const process = randomUUID();
    this.#outbox = new Outbox({ process, channel, leaseMs });
    const key = `${base}clock`;
    this.#caller = new ScriptCaller(
      { client, script, key, timeoutMs: commandTimeoutMs },
      clock,
    );
    this.#conversation = new Conversation(this.#caller, {
      collect: () => this.#collect(),
      onAnswer: (call, events) => this.#onAnswer(call, events),
      onFailure: (error, call) => this.#onFailure(error, call),
    });
    this.#subscription = new Subscription(
      client,
      channel + process,
      (message) => {
        for (const event of decodeMessage(message)) this.#onEvent(event);
      },
      () => this.#sayAll(),
    );
    this.#permits = new Permits({
      clock,
      waiting: this.#waiting,
      outbox: this.#outbox,
      speak: () => this.#conversation.speak(),
      onAnew: (ticket) => {
        if (this.#outage.reason !== undefined) this.#divert(ticket);
      },
    });
    this.#reminders = new Reminders(clock, leaseMs / 3, {
      onRenew: () => this.#sayAll(),
      onLook: () => this.#conversation.speak(),
    });
    this.#outage = new Outage(clock, options, () => {
      void this.#conversation.speakNow();
    });
    this.#fallback = new Fallback(clock, (ticket, permit) => {
      this.#waiting.grant(ticket, permit);
    });
    client.on("ready", () => this.#onReady());
    client.on("close", () => this.#onClose());
    client.on("end", () => this.#onEnd());
  }

  async acquire(request: LimitRequest): Promise<Permit> {
    request.signal.throwIfAborted();
    checkCost(request);
    if (this.#refusal !== undefined) throw this.#refusal;
    const [ticket, permit] = this.#waiting.create(request);
    if (this.#outage.reason !== undefined) this.#divert(ticket);
    else this.#conversation.speak();
    return permit;
  }

  pause(limit: SharedLimit, ms: number): void {
    const { name } = limit;
    if (!(ms > 0)) return;
    const until = this.#clock.now() + ms;
    this.#outbox.pause(name, until);
    if (this.#outage.reason !== undefined) this.#fallback.pause(limit, ms);
    this.#permits.putOff(name, ({ dueAt }) => dueAt < until);
    this.#conversation.speak();
  }

  // Calls ------------------------------------------------------------------

  #sayAll(): void {
    this.#outbox.sayAll();
    this.#conversation.speak();
  }

  #collect(): Call | undefined {
    const call = this.#outbox.compose({
      now: this.#clock.now(),
      waiting: this.#waiting,
      held: this.#permits.held,
      looks: this.#reminders.takeDue(),
    });
    for (const ticket of call?.asked.values() ?? []) ticket.state = "asked";
    return call;
  }

  #onAnswer(call: Call, events: readonly LimitEvent[]): void {
    const { asked } = call;
    if (events.some(({ kind }) => kind === "lost")) {
      this.#outbox.onLost(call, this.#clock.now());
      for (const ticket of this.#waiting.in("asked")) ticket.state = "new";
      return;
    }
    this.#outbox.onHeard(call);
    this.#serverClock.observe(events, call.madeAt, this.#clock.now());
    for (const event of events) this.#onEvent(event, asked);
    if (this.#waiting.in("asked").length > 0) {
      this.#onFailure(new Unavailable("an answer with a gap"), call);
      return;
    }
    if (this.#outage.reason !== undefined) this.#comeBack();
    const isQueued = this.#waiting.in("queued").length > 0;
    if (isQueued) this.#subscription.open();
    this.#reminders.renew(this.#outbox.keepsSomething, isQueued);
  }

  /** @param asked what the answer is about; `undefined`: it is a message */
  #onEvent(event: LimitEvent, asked?: ReadonlyMap<string, Ticket>): void {
    if (event.kind === "lost") return;
    if (event.kind === "look") {
      this.#onLook(event.name, event.inMs);
      return;
    }
    if (event.kind === "paused") {
      const isBefore = ({ at }: { at: string }) => Number(at) < event.until;
      if (asked !== undefined) this.#permits.putOff(event.name, isBefore);
      return;
    }
    const id = event.ticket;
    const ticket = this.#waiting.get(id);
    const waits = ticket?.state === "asked" || ticket?.state === "queued";
    if (ticket === undefined || !waits) {
      this.#onLateEvent(event, asked?.get(id));
      return;
    }
    if (event.kind === "booked") {
      this.#outbox.knows(id, false);
      const latest = this.#clock.now() + event.waitMs;
      const since = Math.min(latest, this.#serverClock.toLocal(event.at));
      // What a message says of the time can't be checked.
      const dueAt = asked === undefined ? latest : since;
      this.#permits.book(ticket, { at: event.at, dueAt, since });
    } else if (event.kind === "queued") {
      this.#outbox.knows(id, true);
      ticket.state = "queued";
    } else {
      this.#outbox.knows(id, ticket.encoded.holds);
      // Where it was told before, nobody knows when.
      const since =
        event.at === "" ? -Infinity : this.#serverClock.toLocal(event.at);
      this.#permits.grant(ticket, event.at, since);
    }
  }

  /** Anybody may have written it: only what this process waits at counts. */
  #onLook(name: string, inMs: number): void {
    const isOurs = this.#waiting
      .in("asked", "queued")
      .some(({ encoded }) => encoded.names.includes(name));
    if (isOurs) this.#reminders.look(name, this.#clock.now() + inMs);
  }

  /** A ticket that has gone, or got its permit by a message, is answered. */
  #onLateEvent(
    event: Exclude<LimitEvent, { kind: "look" | "lost" | "paused" }>,
    ticket: Ticket | undefined,
  ): void {
    if (ticket === undefined) return;
    const { id, encoded } = ticket;
    if (event.kind === "booked") {
      this.#outbox.unbook(encoded.text, event.at);
    } else if (event.kind === "queued" || encoded.holds) {
      this.#outbox.knows(id, true);
      if (!this.#permits.held.has(id)) this.#outbox.drop(id);
    }
  }

  // Outages ----------------------------------------------------------------

  #onReady(): void {
    this.#caller.onReady();
    if (this.#outage.reason !== undefined) void this.#conversation.speakNow();
    else if (this.#outbox.keepsSomething) this.#sayAll();
  }

  #onClose(): void {
    this.#caller.onClose();
    if (this.#waiting.in("queued").length === 0) return;
    this.#onFailure(new Unavailable("the connection is closed"));
  }

  /** The application has quit its client. Nothing here keeps the process. */
  #onEnd(): void {
    this.#subscription.close();
    this.#reminders.stop();
    this.#outage.stop();
  }

  #onFailure(error: Error, call?: Call): void {
    this.#reminders.stop();
    this.#outbox.onLost(call, this.#clock.now());
    this.#conversation.suspend();
    const waiting = this.#waiting.in("new", "asked", "queued");
    if (error instanceof Unavailable) {
      this.#outage.begin(error);
      for (const ticket of waiting) this.#divert(ticket);
    } else {
      this.#refusal = error;
      for (const ticket of waiting) this.#waiting.refuse(ticket, error);
    }
  }

  /** What happens to a ticket while Redis is away. */
  #divert(ticket: Ticket): void {
    const { onUnavailable } = this.#options;
    if (onUnavailable === "wait") {
      ticket.state = "new";
    } else if (onUnavailable === "local") {
      this.#fallback.ask(ticket);
    } else {
      const { reason } = this.#outage;
      const problem = reason?.message ?? "";
      this.#waiting.refuse(ticket, new LimitsUnavailableError(problem, reason));
    }
  }

  /** Redis is back: those who wait in this process go there again. */
  #comeBack(): void {
    this.#outage.end();
    this.#conversation.resume();
    for (const ticket of this.#waiting.in("local")) {
      ticket.state = "new";
      ticket.local?.abort();
    }
  }
}
