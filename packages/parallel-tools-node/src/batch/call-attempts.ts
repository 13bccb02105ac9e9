import { describeValue } from "../errors/describe-value.js";
import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import { isModelRateLimit } from "../langgraph/nested-errors.js";
import type { Circuit, CircuitVerdict } from "../limits/circuit.js";
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
import { isFinal, isRepeatable, isRetryable } from "./is-retryable.js";

/** Attempts of a call that its server refuses, where no `retry` gives a number. */
const MAX_REFUSALS = 10;
/** LangGraph adds up to this much at random. */
const JITTER_MS = 1_000;

/** A call that has failed. */
export interface FailedCall {
  readonly name: string;
  readonly policy: ResolvedPolicy;
  /** The gates of the servers behind the tool. */
  readonly gates: readonly FeedbackGate[];
  /** Whether an error, or its cause, came out of a graph that the tool has run. */
  readonly comesFromInside: (error: unknown) => boolean;
}

export interface Failure {
  readonly error: unknown;
  /** The tool threw it; else it is what an error answer carries. */
  readonly wasThrown: boolean;
}

/** The call is not run again. */
export interface GivenUp {
  readonly status: "given up";
  readonly attempts: number;
  /** Given where the last attempt was refused by a server. */
  readonly refusal?: Refusal;
}

export interface Refusal {
  /** Milliseconds until the server might take the call. */
  readonly retryAfterMs: number;
  /** The tool may have changed something before it was refused. */
  readonly mayHaveTakenEffect: boolean;
}

/** What all batches of a node have in common. */
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

export interface CallAttemptsOptions {
  readonly retries: RetryOptions;
  /** The number of calls in the batch. */
  readonly size: number;
  readonly callAt: (position: number) => FailedCall;
  /** The circuits of the resources that a call uses. */
  readonly circuitsOf: (position: number) => readonly Circuit[];
}

/** The failed attempts of one call. */
interface FailureCount {
  failures: number;
  refusals: number;
  /** For how long servers have held the call up, in milliseconds. */
  pausedMs: number;
}

/**
 * Follows the attempts of a batch's calls. When one has ended, the circuits of
 * its resources are told. When it has failed, the error is read once for what
 * the server says; the gates are told; and it is decided whether the call is run
 * again.
 */
export class CallAttempts {
  readonly #options: CallAttemptsOptions;
  readonly #retries: RetryOptions;
  readonly #startedAt: Float64Array;
  readonly #counts = new Map<number, FailureCount>();

  constructor(options: CallAttemptsOptions) {
    this.#options = options;
    this.#retries = options.retries;
    this.#startedAt = new Float64Array(options.size);
  }

  /** An attempt begins. */
  started(position: number): void {
    this.#startedAt[position] = this.#retries.clock.now();
  }

  /** Whether an attempt of the call has failed. */
  hasFailed(position: number): boolean {
    return this.#counts.has(position);
  }

  /** An attempt has ended; `failed` hears of those that have failed. */
  ended(position: number, verdict: CircuitVerdict): void {
    const circuits = this.#options.circuitsOf(position);
    if (circuits.length === 0) return;
    const now = this.#retries.clock.now();
    const startedAt = this.#startedAt[position] as number;
    for (const circuit of circuits) circuit.ended(startedAt, now, verdict);
  }

  /** An attempt has failed, for a reason of its own and not for an abort. */
  failed(position: number, failure: Failure): RunAgain | GivenUp {
    const { error, wasThrown } = failure;
    const call = this.#options.callAt(position);
    const count = this.#countOf(position);
    const said = this.#read(call, error);
    this.ended(position, verdictOn(failure, said));
    const feedback = said?.isForeign ? undefined : said;
    const startedAt = this.#startedAt[position] as number;
    const pauseMs = feedback ? this.#tellGates(call, startedAt, feedback) : 0;
    if (feedback?.limited && !isFinal(error)) {
      return this.#refused(call, count, error, feedback, pauseMs);
    }
    const retry = wasThrown ? this.#retryAfter(call, count, error) : undefined;
    if (retry === undefined) {
      return { status: "given up", attempts: attemptsOf(count) };
    }
    const delayMs = this.#intervalOf(retry, count.failures);
    if (retry.logWarning) warn(call, attemptsOf(count) + 1, error, delayMs);
    return { status: "again", delayMs };
  }

