import type { Clock } from "../limits/clock.js";
import type { BatchPlan } from "../plan/batch-plan.js";
import type { LimitWait } from "../schedule/lanes.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import type { BatchReport, CallReport } from "./batch-report.js";
import { CallRecord } from "./call-record.js";
import { findCriticalPath } from "./critical-path.js";
import { findLowerBound } from "./lower-bound.js";
import { pathsAround } from "./paths-around.js";
import { sumWaits } from "./sum-waits.js";

/** Watches a batch run and writes its report. */
export class BatchRecorder implements ScheduleObserver {
  readonly #plan: BatchPlan;
  /** When the batch began: milliseconds since 1970. */
  readonly beganAt: number;
  readonly #clockBeganAt: number;
  readonly #records: CallRecord[];
  /** For each call, the positions of the calls that it depends on. */
  readonly #dependencies: readonly (readonly number[])[];
  /** The limits and the cost of each call that has started. */
  readonly #bound: (BoundCall | undefined)[];
  /** Positions in the order in which calls ended: dependencies come first. */
  readonly #ended: number[] = [];
  readonly #hasEnded: Uint8Array;

  constructor(plan: BatchPlan, clock: Clock) {
    this.#plan = plan;
    this.#clockBeganAt = clock.now();
    this.beganAt = clock.date();
    this.#records = plan.calls.map((call) => new CallRecord(call));
    this.#bound = plan.calls.map(() => undefined);
    this.#hasEnded = new Uint8Array(plan.calls.length);
    const positions = new Map(
      plan.calls.map(({ index }, position) => [index, position]),
    );
    this.#dependencies = plan.calls.map(({ dependsOn, sameAs }) => {
      const indexes = dependsOn.map(({ index }) => index);
      if (sameAs !== undefined) indexes.push(sameAs);
      return indexes.map((index) => positions.get(index) as number);
    });
  }

  /** Starts an attempt. `onStart` has been called for it before. */
  start<Value>(_position: number, run: () => Promise<Value>): Promise<Value> {
    return run();
  }

  onReady(position: number, now: number): void {
    this.#at(position).ready(this.#ms(now), this.#waitedFor(position));
  }

  onStart(
    position: number,
    now: number,
    waits: readonly LimitWait[],
    bound: BoundCall,
  ): void {
    this.#at(position).start(this.#ms(now), waits);
    this.#bound[position] = bound;
  }

  onAgain(position: number, now: number): void {
    this.#at(position).again(this.#ms(now));
  }

  onLeave(position: number, now: number, waits: readonly LimitWait[]): void {
    this.#at(position).leave(this.#ms(now), waits);
  }

  onEnd(position: number, now: number, outcome: Outcome<unknown>): void {
    const index = this.#waitedFor(position);
    this.#at(position).end(this.#ms(now), outcome.status, index);
    this.#hasEnded[position] = 1;
    this.#ended.push(position);
  }

  /**
   * Writes the report. Every call must have ended.
   *
   * @param argsAt gives the arguments of a call; without it the report has none
   */
  report(argsAt?: (position: number) => unknown): BatchReport {
    const { shape, depth } = this.#plan;
    const calls = this.#records.map((record, position) => ({
      ...record.report(),
      ...(argsAt && { args: argsAt(position) }),
    }));
    const runMs = this.#records.map((record) => record.runMs);
    const totals = runMs.map((runs) => runs.reduce((sum, ms) => sum + ms, 0));
    const paths = pathsAround(totals, this.#dependencies, this.#ended);
    const durationMs = calls.reduce(
      (end, call) => Math.max(end, call.endMs),
      0,
    );
    return {
      beganAt: this.beganAt,
      shape,
      depth,
      durationMs,
      sumMs: totals.reduce((sum, ms) => sum + ms, 0),
      longestPathMs: paths.longestMs,
      lowerBound: findLowerBound(durationMs, paths, runMs, this.#bound),
      waitedMs: sumWaits(calls),
      criticalPath: findCriticalPath(calls),
      calls,
    };
  }

  /** The report of a call, which is complete once the call has ended. */
  protected callReport(position: number): CallReport {
    return this.#at(position).report();
  }

  /** The latest attempt of a call. */
  protected startOf(position: number): { attempt: number; startMs: number } {
    return this.#at(position).lastStart;
  }

  /** The index of a dependency that has not ended, or of the last that did. */
  #waitedFor(position: number): number | undefined {
    let last: number | undefined;
    let lastEnd = -1;
    for (const other of this.#dependencies[position]!) {
      const end =
        this.#hasEnded[other] === 1
          ? this.#at(other).endMs
          : Number.POSITIVE_INFINITY;
      if (end > lastEnd) {
        last = this.#plan.calls[other]?.index;
        lastEnd = end;
      }
    }
    return last;
  }

  #ms(now: number): number {
    return now - this.#clockBeganAt;
  }

  #at(position: number): CallRecord {
    return this.#records[position] as CallRecord;
  }
}
