import type { PlannedCall } from "../plan/batch-plan.js";
import type { LimitWait } from "../schedule/lane.js";
import type { OutcomeStatus } from "../schedule/outcome.js";
import type { CallReport, CallRun, Wait } from "./batch-report.js";

/** Sums of clock readings have rounding errors below this. */
const ROUNDING_MS = 1e-6;

/**
 * Records what one call does. A call waits for other calls, then for limits, then
 * runs. After that it has ended, or it rests until its next attempt is due, waits
 * for limits again and runs again. Times are milliseconds since the batch began.
 */
export class CallRecord {
  readonly #call: PlannedCall;
  readonly #waits: Wait[] = [];
  readonly #runs: CallRun[] = [];
  #attempts = 0;
  #startMs: number | undefined;
  /** The time up to here is in `#waits` or `#runs`. */
  #knownMs = 0;
  #state: "waiting" | "ready" | "running" | "ran" | "resting" = "waiting";
  #endMs = 0;
  #outcome: OutcomeStatus = "aborted";

  constructor(call: PlannedCall) {
    this.#call = call;
  }

  get endMs(): number {
    return this.#endMs;
  }

  /** The latest attempt that has started. */
  get lastStart(): { attempt: number; startMs: number } {
    // During an attempt, `#knownMs` is where it began.
    return { attempt: this.#attempts, startMs: this.#knownMs };
  }

  /** How long each attempt ran. */
  get runMs(): number[] {
    return this.#runs.map(({ startMs, endMs }) => endMs - startMs);
  }

  /** The call was complete in a message that was being written until then. */
  written(ms: number): void {
    if (ms <= 0) return;
    this.#waits.push({ for: "message", limit: "model", startMs: 0, ms });
    this.#knownMs = ms;
  }

  /** @param index of the call that it waited for last, if there was one */
  ready(ms: number, index: number | undefined): void {
    this.#endWaitForCall(ms, index);
    this.#state = "ready";
  }

  start(ms: number, waits: readonly LimitWait[]): void {
    this.leave(ms, waits);
    this.#attempts += 1;
    this.#startMs ??= ms;
    this.#state = "running";
  }

  again(ms: number): void {
    this.#endAttempt(ms);
    this.#state = "resting";
  }

  /** Its code ended then. It waits for the message, and ends with that. */
  ranUntil(ms: number): void {
    this.#runs.push({ startMs: this.#knownMs, endMs: ms });
    this.#knownMs = ms;
    this.#state = "ran";
  }

  /** The call no longer waits for limits. */
  leave(ms: number, waits: readonly LimitWait[]): void {
    let startMs = ms;
    for (const wait of waits) startMs -= wait.ms;
    this.#endRest(startMs);
    for (const { limit, ms: waitMs } of waits) {
      const { kind, name } = limit;
      this.#waits.push({ for: kind, limit: name, startMs, ms: waitMs });
      startMs += waitMs;
    }
    this.#knownMs = ms;
    this.#state = "ready";
  }

  /** @param index of the call that it was waiting for, if there was one */
  end(ms: number, outcome: OutcomeStatus, index: number | undefined): void {
    if (this.#state === "waiting") this.#endWaitForCall(ms, index);
    this.#endAttempt(ms);
    this.#endRest(ms);
    this.#endMs = ms;
    this.#outcome = outcome;
  }

  report(): CallReport {
    const { index, ordinal, id, name, dependsOn, sameAs } = this.#call;
    return {
      index,
      ordinal,
      id,
      name,
      outcome: this.#outcome,
      dependsOn,
      ...(sameAs !== undefined && { sameAs }),
      waits: this.#waits,
      attempts: this.#attempts,
      runs: this.#runs,
      ...(this.#startMs !== undefined && { startMs: this.#startMs }),
      endMs: this.#endMs,
    };
  }

  #endWaitForCall(ms: number, index: number | undefined): void {
    const startMs = this.#knownMs;
    if (index !== undefined && ms > startMs) {
      this.#waits.push({ for: "dependency", index, startMs, ms: ms - startMs });
    }
    this.#knownMs = ms;
  }

  #endRest(ms: number): void {
    const startMs = this.#knownMs;
    if (this.#state !== "resting" || ms - startMs < ROUNDING_MS) return;
    const limit = `tool ${this.#call.name}`;
    this.#waits.push({ for: "retry", limit, startMs, ms: ms - startMs });
    this.#knownMs = ms;
  }

  #endAttempt(ms: number): void {
    const startMs = this.#knownMs;
    if (this.#state === "running") this.#endRun(ms);
    if (this.#state !== "ran" || ms - startMs < ROUNDING_MS) return;
    this.#waits.push({
      for: "message",
      limit: "model",
      startMs,
      ms: ms - startMs,
    });
    this.#knownMs = ms;
  }

  #endRun(ms: number): void {
    this.#runs.push({ startMs: this.#knownMs, endMs: ms });
    this.#knownMs = ms;
  }
}
