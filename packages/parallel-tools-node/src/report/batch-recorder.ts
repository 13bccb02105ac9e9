import type { Clock } from "../limits/clock.js";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import { nodesOf } from "../plan/plan-calls.js";
import type { LimitWait } from "../schedule/lane.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { BoundCall } from "../schedule/scheduled-call.js";
import { type BatchIdentity, identityFields } from "./batch-identity.js";
import type { BatchReport, CallReport, DiscardedCall } from "./batch-report.js";
import type {
  DiscardedRun,
  EarlyStart,
  WrittenMessage,
} from "./early-start.js";
import { CallRecord } from "./call-record.js";
import { findCriticalPath } from "./critical-path.js";
import { findLowerBound } from "./lower-bound.js";
import { pathsAround } from "./paths-around.js";
import { sumWaits } from "./sum-waits.js";

/** Calls that others wait for together: a node of the plan, behind the calls. */
interface Group {
  readonly node: number;
  readonly positions: readonly number[];
  /** How many of them have not ended. */
  open: number;
  /** All that stand before this one have ended. */
  next: number;
  /** The one that ended last, once all have ended. */
  last: number | undefined;
}

/** What a recorder records. */
export interface RecordedBatch {
  readonly plan: BatchPlan;
  readonly clock: Clock;
  readonly identity: BatchIdentity;
  /** Some of its calls may have begun while the message was being written. */
  readonly written?: WrittenMessage | undefined;
}

/** Watches a batch run and writes its report. */
export class BatchRecorder implements ScheduleObserver {
  readonly #plan: BatchPlan;
  readonly #identity: BatchIdentity;
  /**
   * When the batch began, or the first call was complete in a message that was still
   * being written: milliseconds since 1970.
   */
  readonly beganAt: number;
  readonly #clockBeganAt: number;
  /** How long the message was still being written. */
  readonly #writtenMs: number;
  /** When each call was there to begin, by position. */
  readonly #releases: number[] = [];
  /** By position, until their first attempt has ended. */
  readonly #early = new Map<number, EarlyStart>();
  #discarded: readonly DiscardedRun[] = [];
  readonly #records: CallRecord[];
  /** For each call and each group, the nodes that it depends on. */
  readonly #dependencies: (readonly number[])[];
  readonly #groups: readonly Group[];
  /** The group of a call, by position. */
  readonly #groupOf = new Map<number, Group>();
  /** The limits and the cost of each call that has started. */
  readonly #bound: (BoundCall | undefined)[] = [];
  /** Calls and groups in the order in which they ended: dependencies come first. */
  readonly #ended: number[] = [];
  readonly #hasEnded: boolean[];
  #resumeMs = 0;

