import type { Limit } from "../limits/limit.js";
import type { BatchPlan, Dependency, PlannedCall } from "../plan/batch-plan.js";
import type { Outcome } from "../schedule/outcome.js";
import type { ScheduleObserver } from "../schedule/schedule-observer.js";
import { type BatchIdentity, identityFields } from "./batch-identity.js";
import type { PlannedEventCall, ProgressEvent } from "./progress-event.js";

/** Of the calls that have to end first. Many calls may share one list. */
function indexesOf(dependsOn: readonly Dependency[]): readonly number[] {
  const [first] = dependsOn;
  if (first?.indexes && dependsOn.length === 1) return first.indexes;
  const all = dependsOn.flatMap(({ index, indexes = [index] }) => indexes);
  return [...new Set(all)];
}

/** What a listener is told of a planned call. */
function planned(call: PlannedCall): PlannedEventCall {
  const { index, ordinal, id, name, dependsOn, sameAs } = call;
  return {
    index,
    ordinal,
    id,
    name,
    dependsOn,
    ...(sameAs !== undefined && { sameAs }),
  };
}

/** The fields of an event that `#tell` adds. */
type Added =
  | "source"
  | "batch"
  | "batchId"
  | "inside"
  | "kind"
  | "atMs"
  | "index"
  | "id"
  | "name";

/** The fields of an event that `#tell` doesn't add. */
type News = ProgressEvent extends infer Event
  ? Event extends ProgressEvent
    ? Omit<Event, Added>
    : never
  : never;

/** Watches a batch run and writes an event for each step. */
export class ProgressStream implements ScheduleObserver {
  readonly #calls: readonly PlannedCall[];
  /** Further calls may be planned until the batch is closed. */
  readonly #isOpen: boolean;
  readonly #beganAt: number;
  readonly #identity: BatchIdentity;
  readonly #write: (event: ProgressEvent) => void;
  readonly #attempts: number[];
  #left: number;

  /** @param write may throw: a closed stream must not fail a call */
  constructor(
    plan: BatchPlan,
    beganAt: number,
    identity: BatchIdentity,
    write: (event: ProgressEvent) => void,
  ) {
    const { shape, depth, calls } = plan;
    this.#calls = calls;
    this.#beganAt = beganAt;
    this.#identity = identity;
    this.#write = write;
    this.#attempts = calls.map(() => 0);
    this.#left = calls.length;
    this.#isOpen = identity.kind === "code";
    this.#tell(undefined, beganAt, {
      event: "batch_planned",
      shape,
      depth,
      calls: calls.map(planned),
    });
    calls.forEach((call, position) => this.#tellWait(call, position, beganAt));
  }

  /** A further call has been planned: the last of the plan. */
  add(call: PlannedCall, now: number): void {
    const position = this.#calls.length - 1;
    this.#attempts.push(0);
    this.#tell(position, now, { event: "call_planned", call: planned(call) });
    this.#tellWait(call, position, now);
  }

  /** No further call will be planned, and all have ended. */
  close(now: number): void {
    if (this.#isOpen) this.#tell(undefined, now, { event: "batch_finished" });
  }

  onReady(): void {}

  onBlocked(position: number, now: number, { kind, name }: Limit): void {
    this.#tell(position, now, {
      event: "call_waiting",
      for: kind,
      limit: name,
    });
  }

  onStart(position: number, now: number): void {
    this.#attempts[position]! += 1;
    const attempt = this.#attempts[position] as number;
    this.#tell(position, now, { event: "call_started", attempt });
  }

  onAgain(position: number, now: number, delayMs: number): void {
    if (delayMs <= 0) return;
    const limit = `tool ${this.#calls[position]?.name}`;
    this.#tell(position, now, {
      event: "call_waiting",
      for: "retry",
      limit,
      ms: delayMs,
    });
  }

  onEnd(position: number, now: number, { status }: Outcome<unknown>): void {
    this.#tell(position, now, { event: "call_finished", outcome: status });
    this.#left -= 1;
    if (this.#left === 0 && !this.#isOpen) {
      this.#tell(undefined, now, { event: "batch_finished" });
    }
  }

  #tellWait(
    { dependsOn, deferred }: PlannedCall,
    position: number,
    now: number,
  ): void {
    if (dependsOn.length === 0 || deferred) return;
    const calls = indexesOf(dependsOn);
    this.#tell(position, now, {
      event: "call_waiting",
      for: "dependency",
      calls,
    });
  }

  #tell(position: number | undefined, now: number, news: News): void {
    const { index, id, name } = this.#calls[position ?? -1] ?? {};
    const event = {
      source: "parallel-tools-node",
      ...news,
      batch: this.#identity.number,
      ...identityFields(this.#identity),
      atMs: now - this.#beganAt,
      ...(position !== undefined && { index, id, name }),
    } as ProgressEvent;
    try {
      this.#write(event);
    } catch {
      // The stream is closed.
    }
  }
}
