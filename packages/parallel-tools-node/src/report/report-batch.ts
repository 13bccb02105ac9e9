import type { BatchRecorder } from "./batch-recorder.js";
import { copyArguments } from "./copy-arguments.js";
import { notify, type ReportListener } from "./notify.js";

/**
 * Ends the record of a batch and calls the listener, if there is one.
 *
 * @param argsAt gives the arguments of a call; without it the report has none
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
