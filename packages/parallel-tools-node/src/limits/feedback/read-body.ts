import { attempt } from "./attempt.js";
import type { ErrorReading, ReadOnce } from "./error-reading.js";
import { parseDuration, plausibleDelay } from "./parse-delay.js";
import { parseDecimal } from "./parse-number.js";
import { type Signal, signalOf, strongerSignal } from "./signal-words.js";

/** What an error's fields and the body of its response say. */
export interface BodyFacts {
  readonly signal: Signal | undefined;
  /** Milliseconds that the server asks to wait. */
  readonly waitMs: number | undefined;
  /** The `error_code` of Telegram. */
  readonly status: unknown;
}

/** Where clients put the body of a response, or a part of it. */
const PARTS = [
  "error",
  "errors",
  "graphQLErrors",
  "extensions",
  "details",
  "errorDetails",
  "statusDetails",
  "parameters",
  "response",
  "meta",
  "data",
  "body",
  "responseBody",
  "rawError",
];
/** Where a name or a code stands. */
const NAMES = [
  "name",
  "code",
  "type",
  "__type",
  "errorCode",
  "status",
  "reason",
];
/** What is read of one error, so that no error takes long. */
const MAX_OBJECTS = 40;
const MAX_ITEMS = 10;
const MAX_DEPTH = 5;

/**
 * Reads the names, codes and waits in an error and in what it holds of a
 * response's body, be it JSON in a text. Causes are not followed.
 *
 * @param others errors of their own, to be left out
 */
export function readBody(
  error: unknown,
  others: readonly unknown[],
  { read, parse }: ErrorReading,
): BodyFacts {
  let signal: Signal | undefined;
  let waitMs: number | undefined;
  let status: unknown;
  const seen = new Set(others);
  const queue: { part: unknown; depth: number }[] = [{ part: error, depth: 0 }];
  const add = (value: unknown, depth: number): void => {
    const part = typeof value === "string" ? parse(value) : value;
    if (typeof part !== "object" || part === null || seen.has(part)) return;
    if (queue.length >= MAX_OBJECTS) return;
    seen.add(part);
    queue.push({ part, depth });
  };
  // @google/genai has the body there.
  add(read(error, "message"), 1);
  for (let at = 0; at < queue.length; at += 1) {
    const { part, depth } = queue[at] as { part: unknown; depth: number };
    for (const name of NAMES) {
      signal = strongerSignal(signal, signalOf(read(part, name)));
    }
    waitMs ??= readWait(part, read);
    status ??= read(part, "error_code");
    if (depth >= MAX_DEPTH) continue;
    if (attempt(() => Array.isArray(part)) === true) {
      for (let item = 0; item < MAX_ITEMS; item += 1) {
        add(read(part, item), depth + 1);
      }
    } else {
      for (const key of PARTS) add(read(part, key), depth + 1);
    }
  }
  return { signal, waitMs, status };
}

function readWait(part: unknown, read: ReadOnce): number | undefined {
  return (
    // Google's `RetryInfo`.
    readDuration(read(part, "retryDelay"), read) ??
    // Discord, and Telegram in its `parameters`.
    secondsToMs(read(part, "retry_after")) ??
    readCost(read(part, "cost"), read)
  );
}

/** A `Duration` of Google: `34s`, or seconds and nanoseconds. */
function readDuration(value: unknown, read: ReadOnce): number | undefined {
  if (typeof value === "string") {
    return value.length > 50
      ? undefined
      : plausibleDelay(parseDuration(value) ?? -1);
  }
  const seconds = read(value, "seconds");
  // A `Long` of protobuf keeps small numbers in `low`.
  const ms = secondsToMs(read(seconds, "low") ?? seconds);
  const nanos = read(value, "nanos");
  if (typeof nanos !== "number") return ms;
  return plausibleDelay((ms ?? 0) + nanos / 1e6);
}

function secondsToMs(value: unknown): number | undefined {
  const isShort = typeof value === "string" && value.length < 50;
  const seconds = isShort ? parseDecimal(value) : value;
  return typeof seconds === "number"
    ? plausibleDelay(seconds * 1_000)
    : undefined;
}

/** Shopify tells what a query costs, what is left and how fast that refills. */
function readCost(cost: unknown, read: ReadOnce): number | undefined {
  const state = read(cost, "throttleStatus");
  const wanted = read(cost, "requestedQueryCost");
  const left = read(state, "currentlyAvailable");
  const perSecond = read(state, "restoreRate");
  return typeof wanted === "number" &&
    typeof left === "number" &&
    typeof perSecond === "number"
    ? plausibleDelay(Math.max(0, ((wanted - left) / perSecond) * 1_000))
    : undefined;
}
