import type { BatchReport } from "./batch-report.js";

/** Is given the report of each batch when it has ended, however it ended. */
export type ReportListener = (report: BatchReport) => unknown;

/** Calls the listener. Whatever goes wrong in it is a warning, no more. */
export function notify(listener: ReportListener, report: BatchReport): void {
  const warn = (error: unknown) => {
    // oxlint-disable-next-line no-console -- nobody else is there to tell
    console.warn("parallel-tools-node: `onReport` failed.", error);
  };
  try {
    Promise.resolve(listener(report)).catch(warn);
  } catch (error) {
    warn(error);
  }
}
