import { isCommand, type LangGraphRunnableConfig } from "@langchain/langgraph";
import type { BatchPlan, PlannedCall } from "../plan/batch-plan.js";
import type { ResolvedPolicy } from "../policy/tool-policy.js";
import {
  type BatchIdentity,
  type BatchKind,
  identify,
} from "../report/batch-identity.js";
import { BatchRecorder } from "../report/batch-recorder.js";
import type { CallEnd } from "../report/batch-tracer.js";
import type {
  DiscardedRun,
  EarlyStart,
  WrittenMessage,
} from "../report/early-start.js";
import { hideAccessKeys } from "../report/hide-access-keys.js";
import { notify } from "../report/notify.js";
import { ProgressStream } from "../report/progress-stream.js";
import { TracedRecorder } from "../report/traced-recorder.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import type { BatchWatcher } from "../scope/batch-scope.js";
import type { BatchHost } from "./batch-host.js";
import { copyPlainData } from "./copy-plain-data.js";
import { Output } from "./output.js";
import { type Answer, failureBehind } from "./run-tool.js";

/** A batch that is watched. */
export interface WatchedBatch {
  readonly plan: BatchPlan;
  readonly host: BatchHost;
  readonly kind?: BatchKind | undefined;
  /** Writes progress events. */
  readonly writer?: LangGraphRunnableConfig["writer"];
  /** The call inside which the batch runs. */
  readonly inside: CallPlace | undefined;
  /** Is told of each step, too. */
  readonly observer?: ScheduleObserver | undefined;
  /** Some of its calls began while the message was being written. */
  readonly early?: WrittenMessage | undefined;
  /** The arguments of a call, by position. `undefined`: calls have none to report. */
  readonly argsAt?: (position: number) => unknown;
  readonly endOf: (outcome: Outcome<unknown>) => CallEnd;
}

/** Whoever tells of a batch that runs. */
export interface RunWatch extends BatchWatcher {
  readonly observer: ScheduleObserver | undefined;
  /** A call takes an early run, before the observer's `onReady`. */
  startedEarly(position: number, start: EarlyStart): void;
  /** Starts an attempt, after the observer's `onStart`. */
  start<Value>(position: number, run: () => Promise<Value>): Promise<Value>;
  /**
   * To be called when the batch has ended: sends the report.
   *
   * @param discarded early runs that nobody took
   */
  end(discarded?: readonly DiscardedRun[]): void;
}

/** Records a batch for its report, its tracer and its progress stream. */
export class BatchWatch implements RunWatch {
  readonly observer: ScheduleObserver | undefined;
  readonly #batch: WatchedBatch;
  readonly #identity: BatchIdentity;
  readonly #recorder: BatchRecorder | undefined;
  readonly #progress: ProgressStream | undefined;
  /** For the report, by position: a tool may change its arguments when it runs. */
  readonly #reported = new Map<number, unknown>();

  constructor(batch: WatchedBatch) {
    const { plan, host, kind, writer, inside, observer } = batch;
    this.#batch = batch;
    this.#identity = identify(inside, kind);
    this.#recorder = this.#createRecorder();
    this.#progress =
      host.streamsProgress && typeof writer === "function"
        ? new ProgressStream(plan, host.clock.now(), this.#identity, writer)
        : undefined;
    const watching = [this.#progress, this.#recorder, observer];
    this.observer = watching.reduce(joinObservers);
  }

  /** A further call has been planned: the last of the plan. */
  add(call: PlannedCall): void {
    this.#progress?.add(call, this.#batch.host.clock.now());
    this.#recorder?.add(call);
  }

  /** The place of a call, for what runs inside of it. */
  placeOf(position: number): CallPlace {
    const { calls } = this.#batch.plan;
    const { index, id, name } = calls[position] as PlannedCall;
    return { batchId: this.#identity.id, index, id, name };
  }

  startedEarly(position: number, start: EarlyStart): void {
    this.#recorder?.startedEarly(position, start);
  }

  onResuming(resumed: Promise<void>): void {
    const { clock } = this.#batch.host;
    const from = clock.now();
    void resumed.then(() => this.#recorder?.resumed(clock.now() - from));
  }

  start<Value>(position: number, run: () => Promise<Value>): Promise<Value> {
    if (this.#recorder === undefined) return run();
    const { host, argsAt } = this.#batch;
    if (argsAt && host.reportsArguments && !this.#reported.has(position)) {
      this.#reported.set(position, copyPlainData(argsAt(position)));
    }
    return this.#recorder.start(position, run);
  }

  end(discarded: readonly DiscardedRun[] = []): void {
    this.#progress?.close(this.#batch.host.clock.now());
    if (this.#recorder === undefined) return;
    this.#recorder.discarded(discarded);
    const { host, argsAt } = this.#batch;
    const { onReport, reportsArguments } = host;
    const copyAt =
      argsAt && reportsArguments
        ? (position: number) =>
            this.#reported.has(position)
              ? this.#reported.get(position)
              : copyPlainData(argsAt(position))
        : undefined;
    const report = this.#recorder.report(copyAt);
    if (onReport !== undefined) notify(onReport, report);
  }

  #createRecorder(): BatchRecorder | undefined {
    const { plan, host, argsAt, endOf, early } = this.#batch;
    const { clock, onReport, tracer } = host;
    const basis = { plan, clock, identity: this.#identity, written: early };
    if (tracer !== undefined) {
      // A copy, so that a listener or a tracer can change or redact it without
      // changing the model's message.
      const calls = {
        argsAt: (position: number) => copyPlainData(argsAt?.(position)),
        endOf,
      };
      const recorder = new TracedRecorder(basis, tracer, calls);
      if (recorder.isFollowed) return recorder;
    }
    return onReport && new BatchRecorder(basis);
  }
}

/**
 * Watches the calls of a message.
 *
 * @param policies of the calls, by position
 */
export function watchBatch(
  policies: readonly ResolvedPolicy[],
  batch: WatchedBatch,
): BatchWatch {
  const { host, plan } = batch;
  const told = host.reportsArguments ? plan : hideAccessKeys(plan, policies);
  return new BatchWatch({ ...batch, plan: told });
}

/** What a tracer is told of a call's end. A Command has no output to trace. */
export function callEndOf(outcome: Outcome<unknown>): CallEnd {
  if ("error" in outcome) return { error: outcome.error };
  const answer = outcome.value as Answer | undefined;
  if (answer === undefined || isCommand(answer)) return {};
  return answer.status === "error"
    ? { error: failureBehind(answer).error }
    : { output: () => Output.of(answer).data };
}

/** Combines two observers into one; either may be missing. */
export function joinObservers(
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
