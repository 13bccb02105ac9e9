import { isCommand, type LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import { type BatchIdentity, identify } from "../report/batch-identity.js";
import { BatchRecorder } from "../report/batch-recorder.js";
import type { CallEnd } from "../report/batch-tracer.js";
import { notify } from "../report/notify.js";
import { ProgressStream } from "../report/progress-stream.js";
import { TracedRecorder } from "../report/traced-recorder.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { BatchWatcher } from "../scope/batch-scope.js";
import type { BatchHost } from "./batch-host.js";
import type { CallBinder } from "./call-binder.js";
import { copyPlainData } from "./copy-plain-data.js";
import { Output } from "./output.js";
import { type Answer, failureBehind } from "./run-tool.js";

/** Records a batch for its report, its tracer and its progress stream. */
export class BatchWatch implements BatchWatcher {
  readonly observer: ScheduleObserver | undefined;
  readonly #plan: BatchPlan;
  readonly #identity: BatchIdentity;
  readonly #host: BatchHost;
  readonly #binder: CallBinder;
  readonly #recorder: BatchRecorder | undefined;
  /** For the report, by position: a tool may change its arguments when it runs. */
  readonly #reported = new Map<number, unknown>();

  /**
   * @param inside the call inside which the batch runs
   * @param observer is told of each step, too
   */
  constructor(
    plan: BatchPlan,
    host: BatchHost,
    { writer }: LangGraphRunnableConfig,
    binder: CallBinder,
    inside: CallPlace | undefined,
    observer: ScheduleObserver | undefined,
  ) {
    this.#plan = plan;
    this.#identity = identify(inside);
    this.#host = host;
    this.#binder = binder;
    this.#recorder = this.#createRecorder(plan);
    const progress =
      host.streamsProgress && typeof writer === "function"
        ? new ProgressStream(plan, host.clock.now(), this.#identity, writer)
        : undefined;
    this.observer = [progress, this.#recorder, observer].reduce(joinObservers);
  }

  /** The place of a call, for what runs inside of it. */
  placeOf(position: number): CallPlace {
    const { index, id, name } = this.#plan.calls[position] as PlannedCall;
    return { batchId: this.#identity.id, index, id, name };
  }

  onResuming(resumed: Promise<void>): void {
    const { clock } = this.#host;
    const from = clock.now();
    void resumed.then(() => this.#recorder?.resumed(clock.now() - from));
  }

  /** Starts an attempt, after the observer's `onStart`. */
  start(position: number, run: () => Promise<Answer>): Promise<Answer> {
    if (this.#recorder === undefined) return run();
    if (this.#host.reportsArguments && !this.#reported.has(position)) {
      this.#reported.set(position, this.#copyArguments(position));
    }
    return this.#recorder.start(position, run);
  }

  /** To be called when the batch has ended: sends the report. */
  end(): void {
    if (this.#recorder === undefined) return;
    const { onReport, reportsArguments } = this.#host;
    const argsAt = (position: number) =>
      this.#reported.has(position)
        ? this.#reported.get(position)
        : this.#copyArguments(position);
    const report = this.#recorder.report(reportsArguments ? argsAt : undefined);
    if (onReport !== undefined) notify(onReport, report);
  }

  #createRecorder(plan: BatchPlan): BatchRecorder | undefined {
    const { clock, onReport, tracer } = this.#host;
    if (tracer !== undefined) {
      const argsAt = (position: number) => this.#copyArguments(position);
      const calls = { argsAt, endOf: callEndOf };
      const recorder = new TracedRecorder(
        plan,
        clock,
        this.#identity,
        tracer,
        calls,
      );
      if (recorder.isFollowed) return recorder;
    }
    return onReport && new BatchRecorder(plan, clock, this.#identity);
  }

  /**
   * A copy, so that a listener or a tracer can change or redact it without
   * changing the model's message.
   */
  #copyArguments(position: number): unknown {
    return copyPlainData(this.#binder.toolCall(position).args);
  }
}

/** What a tracer is told of a call's end. A Command has no output to trace. */
function callEndOf(outcome: Outcome<unknown>): CallEnd {
  if ("error" in outcome) return { error: outcome.error };
  const answer = outcome.value as Answer | undefined;
  if (answer === undefined || isCommand(answer)) return {};
  return answer.status === "error"
    ? { error: failureBehind(answer).error }
    : { output: () => Output.of(answer).data };
}

/** Combines two observers into one; either may be missing. */
function joinObservers(
  first: ScheduleObserver | undefined,
  second: ScheduleObserver | undefined,
): ScheduleObserver | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    onReady(position, now) {
      first.onReady(position, now);
      second.onReady(position, now);
    },
    onBlocked(position, now, limit) {
      first.onBlocked?.(position, now, limit);
      second.onBlocked?.(position, now, limit);
    },
    onStart(position, now, waits, bound) {
      first.onStart(position, now, waits, bound);
      second.onStart(position, now, waits, bound);
    },
    onLeave(position, now, waits) {
      first.onLeave?.(position, now, waits);
      second.onLeave?.(position, now, waits);
    },
    onAgain(position, now, delayMs) {
      first.onAgain(position, now, delayMs);
      second.onAgain(position, now, delayMs);
    },
    onEnd(position, now, outcome) {
      first.onEnd(position, now, outcome);
      second.onEnd(position, now, outcome);
    },
  } satisfies Required<ScheduleObserver>;
}
