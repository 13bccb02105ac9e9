import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import type { Outcome } from "../schedule/outcome.js";
import { catchRejection, isThenable } from "../errors/thenable.js";
import { identityFields } from "./batch-identity.js";
import { BatchRecorder, type RecordedBatch } from "./batch-recorder.js";
import type { BatchReport } from "./batch-report.js";
import type { BatchTrace, BatchTracer, CallEnd } from "./batch-tracer.js";
import { callBack } from "./notify.js";

/** What a tracer needs to know and the schedule doesn't. */
export interface TracedCalls {
  /** The arguments that the tool gets. */
  argsAt(position: number): unknown;
  endOf(outcome: Outcome<unknown>): CallEnd;
}

/** A recorder that tells a tracer of each step. */
export class TracedRecorder extends BatchRecorder {
  readonly #plan: BatchPlan;
  readonly #calls: TracedCalls;
  readonly #trace: BatchTrace | undefined;

  constructor(batch: RecordedBatch, tracer: BatchTracer, calls: TracedCalls) {
    super(batch);
    const { plan, identity } = batch;
    this.#plan = plan;
    this.#calls = calls;
    const { beganAt } = this;
    const fields = identityFields(identity);
    const begin = () => tracer.begin({ ...fields, plan, beganAt });
    this.#trace = callBack("tracer.begin", () => givenTrace(begin()));
  }

  /** Whether the tracer follows this batch. */
  get isFollowed(): boolean {
    return this.#trace !== undefined;
  }

  override start<Value>(
    position: number,
    run: () => Promise<Value>,
  ): Promise<Value> {
    if (this.#trace === undefined) return run();
    const { index, ordinal, id, name, dependsOn } = this.#plan.calls[
      position
    ] as PlannedCall;
    const args = this.#calls.argsAt(position);
    const call = { index, ordinal, id, name, dependsOn, args };
    let running: Promise<Value> | undefined;
    callBack("tracer.runCall", () =>
      this.#trace?.runCall({ ...call, ...this.startOf(position) }, () => {
        running ??= run();
      }),
    );
    // A tracer that failed may not have called `run`.
    return (running ??= run());
  }

  override onEnd(
    position: number,
    now: number,
    outcome: Outcome<unknown>,
  ): void {
    super.onEnd(position, now, outcome);
    if (this.#trace === undefined) return;
    callBack("tracer.endCall", () => {
      const end = this.#calls.endOf(outcome);
      return this.#trace?.endCall(this.callReport(position), end);
    });
  }

  override report(argsAt?: (position: number) => unknown): BatchReport {
    const report = super.report(argsAt);
    callBack("tracer.end", () => this.#trace?.end(report));
    return report;
  }
}

/** @throws TypeError for the promise of a trace, which would come too late */
function givenTrace(trace: BatchTrace | undefined): BatchTrace | undefined {
  if (!isThenable(trace)) return trace;
  catchRejection(trace);
  throw new TypeError(
    "It has to return a trace at once, not a promise of one.",
  );
}
