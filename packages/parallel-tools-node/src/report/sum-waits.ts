import type { CallReport, WaitReason } from "./batch-report.js";

/** How long calls have waited in all, in milliseconds by reason. */
export function sumWaits(
  calls: readonly Pick<CallReport, "waits">[],
): Record<WaitReason, number> {
  const sums = {
    message: 0,
    dependency: 0,
    concurrency: 0,
    rate: 0,
    feedback: 0,
    circuit: 0,
    retry: 0,
  };
  for (const { waits } of calls) {
    for (const wait of waits) sums[wait.for] += wait.ms;
  }
  return sums;
}