  /** A server has refused the call, or some request that the tool made. */
  #refused(
    call: FailedCall,
    count: FailureCount,
    error: unknown,
    feedback: HttpFeedback,
    pauseMs: number,
  ): RunAgain | GivenUp {
    const { name, policy } = call;
    const asked = askedPauseMs(feedback);
    const isAgain = isRefusal(feedback)
      ? this.#mayFollowRefusal(call, count, error)
      : this.#retryAfter(call, count, error) !== undefined;
    const isWorthWaiting = this.#isWorthWaiting(count, pauseMs, asked);
    // No delay here: the gate makes it wait.
    if (isAgain && isWorthWaiting) return { status: "again", delayMs: 0 };
    const mayHaveTakenEffect = !isRepeatable(policy);
    const { retriesItself, refusalWarning } = this.#retries;
    const isUndeclared = mayHaveTakenEffect && policy.retry === undefined;
    if (isUndeclared && isWorthWaiting && !retriesItself(name)) {
      refusalWarning.give(name);
    }
    const retryAfterMs = asked ?? pauseMs;
    return {
      status: "given up",
      attempts: attemptsOf(count),
      refusal: { retryAfterMs, mayHaveTakenEffect },
    };
  }

  /** What a server says with an error. A timeout is ours: no server has spoken. */
  #read(
    { policy, comesFromInside }: FailedCall,
    error: unknown,
  ): HttpFeedback | undefined {
    if (!policy.isGiven || ToolTimeoutError.isInstance(error)) return undefined;
    const { feedback } = policy;
    return feedback === undefined
      ? readFeedback(error, this.#retries.clock.date(), {
          comesFromInside,
          isModelRateLimit,
        })
      : readServerFeedback(feedback, error);
  }

  /** Returns the milliseconds for which the gates are closed. */
  #tellGates(
    { gates }: FailedCall,
    startedAt: number,
    feedback: HttpFeedback,
  ): number {
    const { maxPauseMs, clock } = this.#retries;
    const now = clock.now();
    const asked = askedPauseMs(feedback);
    const ms = asked && Math.min(asked, maxPauseMs);
    let pauseMs = 0;
    for (const gate of gates) {
      if (feedback.limited) {
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
   * Whether a refused call is run again. It is if the tool may be run twice, or
   * if its `retry` says so. Else not: the server refused one request, and nobody
   * knows what the tool did before it.
   */
  #mayFollowRefusal(
    { name, policy }: FailedCall,
    count: FailureCount,
    error: unknown,
  ): boolean {
    const { retry } = policy;
    count.refusals += 1;
    if (retry === false) return false;
    if (retry === undefined) {
      return (
        isRepeatable(policy) &&
        !this.#retries.retriesItself(name) &&
        count.refusals < MAX_REFUSALS
      );
    }
    return (
      attemptsOf(count) < retry.maxAttempts &&
      (isRepeatable(policy) ||
        retry.retryOn === undefined ||
        agrees(retry.retryOn, error))
    );
  }

  /** Whether the server takes the call before it has waited for too long. */
  #isWorthWaiting(count: FailureCount, pauseMs: number, askedMs = 0): boolean {
    const { maxPauseMs } = this.#retries;
    count.pausedMs += pauseMs;
    return (
      maxPauseMs > 0 && askedMs <= maxPauseMs && count.pausedMs <= maxPauseMs
    );
  }

  /** The policy by which a failed call is run again; `undefined`: it isn't. */
  #retryAfter(
    { name, policy }: FailedCall,
    count: FailureCount,
    error: unknown,
  ): ResolvedRetryPolicy | undefined {
    count.failures += 1;
    const retry =
      policy.retry ?? (isRepeatable(policy) ? UNASKED_RETRY : undefined);
    if (!retry || isFinal(error)) return undefined;
    if (retry === UNASKED_RETRY && this.#retries.retriesItself(name)) {
      return undefined;
    }
    const attempts = policy.retry ? attemptsOf(count) : count.failures;
    if (attempts >= retry.maxAttempts) return undefined;
    return agrees(retry.retryOn ?? isRetryable, error) ? retry : undefined;
  }

  #intervalOf(retry: ResolvedRetryPolicy, failures: number): number {
    const interval =
      retry.initialInterval * retry.backoffFactor ** (failures - 1);
    const jitter = retry.jitter ? this.#retries.random() * JITTER_MS : 0;
    return Math.min(retry.maxInterval, interval) + jitter;
  }

  #countOf(position: number): FailureCount {
    let count = this.#counts.get(position);
    if (count === undefined) {
      count = { failures: 0, refusals: 0, pausedMs: 0 };
      this.#counts.set(position, count);
    }
    return count;
  }
}

