import { describeValue } from "../errors/describe-value.js";
import { warnOfFunction } from "../errors/policy-function-error.js";
import { ToolTimeoutError } from "../errors/tool-timeout-error.js";
import type { WarnOnce } from "../errors/warn-once.js";
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
import { type Failure, isRefusal, verdictOn } from "./circuit-verdict.js";
import { isFinal, isRepeatable, isRetryable } from "./is-retryable.js";

/** Attempts of a call that its server refuses, if no `retry` gives a number. */
const MAX_REFUSALS = 10;
/** The largest random delay that is added, as in LangGraph. */
const JITTER_MS = 1_000;

/** A call that has failed. */
export interface FailedCall {
  readonly name: string;
  readonly policy: ResolvedPolicy;
  /** The gates of the servers that the tool uses. */
  readonly gates: readonly FeedbackGate[];
  /** Whether an error, or its cause, came from a graph inside the tool. */
  readonly comesFromInside: (error: unknown) => boolean;
}

/** The call is not run again. */
export interface GivenUp {
  readonly status: "given up";
  readonly attempts: number;
  /** Set if a server refused the last attempt. */
  readonly refusal?: Refusal;
}

export interface Refusal {
  /** Milliseconds until the server might take the call. */
  readonly retryAfterMs: number;
  /** The tool may have changed something before the server refused it. */
  readonly mayHaveTakenEffect: boolean;
}

/** What the attempts of all batches of a node share. */
export interface RetryOptions {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** The longest that server feedback may delay a call, in milliseconds. */
  readonly maxPauseMs: number;
  /** Whether a tool retries by itself, as one with `.withRetry()` does. */
  readonly retriesItself: (name: string) => boolean;
  /**
   * Warns of refused calls that weren't run again, once per tool, and of functions
   * of policies that fail, once per function.
   */
  readonly warnings: WarnOnce;
}

interface CallAttemptsOptions {
  readonly retries: RetryOptions;
  /** The number of calls in the batch. */
  readonly size: number;
  readonly callAt: (position: number) => FailedCall;
  /** The circuits of the resources that a call uses. */
  readonly circuitsOf: (position: number) => readonly Circuit[];
  /** When the first attempt of a call was made, if that was before its turn. */
  readonly earlyAt?: (position: number) => EarlyTimes | undefined;
}

