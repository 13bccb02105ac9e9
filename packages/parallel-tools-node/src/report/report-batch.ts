import type { BatchRecorder } from "./batch-recorder.js";
import { copyArguments } from "./copy-arguments.js";
import { notify, type ReportListener } from "./notify.js";

/**
 * Ends the record of a batch, and gives its report to whoever asked for it.
 *
 * @param argsAt the arguments of a call, if they are to be in it
 */
export function reportBatch(
  recorder: BatchRecorder | undefined,
  onReport: ReportListener | undefined,
  argsAt: ((position: number) => unknown) | undefined,
): void {
  if (recorder === undefined) return;
  const report = recorder.report(
    argsAt && ((position) => copyArguments(argsAt(position))),
  );
  if (onReport !== undefined) notify(onReport, report);
}
