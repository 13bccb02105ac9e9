import type { PlannedCall, PlanShape } from "../plan/batch-plan.js";
import type { CallPlace } from "../schedule/call-place.js";
import type { OutcomeStatus } from "../schedule/outcome.js";
import type { BatchKind } from "./batch-identity.js";
import type { WaitReason } from "./batch-report.js";

/** What all events have. Times are milliseconds since the batch began. */
interface EventBase {
  /** Distinguishes these events from others that an application streams. */
  readonly source: "parallel-tools-node";
  /** The number of the batch in this process: several may run at once. */
  readonly batch: number;
  /** As in the report of the batch: unique among the batches of all processes. */
  readonly batchId: string;
  /**
   * The call inside which the batch runs, such as the one that started a
   * subagent. Missing where there is none that is watched.
   */
  readonly inside?: CallPlace;
  /** `"code"`: the calls that code has made inside of a call. */
  readonly kind?: BatchKind;
  readonly atMs: number;
}

/** A call, as it was planned. */
export type PlannedEventCall = Pick<
  PlannedCall,
  "index" | "ordinal" | "id" | "name" | "dependsOn" | "sameAs"
>;

/** Which call an event is about. */
interface CallEvent extends EventBase {
  /** 0-based place in the message's `tool_calls`. */
  readonly index: number;
  readonly id: string | undefined;
  readonly name: string;
}

/** What a batch writes to `streamMode: "custom"` with `streamProgress`. */
export type ProgressEvent =
  | (EventBase & {
      readonly event: "batch_planned";
      readonly shape: PlanShape;
      /** Calls on the longest path of the plan. */
      readonly depth: number;
      /** Those of code, with `kind: "code"`, are not known yet: see `call_planned`. */
      readonly calls: readonly PlannedEventCall[];
    })
  | (CallEvent & {
      /** Code has made a further call. */
      readonly event: "call_planned";
      readonly call: PlannedEventCall;
    })
  | (CallEvent & {
      readonly event: "call_waiting";
      readonly for: "dependency";
      /** Indexes of the calls that have to end first. */
      readonly calls: readonly number[];
    })
  | (CallEvent & {
      readonly event: "call_waiting";
      readonly for: Exclude<WaitReason, "dependency">;
      /** `tool search`, `resource serp`, `node` or `batch`. */
      readonly limit: string;
      /** How long the call waits; only for `"retry"`. */
      readonly ms?: number;
    })
  | (CallEvent & {
      readonly event: "call_started";
      /** 1 for the first attempt. */
      readonly attempt: number;
    })
  | (CallEvent & {
      readonly event: "call_finished";
      readonly outcome: OutcomeStatus;
    })
  | (EventBase & { readonly event: "batch_finished" });

/**
 * Whether a chunk of a custom stream is one of these events.
 *
 * @example
 * ```ts
 * import { isProgressEvent } from "parallel-tools-node";
 *
 * export function show(chunk: unknown): void {
 *   if (!isProgressEvent(chunk)) return;
 *   if (chunk.event === "call_started") console.log(`${chunk.name} runs`);
 * }
 * ```
 */
export function isProgressEvent(chunk: unknown): chunk is ProgressEvent {
  return (
    (chunk as { source?: unknown } | null | undefined)?.source ===
    "parallel-tools-node"
  );
}
