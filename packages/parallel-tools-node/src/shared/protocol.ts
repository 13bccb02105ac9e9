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
  /** Its limits: by name, what this process declares of them. */
  readonly declarations: ReadonlyMap<string, string>;
  readonly counts: readonly EncodedCount[];
  /** It takes slots, since it declares a cap. The store keeps them by ticket. */
  readonly holds: boolean;
  /**
   * Milliseconds by which a start that takes tokens may be late: half of the
   * jitter. The other half is for the request on its way to the server.
   */
  readonly maxLateMs: number;
}

/** The rate limits of one limit that count the same, as the store reads them. */
export interface EncodedCount {
  /** JSON. */
  readonly text: string;
  /** Milliseconds for which a start counts. */
  readonly countsMs: number;
  /** What the call takes of each. */
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
  /** Starts by the store that have used more or fewer tokens than they took. */
  readonly corrected: readonly (readonly [
    request: string,
    at: string,
    used: number,
  ])[];
  /** Starts without the store that still count at rate limits, oldest first. */
  readonly started: readonly (readonly [
    count: string,
    tokens: number,
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
      /** The ticket waits in a queue. */
      readonly kind: "queued";
      readonly ticket: string;
      /** The time by the store's clock, as the store writes it. */
      readonly at: string;
    }
  | {
      /** The ticket may start. */
      readonly kind: "granted";
      readonly ticket: string;
      /** As with `queued`. Empty if it was granted before this update. */
      readonly at: string;
      /** It has slots, which the store keeps by ticket. */
      readonly holds: boolean;
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
      /** Another process declares something else of the limit `name`. */
      readonly kind: "differs";
      readonly name: string;
      /** What it declares. */
      readonly declaration: string;
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

export function encodeRequest(request: LimitRequest): EncodedRequest {
  const { limits, cost, held, goesOn, isEstimate } = request;
  const needsSlot = ({ name, concurrency }: SharedLimit) =>
    concurrency !== undefined && held?.includes(name) !== true;
  // A call that needs no slot at all waits for nobody who needs one.
  const isFree = held !== undefined && !limits.some(needsSlot);
  const declarations = new Map(
    limits.map((limit) => [limit.name, encodeDeclaration(limit)]),
  );
  const named = [...declarations].map(([name, is]) => ({
    name,
    is,
    // Both are left out of JSON if they aren't so.
    held: isFree || held?.includes(name) || undefined,
  }));
  const takingTokens = goesOn === true ? [] : limits;
  return {
    text: JSON.stringify({
      limits: named,
      cost,
      goesOn: goesOn || undefined,
      isEstimate: isEstimate || undefined,
    }),
    declarations,
    counts: takingTokens.flatMap((limit) =>
      encodeCounts(limit, declarations.get(limit.name) as string, cost),
    ),
    holds: limits.some(needsSlot),
    maxLateMs: Math.min(
      Number.POSITIVE_INFINITY,
      ...takingTokens
        .flatMap(({ rateLimit }) => ratesOf(rateLimit))
        .map((rate) => maxLateMs(rate, 1 / 2)),
    ),
  };
}

export function toMicroseconds(ms: number): number {
  return Math.min(Math.ceil(ms * 1_000), LONGEST_US);
}

/**
 * What a process declares of a limit. The same text is the same declaration, and the
 * store hands it to processes that declare something else.
 */
function encodeDeclaration({ concurrency, rateLimit }: SharedLimit): string {
  // The order in which a user lists them means nothing.
  const rates = ratesOf(rateLimit)
    .map((rate) => JSON.stringify(encodeRate(rate)))
    .sort();
  const cap = concurrency === undefined ? "" : `"cap":${concurrency},`;
  return `{${cap}"rates":[${rates.join(",")}]}`;
}

/** A start tells how much it takes of the rates that count calls, and the cost. */
function encodeCounts(
  { name, rateLimit }: SharedLimit,
  is: string,
  cost: number,
): EncodedCount[] {
  return ([true, undefined] as const).flatMap((calls) => {
    const same = ratesOf(rateLimit).filter(
      ({ counts }) => (counts === "calls") === (calls === true),
    );
    if (same[0] === undefined) return [];
    return {
      text: JSON.stringify({ name, is, calls }),
      countsMs: Math.max(...same.map((rate) => countsFor(rate))),
      tokens: tokensOf(same[0], cost),
    };
  });
}

/** For how many milliseconds what was taken counts. */
function countsFor(rate: ResolvedRateLimit): number {
  const { algorithm, limit, intervalMs, jitterMs, burst } = rate;
  const isWindow = algorithm === "sliding-window";
  return (isWindow ? intervalMs : (burst * intervalMs) / limit) + jitterMs;
}

function encodeRate(rate: ResolvedRateLimit): object {
  const { limit, intervalMs, algorithm, burst, jitterMs } = rate;
  // Left out of JSON if it counts the cost.
  const calls = rate.counts === "calls" ? true : undefined;
  if (algorithm === "sliding-window") {
    const window = toMicroseconds(intervalMs + jitterMs);
    return { calls, tokens: limit, window };
  }
  // A whole number, so that sums are exact. Rounded up, so that calls are never
  // too close together.
  const step = Math.max(1, toMicroseconds(intervalMs / limit));
  const jitter = toMicroseconds(jitterMs);
  const size = Math.min(burst * step, LONGEST_US);
  // A process with a sliding window of this limit has to know as much of the past.
  const span = Math.max(size, toMicroseconds(intervalMs));
  return { calls, tokens: burst, step, slack: size - jitter, jitter, span };
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
  if (kind === "differs") return { kind, name: subject, declaration: time };
  if (!/^\d*$/.test(time + at)) return undefined;
  if (kind === "queued") return { kind, ticket: subject, at: time };
  if (kind === "granted") {
    return { kind, ticket: subject, at: time, holds: at === "1" };
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
