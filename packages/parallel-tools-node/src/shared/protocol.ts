import { patienceMs } from "../limits/max-late-ms.js";
import type { LimitRequest, SharedLimit } from "../limits/shared-limits.js";

/** A request as the script reads it, word for word, and what follows from it. */
export interface EncodedRequest {
  readonly text: string;
  /** The names of its limits. */
  readonly names: readonly string[];
  /** It takes slots, which are kept by ticket until they are given back. */
  readonly holds: boolean;
  /**
   * Milliseconds by which a start that takes tokens may be late: half of the
   * jitter, since the request has yet to make its way.
   */
  readonly patienceMs: number;
}

/** All that a process has to say in one call of the script. */
export interface Statement {
  /** Who speaks. */
  readonly process: string;
  /** A process is told things on the channel of this name and its own. */
  readonly channel: string;
  /** Microseconds. */
  readonly lease: number;
  /**
   * How many tickets Redis should have of this process. -1: take `held` and
   * `asked` for all there is.
   */
  readonly known: number;
  readonly pauses: readonly (readonly [name: string, us: number])[];
  readonly unbooked: readonly (readonly [request: string, at: string])[];
  readonly dropped: readonly string[];
  readonly held: readonly (readonly [ticket: string, request: string])[];
  readonly asked: readonly (readonly [ticket: string, request: string])[];
  /** Limits whose queue may have room by now. */
  readonly looks: readonly string[];
}

/** What a process is told, in the answer to a call or by a message. */
export type LimitEvent =
  | {
      /** `queued`: since now. `granted`: may start now; "": or before that. */
      readonly kind: "granted" | "queued";
      readonly ticket: string;
      /** The time by the server's clock, as the script writes it. */
      readonly at: string;
    }
  | {
      readonly kind: "booked";
      readonly ticket: string;
      readonly waitMs: number;
      readonly at: string;
    }
  | { readonly kind: "look"; readonly name: string; readonly inMs: number }
  | {
      /** Nobody starts, nor should who has booked before the pause was there. */
      readonly kind: "paused";
      readonly name: string;
      /** Microseconds by the server's clock. */
      readonly until: number;
    }
  | { readonly kind: "lost" };

/** Thirty years: beyond that microseconds would lose their last digits. */
const LONGEST_US = 1e15;

export function encodeRequest({ limits, cost }: LimitRequest): EncodedRequest {
  return {
    text: JSON.stringify({ limits: limits.map(encodeLimit), cost }),
    names: limits.map(({ name }) => name),
    holds: limits.some(({ concurrency }) => concurrency !== undefined),
    patienceMs: Math.min(
      ...limits.map(({ rateLimit }) =>
        rateLimit === undefined
          ? Number.POSITIVE_INFINITY
          : patienceMs(rateLimit, 1 / 2),
      ),
    ),
  };
}

export function toMicroseconds(ms: number): number {
  return Math.min(Math.ceil(ms * 1_000), LONGEST_US);
}

function encodeLimit({ name, concurrency, rateLimit }: SharedLimit): object {
  const cap = concurrency === undefined ? {} : { cap: concurrency };
  if (rateLimit === undefined) return { name, ...cap };
  const { limit, intervalMs, algorithm, burst, jitterMs } = rateLimit;
  if (algorithm === "sliding-window") {
    const window = toMicroseconds(intervalMs + jitterMs);
    return { name, ...cap, tokens: limit, window };
  }
  // A whole number, so that sums are exact; rounded up, so that it is no less.
  const step = Math.max(1, toMicroseconds(intervalMs / limit));
  const jitter = toMicroseconds(jitterMs);
  const slack = Math.min(burst * step, LONGEST_US) - jitter;
  return { name, ...cap, tokens: burst, step, slack, jitter };
}

/** Reads the script's answer. `undefined`: it is none. */
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

/** Reads a message from a channel, on which anybody may write. */
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
  if (kind === "lost") return { kind };
  if (subject === undefined || time === undefined) return undefined;
  if (!/^\d*$/.test(time + at)) return undefined;
  if (kind === "granted" || kind === "queued") {
    return { kind, ticket: subject, at: time };
  }
  const us = Number(time);
  if (!(us >= 0 && us <= 2 * LONGEST_US)) return undefined;
  if (kind === "paused") return { kind, name: subject, until: us };
  if (kind === "look") return { kind, name: subject, inMs: us / 1_000 };
  if (kind !== "booked" || at === "") return undefined;
  return { kind, ticket: subject, waitMs: us / 1_000, at };
}
