import { describeValue } from "../errors/describe-value.js";
import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import type { Clock } from "../limits/clock.js";
import { attempt } from "../limits/feedback/attempt.js";
import {
  type HttpFeedback,
  readFeedback,
} from "../limits/feedback/read-feedback.js";
import type { FeedbackGate } from "../limits/feedback-gate.js";
import {
  DEFAULT_RETRY,
  type ResolvedRetryPolicy,
} from "../policy/retry-policy.js";
import { readServerFeedback } from "../policy/server-feedback.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import type { RunAgain } from "../schedule/outcome.js";
import { isFinal, isRetryable } from "./is-retryable.js";
import type { RefusalWarning } from "./refusal-warning.js";

/** Attempts of a call that its server refuses, where no `retry` gives a number. */
const MAX_REFUSALS = 10;
/** LangGraph adds up to this much at random. */
const JITTER_MS = 1_000;

/** A call, as far as its retries go. */
export interface RetryingCall {
  readonly name: string;
  readonly policy: ResolvedPolicy;
  /** Of the servers behind the tool. */
  readonly gates: readonly FeedbackGate[];
  /** Whether an error, or its cause, came out of what the tool has run. */
  readonly comesFromInside: (error: unknown) => boolean;
}

export interface Failure {
  readonly error: unknown;
  /** The tool threw it; else it is what an error answer carries. */
  readonly wasThrown: boolean;
}

/** There is no other attempt. */
export interface GivenUp {
  readonly status: "given up";
  readonly attempts: number;
  /** Where its server refused it. */
  readonly refusal?: Refusal;
}

export interface Refusal {
  /** Until the server might take the call, in milliseconds. */
  readonly retryAfterMs: number;
  /** What the tool did before it was refused may count if it is repeated. */
  readonly mayHaveTakenEffect: boolean;
}

/** What all calls of a batch have in common. */
export interface RetryOptions {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** The longest that server feedback may hold up a call, in milliseconds. */
  readonly maxPauseMs: number;
  /** Whether a tool runs itself again, as one with `.withRetry()` does. */
  readonly retriesItself: (name: string) => boolean;
  /** Tells the application that a mark or a policy would have helped. */
  readonly refusalWarning: RefusalWarning;
}

/** How often a call has failed, and what that has cost. */
interface Tally {
  failures: number;
  refusals: number;
  pausedMs: number;
}

/**
 * Hears of the failures of a batch's calls, tells the gates what the servers
 * have said, and decides whether a call is run again.
 */
export class CallRetries {
  readonly #at: (position: number) => RetryingCall;
  readonly #options: RetryOptions;
  readonly #startedAt: Float64Array;
  readonly #tallies = new Map<number, Tally>();

  /** @param at gives a call by its position, of which there are `size` */
  constructor(
    size: number,
    at: (position: number) => RetryingCall,
    options: RetryOptions,
  ) {
    this.#at = at;
    this.#options = options;
    this.#startedAt = new Float64Array(size);
  }

  /** An attempt begins. */
  started(position: number): void {
    this.#startedAt[position] = this.#options.clock.now();
  }

  /** Whether the call has been run, and was to be run again. */
  hasFailed(position: number): boolean {
    return this.#tallies.has(position);
  }

  /** An attempt has failed, for a reason of its own and not for an abort. */
  failed(position: number, { error, wasThrown }: Failure): RunAgain | GivenUp {
    const call = this.#at(position);
    const isHeard = call.policy.isGiven && !ToolTimeoutError.isInstance(error);
    const feedback = isHeard ? this.#read(call, error) : undefined;
    const pauseMs = feedback ? this.#heed(position, feedback) : 0;
    if (feedback?.limited && !isFinal(error)) {
      return this.#refused(position, error, feedback, pauseMs);
    }
    const tally = this.#tallyOf(position);
    const retry = wasThrown ? this.#retryAfter(position, error) : undefined;
    if (retry === undefined) {
      return { status: "given up", attempts: attemptsOf(tally) };
    }
    const delayMs = this.#intervalOf(retry, tally.failures);
    if (retry.logWarning) this.#warn(position, error, delayMs);
    return { status: "again", delayMs };
  }

