import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import type { LimitWait } from "../schedule/lane.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-options.js";
import type { BatchReport, CallReport, Wait } from "./batch-report.js";

interface CallRecord {
  waits: Wait[];
  attempts: number;
  startMs: number | undefined;
  /** When its last attempt began, until that has ended. */
  runningSinceMs: number | undefined;
  /** The times of all attempts that have ended. */
  runningMs: number;
  /** Since when it rests before its next attempt. */
  restingSinceMs: number | undefined;
  endMs: number;
  outcome: Outcome<unknown>;
}

/** Watches a batch run and writes its report. */
export class BatchRecorder implements ScheduleObserver {
  readonly #plan: BatchPlan;
  readonly #beganAt: number;
  readonly #records: CallRecord[];
  /** Positions as they ended, hence each after those that it depends on. */
  readonly #ended: number[] = [];
  /** Positions of the plan by index in the message. */
  readonly #positions: ReadonlyMap<number, number>;

  constructor(plan: BatchPlan, beganAt: number) {
    this.#plan = plan;
    this.#beganAt = beganAt;
    this.#records = plan.calls.map(() => ({
      waits: [],
      attempts: 0,
      startMs: undefined,
      runningSinceMs: undefined,
      runningMs: 0,
      restingSinceMs: undefined,
      endMs: 0,
      outcome: { status: "aborted" },
    }));
    this.#positions = new Map(
      plan.calls.map(({ index }, position) => [index, position]),
    );
  }

  onReady(position: number, now: number): void {
    const ms = now - this.#beganAt;
    const last = this.#lastEnded(this.#plan.calls[position] as PlannedCall);
    if (last !== undefined && ms > 0) {
      this.#at(position).waits.push({ for: "dependency", index: last, ms });
    }
  }

  onStart(position: number, now: number, waits: readonly LimitWait[]): void {
    const record = this.#at(position);
    this.#endRest(position, now);
    record.attempts += 1;
    record.runningSinceMs = now - this.#beganAt;
    record.startMs ??= record.runningSinceMs;
    for (const { limit, ms } of waits) {
      record.waits.push({ for: limit.kind, limit: limit.name, ms });
    }
  }

  onAgain(position: number, now: number, delayMs: number): void {
    const record = this.#at(position);
    this.#endAttempt(record, now);
    if (delayMs > 0) record.restingSinceMs = now - this.#beganAt;
  }

  onEnd(position: number, now: number, outcome: Outcome<unknown>): void {
    const record = this.#at(position);
    this.#endAttempt(record, now);
    this.#endRest(position, now);
    record.endMs = now - this.#beganAt;
    record.outcome = outcome;
    this.#ended.push(position);
  }

  /**
   * The report, once every call has ended.
   *
   * @param argsAt the arguments of a call, if they are to be in it
   */
  report(argsAt?: (position: number) => unknown): BatchReport {
    const calls = this.#plan.calls.map((call, position) => ({
      ...this.#callReport(call, this.#at(position)),
      ...(argsAt && { args: argsAt(position) }),
    }));
    const running = this.#records.map(({ runningMs }) => runningMs);
    return {
      shape: this.#plan.shape,
      depth: this.#plan.depth,
      durationMs: calls.reduce((end, call) => Math.max(end, call.endMs), 0),
      sumMs: running.reduce((sum, ms) => sum + ms, 0),
      longestPathMs: this.#longestPath(calls, running),
      calls,
    };
  }

  #endRest(position: number, now: number): void {
    const record = this.#at(position);
    if (record.restingSinceMs === undefined) return;
    const { name } = this.#plan.calls[position] as PlannedCall;
    const ms = now - this.#beganAt - record.restingSinceMs;
    record.waits.push({ for: "retry", limit: `tool ${name}`, ms });
    record.restingSinceMs = undefined;
  }

  #endAttempt(record: CallRecord, now: number): void {
    if (record.runningSinceMs === undefined) return;
    record.runningMs += now - this.#beganAt - record.runningSinceMs;
    record.runningSinceMs = undefined;
  }

  #callReport(call: PlannedCall, record: CallRecord): CallReport {
    const { index, ordinal, id, name, dependsOn, sameAs } = call;
    const { waits, attempts, startMs, endMs, outcome } = record;
    return {
      index,
      ordinal,
      id,
      name,
      outcome: outcome.status,
      dependsOn,
      ...(sameAs !== undefined && { sameAs }),
      waits,
      attempts,
      ...(startMs !== undefined && { startMs }),
      endMs,
    };
  }

  #longestPath(calls: readonly CallReport[], running: number[]): number {
    const paths = new Float64Array(calls.length);
    let longest = 0;
    for (const position of this.#ended) {
      let before = 0;
      for (const { index } of calls[position]!.dependsOn) {
        before = Math.max(before, paths[this.#positions.get(index)!]!);
      }
      paths[position] = before + running[position]!;
      longest = Math.max(longest, paths[position]);
    }
    return longest;
  }

  #lastEnded({ dependsOn }: PlannedCall): number | undefined {
    let last: number | undefined;
    let lastEnd = -1;
    for (const { index } of dependsOn) {
      const { endMs } = this.#at(this.#positions.get(index)!);
      if (endMs > lastEnd) {
        last = index;
        lastEnd = endMs;
      }
    }
    return last;
  }

  #at(position: number): CallRecord {
    return this.#records[position] as CallRecord;
  }
}
