import { maxLateMs } from "../limits/max-late-ms.js";
import type { LimitRequest, SharedLimit } from "../limits/shared-limits.js";
import {
  type ResolvedRateLimit,
  ratesOf,
  tokensOf,
} from "../policy/rate-limit.js";

/** A request as the store reads it, and what follows from it. */
export interface EncodedRequest {
  /** JSON. Two requests with the same text have the same limits and cost. */
  readonly text: string;
  /** The names of its limits. */
  readonly names: readonly string[];
  readonly rates: readonly EncodedRate[];
  /** It takes slots of a cap. The store keeps them by ticket. */
  readonly holds: boolean;
  /**
   * Milliseconds by which a start that takes tokens may be late: half of the
   * jitter. The other half is for the request on its way to the server.
   */
  readonly maxLateMs: number;
}

/** A rate limit as the store reads it. */
export interface EncodedRate {
  /** JSON. It counts what is taken, not calls. */
  readonly text: string;
  /** Milliseconds for which a start counts. */
  readonly countsMs: number;
  /** What the call takes of it. */
  readonly tokens: number;
}

/** What a process tells the store and asks of it, all in one. */
export interface Update {
  /** The id of the process. */
  readonly process: string;
  /** Microseconds until the process counts as dead, unless it is renewed. */
  readonly lease: number;
  /**
   * How many tickets of this process the store should have. If it has another
   * number, it answers `lost` and does nothing. -1: a full update, after which
   * the store has the tickets of `held` and `asked` and no others.
   */
  readonly known: number;
  /**
   * What the store has called its memory. If it has another one by now, it
   * answers `lost` and does nothing. Empty before the first answer.
   */
  readonly memory: string;
  /** Limits that a server wants to be left alone. */
  readonly pauses: readonly (readonly [name: string, us: number])[];
  /** Booked starts that are given back. */
  readonly unbooked: readonly (readonly [request: string, at: string])[];
  /** Starts without the store that still count at a rate limit, oldest first. */
  readonly started: readonly (readonly [
    rate: string,
    cost: number,
    agoUs: number,
  ])[];
  /** Tickets that hold or want nothing any more. */
  readonly dropped: readonly string[];
  /** Of a full update: tickets that have a permit and hold slots. */
  readonly held: readonly (readonly [ticket: string, request: string])[];
  /** Tickets that want a permit. */
  readonly asked: readonly (readonly [ticket: string, request: string])[];
  /** Limits whose queue may have room by now. */
  readonly looks: readonly string[];
}

/** What the store tells a process, in an answer or a message. */
export type LimitEvent =
  | {
      /**
       * `queued`: the ticket waits in a queue. `granted`: it may start.
       */
      readonly kind: "granted" | "queued";
      readonly ticket: string;
      /**
       * The time by the store's clock, as the store writes it. Empty if the
       * ticket was granted before this update.
       */
      readonly at: string;
    }
  | {
      /** The ticket may start at `at`, which is in `waitMs`. */
      readonly kind: "booked";
      readonly ticket: string;
      readonly waitMs: number;
      readonly at: string;
    }
  | {
      /** The queue of the limit `name` may have room in `inMs`. */
      readonly kind: "look";
      readonly name: string;
      readonly inMs: number;
    }
  | {
      /**
       * No call of the limit `name` starts before `until`, not even one that
       * was booked before the pause began.
       */
      readonly kind: "paused";
      readonly name: string;
      /** Microseconds by the store's clock. */
      readonly until: number;
    }
  | {
      /** The store has other tickets of this process than it should have. */
      readonly kind: "lost";
      /** What the store calls its memory, if it has another one by now. */
      readonly memory?: string;
    }
  | {
      /** What the store calls its memory. */
      readonly kind: "memory";
      readonly memory: string;
    }
  | {
      /** Messages of some process don't go out, and may not for `forMs`. */
      readonly kind: "silent";
      readonly forMs: number;
      /** Why this process may send no message. Empty: it may. */
      readonly problem: string;
      /** It would have sent one. */
      readonly hasLost: boolean;
    };

/** Thirty years. Microseconds beyond that would lose their last digits. */
const LONGEST_US = 1e15;

export function encodeRequest({ limits, cost }: LimitRequest): EncodedRequest {
  return {
    text: JSON.stringify({ limits: limits.map(encodeLimit), cost }),
    names: limits.map(({ name }) => name),
    rates: limits.flatMap((limit) => encodeStarted(limit, cost)),
    holds: limits.some(({ concurrency }) => concurrency !== undefined),
    maxLateMs: Math.min(
      Number.POSITIVE_INFINITY,
      ...limits
        .flatMap(({ rateLimit }) => ratesOf(rateLimit))
        .map((rate) => maxLateMs(rate, 1 / 2)),
    ),
  };
}

export function toMicroseconds(ms: number): number {
  return Math.min(Math.ceil(ms * 1_000), LONGEST_US);
}