  constructor({ plan, clock, identity, written }: RecordedBatch) {
    this.#plan = plan;
    this.#identity = identity;
    const now = clock.now();
    this.#clockBeganAt = written?.beganAt ?? now;
    this.#writtenMs = written ? written.writtenAt - written.beganAt : 0;
    this.beganAt = clock.date() - (now - this.#clockBeganAt);
    this.#records = plan.calls.map((call) => new CallRecord(call));
    this.#hasEnded = plan.calls.map(() => false);
    const positions = new Map(
      plan.calls.map(({ index }, position) => [index, position]),
    );
    const positionOf = (index: number) => positions.get(index) as number;
    const { dependsOn, groups } = nodesOf(plan.calls, positionOf);
    this.#dependencies = plan.calls
      .map(({ sameAs }, position) => {
        const nodes = dependsOn[position] as readonly number[];
        return sameAs === undefined ? nodes : [...nodes, positionOf(sameAs)];
      })
      .concat(groups);
    this.#groups = groups.map((members, i) => ({
      node: plan.calls.length + i,
      positions: members,
      open: members.length,
      next: 0,
      last: undefined,
    }));
    for (const group of this.#groups) {
      for (const position of group.positions)
        this.#groupOf.set(position, group);
    }
  }

  /** A further call has been planned. No calls of the batch form a group. */
  add(call: PlannedCall): void {
    const { dependsOn, sameAs } = call;
    const nodes = dependsOn.map(({ index }) => index);
    this.#records.push(new CallRecord(call));
    this.#dependencies.push(sameAs === undefined ? nodes : [...nodes, sameAs]);
    this.#hasEnded.push(false);
  }

  /** Starts an attempt. `onStart` has been called for it before. */
  start<Value>(_position: number, run: () => Promise<Value>): Promise<Value> {
    return run();
  }

  /** A call that is about to be ready has started before, and has run since. */
  startedEarly(position: number, start: EarlyStart): void {
    this.#early.set(position, start);
  }

  /** Early runs that nobody took. */
  discarded(runs: readonly DiscardedRun[]): void {
    this.#discarded = runs;
  }

  onReady(position: number, now: number): void {
    const record = this.#at(position);
    const early = this.#early.get(position);
    this.#releases[position] = early
      ? this.#ms(early.sealedAt)
      : this.#writtenMs;
    record.written(this.#releases[position]);
    if (early === undefined) {
      record.ready(this.#ms(now), this.#waitedFor(position));
    } else {
      record.ready(this.#ms(early.readyAt), early.after);
    }
  }

  onStart(
    position: number,
    now: number,
    waits: readonly LimitWait[],
    bound: BoundCall,
  ): void {
    const early = this.#early.get(position);
    this.#at(position).start(
      this.#ms(early?.startedAt ?? now),
      early?.waits ?? waits,
    );
    this.#bound[position] = early?.bound ?? bound;
  }

  onAgain(position: number, now: number): void {
    this.#endEarlyRun(position);
    this.#at(position).again(this.#ms(now));
  }

  /** An early run may have ended before its message was there. */
  #endEarlyRun(position: number): void {
    const endedAt = this.#early.get(position)?.endedAt;
    if (endedAt !== undefined) this.#at(position).ranUntil(this.#ms(endedAt));
    this.#early.delete(position);
  }

  onLeave(position: number, now: number, waits: readonly LimitWait[]): void {
    this.#at(position).leave(this.#ms(now), waits);
  }

  onEnd(position: number, now: number, outcome: Outcome<unknown>): void {
    const index = this.#waitedFor(position);
    this.#endEarlyRun(position);
    this.#at(position).end(this.#ms(now), outcome.status, index);
    this.#hasEnded[position] = true;
    this.#ended.push(position);
    const group = this.#groupOf.get(position);
    if (group === undefined) return;
    group.open -= 1;
    if (group.open === 0) this.#ended.push(group.node);
  }

  /** The call around the batch had to wait so long until it could go on. */
  resumed(ms: number): void {
    this.#resumeMs = ms;
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
    const nodes = [...totals, ...this.#groups.map(() => 0)];
    const [order, edges] = [this.#ended, this.#dependencies];
    const { longestMs } = pathsAround(nodes, edges, order);
    const paths = pathsAround(nodes, edges, order, this.#releases);
    const durationMs = calls.reduce(
      (end, call) => Math.max(end, call.endMs),
      0,
    );
    return {
      ...identityFields(this.#identity),
      beganAt: this.beganAt,
      shape,
      depth,
      durationMs,
      sumMs: totals.reduce((sum, ms) => sum + ms, 0),
      longestPathMs: longestMs,
      lowerBound: findLowerBound(durationMs, paths, runMs, this.#bound),
      waitedMs: sumWaits(calls),
      ...(this.#resumeMs > 0 && { resumeMs: this.#resumeMs }),
      ...(this.#writtenMs > 0 && { writtenMs: this.#writtenMs }),
      ...(this.#discarded.length > 0 && {
        discarded: this.#discarded.map((run) => this.#discardedCall(run)),
      }),
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
    const last = this.#lastOf(this.#dependencies[position]!);
    return last === undefined ? undefined : this.#plan.calls[last]?.index;
  }

  #lastOf(nodes: readonly number[]): number | undefined {
    let last: number | undefined;
    let lastEnd = -1;
    for (const node of nodes) {
      const group = this.#groups[node - this.#records.length];
      const other = group === undefined ? node : this.#lastOfGroup(group);
      const end = this.#hasEnded[other]
        ? this.#at(other).endMs
        : Number.POSITIVE_INFINITY;
      if (end > lastEnd) {
        last = other;
        lastEnd = end;
      }
    }
    return last;
  }

  /** Many calls ask for it, so it looks at each of the group's calls once. */
  #lastOfGroup(group: Group): number {
    const { positions } = group;
    if (group.open === 0) {
      group.last ??= this.#lastOf(positions) as number;
      return group.last;
    }
    while (this.#hasEnded[positions[group.next]!]) group.next += 1;
    return positions[group.next]!;
  }

  #discardedCall(run: DiscardedRun): DiscardedCall {
    const { index, name, why } = run;
    return {
      index,
      name,
      startMs: this.#ms(run.startedAt),
      endMs: this.#ms(run.endedAt),
      why,
    };
  }

  #ms(now: number): number {
    return now - this.#clockBeganAt;
  }

  #at(position: number): CallRecord {
    return this.#records[position] as CallRecord;
  }
}