/** When an attempt was made that began before its turn. Times are the clock's. */
interface EarlyTimes {
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

/** The failed attempts of one call. */
interface FailureCount {
  failures: number;
  refusals: number;
  /** How long server feedback has delayed the call, in milliseconds. */
  pausedMs: number;
}

/**
 * Follows the attempts of a batch's calls. When an attempt has ended, it tells the
 * circuits of the call's resources. When the attempt has failed, it also reads the
 * server's feedback from the error, closes the gates that the feedback asks for,
 * and decides whether the call is run again.
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

  started(position: number): void {
    const early = this.#earlyAt(position);
    this.#startedAt[position] = early?.startedAt ?? this.#retries.clock.now();
  }

  /** Of the first attempt alone. */
  #earlyAt(position: number): EarlyTimes | undefined {
    return this.hasFailed(position)
      ? undefined
      : this.#options.earlyAt?.(position);
  }

  /** Whether an attempt of the call has failed. */
  hasFailed(position: number): boolean {
    return this.#counts.has(position);
  }

  /** An attempt has ended. For a failed one, `failed` is called instead. */
  ended(position: number, verdict: CircuitVerdict): void {
    const circuits = this.#options.circuitsOf(position);
    if (circuits.length === 0) return;
    const now = this.#earlyAt(position)?.endedAt ?? this.#retries.clock.now();
    const startedAt = this.#startedAt[position] as number;
    for (const circuit of circuits) circuit.ended(startedAt, now, verdict);
  }

  /**
   * What the server has said along with an answer. If nothing remains of its quota, it
   * is left alone until the time that it names.
   *
   * @param response an object with `headers`
   */
  heed(position: number, response: unknown): void {
    const call = this.#options.callAt(position);
    const feedback = this.#readFeedback(call, response);
    if (feedback === undefined || feedback.limited) return;
    this.#tellGates(call, position, feedback);
  }

  /**
   * An early attempt has failed, and it is judged later what that means for its call. What
   * its server has said holds at once.
   */
  heedFailure(position: number, error: unknown): void {
    const call = this.#options.callAt(position);
    const feedback = this.#readFeedback(call, error);
    if (feedback === undefined || feedback.isForeign) return;
    this.#tellGates(call, position, feedback);
  }

  /** An attempt has failed. An aborted attempt doesn't count as failed. */
  failed(position: number, failure: Failure): RunAgain | GivenUp {
    const { error, wasThrown } = failure;
    const call = this.#options.callAt(position);
    const anyFeedback = this.#readFeedback(call, error);
    this.ended(position, verdictOn(failure, anyFeedback));
    const feedback = anyFeedback?.isForeign ? undefined : anyFeedback;
    // The gates of an early attempt know of it.
    const isKnown = this.#earlyAt(position) !== undefined;
    const count = this.#countOf(position);
    const pauseMs =
      feedback && !isKnown ? this.#tellGates(call, position, feedback) : 0;
    if (feedback?.limited && !isFinal(error)) {
      return this.#refused(call, count, error, feedback, pauseMs);
    }
    const mayRetry = wasThrown && !anyFeedback?.isUsedUp;
    const retry = mayRetry ? this.#retryAfter(call, count, error) : undefined;
    if (retry === undefined) {
      return { status: "given up", attempts: attemptsOf(count) };
    }
    const delayMs = this.#intervalOf(retry, count.failures);
    if (retry.logWarning) warn(call, attemptsOf(count) + 1, error, delayMs);
    return { status: "again", delayMs };
  }

  /** A server has refused the call or another request of the tool. */
  #refused(
    call: FailedCall,
    count: FailureCount,
    error: unknown,
    feedback: HttpFeedback,
    pauseMs: number,
  ): RunAgain | GivenUp {
    const { name, policy } = call;
    const requestedMs = requestedPauseMs(feedback);
    const mayRunAgain = isRefusal(feedback)
      ? this.#mayFollowRefusal(call, count, error)
      : this.#retryAfter(call, count, error) !== undefined;
    const isWorthWaiting = this.#isWorthWaiting(count, pauseMs, requestedMs);
    // The closed gate delays the next attempt.
    if (mayRunAgain && isWorthWaiting) return { status: "again", delayMs: 0 };
    const mayHaveTakenEffect = !isRepeatable(policy);
    const { retriesItself, warnings } = this.#retries;
    const isUndeclared = mayHaveTakenEffect && policy.retry === undefined;
    if (isUndeclared && isWorthWaiting && !retriesItself(name)) {
      warnings.warn(
        `refusal ${name}`,
        `a call of \`${name}\` was refused by its server and was not run again, since it may have taken effect before that. If \`${name}\` may be run twice, its policy can say so: \`readOnly: true\`, \`idempotent: true\` or a \`retry\`. \`retry: false\` says that it may not, and ends this warning.`,
      );
    }
    const retryAfterMs = requestedMs ?? pauseMs;
    return {
      status: "given up",
      attempts: attemptsOf(count),
      refusal: { retryAfterMs, mayHaveTakenEffect },
    };
  }

  /** The server's feedback in an error. Our own timeouts have none. */
  #readFeedback(
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
      : readServerFeedback(feedback, error, (fault) => {
          this.#tell(fault, "the server has said nothing there");
        });
  }

  /** Whether a policy wants another attempt. If its function fails: no. */
  #shouldRetryOn(
    retryOn: ResolvedRetryPolicy["retryOn"],
    error: unknown,
  ): boolean {
    if (retryOn === undefined) return isWorthRetry(error);
    try {
      return retryOn(error);
    } catch (fault) {
      this.#tell(fault, "the call is not run again");
      return false;
    }
  }

  /** @param fault what a function of the policy threw */
  #tell(fault: unknown, consequence: string): void {
    warnOfFunction(this.#retries.warnings, fault, consequence);
  }

  /** @returns for how many milliseconds the gates are now closed */
  #tellGates(
    { gates }: FailedCall,
    position: number,
    feedback: HttpFeedback,
  ): number {
    const { maxPauseMs, clock } = this.#retries;
    const now = clock.now();
    const startedAt = this.#startedAt[position] as number;
    const ms = requestedPauseMs(feedback);
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
        gate.pause(ms, now, maxPauseMs);
      }
    }
    return pauseMs;
  }

  /**
   * Whether a refused call is run again: if the tool may be run twice, or if its
   * `retry` says so. Otherwise not, since the tool may have changed something
   * before the request that was refused.
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
        this.#shouldRetryOn(retry.retryOn, error))
    );
  }

  /** Whether the call's pauses, with this one, stay within `maxPauseMs`. */
  #isWorthWaiting(
    count: FailureCount,
    pauseMs: number,
    requestedMs = 0,
  ): boolean {
    const { maxPauseMs } = this.#retries;
    count.pausedMs += pauseMs;
    return (
      maxPauseMs > 0 &&
      requestedMs <= maxPauseMs &&
      count.pausedMs <= maxPauseMs
    );
  }

  /** The policy for the next attempt; `undefined`: the call isn't run again. */
  #retryAfter(
    { name, policy }: FailedCall,
    count: FailureCount,
    error: unknown,
  ): ResolvedRetryPolicy | undefined {
    count.failures += 1;
    const retry =
      policy.retry ?? (isRepeatable(policy) ? IMPLICIT_RETRY : undefined);
    if (!retry || isFinal(error)) return undefined;
    if (retry === IMPLICIT_RETRY && this.#retries.retriesItself(name)) {
      return undefined;
    }
    const attempts = policy.retry ? attemptsOf(count) : count.failures;
    if (attempts >= retry.maxAttempts) return undefined;
    return this.#shouldRetryOn(retry.retryOn, error) ? retry : undefined;
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

/** The policy of tools that may be run twice and have no `retry`. */
const IMPLICIT_RETRY: ResolvedRetryPolicy = {
  ...DEFAULT_RETRY,
  logWarning: false,
};

function warn(
  { name }: FailedCall,
  attemptNumber: number,
  error: unknown,
  delayMs: number,
): void {
  // The text alone: errors of HTTP clients hold the request and its secrets.
  const text = attempt(() => String(error)) ?? describeValue(error);
  // oxlint-disable-next-line no-console -- `logWarning` asks for it
  console.warn(
    `parallel-tools-node: attempt ${attemptNumber} of a call of \`${name}\` follows in ${Math.round(delayMs)} ms, after ${text}`,
  );
}

/** For how many milliseconds the server wants no calls, if it says so. */
function requestedPauseMs(feedback: HttpFeedback): number | undefined {
  const { limited, retryAfterMs, remaining, resetMs } = feedback;
  if (retryAfterMs !== undefined) return retryAfterMs;
  return limited || remaining === 0 ? resetMs : undefined;
}

function attemptsOf({ failures, refusals }: FailureCount): number {
  return failures + refusals;
}

/** As `isRetryable`. An error that can't be read isn't worth another attempt. */
function isWorthRetry(error: unknown): boolean {
  return attempt(() => isRetryable(error)) === true;
}