/** The rates of a limit one by one: each start says how much it takes of each. */
function encodeStarted(limit: SharedLimit, cost: number): EncodedRate[] {
  return encodeRates(limit).map(({ rate, fields }) => ({
    text: JSON.stringify({ name: limit.name, ...fields, calls: undefined }),
    countsMs: countsFor(rate),
    tokens: tokensOf(rate, cost),
  }));
}

/** For how many milliseconds what was taken counts. */
function countsFor(rate: ResolvedRateLimit): number {
  const { algorithm, limit, intervalMs, jitterMs, burst } = rate;
  const isWindow = algorithm === "sliding-window";
  return (isWindow ? intervalMs : (burst * intervalMs) / limit) + jitterMs;
}

/**
 * A limit has one rate in itself and the others in `more`. So a process of an
 * earlier version, which knows of one rate that counts the cost, keeps at least that.
 */
function encodeLimit(shared: SharedLimit): object {
  const { name, concurrency } = shared;
  const cap = concurrency === undefined ? {} : { cap: concurrency };
  const [first, ...more] = encodeRates(shared)
    .map(({ fields }) => fields)
    .sort((one, other) => Number(one.calls ?? 0) - Number(other.calls ?? 0));
  return { name, ...cap, ...first, ...(more.length > 0 && { more }) };
}

interface RateFields {
  /** It counts calls. Left out of JSON if not. */
  readonly calls: boolean | undefined;
  /** The end of the name of its log. */
  readonly log?: string;
}

function encodeRates({
  rateLimit,
}: SharedLimit): { rate: ResolvedRateLimit; fields: RateFields }[] {
  const seen = { calls: 0, cost: 0 };
  return ratesOf(rateLimit).map((rate) => {
    const { counts = "cost" } = rate;
    seen[counts] += 1;
    const fields = {
      ...encodeRate(rate),
      ...encodeCount(counts, seen[counts]),
    };
    return { rate, fields };
  });
}

/**
 * What a rate counts, and `log`, the name of its own log. The first rate that counts
 * the cost has none, as in earlier versions, so that it has the log that it had.
 *
 * @param number which of the rates that count the same, from 1
 */
function encodeCount(counts: "calls" | "cost", number: number): RateFields {
  const own = number > 1 ? `-${number}` : "";
  if (counts === "calls") {
    return { calls: true, log: `-calls${own}` };
  }
  return { calls: undefined, ...(own !== "" && { log: own }) };
}

function encodeRate(rate: ResolvedRateLimit): object {
  const { limit, intervalMs, algorithm, burst, jitterMs } = rate;
  if (algorithm === "sliding-window") {
    const window = toMicroseconds(intervalMs + jitterMs);
    return { tokens: limit, window };
  }
  // A whole number, so that sums are exact. Rounded up, so that calls are never
  // too close together.
  const step = Math.max(1, toMicroseconds(intervalMs / limit));
  const jitter = toMicroseconds(jitterMs);
  const slack = Math.min(burst * step, LONGEST_US) - jitter;
  return { tokens: burst, step, slack, jitter };
}

/** Reads an answer. `undefined`: it isn't one. */
export function decodeEvents(answer: unknown): LimitEvent[] | undefined {
  if (!Array.isArray(answer)) return undefined;
  const events: LimitEvent[] = [];
  for (const item of answer as unknown[]) {
    const event = decodeEvent(item);
    if (event === undefined) return undefined;
    events.push(event);
  }
  return events;
}

/** Reads a message. Anybody can send one, so a wrong one has no events. */
export function decodeMessage(message: unknown): LimitEvent[] {
  try {
    return decodeEvents(JSON.parse(String(message))) ?? [];
  } catch {
    return [];
  }
}

function decodeEvent(item: unknown): LimitEvent | undefined {
  if (!Array.isArray(item)) return undefined;
  if (!item.every((part) => typeof part === "string")) return undefined;
  const [kind, subject, time, at = ""] = item as readonly string[];
  if (kind === "lost") {
    return subject === undefined ? { kind } : { kind, memory: subject };
  }
  if (subject === undefined) return undefined;
  if (kind === "memory") return { kind, memory: subject };
  if (time === undefined) return undefined;
  if (!/^\d*$/.test(time + at)) return undefined;
  if (kind === "granted" || kind === "queued") {
    return { kind, ticket: subject, at: time };
  }
  const us = Number(time);
  if (!(us >= 0 && us <= 2 * LONGEST_US)) return undefined;
  if (kind === "silent") {
    const hasLost = at === "1";
    return { kind, problem: subject, forMs: us / 1_000, hasLost };
  }
  if (kind === "paused") return { kind, name: subject, until: us };
  if (kind === "look") return { kind, name: subject, inMs: us / 1_000 };
  if (kind !== "booked" || at === "") return undefined;
  return { kind, ticket: subject, waitMs: us / 1_000, at };
}
