import type { BatchReport } from "./batch-report.js";
import { warn } from "./warn.js";

/** Receives the report of each batch when it has ended, however it ended. */
export type ReportListener = (report: BatchReport) => unknown;

/** Calls the listener. If it fails, that is a warning and nothing more. */
export function notify(listener: ReportListener, report: BatchReport): void {
  const fail = (error: unknown) => warn("onReport", error);
  try {
    Promise.resolve(listener(report)).catch(fail);
  } catch (error) {
    fail(error);
  }
}