/** For tools that may be run twice, where no `retry` is given. */
const UNASKED_RETRY: ResolvedRetryPolicy = {
  ...DEFAULT_RETRY,
  logWarning: false,
};

/**
 * What a failure says of the resource. What is worth another attempt is its
 * failure; the rest, such as a 404, it has answered. A call that never reached
 * it, or that it was too busy for, says nothing.
 */
function verdictOn(
  { error, wasThrown }: Failure,
  said: HttpFeedback | undefined,
): CircuitVerdict {
  // A tool that answers with an error has been able to answer.
  if (!wasThrown) return "works";
  if (isFinal(error) || (said?.limited && isRefusal(said))) return "unknown";
  return agrees(isRetryable, error) ? "fails" : "works";
}

function warn(
  { name }: FailedCall,
  attemptNumber: number,
  error: unknown,
  delayMs: number,
): void {
  // No more than that: errors of clients hold requests, with keys and cards.
  const text = attempt(() => String(error)) ?? describeValue(error);
  // oxlint-disable-next-line no-console -- `logWarning` asks for it
  console.warn(
    `parallel-tools-node: attempt ${attemptNumber} of a call of \`${name}\` follows in ${Math.round(delayMs)} ms, after ${text}`,
  );
}

/** Whether the server did nothing for the request. Of a 503 that isn't certain. */
function isRefusal({ status }: HttpFeedback): boolean {
  return status !== 503;
}

/** For how many milliseconds the server wants no calls, if it has said so. */
function askedPauseMs(feedback: HttpFeedback): number | undefined {
  const { limited, retryAfterMs, remaining, resetMs } = feedback;
  if (retryAfterMs !== undefined) return retryAfterMs;
  return limited || remaining === 0 ? resetMs : undefined;
}

function attemptsOf({ failures, refusals }: FailureCount): number {
  return failures + refusals;
}

/** A function that throws, as on an error that can't be read, counts as false. */
function agrees(retryOn: (error: unknown) => boolean, error: unknown) {
  try {
    return retryOn(error);
  } catch {
    return false;
  }
}

/** Warns once per tool that a refused call of it was not run again. */
export class RefusalWarning {
  readonly #named = new Set<string>();

  give(name: string): void {
    if (this.#named.has(name)) return;
    this.#named.add(name);
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn(
      `parallel-tools-node: a call of \`${name}\` was refused by its server and was not run again, since it may have taken effect before that. If \`${name}\` may be run twice, its policy can say so: \`readOnly: true\`, \`idempotent: true\` or a \`retry\`. \`retry: false\` says that it may not, and ends this warning.`,
    );
  }
}
