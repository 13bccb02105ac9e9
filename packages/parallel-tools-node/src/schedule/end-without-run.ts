import type { Executor } from "./executor.js";
import type { Outcome } from "./outcome.js";
import type { ScheduledCall } from "./scheduled-call.js";

/**
 * How a call ends without running, now that all that it waits for has ended.
 * `undefined`: neither those calls nor its preset end it, so it may run.
 */
export function endWithoutRun<Value>(
  position: number,
  call: ScheduledCall<Value>,
  outcomes: readonly (Outcome<Value> | undefined)[],
  executor: Executor<Value>,
): Outcome<Value> | undefined {
  const outcome = endByOthers(call, outcomes);
  if (outcome !== undefined || call.sameAs === undefined) return outcome;
  const shared = outcomes[call.sameAs] as Outcome<Value>;
  if (shared.status !== "ok" && shared.status !== "error") return shared;
  return executor.share(position, shared);
}

function endByOthers<Value>(
  { dependsOn, preset }: ScheduledCall<Value>,
  outcomes: readonly (Outcome<Value> | undefined)[],
): Outcome<Value> | undefined {
  let failed: number | undefined;
  let isAbsent: boolean | undefined;
  let interrupted = false;
  let skipped = false;
  for (const from of dependsOn) {
    const outcome = outcomes[from] as Outcome<Value>;
    if (outcome.status === "interrupted") interrupted = true;
    else if (outcome.status !== "ok") {
      const culprit = outcome.failed ?? from;
      if (failed === undefined || culprit < failed) {
        failed = culprit;
        isAbsent = outcome.isAbsent;
      }
      skipped ||= outcome.status === "skipped";
    }
  }
  if (interrupted) return { status: "interrupted" };
  if (preset !== undefined && !skipped) return preset;
  if (failed === undefined) return undefined;
  return { status: "skipped", failed, ...(isAbsent && { isAbsent }) };
}