  /** A server has refused the call, or some request that the tool made. */
  #refused(
    position: number,
    error: unknown,
    feedback: HttpFeedback,
    pauseMs: number,
  ): RunAgain | GivenUp {
    const { name, policy } = this.#at(position);
    const tally = this.#tallyOf(position);
    const asked = askedMs(feedback);
    const isAgain = isRefusal(feedback)
      ? this.#mayFollowRefusal(position, error)
      : this.#retryAfter(position, error) !== undefined;
    const isWorthWaiting = this.#isWorthWaiting(tally, pauseMs, asked);
    // Its gate makes it wait.
    if (isAgain && isWorthWaiting) return { status: "again", delayMs: 0 };
    const mayHaveTakenEffect = !isRepeatable(policy);
    const { retriesItself, refusalWarning } = this.#options;
    const isUndeclared = mayHaveTakenEffect && policy.retry === undefined;
    if (isUndeclared && isWorthWaiting && !retriesItself(name)) {
      refusalWarning.give(name);
    }
    const retryAfterMs = asked ?? pauseMs;
    return {
      status: "given up",
      attempts: attemptsOf(tally),
      refusal: { retryAfterMs, mayHaveTakenEffect },
    };
  }

  #read(
    { policy, comesFromInside }: RetryingCall,
    error: unknown,
  ): HttpFeedback | undefined {
    const { feedback } = policy;
    return feedback === undefined
      ? readFeedback(error, this.#options.clock.date(), comesFromInside)
      : readServerFeedback(feedback, error);
  }

  /** Tells the gates. Gives the milliseconds for which they are closed. */
  #heed(position: number, feedback: HttpFeedback): number {
    const { gates } = this.#at(position);
    const { maxPauseMs, clock } = this.#options;
    const now = clock.now();
    const asked = askedMs(feedback);
    const ms = asked && Math.min(asked, maxPauseMs);
    let pauseMs = 0;
    for (const gate of gates) {
      if (feedback.limited) {
        const startedAt = this.#startedAt[position] as number;
        const { rate } = feedback;
        const closedMs = gate.refuse({
          startedAt,
          now,
          pauseMs: ms,
          maxPauseMs,
          rate: rate && rate.limit / rate.intervalMs,
        });
        pauseMs = Math.max(pauseMs, closedMs);
      } else if (ms !== undefined) {
        gate.pause(ms, now);
      }
    }
    return pauseMs;
  }

  /**
   * Whether a refused call is run again: a tool that may be run twice is. Of
   * another, `retry` may say so: what was refused is a request, and nobody knows
   * what the tool did before it.
   */
  #mayFollowRefusal(position: number, error: unknown): boolean {
    const { name, policy } = this.#at(position);
    const { retry } = policy;
    const tally = this.#tallyOf(position);
    tally.refusals += 1;
    if (retry === false) return false;
    if (retry === undefined) {
      return (
        isRepeatable(policy) &&
        !this.#options.retriesItself(name) &&
        tally.refusals < MAX_REFUSALS
      );
    }
    return (
      attemptsOf(tally) < retry.maxAttempts &&
      (isRepeatable(policy) ||
        retry.retryOn === undefined ||
        agrees(retry.retryOn, error))
    );
  }

  /** Whether the server wants the call before its waiting gets too long. */
  #isWorthWaiting(tally: Tally, pauseMs: number, askedForMs = 0): boolean {
    const { maxPauseMs } = this.#options;
    tally.pausedMs += pauseMs;
    return (
      maxPauseMs > 0 && askedForMs <= maxPauseMs && tally.pausedMs <= maxPauseMs
    );
  }

  /** The policy by which a call that failed is run again, if it is. */
  #retryAfter(
    position: number,
    error: unknown,
  ): ResolvedRetryPolicy | undefined {
    const { name, policy } = this.#at(position);
    const tally = this.#tallyOf(position);
    tally.failures += 1;
    const retry =
      policy.retry ?? (isRepeatable(policy) ? UNASKED_RETRY : undefined);
    if (!retry || isFinal(error)) return undefined;
    if (retry === UNASKED_RETRY && this.#options.retriesItself(name)) {
      return undefined;
    }
    const attempts = policy.retry ? attemptsOf(tally) : tally.failures;
    if (attempts >= retry.maxAttempts) return undefined;
    return agrees(retry.retryOn ?? isRetryable, error) ? retry : undefined;
  }

  #intervalOf(retry: ResolvedRetryPolicy, failures: number): number {
    const interval =
      retry.initialInterval * retry.backoffFactor ** (failures - 1);
    const jitter = retry.jitter ? this.#options.random() * JITTER_MS : 0;
    return Math.min(retry.maxInterval, interval) + jitter;
  }

  #warn(position: number, error: unknown, delayMs: number): void {
    const { name } = this.#at(position);
    const next = attemptsOf(this.#tallyOf(position)) + 1;
    // No more than that: errors of clients hold requests, with keys and cards.
    const text = attempt(() => String(error)) ?? describeValue(error);
    // oxlint-disable-next-line no-console -- `logWarning` asks for it
    console.warn(
      `parallel-tools-node: attempt ${next} of a call of \`${name}\` follows in ${Math.round(delayMs)} ms, after ${text}`,
    );
  }

  #tallyOf(position: number): Tally {
    let tally = this.#tallies.get(position);
    if (tally === undefined) {
      tally = { failures: 0, refusals: 0, pausedMs: 0 };
      this.#tallies.set(position, tally);
    }
    return tally;
  }
}

/** For tools that may be run twice, where no policy says how: without a word. */
const UNASKED_RETRY: ResolvedRetryPolicy = {
  ...DEFAULT_RETRY,
  logWarning: false,
};

/** Whether a call may be run again because it has failed. */
export function mayRunAgain(policy: ResolvedPolicy): boolean {
  const { retry } = policy;
  return retry === undefined ? isRepeatable(policy) : retry !== false;
}

function isRepeatable({ isGiven, readOnly, idempotent }: ResolvedPolicy) {
  return isGiven && (readOnly || idempotent);
}

/** Whether the server took no notice of the request. Of a 503 that is not sure. */
function isRefusal({ status }: HttpFeedback): boolean {
  return status !== 503;
}

/** Milliseconds for which the server asked for no more calls, if it did. */
function askedMs(feedback: HttpFeedback): number | undefined {
  const { limited, retryAfterMs, remaining, resetMs } = feedback;
  if (retryAfterMs !== undefined) return retryAfterMs;
  return limited || remaining === 0 ? resetMs : undefined;
}

function attemptsOf({ failures, refusals }: Tally): number {
  return failures + refusals;
}

/** The application's own function: one that throws does not agree. */
function agrees(retryOn: (error: unknown) => boolean, error: unknown) {
  try {
    return retryOn(error);
  } catch {
    return false;
  }
}
